"""What the retriever's BM25 would give a passage that is not in the corpus.

The score is that of bm25.py, in closed form: bm25s's Lucene variant (Lu 2024, arXiv 2407.03618) with
k1 = 1.5 and b = 0.75, that is the sum over the question's words t of

    ln(1 + (N - df(t) + 0.5) / (df(t) + 0.5)) * tf(t) / (tf(t) + k1 * (1 - b + b * length / average))

with N, df and the average length of the corpus as it is: a counter-passage changes no other passage's score.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from ..core.errors import UserError
from ..core.tables import Row
from .bm25 import words

_K1 = 1.5
_B = 0.75


class Scorer:
    """The statistics of a corpus that BM25 needs."""

    def __init__(self, corpus: Iterable[Sequence[Row]]) -> None:
        """Count the words of a corpus, given in batches; raise UserError if it holds no passage."""
        self._holding: Counter[str] = Counter()  # passages by word
        self._passages = 0
        length = 0
        for batch in corpus:
            for said in words([f"{passage['title']}\n{passage['text']}" for passage in batch]):
                self._holding.update(set(said))
                self._passages += 1
                length += len(said)
        if not self._passages:
            raise UserError("the corpus holds no passages: there is nothing to score counter-passages against")
        self._average = length / self._passages

    def scored(self, counters: Row, question: str) -> Row:
        """Return a row of COUNTERS with the score of each passage for the question."""
        texts = [question, *(f"{passage['title']}\n{passage['text']}" for passage in counters["passages"])]
        asked, *said = words(texts)
        scores = [self._score(asked, one) for one in said]
        passages = [{**p, "score": score} for p, score in zip(counters["passages"], scores, strict=True)]
        return {**counters, "passages": passages}

    def _score(self, asked: Sequence[str], said: Sequence[str]) -> float:
        counts = Counter(said)
        norm = _K1 * (1 - _B + _B * len(said) / self._average)
        return sum(self._rarity(word) * counts[word] / (counts[word] + norm) for word in asked if counts[word])

    def _rarity(self, word: str) -> float:
        """Return a word's weight; one that the corpus does not know has none, as the retriever's index has none."""
        holding = self._holding.get(word, 0)
        return math.log(1 + (self._passages - holding + 0.5) / (holding + 0.5)) if holding else 0.0
