"""Score counter-passages as the retriever would have: BM25 with the corpus's own statistics."""

import argparse
from pathlib import Path

from interexter.core import program, tables
from interexter.data.schemas import CORPUS, QUESTIONS
from interexter.injection.counters import COUNTERS
from interexter.retrieval.unseen import Scorer


def main() -> None:
    """Read counter-passages, questions and corpus, write the counter-passages with their scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counters", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    scorer = Scorer(tables.batches(args.corpus, CORPUS))
    questions = tables.Follower(args.questions, QUESTIONS)
    with tables.Writer(args.out, COUNTERS) as scored:
        for counters in tables.batches(args.counters, COUNTERS):
            asked = {row["question_id"]: row["question"] for row in questions.rows(r["question_id"] for r in counters)}
            scored.write(*(scorer.scored(row, asked[row["question_id"]]) for row in counters))
    print(f"score: n_out={scored.count}")


if __name__ == "__main__":
    program.run(main)
