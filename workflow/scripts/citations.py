"""Score the citations of a model's answers: recall and precision, by a model of natural language inference."""

import argparse
import json
from pathlib import Path

from interexter.core.program import run
from interexter.core.tables import Row, read_rows, write_rows
from interexter.injection.compose import EXAMPLES
from interexter.models.entailment import Entailment
from interexter.report.inputs import read_answers
from interexter.scoring import citations
from interexter.scoring.citations import CITATIONS


def main() -> None:
    """Read the answers of all methods under all conditions, write the score of each that has a statement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=Path, nargs="+", required=True)
    parser.add_argument("--examples", type=Path, nargs="+", required=True, help="a file for each condition")
    parser.add_argument("--prompt-sets", type=json.loads, required=True, help="JSON: method -> prompt set")
    parser.add_argument("--order", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--setting", type=json.loads, required=True, help="JSON: model, revision, batch")
    parser.add_argument("--device", choices=["cpu", "cuda"], required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    documents: dict[tuple[str, str], list[str]] = {}
    for path in args.examples:
        for row in read_rows(path, EXAMPLES):
            shown = sorted(row["passages"], key=lambda passage: passage["rank"])
            documents[row["condition"], row["question_id"]] = [citations.document(passage) for passage in shown]
    model = Entailment(args.setting["model"], args.setting["revision"], args.device, args.setting["batch"])
    rows: list[Row] = []
    n_answers = 0
    for (dataset, name, checkpoint, method, condition), answers in sorted(read_answers(args.answers).items()):
        given = [answers[question] for question in sorted(answers)]
        shown_to = [documents[condition, answer["question_id"]] for answer in given]
        about = {"dataset": dataset, "model": name, "checkpoint": checkpoint, "method": method}
        about |= {"prompt_set": args.prompt_sets[method], "order": args.order, "seed": args.seed}
        rows += [about | row for row in citations.rows(given, shown_to, model.entails)]
        n_answers += len(given)
    write_rows(args.out, rows, CITATIONS)
    print(f"citations: n_in={n_answers} n_out={len(rows)} n_premises_cut={model.truncated}")


if __name__ == "__main__":
    run(main)
