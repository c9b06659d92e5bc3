"""Write what a method is to be asked about, under a block of conditions."""

import argparse
from pathlib import Path

from interexter.answers.answering import TASKS
from interexter.answers.evidence import EVIDENCE
from interexter.answers.recall import RECALL
from interexter.core.errors import UserError
from interexter.core.program import run
from interexter.core.tables import REJECTED, Row, read_rows, rejection, write_rows
from interexter.injection.compose import EXAMPLES


def main() -> None:
    """Join gated examples with what the model remembers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, nargs="+", required=True, help="a file for each condition")
    parser.add_argument("--evidence", type=Path, nargs="+", required=True, help="a file for each condition")
    parser.add_argument("--recall", type=Path, required=True)
    parser.add_argument("--method", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()
    memory = {row["question_id"]: row["internal_document"] for row in read_rows(args.recall, RECALL)}
    states = {
        (row["condition"], row["question_id"]): row["state"]
        for path in args.evidence
        for row in read_rows(path, EVIDENCE)
    }
    tasks, rejected = [], []
    for row in (row for path in args.examples for row in _passed(path)):
        identifier, state = row["question_id"], states.get((row["condition"], row["question_id"]))
        if identifier not in memory or state is None:
            rejected.append(rejection(identifier, "no recall", "the question was rejected when the model was asked"))
            continue
        known = {k: row[k] for k in ("question_id", "condition", "question", "passages")}
        memories = {"internal_document": memory[identifier], "state": state}
        tasks.append({**known, **memories, "method": args.method})
    write_rows(args.out, tasks, TASKS)
    write_rows(args.rejected, rejected, REJECTED)
    print(f"tasks: n_in={len(tasks) + len(rejected)} n_out={len(tasks)} n_rejected={len(rejected)}")


def _passed(path: Path) -> list[Row]:
    """Read the examples of a condition; raise UserError if there are none, before an engine starts for others."""
    rows = read_rows(path, EXAMPLES)
    if not rows:
        raise UserError(
            f"{path}: no question is left under this condition; the rejected tables beside it, and those below "
            "results/counters, say why. Change the condition, or take it out of `test: conditions` of the config."
        )
    return rows


if __name__ == "__main__":
    run(main)
