"""Take a run's questions of both splits: the first N in the order of a hash, so that a larger N adds to a smaller."""

import argparse
from pathlib import Path

from interexter.core.program import run
from interexter.core.tables import REJECTED, Row, read_rows, write_rows
from interexter.data.sampling import sample
from interexter.data.schemas import QUESTIONS, SPLITS


def main() -> None:
    """Read all questions of a data set, write those of each split that the run uses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, required=True)
    for split in SPLITS:
        parser.add_argument(f"--{split}-size", required=True, help="questions: a number, or all")
        parser.add_argument(f"--{split}", type=Path, required=True, help="the sampled questions of this split")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--rejected", type=Path, required=True, help="questions of both splits that cannot be used")
    args = parser.parse_args()
    questions = read_rows(args.questions, QUESTIONS)
    refused: list[Row] = []
    for split in SPLITS:
        size = getattr(args, f"{split}_size")
        sampled, rejected = sample(questions, split, size, args.seed, args.questions)
        write_rows(getattr(args, split), sampled, QUESTIONS)
        refused += rejected
        n_in = sum(row["split"] == split for row in questions)
        print(f"sample: split={split} n_in={n_in} n_out={len(sampled)} n_rejected={len(rejected)}")
    write_rows(args.rejected, refused, REJECTED)


if __name__ == "__main__":
    run(main)
