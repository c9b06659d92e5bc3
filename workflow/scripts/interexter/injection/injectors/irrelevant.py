"""Irrelevant passages: passages of other questions, which have nothing to do with this one.

The control for the number of passages: as many and as long as in another condition, and no claim. They
are drawn from a sample of what was retrieved for the split's questions, and hold neither subject nor
gold nor counter-answer, which is drawn as by entity substitution.
"""

from collections.abc import Sequence
from random import Random

from ...core.tables import Row
from ...text.stance import IRRELEVANT, passage_holds
from .. import substitution
from ..drafts import Draft, Injection, Pools, Refusal

FREE = True
NEEDS_PASSAGES = True

_MOST = 10  # passages for a question: the largest dose


def inject(question: Row, passages: Sequence[Row], pools: Pools, rng: Random) -> Injection | Refusal:
    """Draw passages of other questions, each a source of its own."""
    counter = substitution.choose(question, pools.same_relation(question), rng)
    if isinstance(counter, Refusal):
        return counter
    taboo = [name for name in (*question["answers"], *counter.aliases, question["subject"]) if name.strip()]
    own = {passage["passage_id"] for passage in passages}
    drafts: list[Draft] = []
    for passage in rng.sample(pools.passages, min(4 * _MOST, len(pools.passages))):
        if len(drafts) < _MOST and passage["passage_id"] not in own and not passage_holds(passage, taboo):
            drafts.append(Draft(passage["title"], passage["text"], None, IRRELEVANT, passage["passage_id"]))
    return Injection(counter.answer, counter.aliases, tuple(drafts))
