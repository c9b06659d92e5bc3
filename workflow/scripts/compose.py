"""Compose the passages that every question is shown under one condition."""

import argparse
from pathlib import Path

from interexter.core import program, tables
from interexter.data.schemas import QUESTIONS, RETRIEVED
from interexter.injection import compose
from interexter.injection.compose import EXAMPLES
from interexter.injection.counters import COUNTERS
from interexter.injection.ordering import ORDERS, ordered


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
    parser.add_argument("--sources", default=compose.ALL, help="independent sources of them: a number, or all")
    parser.add_argument("--passages", type=int, required=True, help="retrieved passages to start from")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()

    setting = compose.condition(args.condition, args.count, args.supporting, args.position, args.sources)
    retrieved = tables.Follower(args.retrieved, RETRIEVED)
    counters = tables.Follower(args.counters, COUNTERS)
    with (
        tables.Writer(args.out, EXAMPLES) as kept,
        tables.Writer(args.rejected, tables.REJECTED) as rejected,
    ):
        for questions in tables.batches(args.questions, QUESTIONS):
            ids = [question["question_id"] for question in questions]
            found, drawn = retrieved.rows(ids), counters.rows(ids)
            rows, refused = compose.compose(questions, found, drawn, setting, args.passages, args.seed)
            tables.assert_none_lost(ids, rows, refused)
            kept.write(*({**row, "passages": ordered(row["passages"], args.order)} for row in rows))
            rejected.write(*refused)
    n_in = kept.count + rejected.count
    print(f"compose: condition={args.condition} n_in={n_in} n_out={kept.count} n_rejected={rejected.count}")


if __name__ == "__main__":
    program.run(main)
