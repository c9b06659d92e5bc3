"""Replay a method against finished generations: its answers under a block of conditions, without an engine."""

import argparse
import json
from pathlib import Path

from interexter.answers.answering import ANSWERS, TASKS, conversations
from interexter.core.program import run
from interexter.core.tables import REJECTED, read_rows, rejection, write_rows
from interexter.engine.conversations import GENERATIONS, Finished, Generation, drive
from interexter.text.matching import final_answer


def main() -> None:
    """Read tasks and generations, write one answer per task."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=Path, required=True)
    parser.add_argument("--generations", type=Path, nargs="+", required=True, help="those of every shard")
    parser.add_argument("--demonstrations", type=Path, required=True)
    parser.add_argument("--prompt-sets", type=json.loads, required=True, help="JSON: method -> prompt set")
    parser.add_argument("--answer-tokens", type=int, required=True)
    parser.add_argument("--rationale-tokens", type=int, required=True)
    parser.add_argument("--rationale-stop", type=json.loads, required=True, help="JSON list of texts that end one")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()
    tasks = read_rows(args.tasks, TASKS)
    generations = {
        row["prompt_id"]: Generation(**row) for path in args.generations for row in read_rows(path, GENERATIONS)
    }
    demonstrations = json.loads(args.demonstrations.read_text())
    replayed = conversations(
        tasks, demonstrations, args.prompt_sets, args.answer_tokens, args.rationale_tokens, args.rationale_stop
    )
    outcomes = drive(replayed, Finished(generations.get, ", ".join(map(str, args.generations))))
    answers, rejected = [], []
    for task, outcome in zip(tasks, outcomes, strict=True):
        if outcome.rejected:
            rejected.append(rejection(task["question_id"], "prompt too long", outcome.rejected))
            continue
        answers.append(
            {
                "question_id": task["question_id"],
                "condition": task["condition"],
                "text": outcome.result,
                "final_answer": final_answer(outcome.result),
                "prompt_tokens": outcome.prompt_tokens,
                "output_tokens": outcome.output_tokens,
                "log_probability": outcome.log_probability,
            }
        )
    write_rows(args.out, answers, ANSWERS)
    write_rows(args.rejected, rejected, REJECTED)
    print(f"answers: n_in={len(tasks)} n_out={len(answers)} n_rejected={len(rejected)}")


if __name__ == "__main__":
    run(main)
