"""The ways to search a corpus, by their names in `datasets.*.retrieval.method`."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ..core.errors import UserError
from ..core.tables import Row
from . import bm25, dense, fusion
from .corpus import Corpus, Ranked

Search = Callable[[Sequence[Row], Path | None], Iterator[Ranked]]  # questions, and the file of their vectors


def searching(corpus: Corpus, method: str, depth: int, shards: Sequence[Path] = ()) -> Search:
    """Return a search for the `depth` best passages of a corpus, whose vectors lie in `shards`, in order.

    BM25 needs no vectors. The search raises UserError where a method that does has none of the questions, or others'.
    """
    index = bm25.Index(corpus) if method != "dense" else None

    def near(questions: Sequence[Row], vectors: Path | None, nearest: int) -> Iterator[Ranked]:
        if vectors is None:
            raise UserError(f"method {method} needs the vectors of the questions (encode.py).")
        found = dense.read_vectors(vectors)
        if len(found) != len(questions):
            raise UserError(f"{vectors}: {len(found)} vectors for {len(questions)} questions; encode again.")
        return dense.search(found, shards, len(corpus), nearest)

    def search(questions: Sequence[Row], vectors: Path | None) -> Iterator[Ranked]:
        asked = [question["question"] for question in questions]
        if index is None:
            return near(questions, vectors, depth)
        if method == "bm25":
            return index.search(asked, depth)
        deep = max(depth, fusion.FUSED)
        return fusion.hybrid(index.search(asked, deep), near(questions, vectors, deep), depth)

    return search
