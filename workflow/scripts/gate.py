"""Put the closed-book answer in the place of what the base model finds implausible (answers/plausibility_gate.py)."""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from interexter.answers.plausibility_gate import Gate, gated, judged
from interexter.answers.recall import in_order_of_showing
from interexter.answers.schemas import ANSWERS, RECALL
from interexter.core import tables
from interexter.core.json_files import write_json
from interexter.core.program import run
from interexter.data.schemas import QUESTIONS
from interexter.engine.likelihood import add_reader_arguments, open_reader


def main() -> None:
    """Read a checkpoint's answers, write those of some methods once more for each quantile, gated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=Path, nargs="+", required=True, help="a file for each shard")
    parser.add_argument("--recall", type=Path, required=True)
    parser.add_argument("--train", type=Path, required=True, help="questions that the threshold is taken from")
    parser.add_argument("--test", type=Path, required=True, help="questions")
    parser.add_argument("--methods", nargs="+", required=True, help="whose answers are gated")
    parser.add_argument(
        "--quantiles", type=json.loads, required=True, help="JSON list, of the training questions' scores"
    )
    parser.add_argument("--shots", type=int, required=True, help="training questions shown with their answers")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--costs", type=Path, required=True, help="JSON file for tokens and seconds")
    add_reader_arguments(parser)
    args = parser.parse_args()
    began = time.monotonic()
    questions = {row["question_id"]: row for row in tables.rows(args.test, QUESTIONS)}
    memories = {row["question_id"]: row for row in tables.rows(args.recall, RECALL)}
    training = in_order_of_showing(tables.read_rows(args.train, QUESTIONS))
    gate = Gate(open_reader(args), training, args.shots)
    thresholds = gate.thresholds(training, args.quantiles)
    for question_id, said in _judged(args.answers, args.methods).items():
        gate.read(questions[question_id], said)
    n_in = n_gated = 0
    with tables.Writer(args.out, ANSWERS) as kept:
        by_condition = tables.ByCondition(kept)
        for answer in _asked(args.answers, args.methods):
            question_id = answer["question_id"]
            n_in += 1
            for row in gated(answer, questions[question_id], memories[question_id], gate, thresholds):
                by_condition.write(row)
                n_gated += row["text"] != answer["text"]
    costs = {"stage": "gate", "prompts": gate.prompts_read, "prompt_tokens": gate.tokens_read, "output_tokens": 0}
    write_json(args.costs, {**costs, "seconds": round(time.monotonic() - began, 2)})
    told = " ".join(f"threshold_{quantile}={value:.4f}" for quantile, value in thresholds.items())
    print(f"gate: n_in={n_in} n_out={kept.count} n_changed={n_gated} {told}")


def _asked(paths: Sequence[Path], methods: Sequence[str]) -> Iterator[tables.Row]:
    """Yield the answers of these methods, condition by condition, those of all shards together."""
    for condition in dict.fromkeys(name for path in paths for name in tables.values(path, "condition")):
        for path in paths:
            for answer in tables.rows(path, ANSWERS, where={"condition": condition}):
                if answer["method"] in methods:
                    yield answer


def _judged(paths: Sequence[Path], methods: Sequence[str]) -> dict[str, set[str]]:
    """Return the different answers to each question that are to be judged, of all methods and conditions."""
    found: dict[str, set[str]] = {}
    for path in paths:
        for answer in tables.rows(path, ANSWERS):
            if answer["method"] in methods and (said := judged(answer)):
                found.setdefault(answer["question_id"], set()).add(said)
    return found


if __name__ == "__main__":
    run(main)
