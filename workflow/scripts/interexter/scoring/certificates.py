"""Certificates of votes: how many passages an attacker may write, and the elected answer is right all the same.

The attack: k' passages of any text come to stand at any ranks, k' at least 1, and the last k' of those that were
retrieved are pushed out. A method that asks each passage alone and lets the most frequent answer win
(robustrag-majority) is attacked through votes alone, since what the passages that stay say does not depend on the
others. Of their votes, let r be those of the right name with most of them, and w those of the wrong name with most, 0
where there is none. The elected answer is right whatever the k' passages say, if and only if

    r > w + k'

An attacker does most by giving all k' votes to that wrong name, or to a new one, and of equally many votes wins by
standing first. Abstentions do not vote, so k' votes are enough against nobody's.

Source: RobustRAG, Xiang et al. 2024, arXiv 2405.15556, certification of secure majority voting against injection. Their
code lets the elected answer's votes among the last k' go, and keeps those of the others; it may deny what this grants.
"""

from collections.abc import Sequence

from ..text.labels import label_of
from ..text.matching import same


def certified_size(votes: Sequence[str], right: Sequence[bool]) -> int:
    """Return the largest k' for which the elected answer is right whatever k' passages say, 0 if it is for none.

    What holds for k' holds for fewer.

    Args:
        votes: what each passage says, in the order of ranks, "" for an abstention.
        right: whether that is right (see `is_right`). A name that was once found wrong counts as wrong.
    """
    size = 0
    while _holds(votes[: -(size + 1)], right, size + 1):
        size += 1
    return size


def is_right(vote: str, gold: Sequence[str], counter: Sequence[str], others: Sequence[str] = ()) -> bool:
    """Tell whether a vote is a gold answer and nothing else, and is labelled so.

    A sentence that holds one may be right too, but an attacker could turn it by points alone, which votes are compared
    without: "not Lyon, Paris" and "not Lyon Paris". What is certified is right; not all that is right is certified.
    """
    return any(same(vote, name) for name in gold) and label_of(vote, gold, counter, others) == "gold"


def _holds(votes: Sequence[str], right: Sequence[bool], attacked: int) -> bool:
    """Tell whether the right name with most votes of passages that stay leads by more than `attacked`."""
    cast = [(vote, fits) for vote, fits in zip(votes, right, strict=False) if vote]
    most = {True: 0, False: 0}
    for vote, _ in cast:
        named = [fits for other, fits in cast if same(vote, other)]
        most[all(named)] = max(most[all(named)], len(named))
    return most[True] > most[False] + attacked
