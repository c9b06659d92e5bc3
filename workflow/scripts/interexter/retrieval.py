"""Retrieval: BM25 over a corpus, the stance of each passage found, and recall at k.

BM25 is that of bm25s (Lu 2024, arXiv 2407.03618) in its Lucene variant with k1 = 1.5, b = 0.75,
English stop words and no stemmer.
"""

import itertools
from collections.abc import Iterator, Sequence

import bm25s
import numpy as np

from .errors import UserError
from .stance import SUPPORTING, stance_of
from .tables import Row

RECALL_AT = (1, 3, 5, 10, 20)


def retrieve(questions: Sequence[Row], corpus: Sequence[Row], depth: int) -> list[Row]:
    """Return, for each question, its `depth` best passages by BM25 as a row of RETRIEVED.

    Passages with equal scores are ordered by passage_id, so the order of the corpus does not matter.
    A corpus of fewer than `depth` passages is returned whole. Raises UserError on an empty corpus,
    on a passage_id that occurs twice and on a depth below 1.
    """
    if depth < 1:
        raise UserError(f"retrieval depth {depth}: expected at least 1 passage per question")
    if not corpus:
        raise UserError("the corpus holds no passages: retrieval needs at least one. Check how it was prepared.")
    by_id = sorted(corpus, key=lambda passage: passage["passage_id"])
    for one, other in itertools.pairwise(by_id):
        if one["passage_id"] == other["passage_id"]:
            raise UserError(f"the corpus holds passage_id {one['passage_id']} twice: ids must be unique")
    index = _index(by_id)
    return [
        {
            "question_id": question["question_id"],
            "passages": [
                _found(by_id[place], rank, score, question)
                for rank, (place, score) in enumerate(_best(scores, depth), start=1)
            ],
        }
        for question, scores in zip(questions, _scores(index, questions, len(by_id)), strict=True)
    ]


def recall(retrieved: Sequence[Row], depth: int) -> Row:
    """Return recall at k for every k of RECALL_AT up to `depth`, with the number of questions `n`.

    recall@k is the share of questions with a supporting passage among the first k; None where n is 0.
    """
    first = [min((p["rank"] for p in row["passages"] if p["stance"] == SUPPORTING), default=None) for row in retrieved]
    n = len(first)
    at = {
        str(k): sum(rank is not None and rank <= k for rank in first) / n if n else None
        for k in RECALL_AT
        if k <= depth
    }
    return {"depth": depth, "n": n, "recall": at}


def _index(corpus: Sequence[Row]) -> bm25s.BM25:
    texts = [f"{passage['title']}\n{passage['text']}" for passage in corpus]
    index = bm25s.BM25()
    index.index(words(texts), show_progress=False)
    return index


def words(texts: list[str]) -> list[list[str]]:
    """Return the words of each text that BM25 counts."""
    found: list[list[str]] = bm25s.tokenize(texts, stopwords="en", return_ids=False, show_progress=False)
    return found


def _scores(index: bm25s.BM25, questions: Sequence[Row], size: int) -> Iterator[np.ndarray]:
    """Yield for each question the scores of all passages, shape (size,)."""
    if not questions:
        return
    for asked in words([question["question"] for question in questions]):
        known = index.get_tokens_ids(asked)
        # bm25s cannot score a query without a known word; nothing then speaks for any passage.
        yield index.get_scores_from_ids(known) if known else np.zeros(size, dtype=np.float32)


def _best(scores: np.ndarray, depth: int) -> list[tuple[int, float]]:
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
