"""Tell for every example where its gold answer and its counter-answer stand: in memory, in the passages."""

import argparse
from collections import Counter
from pathlib import Path

from interexter.answers.evidence import RULES, evidence
from interexter.answers.schemas import EVIDENCE, RECALL
from interexter.core import tables
from interexter.core.program import run
from interexter.injection.assembly import REJECTED_EXAMPLES
from interexter.injection.compose import EXAMPLES
from interexter.text.evidence_states import STATES


def main() -> None:
    """Read examples of all conditions and the model's recall, write the evidence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--recall", type=Path, required=True)
    parser.add_argument("--asked", choices=("yes", "no"), required=True, help="whether these questions were asked")
    parser.add_argument("--states", choices=RULES, default=RULES[0], help="when a side holds a gold answer")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()

    recalled = tables.read_rows(args.recall, RECALL) if args.asked == "yes" else None
    known = None if recalled is None else {row["question_id"] for row in recalled}
    states: Counter[str] = Counter()
    with (
        tables.Writer(args.out, EVIDENCE) as kept,
        tables.Writer(args.rejected, REJECTED_EXAMPLES) as rejected,
    ):
        for condition in tables.values(args.examples, "condition"):
            for examples in tables.batches(args.examples, EXAMPLES, where={"condition": condition}):
                rows = evidence(
                    [row for row in examples if known is None or row["question_id"] in known], recalled, args.states
                )
                refused = [
                    tables.rejection(row["question_id"], "no recall", "the question was rejected when it was asked")
                    for row in examples
                    if known is not None and row["question_id"] not in known
                ]
                tables.assert_none_lost((example["question_id"] for example in examples), rows, refused)
                kept.write(*rows)
                rejected.write(*({"condition": condition, **row} for row in refused))
                states.update(row["state"] for row in rows)
            kept.end_group()
    counts = " ".join(f"{name}={states[name]}" for name in STATES)
    n_in = kept.count + rejected.count
    print(f"evidence: n_in={n_in} n_out={kept.count} n_rejected={rejected.count} {counts}")


if __name__ == "__main__":
    run(main)
