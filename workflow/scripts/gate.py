"""Let the sound examples of a condition pass, and reject the others with a reason."""

import argparse
from collections import Counter
from pathlib import Path

from interexter import compose, errors, gates, tables


def main() -> None:
    """Read composed examples, write those that pass every gate and the reasons for the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--retrieved", type=Path, required=True)
    parser.add_argument("--supporting", required=True, help="the condition's, as for compose.py")
    parser.add_argument("--count", required=True, help="the condition's, as for compose.py")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()

    examples = tables.read_rows(args.examples, tables.EXAMPLES)
    retrieved = tables.read_rows(args.retrieved, tables.RETRIEVED)
    passed, rejected = gates.gate(examples, retrieved, compose.gold_free(args.supporting, args.count))

    tables.assert_none_lost((example["question_id"] for example in examples), passed, rejected)
    tables.write_rows(args.out, passed, tables.EXAMPLES)
    tables.write_rows(args.rejected, rejected, tables.REJECTED)
    reasons = Counter(row["reason"] for row in rejected)
    counts = "".join(f" {reason}={n}" for reason, n in sorted(reasons.items()))
    print(f"gate: n_in={len(examples)} n_out={len(passed)} n_rejected={len(rejected)}{counts}")


if __name__ == "__main__":
    errors.run(main)
