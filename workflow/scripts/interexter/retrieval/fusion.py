"""How two rankings become one: reciprocal rank fusion."""

from collections.abc import Iterable, Iterator, Sequence

from .corpus import Ranked

FUSED = 100  # passages that each of two rankings gives to their fusion, or `depth` if that is more
RRF_K = 60


def hybrid(one: Iterable[Ranked], other: Iterable[Ranked], depth: int) -> Iterator[Ranked]:
    """Yield the fusion of two rankings of each question."""
    for pair in zip(one, other, strict=True):
        yield fused([[index for index, _ in ranked] for ranked in pair], depth)


def fused(rankings: Sequence[Sequence[int]], depth: int) -> list[tuple[int, float]]:
    """Return the `depth` best indexes of several rankings with their scores, the best first.

    Reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009): an index scores the sum of 1 / (60 + rank)
    over the rankings that hold it. The lower index is first where scores are equal.
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, one in enumerate(ranking, start=1):
            scores[one] = scores.get(one, 0.0) + 1 / (RRF_K + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:depth]
