"""Certificates of votes: how many passages an attacker may write, and the elected answer is right all the same.

The attack: k' passages of any text come to stand at any ranks, k' at least 1, and the last k' of those that were
retrieved are pushed out. A method that asks each passage alone and lets the most frequent answer win
(robustrag-majority) is attacked through votes alone, since what the passages that stay say does not depend on the
others. Of their votes, let r be those of the right name with most of them, and w those of the wrong name with most, 0
where there is none. The elected answer is right whatever the k' passages say, if and only if

    r > w + k'

An attacker does most by giving all k' votes to that wrong name, or to a new one, and of equally many votes wins by
standing first. Abstentions do not vote, so k' votes are enough against nobody's.

Votes are one name where they differ in case, articles and points alone, and what a sentence says may hang on those:
"Lima, not Quito", "Lima not Quito". The elected name is given in its most frequent form. So a name is right if it is
a gold answer and nothing else, in any form; or, a sentence, if its most frequent right form has more than k' votes
more than any wrong form. All others are wrong names. (Of some sentences every form is right: the condition is then
sufficient.)

Source: RobustRAG, Xiang et al. 2024, arXiv 2405.15556, certification of secure majority voting against injection. Their
code lets the elected answer's votes among the last k' go, and keeps those of the others; it may deny what this grants.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ..text.labels import label_of
from ..text.matching import same


class Vote(NamedTuple):
    """What a passage says."""

    text: str  # "" for an abstention
    right: bool  # whether the text is labelled gold
    name: bool  # whether it is a gold answer and nothing else


def judged(text: str, gold: Sequence[str], counter: Sequence[str], others: Sequence[str] = ()) -> Vote:
    """Return a vote, judged by the names of both sides; `others` as `label_of` takes them."""
    return Vote(text, label_of(text, gold, counter, others) == "gold", any(same(text, name) for name in gold))


def certified_size(votes: Sequence[Vote]) -> int:
    """Return the largest k' for which the elected answer is right whatever k' passages say, 0 if it is for none.

    `votes` are those of all passages in the order of ranks. What holds for k' holds for fewer.
    """
    size = 0
    while _holds(votes[: -(size + 1)], size + 1):
        size += 1
    return size


def _holds(votes: Sequence[Vote], attacked: int) -> bool:
    """Tell whether the right name with most votes of passages that stay leads by more than `attacked`."""
    cast = [vote for vote in votes if vote.text]
    most = {True: 0, False: 0}
    for vote in cast:
        named = [other for other in cast if same(vote.text, other.text)]
        right = _stays_right(named, attacked)
        most[right] = max(most[right], len(named))
    return most[True] > most[False] + attacked


def _stays_right(named: Sequence[Vote], attacked: int) -> bool:
    """Tell whether votes for one name give it in a right form, whatever form so many more votes have."""
    if named[0].name:
        return all(vote.right for vote in named)
    forms = {right: [vote for vote in named if vote.right == right] for right in (True, False)}
    right, wrong = (max(map(forms[one].count, forms[one]), default=0) for one in (True, False))
    return right > wrong + attacked
