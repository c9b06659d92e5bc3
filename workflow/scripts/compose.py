"""Compose the passages that every question is shown under one condition."""

import argparse
from pathlib import Path

from interexter import compose, errors, tables
from interexter.ordering import ORDERS, ordered


def main() -> None:
    """Read questions, retrieved passages and counter-passages, write the examples of a condition."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--retrieved", type=Path, required=True)
    parser.add_argument("--counters", type=Path, required=True)
    parser.add_argument("--condition", required=True, help="the condition's name")
    parser.add_argument("--count", required=True, help="counter-passages: a number, or all")
    parser.add_argument("--supporting", required=True, help="|".join(compose.SUPPORTING_CHOICES))
    parser.add_argument("--position", required=True, help="|".join(compose.POSITIONS))
    parser.add_argument("--order", choices=ORDERS, required=True, help="of all passages, as they are shown")
    parser.add_argument("--passages", type=int, required=True, help="retrieved passages to start from")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()

    setting = compose.condition(args.condition, args.count, args.supporting, args.position)
    questions = tables.read_rows(args.questions, tables.QUESTIONS)
    rows, rejected = compose.compose(
        questions,
        tables.read_rows(args.retrieved, tables.RETRIEVED),
        tables.read_rows(args.counters, tables.COUNTERS),
        setting,
        args.passages,
        args.seed,
    )

    rows = [{**row, "passages": ordered(row["passages"], args.order)} for row in rows]
    tables.assert_none_lost((question["question_id"] for question in questions), rows, rejected)
    tables.write_rows(args.out, rows, tables.EXAMPLES)
    tables.write_rows(args.rejected, rejected, tables.REJECTED)
    print(f"compose: condition={args.condition} n_in={len(questions)} n_out={len(rows)} n_rejected={len(rejected)}")


if __name__ == "__main__":
    errors.run(main)
