"""Draw counter-answers and have a model write counter-passages, every draw that it writes for a split."""

import argparse
from itertools import islice
from pathlib import Path

from interexter.answers.schemas import RECALL
from interexter.core import tables
from interexter.core.program import run
from interexter.data.schemas import QUESTIONS
from interexter.engine.asking import add_engine_arguments, ask_all
from interexter.engine.prompts import PromptSet
from interexter.injection import conditions, counters
from interexter.injection.candidates import CANDIDATES, Plausible
from interexter.injection.counter_writing import ask
from interexter.injection.counters import COUNTERS, REJECTED_COUNTERS


def main() -> None:
    """Read questions, ask for passages, write those that hold what they should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, required=True, help="the questions of this split")
    parser.add_argument("--all-questions", type=Path, required=True, help="all the data set's: alternative answers")
    parser.add_argument("--conditions", type=Path, required=True, help="JSON: the conditions of the split by name")
    parser.add_argument("--model-name", required=True, help="the model that writes, as the conditions name it")
    parser.add_argument("--recall", type=Path, help="what it answered closed-book, where that is contradicted")
    parser.add_argument("--candidates", type=Path, help="what it finds likely, where a plausible answer is written for")
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
        memory = {row["question_id"]: counters.believed(row) for row in tables.rows(args.recall, RECALL)}
    chosen = Plausible(tables.rows(args.candidates, CANDIDATES)) if args.candidates else None
    asked = {
        name: ask(
            questions,
            pools,
            condition["kind"],
            PromptSet(args.prompt_set),
            args.max_tokens,
            args.seed,
            memory if condition["counter_to"] == "memory" else None,
            name,
            chosen if condition["counter_answer"] == "plausible" else None,
        )
        for name, condition in conditions.draws(conditions.read(args.conditions), args.model_name).items()
    }
    conversations = [one for draw in asked.values() for one in draw.conversations.values()]
    outcomes = iter(list(ask_all(conversations, args, "counters")))
    bare = 0
    with (
        tables.Writer(args.out, COUNTERS) as kept,
        tables.Writer(args.rejected, REJECTED_COUNTERS) as rejected,
    ):
        for name, draw in asked.items():
            answered = islice(outcomes, len(draw.conversations))
            found = list(zip(draw.conversations, answered, strict=True))
            rows = [outcome.result for _, outcome in found if not outcome.rejected]
            refused = [
                {"draw": name, **tables.rejection(question_id, outcome.reason(), outcome.rejected)}
                for question_id, outcome in found
                if outcome.rejected
            ]
            refused = [*draw.rejected, *refused]
            tables.assert_none_lost((question["question_id"] for question in questions), rows, refused)
            kept.write(*rows)
            kept.end_group()
            rejected.write(*refused)
            bare += sum(not row["passages"] for row in rows)
    n_in = kept.count + rejected.count
    print(f"counters: n_in={n_in} n_out={kept.count} n_rejected={rejected.count} without_passages={bare}")


if __name__ == "__main__":
    run(main)
