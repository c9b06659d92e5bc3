"""BM25 of bm25s (Lu 2024, arXiv 2407.03618): the Lucene variant, k1 = 1.5, b = 0.75, English stop words, no stemmer."""

from collections.abc import Iterator, Sequence

import bm25s
import numpy as np

from .corpus import Corpus, Ranked

_AT_A_TIME = 4096  # questions whose words are looked up together


class Index:
    """The words of a corpus."""

    def __init__(self, corpus: Corpus) -> None:
        """Count them: titles and texts."""
        self._passages = len(corpus)
        self._index = bm25s.BM25()
        texts = corpus.texts(0, len(corpus), "\n")
        self._index.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)

    def search(self, questions: Sequence[str], depth: int) -> Iterator[Ranked]:
        """Yield the `depth` best passages of each question, in order of score and then of index."""
        for start in range(0, len(questions), _AT_A_TIME):
            for asked in words(questions[start : start + _AT_A_TIME]):
                known = self._index.get_tokens_ids(asked)
                # bm25s cannot score a query without a known word; nothing then speaks for any passage.
                none = np.zeros(self._passages, np.float32)
                yield best(self._index.get_scores_from_ids(known) if known else none, depth)


def words(texts: Sequence[str]) -> list[list[str]]:
    """Return the words of each text that BM25 counts."""
    found: list[list[str]] = bm25s.tokenize(list(texts), stopwords="en", return_ids=False, show_progress=False)
    return found


def best(scores: np.ndarray, depth: int) -> list[tuple[int, float]]:
    """Return the indexes and scores of the `depth` highest scores; the lower index first where they tie."""
    depth = min(depth, len(scores))
    threshold = np.partition(scores, -depth)[-depth]
    candidates = np.flatnonzero(scores >= threshold)  # ascending, and the sort below is stable
    order = candidates[np.argsort(-scores[candidates], kind="stable")][:depth]
    return [(int(index), float(scores[index])) for index in order]
