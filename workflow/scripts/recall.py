"""Ask the model what it knows without passages: closed-book answers and internal documents."""

import argparse
from pathlib import Path

from interexter.answers.recall import recall
from interexter.answers.schemas import RECALL
from interexter.core.program import run
from interexter.core.tables import REJECTED, read_rows, rejection, write_rows
from interexter.data.schemas import QUESTIONS
from interexter.engine.asking import add_engine_arguments, ask_all
from interexter.engine.published_prompts import open_prompts


def main() -> None:
    """Read the questions of all splits, ask, write one row for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, nargs="+", required=True)
    parser.add_argument("--prompt-set", required=True)
    parser.add_argument("--answer-tokens", type=int, required=True)
    parser.add_argument("--document-tokens", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    add_engine_arguments(parser)
    args = parser.parse_args()
    questions = [row for path in args.questions for row in read_rows(path, QUESTIONS)]
    prompts = open_prompts(args.prompt_set)
    asked = (recall(q, prompts, args.answer_tokens, args.document_tokens) for q in questions)
    outcomes = list(ask_all(asked, args, "recall"))
    write_rows(args.out, [o.result for o in outcomes if not o.rejected], RECALL)
    refused = [(q, o) for q, o in zip(questions, outcomes, strict=True) if o.rejected]
    write_rows(
        args.rejected, [rejection(q["question_id"], "prompt too long", o.rejected) for q, o in refused], REJECTED
    )
    print(f"recall: n_in={len(questions)} n_out={len(questions) - len(refused)} n_rejected={len(refused)}")


if __name__ == "__main__":
    run(main)
