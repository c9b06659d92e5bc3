"""Tell for every example where its gold answer and its counter-answer stand: in memory, in the passages."""

import argparse
from collections import Counter
from pathlib import Path

from interexter.answers import evidence
from interexter.answers.evidence import EVIDENCE
from interexter.answers.recall import RECALL
from interexter.core import program, tables
from interexter.injection.compose import EXAMPLES
from interexter.text.evidence_states import STATES


def main() -> None:
    """Read gated examples and the model's recall, write the evidence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--recall", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()

    examples = tables.read_rows(args.examples, EXAMPLES)
    recalled = tables.read_rows(args.recall, RECALL)
    asked = {row["question_id"] for row in recalled}
    rows = evidence.evidence([row for row in examples if row["question_id"] in asked], recalled)
    rejected = [
        tables.rejection(row["question_id"], "no recall", "the question was rejected when the model was asked")
        for row in examples
        if row["question_id"] not in asked
    ]

    tables.assert_none_lost((example["question_id"] for example in examples), rows, rejected)
    tables.write_rows(args.rejected, rejected, tables.REJECTED)
    tables.write_rows(args.out, rows, EVIDENCE)
    states = Counter(row["state"] for row in rows)
    counts = " ".join(f"{name}={states[name]}" for name in STATES)
    print(f"evidence: n_in={len(examples)} n_out={len(rows)} n_rejected={len(rejected)} {counts}")


if __name__ == "__main__":
    program.run(main)
