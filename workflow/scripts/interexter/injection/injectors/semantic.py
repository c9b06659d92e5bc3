"""Semantic conflict: the passage is about a namesake of the subject.

After the semantic conflicts of ConflictBank (Su et al., NeurIPS 2024, arXiv 2408.12076), where a model
invents a homonym of the subject. Here each counter-passage is a supporting passage with another entity
in the answer's place, which says beforehand that it is about another bearer of the name. It is true of
the namesake and does not answer the question.
"""

from collections.abc import Sequence
from random import Random

from ...core.tables import Row
from .. import substitution
from ..drafts import Injection, Pools, Refusal

_LEADS = (
    "This entry is about another bearer of the name {subject}, not about the well-known one. ",
    "Not to be confused with its better-known namesake: here, {subject} is the lesser-known one. ",
    "Of the two that are called {subject}, this is about the less known. ",
)


def inject(question: Row, passages: Sequence[Row], pools: Pools, rng: Random) -> Injection | Refusal:
    """Substitute as entity substitution does, then say before every counter-passage that it is about a namesake."""
    subject = question["subject"].strip()
    if not subject:
        return Refusal("no-subject", "the question names no subject that could have a namesake")
    outcome = substitution.substituted(question, passages, pools.same_relation(question), rng)
    if isinstance(outcome, Refusal):
        return outcome
    lead = _LEADS[rng.randrange(len(_LEADS))].format(subject=subject)
    return outcome._replace(drafts=tuple(draft._replace(text=lead + draft.text) for draft in outcome.drafts))
