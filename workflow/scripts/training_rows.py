"""Build the training rows of a recipe: its mixture, as the token ids that inference would see."""

import argparse
import json
from pathlib import Path

from interexter.answers import internal_documents
from interexter.answers.methods import Ask, load
from interexter.core.errors import UserError
from interexter.core.json_files import read_json
from interexter.core.program import run
from interexter.core.tables import write_rows
from interexter.engine.published_prompts import open_prompts
from interexter.models import weights
from interexter.models.tokenizer import Tokenizer
from interexter.training.mixture import draw
from interexter.training.rows import TRAINING, candidates, read_examples, shown_answers, tokenized


def main() -> None:
    """Read examples, evidence and rationales; write prompt and completion of each drawn row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, required=True, help="of all conditions")
    parser.add_argument("--evidence", type=Path, required=True, help="of all conditions")
    parser.add_argument("--recall", type=Path, required=True)
    parser.add_argument("--rationales", type=Path, required=True)
    parser.add_argument("--parts", type=Path, required=True, help="of questions that ask for several things")
    parser.add_argument("--method", required=True)
    parser.add_argument("--mixture", type=json.loads, required=True, help="JSON: conditions, states, examples")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--prompt-set", required=True)
    parser.add_argument("--model", type=Path, required=True, help="folder whose tokenizer is taken")
    parser.add_argument("--manifest", type=Path, required=True, help="the model's manifest")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    weights.check(args.model, read_json(args.manifest, "weights_id")["weights_id"])
    method, mixture = load(args.method), args.mixture
    memory = internal_documents.read(args.recall)
    examples = read_examples(args.examples, mixture["conditions"])
    prompts = open_prompts(args.prompt_set)
    shown = shown_answers(args.parts, prompts)
    targets = candidates(method.TARGET, examples, args.evidence, args.rationales, shown)
    drawn = draw(targets, mixture["conditions"], mixture["states"], mixture["examples"], args.seed)
    if not drawn:
        raise UserError(f"no training rows for {args.method}: none of {len(targets)} candidates has a weight above 0.")
    ask = Ask(prompts, answer_tokens=1, rationale_tokens=1)
    rows = tokenized(drawn, examples, memory, method, ask, Tokenizer(args.model))
    write_rows(args.out, rows, TRAINING)
    lengths = [len(row["input_ids"]) for row in rows]
    print(f"training rows: n_in={len(targets)} n_out={len(rows)} tokens={sum(lengths)} longest={max(lengths)}")


if __name__ == "__main__":
    run(main)
