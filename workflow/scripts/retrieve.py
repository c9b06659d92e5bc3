"""Find passages for questions, or take those that the data set ships; report recall at k, MRR and nDCG."""

import argparse
import json
from pathlib import Path

import pyarrow.parquet as pq
from interexter.core import program, tables
from interexter.core.errors import UserError
from interexter.core.files import write_text
from interexter.data.schemas import CORPUS, QUESTIONS, RETRIEVED
from interexter.retrieval import dense, ranking, search

METHODS = ("auto", "shipped", "bm25", "dense", "hybrid")


def main() -> None:
    """Read questions and passages, write the passages of each question and how good they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--shipped", type=Path, required=True, help="passages that came with the questions")
    parser.add_argument("--method", choices=METHODS, default="auto", help="auto: shipped where there are any, or bm25")
    parser.add_argument("--depth", type=int, required=True, help="passages per question")
    parser.add_argument("--vectors", type=Path, help="the questions', for dense and hybrid")
    parser.add_argument("--shards", type=Path, nargs="*", default=[], help="the corpus's, in order")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--recall", type=Path, required=True, help="JSON file: recall at k, MRR and nDCG, with n")
    args = parser.parse_args()

    questions = tables.read_rows(args.questions, QUESTIONS)
    n_shipped = pq.read_metadata(args.shipped).num_rows
    method = args.method if args.method != "auto" else "shipped" if n_shipped else "bm25"
    with tables.Writer(args.out, RETRIEVED) as retrieved:
        if method == "shipped":
            if not n_shipped:
                raise UserError(
                    f"{args.shipped}: the data set ships no passages; set datasets.*.retrieval.method to bm25."
                )
            rows = search.shipped(questions, tables.batches(args.shipped, RETRIEVED), args.depth)
        else:
            rows = iter(_searched(args, questions, method))
        measures = ranking.measures(search.counted(rows, retrieved.write), args.depth)
    write_text(args.recall, json.dumps({"method": method, **measures}, indent=2) + "\n")
    found = " ".join(f"recall@{k}={value:.3f}" for k, value in measures["recall"].items() if value is not None)
    print(f"retrieve: method={method} n_in={len(questions)} n_out={measures['n']} {found}")


def _searched(args: argparse.Namespace, questions: list[tables.Row], method: str) -> list[tables.Row]:
    table = tables.read_table(args.corpus, CORPUS)
    if method == "bm25":
        return search.retrieve(questions, table, args.depth)
    import numpy as np

    corpus = search.Corpus(table)
    vectors = np.load(args.vectors, mmap_mode="r")
    if len(vectors) != len(questions):
        raise UserError(f"{args.vectors}: {len(vectors)} vectors for {len(questions)} questions; encode again.")
    if method == "dense":
        return search.found(questions, corpus, dense.search(vectors, args.shards, len(corpus), args.depth))
    deep = max(args.depth, search.FUSED)
    near = dense.search(vectors, args.shards, len(corpus), deep)
    said = search.bm25(questions, corpus, deep)
    return search.found(questions, corpus, search.hybrid(said, near, args.depth))


if __name__ == "__main__":
    program.run(main)
