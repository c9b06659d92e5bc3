"""Alias substitution (Longpre et al., EMNLP 2021, arXiv 2109.05052): the gold answer under another name.

A control and no conflict: the passages still support the gold answer, in other words. A method that
answers otherwise than under `clean` reacts to the edit, not to a contradiction. The counter-answer is
drawn as by entity substitution, so that its base rate is measured, and no passage names it.
"""

from collections.abc import Sequence
from random import Random

from ...core.tables import Row
from ...text import matching
from ...text.stance import SUPPORTING
from .. import nations, substitution
from ..drafts import Injection, Pools, Refusal

NAMES_GOLD = True


def inject(question: Row, passages: Sequence[Row], pools: Pools, rng: Random) -> Injection | Refusal:
    """Put another of the gold answer's names into every supporting passage; one that is there already stays out.

    Valid answers that are no names of each other are listed together in some data sets; the alias is
    a name that the data set counts as right, no more.
    """
    counter = substitution.choose(question, pools.same_relation(question), rng)
    if isinstance(counter, Refusal):
        return counter
    names = [name for name in question["answers"] if matching.has_words(name)]
    others = [name for name in names if not matching.same(name, names[0]) and _alike(name, names[0])]
    if not others:
        return Refusal("no-alias", f"the gold answer has no other name than {question['answers']}")
    alias = others[rng.randrange(len(others))]
    drafts = (
        draft
        for draft in substitution.drafts(question, passages, alias, SUPPORTING)
        if draft.parent and (draft.title, draft.text) != (draft.parent["title"], draft.parent["text"])
    )
    return Injection(counter.answer, counter.aliases, tuple(drafts))


def _alike(name: str, other: str) -> bool:
    """Tell whether one name can stand where the other stands: not "Netherlands" for "Dutch"."""
    roles = nations.role_of(name), nations.role_of(other)
    return roles[0] == roles[1] or not all(roles)
