"""Write what a method is to be asked about, under one condition."""

import argparse
from pathlib import Path

from interexter.errors import run
from interexter.tables import EVIDENCE, EXAMPLES, RECALL, REJECTED, TASKS, read_rows, rejection, write_rows


def main() -> None:
    """Join gated examples with what the model remembers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--evidence", type=Path, required=True)
    parser.add_argument("--recall", type=Path, required=True)
    parser.add_argument("--method", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()
    memory = {row["question_id"]: row["internal_document"] for row in read_rows(args.recall, RECALL)}
    states = {row["question_id"]: row["state"] for row in read_rows(args.evidence, EVIDENCE)}
    tasks, rejected = [], []
    for row in read_rows(args.examples, EXAMPLES):
        identifier = row["question_id"]
        if identifier not in memory or identifier not in states:
            rejected.append(rejection(identifier, "no recall", "the question was rejected when the model was asked"))
            continue
        known = {k: row[k] for k in ("question_id", "condition", "question", "passages")}
        memories = {"internal_document": memory[identifier], "state": states[identifier]}
        tasks.append({**known, **memories, "method": args.method})
    write_rows(args.out, tasks, TASKS)
    write_rows(args.rejected, rejected, REJECTED)
    print(f"tasks: n_in={len(tasks) + len(rejected)} n_out={len(tasks)} n_rejected={len(rejected)}")


if __name__ == "__main__":
    run(main)
