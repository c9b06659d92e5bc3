"""Tell for every example where its gold answer and its counter-answer stand: in memory, in the passages."""

import argparse
from collections import Counter
from pathlib import Path

from interexter import evidence, program, tables


def main() -> None:
    """Read gated examples and the model's recall, write the evidence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--recall", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()

    examples = tables.read_rows(args.examples, tables.EXAMPLES)
    recalled = tables.read_rows(args.recall, tables.RECALL)
    asked = {row["question_id"] for row in recalled}
    rows = evidence.evidence([row for row in examples if row["question_id"] in asked], recalled)
    rejected = [
        tables.rejection(row["question_id"], "no recall", "the question was rejected when the model was asked")
        for row in examples
        if row["question_id"] not in asked
    ]

    tables.assert_none_lost((example["question_id"] for example in examples), rows, rejected)
    tables.write_rows(args.rejected, rejected, tables.REJECTED)
    tables.write_rows(args.out, rows, tables.EVIDENCE)
    states = Counter(row["state"] for row in rows)
    counts = " ".join(f"{name}={states[name]}" for name in evidence.STATES)
    print(f"evidence: n_in={len(examples)} n_out={len(rows)} n_rejected={len(rejected)} {counts}")


if __name__ == "__main__":
    program.run(main, pandas=False)
