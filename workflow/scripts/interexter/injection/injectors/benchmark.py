"""The counter-passages that a data set brings along, as they are.

Benchmarks of knowledge conflict ship passages that contradict the gold answer. What their adapters make
of them (results/data/NAME/counters.parquet) is taken whole: the counter-answer with its aliases, and every
passage that screening left, unaltered, each a source of its own. They stay what they are, `shipped`: no
injector made them, and they have no seed and no parent. No condition of another kind shows them.
"""

from collections.abc import Sequence
from random import Random

from ...core.tables import Row
from ..drafts import Draft, Injection, Pools, Refusal

FREE = True
NEEDS_SHIPPED = True

CHOOSES = True


def inject(question: Row, passages: Sequence[Row], pools: Pools, rng: Random) -> Injection | Refusal:
    """Take the data set's own counter-answer and counter-passages, in its order."""
    shipped = pools.shipped(question["question_id"])
    if shipped is None:
        return Refusal("no-counter-answer", "the data set holds no counter-answer against this question's")
    return Injection(
        shipped["counter_answer"],
        tuple(shipped["counter_aliases"]),
        tuple(Draft(p["title"], p["text"], None, shipped=p) for p in shipped["passages"]),
    )
