"""Retrieval: passages for questions by BM25, by meaning (dense.py), by both, or as the data set ships them.

BM25 is that of bm25s (Lu 2024, arXiv 2407.03618) in its Lucene variant with k1 = 1.5, b = 0.75,
English stop words and no stemmer. Texts stay in Arrow tables and become rows where they are found.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..core.errors import UserError
from ..core.tables import Row
from ..data.schemas import CORPUS
from ..text.stance import stance_of
from . import ranking

Ranked = Sequence[tuple[int, float]]  # places in the corpus with their scores, the best first

FUSED = 100  # passages that each of two rankings gives to their fusion, or `depth` if that is more
_WORDS = 4096  # questions whose words are looked up at a time


class Corpus:
    """The passages of a corpus by place, in order of their ids."""

    def __init__(self, passages: pa.Table | Sequence[Row]) -> None:
        """Sort the passages; raise UserError if there are none, or if an id occurs twice."""
        table = passages if isinstance(passages, pa.Table) else pa.Table.from_pylist(list(passages), schema=CORPUS)
        if not table.num_rows:
            raise UserError("the corpus holds no passages: retrieval needs at least one. Check how it was prepared.")
        self._table = table.take(pc.sort_indices(table["passage_id"])).combine_chunks()
        ids = self._table["passage_id"]
        twice = pc.filter(ids.slice(1), pc.equal(ids.slice(1), ids.slice(0, len(ids) - 1)))
        if len(twice):
            raise UserError(f"the corpus holds passage_id {twice[0]} twice: ids must be unique")

    def __len__(self) -> int:
        """Count the passages."""
        return self._table.num_rows

    def ids(self) -> list[str]:
        """Return the ids of all passages, by place."""
        return self._table["passage_id"].to_pylist()

    def row(self, place: int) -> Row:
        """Return the passage at a place as a row of tables.CORPUS."""
        return {name: self._table[name][place].as_py() for name in CORPUS.names}

    def texts(self, first: int, last: int, join: str) -> list[str]:
        """Return title and text, with `join` between them, of the places from `first` to before `last`."""
        part = self._table.slice(first, last - first)
        return [f"{t}{join}{x}" for t, x in zip(part["title"].to_pylist(), part["text"].to_pylist(), strict=True)]


def retrieve(questions: Sequence[Row], corpus: pa.Table | Sequence[Row], depth: int) -> list[Row]:
    """Return, for each question, its `depth` best passages by BM25 as a row of RETRIEVED.

    Passages with equal scores are ordered by passage_id, so the order of the corpus does not matter.
    A corpus of fewer than `depth` passages is returned whole. Raises UserError on an empty corpus,
    on a passage_id that occurs twice and on a depth below 1.
    """
    if depth < 1:
        raise UserError(f"retrieval depth {depth}: expected at least 1 passage per question")
    passages = Corpus(corpus)
    return found(questions, passages, bm25(questions, passages, depth))


def found(questions: Sequence[Row], corpus: Corpus, rankings: Iterable[Ranked]) -> list[Row]:
    """Return the rows of RETRIEVED for rankings, one for each question."""
    return [
        {
            "question_id": question["question_id"],
            "passages": [
                _found(corpus.row(place), rank, score, question) for rank, (place, score) in enumerate(ranked, start=1)
            ],
        }
        for question, ranked in zip(questions, rankings, strict=True)
    ]


def bm25(questions: Sequence[Row], corpus: Corpus, depth: int) -> Iterator[Ranked]:
    """Yield the ranking of each question by BM25, in order of score and then of place."""
    import bm25s  # where corpora are encoded it is not installed

    index = bm25s.BM25()
    texts = corpus.texts(0, len(corpus), "\n")
    index.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
    del texts
    for start in range(0, len(questions), _WORDS):
        asked = [question["question"] for question in questions[start : start + _WORDS]]
        for known_words in words(asked):
            known = index.get_tokens_ids(known_words)
            # bm25s cannot score a query without a known word; nothing then speaks for any passage.
            yield best(index.get_scores_from_ids(known) if known else np.zeros(len(corpus), np.float32), depth)


def hybrid(one: Iterable[Ranked], other: Iterable[Ranked], depth: int) -> Iterator[Ranked]:
    """Yield the reciprocal rank fusion of two rankings of each question (ranking.fused)."""
    for pair in zip(one, other, strict=True):
        yield ranking.fused([[place for place, _ in ranked] for ranked in pair], depth)


def shipped(questions: Iterable[Row], batches: Iterable[Sequence[Row]], depth: int) -> Iterator[Row]:
    """Yield rows of RETRIEVED for questions from what their data set ships, with `depth` passages at most.

    They come in the order of `batches` (of RETRIEVED); then the questions without passages, with none.
    """
    ids = {question["question_id"]: None for question in questions}
    for batch in batches:
        for row in batch:
            if row["question_id"] in ids:
                del ids[row["question_id"]]
                yield {**row, "passages": row["passages"][:depth]}
    for question_id in ids:
        yield {"question_id": question_id, "passages": []}


def words(texts: Sequence[str]) -> list[list[str]]:
    """Return the words of each text that BM25 counts."""
    import bm25s

    found: list[list[str]] = bm25s.tokenize(list(texts), stopwords="en", return_ids=False, show_progress=False)
    return found


def counted(rows: Iterable[Row], write: Callable[[Row], None]) -> Iterator[Row]:
    """Yield rows while they are written, so that measures need no second look at them."""
    for row in rows:
        write(row)
        yield row


def best(scores: np.ndarray, depth: int) -> list[tuple[int, float]]:
    """Return the places and scores of the `depth` highest scores; the lower place first where they tie."""
    depth = min(depth, len(scores))
    threshold = np.partition(scores, -depth)[-depth]
    candidates = np.flatnonzero(scores >= threshold)  # ascending, and the sort below is stable
    order = candidates[np.argsort(-scores[candidates], kind="stable")][:depth]
    return [(int(place), float(scores[place])) for place in order]


def _found(passage: Row, rank: int, score: float, question: Row) -> Row:
    return {
        "passage_id": passage["passage_id"],
        "title": passage["title"],
        "text": passage["text"],
        "rank": rank,
        "score": score,
        "origin": "retrieved",
        "stance": stance_of(passage, question["answers"], question["subject"]),
        "counter_answer": None,
        "injector": None,
        "seed": None,
        "parent_id": None,
        "source_id": None,
    }
