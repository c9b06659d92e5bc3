"""Score the citations of a model's answers: recall and precision, by a model of natural language inference."""

import argparse
import json
from pathlib import Path

from interexter.core import tables
from interexter.core.program import run
from interexter.models.entailment import Entailment
from interexter.scoring.citation_tables import CITATIONS
from interexter.scoring.citations import scored


def main() -> None:
    """Read the answers of all methods under all conditions, write the score of each that has a statement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=Path, nargs="+", required=True, help="of all checkpoints and shards")
    parser.add_argument("--examples", type=Path, required=True, help="of all conditions")
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--prompt-sets", type=json.loads, required=True, help="JSON: method -> prompt set")
    parser.add_argument("--order", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--setting", type=json.loads, required=True, help="JSON: model, revision, batch")
    parser.add_argument("--device", choices=["cpu", "cuda"], required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    model = Entailment(args.setting["model"], args.setting["revision"], args.device, args.setting["batch"])
    about = {"dataset": args.dataset, "model": args.model, "order": args.order, "seed": args.seed}
    n_in = 0
    with tables.Writer(args.out, CITATIONS) as kept:
        for n_answers, rows in scored(args.answers, args.examples, about, args.prompt_sets, model.entails):
            kept.write(*rows)
            n_in += n_answers
    print(f"citations: n_in={n_in} n_out={kept.count} n_premises_cut={model.truncated}")


if __name__ == "__main__":
    run(main)
