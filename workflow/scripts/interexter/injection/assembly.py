"""The examples of a condition: its draw's counter-passages composed with what was retrieved, and gated.

Works in batches of questions, so that memory does not grow with their number.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from ..core import tables
from ..core.tables import Row, table_schema
from ..data.longer_names import LongerNames
from ..data.questions import Questions
from ..data.schemas import QUESTIONS, RETRIEVED
from . import compose, conditions, gates
from .conditions import Condition
from .counters import COUNTERS

REJECTED_EXAMPLES = table_schema(condition=pa.string(), question_id=pa.string(), reason=pa.string(), detail=pa.string())

Scored = Callable[[Row, str], Row]  # a row of COUNTERS with the retriever's scores, from that and the question's text


class Sources(NamedTuple):
    """The tables that examples are made from."""

    questions: Path
    retrieved: Path
    counters: Sequence[Path]  # a file of those made by rule, and one for each model that writes some


class Settings(NamedTuple):
    """What all conditions of a split share."""

    split: str
    passages: int  # retrieved passages to start from
    order: str  # of retrieved passages, as they are shown (ordering.ORDERS)
    strict: Sequence[str]  # further gates (gates.STRICT_GATES)
    seed: int


def setting_of(name: str, condition: Condition) -> compose.Condition:
    """Return how a condition of the config composes passages."""
    return compose.condition(
        name, str(condition["count"]), condition["supporting"], condition["position"], str(condition["sources"])
    )


def assembled(
    name: str,
    condition: Condition,
    sources: Sources,
    settings: Settings,
    known: Questions,
    longer: LongerNames,
    scored: Scored | None = None,
) -> Iterator[tuple[list[Row], list[Row]]]:
    """Yield the rows of EXAMPLES and of REJECTED_EXAMPLES of a condition, for one batch of questions after the other.

    `known` and `longer` are of all questions of the data set; `scored` is needed where the condition places passages
    by their scores.
    """
    setting = setting_of(name, condition)
    [counters] = [path for path in sources.counters if path.stem == conditions.writer_of(condition)]
    drawn = tables.Follower(counters, COUNTERS, where={"draw": conditions.draw_name(condition)})
    retrieved = tables.Follower(sources.retrieved, RETRIEVED)
    gold_free = compose.gold_free(condition["supporting"], str(condition["count"]))
    for questions in tables.batches(sources.questions, QUESTIONS):
        asked = {question["question_id"]: question["question"] for question in questions}
        found, counter_rows = retrieved.rows(asked), drawn.rows(asked)
        if condition["position"] == "score" and scored is not None:
            counter_rows = [scored(row, asked[row["question_id"]]) for row in counter_rows]
        rows, refused = compose.compose(
            questions, found, counter_rows, setting, settings.passages, settings.seed, settings.order, longer
        )
        against = {row["question_id"]: row["contradicts"] for row in counter_rows}
        passed, failed = gates.gate(
            rows, found, gold_free, against, known, settings.split, settings.strict, setting.baseline
        )
        refused += failed
        tables.assert_none_lost(asked, passed, refused)
        yield passed, [{"condition": name, **row} for row in refused]
