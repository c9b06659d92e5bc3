"""The order in which passages are shown: applied once, to their ranks, after a condition has placed its own."""

from collections.abc import Sequence

from ..core.tables import Row

ORDERS = ("given", "reversed", "lost-in-the-middle")


def ordered(passages: Sequence[Row], order: str) -> list[Row]:
    """Return passages with ranks from 1 in one of ORDERS, the given order being that of their ranks.

    `reversed` shows the best last, next to the question. `lost-in-the-middle` shows the best at both
    ends, where models read them best (Liu et al., TACL 2024, arXiv 2307.03172): 1, 3, 5, 4, 2 of five.
    """
    best_first = sorted(passages, key=lambda passage: passage["rank"])
    if order == "reversed":
        best_first = best_first[::-1]
    elif order == "lost-in-the-middle":
        best_first = best_first[::2] + best_first[1::2][::-1]
    return [{**passage, "rank": rank} for rank, passage in enumerate(best_first, 1)]
