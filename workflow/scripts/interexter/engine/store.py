"""The store of finished generations: a folder of immutable Parquet parts, written by rename.

A generation is found by its key: weights, prompt token ids, sampling parameters and the identity of the engine. So a
rerun asks only for what is missing, and a kill loses at most what no part holds yet. Parts are small when they are
written, for that reason, and joined by the hundreds, so that millions of generations are some hundred files. Several
jobs may use one store at a time. Texts stay in Arrow tables, so that millions of them fit into memory.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from ..core.errors import UserError
from ..core.identity import content_id
from ..core.tables import Row, read_table, write_table

SCHEMA = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("finish_reason", pa.string(), nullable=False),
        pa.field("output_tokens", pa.int32(), nullable=False),
    ]
)

CONFIDENT = SCHEMA.append(  # of an engine that tells how sure it was
    pa.field("log_probability", pa.float64())
).append(pa.field("answer_tokens", pa.int32()))
COUNTED = SCHEMA.append(pa.field("prompt_tokens", pa.int32(), nullable=False))  # of an engine that alone counts them
COUNTED_BY_SERVER: Row = {"engine": "endpoint"}  # the identity of that engine

JOINED = 256  # small parts that become one


class Stored(NamedTuple):
    """A finished generation as the store keeps it."""

    text: str
    finish_reason: str
    output_tokens: int
    log_probability: float | None = None  # of the final answer's tokens, where the engine tells it
    answer_tokens: int | None = None  # how many they are
    prompt_tokens: int | None = None  # where the engine alone can count them


class Store:
    """The generations of one engine with one set of weights."""

    def __init__(self, folder: Path, weights_id: str, engine: Row) -> None:
        """Open the part of the store at `folder` that belongs to these weights and this engine."""
        self._folder = folder / weights_id / content_id(engine)
        self._schema = CONFIDENT if engine.get("confidence") else COUNTED if engine == COUNTED_BY_SERVER else SCHEMA
        self._parts: list[pa.Table] = []
        self._index: dict[bytes, tuple[int, int]] = {}  # of each key, the part and the row
        self._small: list[Path] = []  # of the last parts, which are written and not joined yet
        for table in self._read():
            self._include(table)
        self._before = len(self._parts)

    def __len__(self) -> int:
        """Count the generations."""
        return len(self._index)

    def get(self, key: str) -> Stored | None:
        """Return a generation by its key."""
        if (found := self._index.get(bytes.fromhex(key))) is None:
            return None
        part, row = found
        return Stored(**{name: self._parts[part][name][row].as_py() for name in self._schema.names[1:]})

    def was_there(self, key: str) -> bool:
        """Tell whether a generation was in the store before it was opened."""
        part, _ = self._index.get(bytes.fromhex(key), (self._before, 0))
        return part < self._before

    def add(self, finished: Sequence[tuple[str, Stored]]) -> None:
        """Write a part that holds these generations, and join the small parts where there are many."""
        if not finished:
            return
        rows = [{"key": key, **stored._asdict()} for key, stored in sorted(finished, key=lambda one: one[0])]
        table = pa.Table.from_pylist([{name: row[name] for name in self._schema.names} for row in rows], self._schema)
        self._small.append(self._write(table))
        self._include(table)
        if len(self._small) == JOINED:
            self._join()

    def close(self) -> None:
        """Join the small parts that were written since the store was opened, so that it opens quickly the next time."""
        if len(self._small) > 1:
            self._join()

    def _join(self) -> None:
        """Replace the small parts by one; it is there before they go, so other jobs find everything at any time."""
        first = len(self._parts) - len(self._small)
        table = pa.concat_tables(self._parts[first:]).sort_by("key").combine_chunks()
        joined = self._write(table)
        for path in set(self._small) - {joined}:
            path.unlink(missing_ok=True)
        self._small = []
        del self._parts[first:]
        self._include(table)

    def _read(self) -> list[pa.Table]:
        """Read all parts; where another job has joined some meanwhile, begin again: they are in a new one."""
        tables = []
        for path in sorted(self._folder.glob("*.parquet")):
            try:
                tables.append(read_table(path, self._schema))
            except UserError:
                if path.exists():
                    raise
                return self._read()
        return tables

    def _include(self, table: pa.Table) -> None:
        part = len(self._parts)
        self._parts.append(table)
        for row, key in enumerate(table["key"].to_pylist()):
            self._index[bytes.fromhex(key)] = part, row

    def _write(self, table: pa.Table) -> Path:
        path = self._folder / f"{content_id(table['key'].to_pylist())}.parquet"
        write_table(path, table)
        return path


def key(token_ids: Sequence[int], sampling: Row) -> str:
    """Return the key of a generation within the store of its weights and engine."""
    return content_id([list(token_ids), sampling])
