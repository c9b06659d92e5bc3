"""The order in which passages are shown: of what was found for a question, before a condition inserts its own."""

from collections.abc import Sequence

from ..core.tables import Row

BEST_FIRST = "best-first"
ORDERS = (BEST_FIRST, "best-last", "lost-in-the-middle", "as-published")


def indices(best_first: Sequence[Row], order: str) -> list[int]:
    """Return the indices of passages, which come with the best first, in one of ORDERS.

    `best-last` shows the best next to the question. `lost-in-the-middle` shows the best at both ends, where
    models read them best (Liu et al., TACL 2024, arXiv 2307.03172): 1, 3, 5, 4, 2 of five. `as-published` is
    InstructRAG's rule (arXiv 2406.13629, its code): the order of the data set's file, turned round where the
    first score is greater than the second. Passages that come from no file are in the order of their ranks.
    """
    best = list(range(len(best_first)))
    if order == "best-last":
        return best[::-1]
    if order == "lost-in-the-middle":
        return best[::2] + best[1::2][::-1]
    return _as_published(best_first) if order == "as-published" else best


def _as_published(best_first: Sequence[Row]) -> list[int]:
    given = list(range(len(best_first)))
    if all(passage["file_rank"] is not None for passage in best_first):
        given.sort(key=lambda index: best_first[index]["file_rank"])
    scores = [best_first[index]["score"] for index in given[:2]]
    return given[::-1] if len(scores) == 2 and None not in scores and scores[0] > scores[1] else given
