"""Ask the model what it knows without passages: closed-book answers and internal documents."""

import argparse
from pathlib import Path

from interexter.answers.recall import Probing, in_order_of_showing, recall
from interexter.answers.schemas import RECALL
from interexter.core.program import run
from interexter.core.tables import REJECTED, read_rows, rejection, write_rows
from interexter.data.schemas import QUESTIONS
from interexter.engine.asking import add_engine_arguments, ask_all
from interexter.engine.published_prompts import open_prompts


def main() -> None:
    """Read the questions, ask those of the splits that are to be asked, write one row for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, required=True, help="questions; some may be shown as examples")
    parser.add_argument("--ask", choices=("all", "test"), required=True, help="the splits that are asked")
    parser.add_argument("--test", type=Path, required=True, help="questions")
    parser.add_argument("--prompt-set", required=True)
    parser.add_argument("--answer-tokens", type=int, required=True)
    parser.add_argument("--document-tokens", type=int, required=True)
    parser.add_argument("--samples", type=int, required=True, help="closed-book answers that are sampled")
    parser.add_argument("--temperature", type=float, required=True, help="of the sampled ones")
    parser.add_argument("--shots", type=int, required=True, help="training questions shown before a closed-book one")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    add_engine_arguments(parser)
    args = parser.parse_args()
    training = read_rows(args.train, QUESTIONS)
    questions = [*(training if args.ask == "all" else []), *read_rows(args.test, QUESTIONS)]
    probing = Probing(
        open_prompts(args.prompt_set),
        args.answer_tokens,
        args.document_tokens,
        args.samples,
        args.temperature,
        args.shots,
        in_order_of_showing(training),
    )
    asked = (recall(question, probing) for question in questions)
    outcomes = list(ask_all(asked, args, "recall"))
    write_rows(args.out, [o.result for o in outcomes if not o.rejected], RECALL)
    refused = [(q, o) for q, o in zip(questions, outcomes, strict=True) if o.rejected]
    write_rows(args.rejected, [rejection(q["question_id"], o.reason(), o.rejected) for q, o in refused], REJECTED)
    print(f"recall: n_in={len(questions)} n_out={len(questions) - len(refused)} n_rejected={len(refused)}")


if __name__ == "__main__":
    run(main)
