"""Candidates: possible counter-answers of a question, with how likely a model finds each without passages.

A counter-answer that is drawn at random is seldom one that the model could believe. A *plausible* one is matched: the
model finds it about as likely as the gold answer, so that no resistance comes from what it finds unlikely.
"""

from collections.abc import Iterable
from itertools import islice

import pyarrow as pa

from ..core.identity import row_random
from ..core.tables import Row, table_schema
from . import substitution
from .drafts import Alternative, Pools, Refusal

DRAWN = 16  # candidates of a question

CANDIDATES = table_schema(
    question_id=pa.string(),
    gold=pa.string(),
    gold_log_probability=pa.float64(),  # natural logarithm, of the whole answer after the closed-book prompt
    candidates=pa.list_(  # in the order in which they were drawn, so that the first is any one
        pa.struct(
            [
                pa.field("answer", pa.string(), nullable=False),
                pa.field("log_probability", pa.float64(), nullable=False),
            ]
        )
    ),
)


def draw(question: Row, pools: Pools, seed: int) -> list[Alternative]:
    """Return DRAWN answers of the same relation and type, or as many as there are, that can be told from the gold ones.

    Those that are answers of test questions too, in a pool of another split, are taken where there are no others.
    """
    rng = row_random(seed, "counters/candidates", question["question_id"])
    drawn = substitution.drawn(pools.same_relation(question), rng)
    told_apart = [one for one in drawn if substitution.differs(one, question)]
    untested = [one for one in told_apart if not one.tested]
    return list(islice(untested or told_apart, DRAWN))


def plausible(row: Row) -> str | None:
    """Return the candidate of a row of CANDIDATES that the model finds about as likely as the gold answer, if any.

    That is the least likely of those that are at least as likely, so that the model does not prefer the gold answer; or
    the most likely one, where it finds the gold answer likelier than all.
    """
    found = [(one["log_probability"], one["answer"]) for one in row["candidates"]]
    above = [one for one in found if one[0] >= row["gold_log_probability"]]
    return min(above)[1] if above else max(found)[1] if found else None


class Plausible:
    """Pools of which each question sees its plausible candidate alone."""

    def __init__(self, rows: Iterable[Row]) -> None:
        """Take the rows of CANDIDATES."""
        self._chosen = {row["question_id"]: plausible(row) for row in rows}

    def pools(self, question: Row, pools: Pools) -> Pools | Refusal:
        """Return what an injector may draw from for a question."""
        chosen = self._chosen.get(question["question_id"])
        if chosen is None:
            return Refusal("no-candidate", "no answer of the relation could be told from the gold ones and weighed")
        return pools.only(question, chosen)
