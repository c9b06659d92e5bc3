"""Draw each question's counter-answer and have a model write its counter-passages."""

import argparse
from pathlib import Path

from interexter.answers.recall import RECALL
from interexter.core import tables
from interexter.core.program import run
from interexter.data.schemas import QUESTIONS
from interexter.engine.asking import add_engine_arguments, ask_all
from interexter.engine.prompts import PromptSet
from interexter.injection import counters
from interexter.injection.counter_writing import ask
from interexter.injection.counters import COUNTERS


def main() -> None:
    """Read questions, ask for passages, write those that hold what they should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, required=True, help="the questions of this run")
    parser.add_argument("--all-questions", type=Path, required=True, help="all the data set's: alternative answers")
    parser.add_argument("--kind", required=True, help="an injector's name with its setting")
    parser.add_argument("--recall", type=Path, help="what a model answered closed-book: contradict that")
    parser.add_argument("--prompt-set", required=True)
    parser.add_argument("--max-tokens", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    add_engine_arguments(parser)
    args = parser.parse_args()

    questions = tables.read_rows(args.questions, QUESTIONS)
    pools = counters.split_pools(tables.rows(args.all_questions, QUESTIONS))
    memory = None
    if args.recall:
        memory = {row["question_id"]: row["closed_book_answer"] for row in tables.rows(args.recall, RECALL)}
    asked = ask(questions, pools, args.kind, PromptSet(args.prompt_set), args.max_tokens, args.seed, memory)
    outcomes = ask_all(list(asked.conversations.values()), args, "counters")
    rows = [outcome.result for outcome in outcomes if not outcome.rejected]
    refused = [
        tables.rejection(question_id, "prompt too long", outcome.rejected)
        for question_id, outcome in zip(asked.conversations, outcomes, strict=True)
        if outcome.rejected
    ]
    rejected = [*asked.rejected, *refused]
    tables.assert_none_lost((question["question_id"] for question in questions), rows, rejected)
    tables.write_rows(args.out, rows, COUNTERS)
    tables.write_rows(args.rejected, rejected, tables.REJECTED)
    bare = sum(not row["passages"] for row in rows)
    n_in = len(questions)
    print(f"counters: n_in={n_in} n_out={len(rows)} n_rejected={len(rejected)} without_passages={bare}")


if __name__ == "__main__":
    run(main)
