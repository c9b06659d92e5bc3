"""Corpus substitution (Longpre et al., EMNLP 2021, arXiv 2109.05052): any answer of the same type in the corpus.

As entity substitution, but the counter-answer may have been asked for by another relation: a city for
a city, be it a capital or not. It is less plausible, and there are more to choose from.
"""

from collections.abc import Sequence
from random import Random

from ...core.tables import Row
from .. import substitution
from ..drafts import Injection, Pools, Refusal


def inject(question: Row, passages: Sequence[Row], pools: Pools, rng: Random) -> Injection | Refusal:
    """Draw a counter-answer of the same type and put it into every supporting passage."""
    return substitution.substituted(question, passages, pools.same_type(question), rng)
