"""The store of finished generations: a folder of immutable Parquet parts, written by rename.

A generation is found by its key: weights, prompt token ids, sampling parameters and the identity
of the engine. So a rerun asks only for what is missing, and a kill loses at most one part.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from ..core.identity import content_id
from ..core.tables import Row, read_rows, write_rows

SCHEMA = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("finish_reason", pa.string(), nullable=False),
        pa.field("output_tokens", pa.int32(), nullable=False),
    ]
)


CONFIDENT = SCHEMA.append(pa.field("log_probability", pa.float64()))  # of an engine that tells it


class Stored(NamedTuple):
    """A finished generation as the store keeps it."""

    text: str
    finish_reason: str
    output_tokens: int
    log_probability: float | None = None  # of the final answer's tokens, where the engine tells it


class Store:
    """The generations of one engine with one set of weights."""

    def __init__(self, folder: Path, weights_id: str, engine: Row) -> None:
        """Open the part of the store at `folder` that belongs to these weights and this engine."""
        self._folder = folder / weights_id / content_id(engine)
        self._schema = CONFIDENT if engine.get("confidence") else SCHEMA
        parts = sorted(self._folder.glob("*.parquet"))
        self._known = {row.pop("key"): Stored(**row) for part in parts for row in read_rows(part, self._schema)}

    def __len__(self) -> int:
        """Count the generations."""
        return len(self._known)

    def get(self, key: str) -> Stored | None:
        """Return a generation by its key."""
        return self._known.get(key)

    def add(self, finished: Sequence[tuple[str, Stored]]) -> None:
        """Write a part that holds these generations."""
        if not finished:
            return
        whole = [{"key": key, **stored._asdict()} for key, stored in sorted(finished, key=lambda one: one[0])]
        rows = [{name: row[name] for name in self._schema.names} for row in whole]
        write_rows(self._folder / f"{content_id([row['key'] for row in rows])}.parquet", rows, self._schema)
        self._known.update(finished)


def key(token_ids: Sequence[int], sampling: Row) -> str:
    """Return the key of a generation within the store of its weights and engine."""
    return content_id([list(token_ids), sampling])
