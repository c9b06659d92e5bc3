"""Popularity substitution (Longpre et al., EMNLP 2021, arXiv 2109.05052): an answer of a stated popularity.

The answers of the same relation and type are cut into thirds by popularity, and the counter-answer is
drawn from one of them. An answer is as popular as the most popular question that it answers, by the
data set's own figure; where a data set has none, the thirds are in the order of the alphabet and mean
nothing. The original has five bins, of persons only.
"""

from collections.abc import Sequence
from random import Random

from ...core.tables import Row
from .. import substitution
from ..drafts import Injection, Pools, Refusal

SETTINGS = ("rare", "middle", "popular")

CHOOSES = True


def inject(question: Row, passages: Sequence[Row], pools: Pools, rng: Random, setting: str) -> Injection | Refusal:
    """Draw a counter-answer of a third by popularity and put it into every supporting passage."""
    pool = pools.popularity_third(question, SETTINGS.index(setting))
    return substitution.substituted(question, passages, pool, rng)
