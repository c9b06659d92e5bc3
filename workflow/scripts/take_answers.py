"""Take the answers that another system gave to the test examples, as if a checkpoint had given them."""

import argparse
from pathlib import Path

from interexter.answers.given import Given
from interexter.answers.schemas import ANSWERS, EVIDENCE, REJECTED_ANSWERS
from interexter.core import tables
from interexter.core.program import run
from interexter.data import records
from interexter.injection.compose import EXAMPLES


def main() -> None:
    """Read examples and a file of answers, write those that belong together, name the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, required=True, help="of all conditions")
    parser.add_argument("--evidence", type=Path, required=True, help="of all conditions")
    parser.add_argument("--file", type=Path, required=True, help="JSON Lines, JSON, CSV, TSV or Parquet")
    parser.add_argument("--method", required=True, help="what the answers are called")
    parser.add_argument("--asked", choices=("answer", "field"), required=True, help="how a final answer is found")
    parser.add_argument("--seed", type=int, required=True, help="of the examples")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()
    given = Given(args.method, args.asked, args.seed)
    weighed = {(row["condition"], row["question_id"]) for row in tables.rows(args.evidence, EVIDENCE)}
    found = records.read(args.file, args.file.name)
    given.take(tables.rows(args.examples, EXAMPLES), weighed, found, str(args.file))
    keys = [(row["condition"], row["question_id"]) for row in tables.rows(args.examples, EXAMPLES)]
    with tables.Writer(args.out, ANSWERS) as kept:
        answers = tables.ByCondition(kept)
        for row in given.ordered(keys):
            answers.write(row)
    tables.write_rows(args.rejected, given.rejected, REJECTED_ANSWERS)
    for row in given.rejected[:20]:
        example = f"{row['question_id']} under {row['condition']}, " if row["question_id"] else ""
        print(f"take_answers: {row['reason']}: {example}{row['detail']}")
    if len(given.rejected) > 20:
        print(f"take_answers: and {len(given.rejected) - 20} more in {args.rejected}")
    print(f"take_answers: n_in={len(keys)} n_out={kept.count} n_rejected={len(given.rejected)}")


if __name__ == "__main__":
    run(main)
