"""Draw each question's counter-answer and make its counter-passages, by one kind of injection."""

import argparse
from pathlib import Path

from interexter.answers.recall import RECALL
from interexter.core import program, tables
from interexter.data.schemas import QUESTIONS, SHIPPED_COUNTERS
from interexter.injection import counters, injectors
from interexter.injection.counters import COUNTERS, SOURCES
from interexter.injection.drafts import Shipped


def main() -> None:
    """Read questions and retrieved passages, write the counter-passages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, required=True, help="the questions of this run")
    parser.add_argument("--all-questions", type=Path, required=True, help="all the data set's: alternative answers")
    parser.add_argument("--retrieved", type=Path, required=True)
    parser.add_argument("--kind", required=True, help="an injector's name, with its setting if it has one")
    parser.add_argument("--shipped", type=Path, help="what the data set itself holds against its gold answers")
    parser.add_argument("--recall", type=Path, help="what a model answered closed-book: contradict that")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()

    inject = injectors.load(args.kind)
    sampled = tables.rows(args.retrieved, SOURCES) if injectors.needs_passages(args.kind) else ()
    everyone = tables.rows(args.all_questions, QUESTIONS)
    pools = counters.split_pools(everyone, sampled, args.seed, _shipped(args.shipped))
    memory = None
    if args.recall:
        memory = {row["question_id"]: row["closed_book_answer"] for row in tables.rows(args.recall, RECALL)}
    retrieved = tables.Follower(args.retrieved, SOURCES)
    bare = 0
    with (
        tables.Writer(args.out, COUNTERS) as kept,
        tables.Writer(args.rejected, tables.REJECTED) as rejected,
    ):
        for questions in tables.batches(args.questions, QUESTIONS):
            ids = [question["question_id"] for question in questions]
            rows, refused = counters.draw(questions, pools, retrieved.rows(ids), args.kind, inject, args.seed, memory)
            tables.assert_none_lost(ids, rows, refused)
            kept.write(*rows)
            rejected.write(*refused)
            bare += sum(not row["passages"] for row in rows)
    n_in = kept.count + rejected.count
    print(f"counters: n_in={n_in} n_out={kept.count} n_rejected={rejected.count} without_passages={bare}")


def _shipped(path: Path | None) -> Shipped:
    """Return what the data set itself holds against a question, where there is such a table."""
    if path is None:
        return lambda question_id: None
    follower = tables.Follower(path, SHIPPED_COUNTERS)
    return lambda question_id: next(iter(follower.rows([question_id])), None)


if __name__ == "__main__":
    program.run(main)
