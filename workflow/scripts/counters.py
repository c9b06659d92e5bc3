"""Draw each question's counter-answer and make its counter-passages, by one kind of injection."""

import argparse
from pathlib import Path

from interexter import counters, errors, injectors, tables


def main() -> None:
    """Read questions and retrieved passages, write the counter-passages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, required=True, help="the questions of this run")
    parser.add_argument("--all-questions", type=Path, required=True, help="all the data set's: alternative answers")
    parser.add_argument("--retrieved", type=Path, required=True)
    parser.add_argument("--kind", required=True, help="an injector's name")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rejected", type=Path, required=True)
    args = parser.parse_args()

    inject = injectors.load(args.kind)
    questions = tables.read_rows(args.questions, tables.QUESTIONS)
    rows, rejected = counters.draw(
        questions,
        tables.read_rows(args.all_questions, tables.QUESTIONS),
        tables.read_rows(args.retrieved, tables.RETRIEVED),
        args.kind,
        inject,
        args.seed,
    )

    tables.assert_none_lost((question["question_id"] for question in questions), rows, rejected)
    tables.write_rows(args.out, rows, tables.COUNTERS)
    tables.write_rows(args.rejected, rejected, tables.REJECTED)
    bare = sum(not row["passages"] for row in rows)
    print(f"counters: n_in={len(questions)} n_out={len(rows)} n_rejected={len(rejected)} without_passages={bare}")


if __name__ == "__main__":
    errors.run(main)
