"""Take a run's questions of one split: the first N in the order of a hash, so that a larger N adds to a smaller."""

import argparse
from pathlib import Path

from interexter.core.errors import UserError
from interexter.core.identity import row_seed
from interexter.core.program import run
from interexter.core.tables import REJECTED, read_rows, rejection, write_rows
from interexter.data.schemas import QUESTIONS


def main() -> None:
    """Read all questions of a data set, write those of the split that the run uses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--split", choices=["train", "test"], required=True)
    parser.add_argument("--size", required=True, help="questions: a number, or all")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()
    given = [row for row in read_rows(args.questions, QUESTIONS) if row["split"] == args.split]
    rejected = [(row, fault) for row in given if (fault := _fault(row))]
    faulty = {row["question_id"] for row, _ in rejected}
    sound = sorted(
        (row for row in given if row["question_id"] not in faulty),
        key=lambda row: (row_seed(args.seed, "sample", row["question_id"]), row["question_id"]),
    )
    size = len(sound) if args.size == "all" else int(args.size)
    if len(sound) < size:
        raise UserError(
            f"{args.questions}: {len(sound)} sound questions in split {args.split}, the config asks for {size}; "
            f"lower datasets.*.{args.split}, or say `all`."
        )
    write_rows(args.out, sound[:size], QUESTIONS)
    write_rows(
        args.rejected, [rejection(row["question_id"], fault, row["question"]) for row, fault in rejected], REJECTED
    )
    print(f"sample: n_in={len(given)} n_out={size} n_rejected={len(rejected)}")


def _fault(row: dict[str, object]) -> str:
    """Return why a question cannot be used, or ""."""
    if not str(row["question"]).strip():
        return "empty question"
    answers = row["answers"]
    if not isinstance(answers, list) or not any(str(answer).strip() for answer in answers):
        return "no gold answer"
    return ""


if __name__ == "__main__":
    run(main)
