"""Temporal conflict: a statement that says for when it holds, long past or yet to come.

After the temporal conflicts of ConflictBank (Su et al., NeurIPS 2024, arXiv 2408.12076), which give a
false claim a future time span. Here each counter-passage is a supporting passage with another entity
in the answer's place, and its time before it. The question asks about the present, so a careful reader
sees that the passage does not answer it.
"""

from collections.abc import Sequence
from random import Random

from ...core.tables import Row
from .. import substitution
from ..drafts import Injection, Pools, Refusal

SETTINGS = ("outdated", "future")

_YEARS = {"outdated": (1900, 1999), "future": (2060, 2159)}  # far from the present of any model in use
_LEADS = {
    "outdated": ("As of {year}: ", "State of {year}, since superseded: ", "From a directory of {year}: "),
    "future": ("From {year} on: ", "As planned for {year}: ", "To take effect in {year}: "),
}


def inject(question: Row, passages: Sequence[Row], pools: Pools, rng: Random, setting: str) -> Injection | Refusal:
    """Substitute as entity substitution does, then put one year before every counter-passage."""
    outcome = substitution.substituted(question, passages, pools.same_relation(question), rng)
    if isinstance(outcome, Refusal):
        return outcome
    leads = _LEADS[setting]
    lead = leads[rng.randrange(len(leads))].format(year=rng.randint(*_YEARS[setting]))
    return outcome._replace(drafts=tuple(draft._replace(text=lead + draft.text) for draft in outcome.drafts))
