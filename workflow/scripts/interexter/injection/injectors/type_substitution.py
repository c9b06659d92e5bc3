"""Type-swap substitution (Longpre et al., EMNLP 2021, arXiv 2109.05052): an answer of another type.

A language in the place of a city: passages that contradict memory and common sense together. First
the type is drawn, then the answer, so that a type with many answers is not drawn more often.
"""

from collections.abc import Sequence
from random import Random

from ...core.tables import Row
from .. import substitution
from ..drafts import Injection, Pools, Refusal

CHOOSES = True


def inject(question: Row, passages: Sequence[Row], pools: Pools, rng: Random) -> Injection | Refusal:
    """Draw a type other than the answer's, a counter-answer of it, and put it into every supporting passage."""
    types = pools.other_types(question)
    if not types:
        return Refusal("no-counter-answer", f"there is no answer of another type than {question['answer_type']!r}")
    return substitution.substituted(question, passages, types[rng.randrange(len(types))], rng)
