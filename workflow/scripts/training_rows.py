"""Build the training rows of a recipe: its mixture, as the token ids that inference would see."""

import argparse
import json
from pathlib import Path

from interexter.answers.evidence import EVIDENCE
from interexter.answers.methods import Ask, load, visible
from interexter.answers.rationales import RATIONALES
from interexter.answers.recall import RECALL
from interexter.core.errors import UserError
from interexter.core.program import run
from interexter.core.tables import Row, read_rows, write_rows
from interexter.engine.published_prompts import open_prompts
from interexter.injection.compose import EXAMPLES
from interexter.models.tokenizer import Tokenizer
from interexter.training.mixture import draw
from interexter.training.rows import TRAINING


def main() -> None:
    """Read examples, evidence and rationales; write prompt and completion of each drawn row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, nargs="+", required=True)
    parser.add_argument("--evidence", type=Path, nargs="+", required=True)
    parser.add_argument("--recall", type=Path, required=True)
    parser.add_argument("--rationales", type=Path, required=True)
    parser.add_argument("--method", required=True)
    parser.add_argument("--mixture", type=json.loads, required=True, help="JSON: conditions, states, examples")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--prompt-set", required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    method = load(args.method)
    memory = {row["question_id"]: row["internal_document"] for row in read_rows(args.recall, RECALL)}
    examples = {(r["question_id"], r["condition"]): r for path in args.examples for r in read_rows(path, EXAMPLES)}
    targets = _targets(args, method.TARGET, examples)
    mixture = args.mixture
    drawn = draw(targets, mixture["conditions"], mixture["states"], mixture["examples"], args.seed)
    if not drawn:
        raise UserError(f"no training rows for {args.method}: none of {len(targets)} candidates has a weight above 0.")
    tokenizer = Tokenizer(args.model)
    ask = Ask(open_prompts(args.prompt_set), answer_tokens=1, rationale_tokens=1)
    rows = []
    for row in drawn:
        example = examples[row["question_id"], row["condition"]]
        task = {**example, "internal_document": memory[row["question_id"]]}
        [prompt] = next(method.answer(visible(task, method), ask))  # the very prompt that inference asks
        prompt_ids, completion_ids = tokenizer.prompt(prompt.messages), tokenizer.completion(row["completion"])
        rows.append(
            {
                "question_id": row["question_id"],
                "condition": row["condition"],
                "state": row["state"],
                "input_ids": prompt_ids + completion_ids,
                "completion_mask": [0] * len(prompt_ids) + [1] * len(completion_ids),
            }
        )
    write_rows(args.out, rows, TRAINING)
    lengths = [len(row["input_ids"]) for row in rows]
    print(f"training rows: n_in={len(targets)} n_out={len(rows)} tokens={sum(lengths)} longest={max(lengths)}")


def _targets(args: argparse.Namespace, target: str, examples: dict[tuple[str, str], Row]) -> list[Row]:
    """Return candidate rows with the completion that a checkpoint is to learn."""
    if target == "answer":
        evidence = [row for path in args.evidence for row in read_rows(path, EVIDENCE)]
        return [
            {**{k: row[k] for k in ("question_id", "condition", "state")}, "completion": examples[key]["answers"][0]}
            for row in evidence
            if (key := (row["question_id"], row["condition"])) in examples
        ]
    return [
        {**{k: row[k] for k in ("question_id", "condition", "state")}, "completion": row["rationale"]}
        for row in read_rows(args.rationales, RATIONALES)
        if row["style"] == target and (row["question_id"], row["condition"]) in examples
    ]


if __name__ == "__main__":
    run(main)
