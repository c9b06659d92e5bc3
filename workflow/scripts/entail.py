"""Let the examples pass whose passages entail their own side and not the other, by a model of inference."""

import argparse
import json
from pathlib import Path

from interexter.core import tables
from interexter.core.program import run
from interexter.injection.assembly import REJECTED_EXAMPLES
from interexter.injection.compose import EXAMPLES
from interexter.injection.entailment_gate import screen
from interexter.models.entailment import Entailment


def main() -> None:
    """Read the examples of all conditions, write those that the model lets pass, and the reasons for the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--nli", type=json.loads, required=True, help="JSON object: gates.nli of the config")
    parser.add_argument("--device", choices=["cpu", "cuda"], required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()
    model = Entailment(args.nli["model"], args.nli.get("revision"), args.device, args.nli["batch"])
    with (
        tables.Writer(args.out, EXAMPLES) as kept,
        tables.Writer(args.rejected, REJECTED_EXAMPLES) as rejected,
    ):
        for condition in tables.values(args.examples, "condition"):
            for examples in tables.batches(args.examples, EXAMPLES, where={"condition": condition}):
                rows, refused = screen(examples, model.probabilities, args.nli["threshold"])
                tables.assert_none_lost((example["question_id"] for example in examples), rows, refused)
                kept.write(*rows)
                rejected.write(*({"condition": condition, **row} for row in refused))
            kept.end_group()
    n_in = kept.count + rejected.count
    print(f"entail: n_in={n_in} n_out={kept.count} n_rejected={rejected.count} n_premises_cut={model.truncated}")


if __name__ == "__main__":
    run(main)
