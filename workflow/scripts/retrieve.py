"""Retrieve passages for questions with BM25, and report recall at k."""

import argparse
import json
from pathlib import Path

from interexter import errors, retrieval, tables


def main() -> None:
    """Read questions and corpus, write the retrieved passages and their recall."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--depth", type=int, required=True, help="passages per question")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--recall", type=Path, required=True, help="JSON file: recall at k, with n")
    args = parser.parse_args()

    questions = tables.read_rows(args.questions, tables.QUESTIONS)
    corpus = tables.read_rows(args.corpus, tables.CORPUS)
    rows = retrieval.retrieve(questions, corpus, args.depth)
    recall = retrieval.recall(rows, args.depth)

    tables.assert_none_lost((question["question_id"] for question in questions), rows)
    tables.write_rows(args.out, rows, tables.RETRIEVED)
    tables.write_text(args.recall, json.dumps(recall, indent=2) + "\n")
    found = " ".join(f"recall@{k}={value:.3f}" for k, value in recall["recall"].items() if value is not None)
    print(f"retrieve: n_in={len(questions)} n_out={len(rows)} corpus={len(corpus)} {found}")


if __name__ == "__main__":
    errors.run(main)
