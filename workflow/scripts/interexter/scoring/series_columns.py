"""What names a series of answers: the columns that every table of scores begins with."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from ..core.tables import Row, optional

SERIES = {  # with a question_id, they name one answer
    "dataset": pa.string(),
    "model": pa.string(),
    "checkpoint": pa.string(),
    "condition": pa.string(),
    "method": pa.string(),
    "prompt_set": pa.string(),
    "order": pa.string(),
    "seed": pa.int64(),
}
SHARED_SEED = {"seed": optional(pa.int64())}  # in tables that also have rows of all seeds together, whose seed is null
CLOSED_BOOK = "closed-book"  # the method that sees no passages


def placed(row: Row, names: Iterable[str]) -> list[Any]:
    """Return the values of a row that it is sorted by; all seeds together come before each."""
    return [-1 if row[name] is None else row[name] for name in names]
