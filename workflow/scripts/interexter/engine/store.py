"""The store of finished generations: a folder of immutable Parquet parts, written by rename.

A generation is found by its key: weights, prompt token ids, sampling parameters and the identity of the engine. So a
rerun asks only for what is missing, and a kill loses at most what no part holds yet. Parts are small when they are
written, for that reason, and joined by the hundreds, so that millions of generations are some hundred files. Several
jobs may use one store at a time. Texts stay in Arrow tables, so that millions of them fit into memory.

What cannot be true of a store is named when it is opened: a part without content, a part that is damaged, two texts for
one key. A store that cannot be read is not taken for an empty one: all that it holds would be asked again.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from ..core.errors import UserError
from ..core.identity import content_id
from ..core.tables import Row, read_table, write_table

log = logging.getLogger(__name__)

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


def is_exact(engine: Row) -> bool:
    """Tell whether an engine writes the same to the same prompt, whatever is decoded beside it."""
    if engine.get("device") == "cpu":
        return bool(engine["dtype"] == "float32" and engine.get("batch", 1) == 1)
    return bool(engine.get("strict"))


class Store:
    """The generations of one engine with one set of weights."""

    def __init__(self, folder: Path, weights_id: str, engine: Row) -> None:
        """Open the part of the store at `folder` that belongs to these weights and this engine.

        Raises UserError, naming the part, where one is damaged, and where an engine that writes the same to the same
        prompt has two texts for a key; OSError where the folder is there and cannot be read.
        """
        self._folder = folder / weights_id / content_id(engine)
        self._schema = CONFIDENT if engine.get("confidence") else COUNTED if engine == COUNTED_BY_SERVER else SCHEMA
        self._parts: list[pa.Table] = []
        self._index: dict[bytes, tuple[int, int]] = {}  # of each key, the part and the row
        self._small: list[Path] = []  # of the last parts, which are written and not joined yet
        self._is_exact = is_exact(engine)
        self._open()
        self._before = len(self._parts)

    def __len__(self) -> int:
        """Count the generations."""
        return len(self._index)

    def get(self, key: str) -> Stored | None:
        """Return a generation by its key."""
        if (found := self._index.get(bytes.fromhex(key))) is None:
            return None
        return self._at(*found)

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

    def _open(self) -> None:
        """Take in all parts, and compare those that hold the same keys."""
        paths: list[Path] = []
        for part, (path, table) in enumerate(self._read()):
            paths.append(path)
            self._parts.append(table)
            for row, key in enumerate(_keys(path, table)):
                known = self._index.setdefault(key, (part, row))
                if known != (part, row) and self._at(*known)[:3] != self._at(part, row)[:3]:
                    self._settle(key, (part, row), paths[known[0]], path)

    def _settle(self, key: bytes, found: tuple[int, int], one: Path, other: Path) -> None:
        """Choose between two texts for a key: the one that sorts first, or neither where there cannot be two."""
        if self._is_exact:
            raise UserError(
                f"{one} and {other.name} have two texts for the key {key.hex()}, where this engine writes only one: a "
                "part is not of this machine or was changed. Delete both and run again; what they held is asked again."
            )
        log.warning("store: two texts for the key %s in %s and %s; one is taken", key.hex(), one, other.name)
        self._index[key] = min(found, self._index[key], key=lambda place: self._at(*place)[:3])

    def _at(self, part: int, row: int) -> Stored:
        return Stored(**{name: self._parts[part][name][row].as_py() for name in self._schema.names[1:]})

    def _read(self) -> list[tuple[Path, pa.Table]]:
        """Read all parts; where another job has joined some meanwhile, begin again: they are in a new one."""
        tables = []
        for path in self._listed():
            try:
                if not path.stat().st_size:
                    log.warning(
                        "store: %s was empty, as a power cut leaves one: removed. Its prompts are asked again", path
                    )
                    path.unlink(missing_ok=True)
                    continue
                tables.append((path, read_table(path, self._schema)))
            except (FileNotFoundError, UserError):
                if path.exists():
                    raise
                if path.is_symlink():
                    raise UserError(f"{path}: a link that leads nowhere. Delete it and run again.") from None
                return self._read()
        return tables

    def _listed(self) -> list[Path]:
        """Return the parts by name, none before the first was written; raise OSError where they cannot be listed."""
        with suppress(FileNotFoundError):
            return sorted(path for path in self._folder.iterdir() if path.suffix == ".parquet")
        return []

    def _include(self, table: pa.Table) -> None:
        part = len(self._parts)
        self._parts.append(table)
        for row, key in enumerate(table["key"].to_pylist()):
            self._index[bytes.fromhex(key)] = part, row

    def _write(self, table: pa.Table) -> Path:
        path = self._folder / f"{content_id(table['key'].to_pylist())}.parquet"
        write_table(path, table)
        return path


def _keys(path: Path, table: pa.Table) -> list[bytes]:
    """Return the keys of a part; raise UserError where one is none."""
    try:
        return [bytes.fromhex(key) for key in table["key"].to_pylist()]
    except ValueError as error:
        raise UserError(f"{path}: a key that is no hash ({error}). Delete it and run again.") from error


def key(token_ids: Sequence[int], sampling: Row) -> str:
    """Return the key of a generation within the store of its weights and engine."""
    return content_id([list(token_ids), sampling])
