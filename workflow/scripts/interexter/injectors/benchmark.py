"""The counter-passages that a data set brings along, as they are.

Benchmarks of knowledge conflict ship passages that contradict the gold answer. Their adapters give them
the stance `counter` and the counter-answer that they support; no condition shows them but those of this
kind. The first one's counter-answer is the question's, and only passages that support it are taken.
"""

from collections.abc import Sequence
from random import Random

from .. import matching
from ..stance import COUNTER
from ..tables import Row
from . import Draft, Injection, Pools, Refusal

FREE = True


def inject(question: Row, passages: Sequence[Row], pools: Pools, rng: Random) -> Injection | Refusal:
    """Take the passages that the data set marks as counter-passages, in the order of rank, each a source of its own."""
    marked = [passage for passage in passages if passage["stance"] == COUNTER and passage["counter_answer"]]
    if not marked:
        return Refusal("no-counter-answer", "the data set marks no passage of this question as a counter-passage")
    answer = marked[0]["counter_answer"]
    return Injection(
        answer,
        (answer,),
        tuple(
            Draft(passage["title"], passage["text"], None, COUNTER, passage["passage_id"])
            for passage in marked
            if matching.same(passage["counter_answer"], answer)
        ),
    )
