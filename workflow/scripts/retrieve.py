"""Find passages for questions, or take those that the data set ships; report recall at k, MRR and nDCG."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from interexter.core import program, tables
from interexter.core.errors import UserError
from interexter.core.json_files import write_json
from interexter.core.tables import Row
from interexter.data.schemas import CORPUS, QUESTIONS, RETRIEVED, SPLITS
from interexter.retrieval import ranking, search

METHODS = ("auto", "shipped", "bm25", "dense", "hybrid")
Find = Callable[[list[Row], Path | None], Iterator[Row]]  # questions and their vectors; rows of RETRIEVED


def main() -> None:
    """Read passages once, and of each split write the passages of each question and how good they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--shipped", type=Path, required=True, help="passages that came with the questions")
    parser.add_argument("--method", choices=METHODS, default="auto", help="auto: shipped where there are any, or bm25")
    parser.add_argument("--depth", type=int, required=True, help="passages per question")
    parser.add_argument("--shards", type=Path, nargs="*", default=[], help="the corpus's vectors, in order")
    for split in SPLITS:
        parser.add_argument(f"--{split}", type=Path, required=True, help="questions")
        parser.add_argument(f"--{split}-vectors", type=Path, help="the questions', for dense and hybrid")
        parser.add_argument(f"--{split}-out", type=Path, required=True)
        parser.add_argument(f"--{split}-recall", type=Path, required=True, help="JSON: recall at k, MRR, nDCG, with n")
    args = parser.parse_args()
    search.check_depth(args.depth)
    n_shipped = tables.count(args.shipped)
    method = args.method if args.method != "auto" else "shipped" if n_shipped else "bm25"
    if method == "shipped" and not n_shipped:
        raise UserError(f"{args.shipped}: the data set ships no passages; set datasets.*.retrieval.method to bm25.")
    find = _shipped(args) if method == "shipped" else _searched(args, method)
    for split in SPLITS:
        questions = tables.read_rows(getattr(args, split), QUESTIONS)
        with tables.Writer(getattr(args, f"{split}_out"), RETRIEVED) as retrieved:
            rows = find(questions, getattr(args, f"{split}_vectors"))
            measures = ranking.measures(search.counted(rows, retrieved.write), args.depth)
        write_json(getattr(args, f"{split}_recall"), {"method": method, **measures})
        found = " ".join(f"recall@{k}={value:.3f}" for k, value in measures["recall"].items() if value is not None)
        print(f"retrieve: split={split} method={method} n_in={len(questions)} n_out={measures['n']} {found}")


def _shipped(args: argparse.Namespace) -> Find:
    return lambda questions, _: search.shipped(questions, tables.batches(args.shipped, RETRIEVED), args.depth)


def _searched(args: argparse.Namespace, method: str) -> Find:
    """Return a search of the corpus, whose index serves the questions of both splits."""
    from interexter.retrieval.corpus import Corpus
    from interexter.retrieval.methods import searching

    corpus = Corpus(tables.read_table(args.corpus, CORPUS))
    ranked = searching(corpus, method, args.depth, args.shards)
    return lambda questions, vectors: search.found(questions, corpus, ranked(questions, vectors))


if __name__ == "__main__":
    program.run(main)
