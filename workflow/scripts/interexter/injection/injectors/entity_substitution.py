"""Entity substitution (Longpre et al., EMNLP 2021, arXiv 2109.05052): another entity in the answer's place.

The counter-answer is a gold answer of another question of the same relation and answer type. Every
supporting passage becomes a counter-passage by having it in place of each mention of a gold answer.
What differs from the original stands in substitution.py.
"""

from collections.abc import Sequence
from random import Random

from ...core.tables import Row
from .. import substitution
from ..drafts import Injection, Pools, Refusal


def inject(question: Row, passages: Sequence[Row], pools: Pools, rng: Random) -> Injection | Refusal:
    """Draw a counter-answer and put it into every supporting passage, in the order of rank."""
    return substitution.substituted(question, passages, pools.same_relation(question), rng)
