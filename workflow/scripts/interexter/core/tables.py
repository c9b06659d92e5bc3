"""The tables between stages: their schemas, and reading and writing them whole or not at all.

Every table is Parquet with one of the schemas below. A stage validates what it reads and what it
writes. A row that a stage cannot use goes to a REJECTED table beside the output, with its reason.

Every page has a checksum, which readers verify, and the footer a hash (footers.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from . import footers
from .errors import UserError, remedy
from .files import beside

Row = dict[str, Any]
BATCH = 2_000  # rows that are in memory at a time where a table is read or written in parts
_HOW: Row = {"compression": "zstd", "write_page_checksum": True}


class TableError(UserError):
    """A file that is not the table it should be; the message names file, column and remedy."""


def table_schema(**columns: pa.DataType) -> pa.Schema:
    """Build a schema whose columns hold no nulls, except those wrapped in `optional`."""
    return pa.schema([_field(name, kind) for name, kind in columns.items()])


def _field(name: str, kind: Any) -> pa.Field:
    return kind.with_name(name) if isinstance(kind, pa.Field) else pa.field(name, kind, nullable=False)


def optional(kind: pa.DataType) -> pa.Field:
    """Let a column of `table_schema` hold nulls."""
    return pa.field("", kind, nullable=True)


REJECTED = table_schema(question_id=pa.string(), reason=pa.string(), detail=pa.string())


def read_rows(path: Path, schema: pa.Schema) -> list[Row]:
    """Read a table as a list of rows; raise TableError if it is unreadable or has another schema."""
    return read_table(path, schema).to_pylist()


def read_table(
    path: Path, schema: pa.Schema, names: Sequence[str] = (), where: Mapping[str, Any] | None = None
) -> pa.Table:
    """Read a table, or these of its columns; raise TableError if it is unreadable or has another schema.

    `where` keeps the rows whose columns have these values. Row groups that hold none are not read, so one condition
    of a table of many costs what that condition does.
    """
    with _opened(path) as file:
        wanted = _wanted(path, file, schema, names)
        filters = [(name, "=", value) for name, value in where.items()] if where else None
        table = pq.read_table(path, columns=wanted.names, filters=filters, page_checksum_verification=True)
    return _fitted(path, {name: table[name] for name in wanted.names}, wanted)


def read_batches(
    path: Path,
    schema: pa.Schema,
    names: Sequence[str] = (),
    rows: int = BATCH,
    where: Mapping[str, Any] | None = None,
) -> Iterator[pa.Table]:
    """Read a table, or these of its columns, in pieces of at most `rows` rows: memory does not grow with the table.

    `where` keeps rows as `read_table` does; no piece is empty then.
    """
    with _opened(path) as file:
        wanted = _wanted(path, file, schema, names)
        told = pa.schema([*wanted, *(schema.field(name) for name in where or () if name not in wanted.names)])
        groups = [i for i in range(file.num_row_groups) if _may_hold(file.metadata.row_group(i), where or {})]
        for batch in file.iter_batches(rows, row_groups=groups, columns=_columns(file, told)):
            for name, value in (where or {}).items():
                batch = batch.filter(pc.equal(batch[name], value))
            if batch.num_rows or not where:
                yield _fitted(path, {name: batch[name] for name in wanted.names}, wanted)


def _may_hold(group: Any, where: Mapping[str, Any]) -> bool:
    """Tell from its statistics whether a row group may hold a row whose columns have these values."""
    for i in range(group.num_columns):
        column = group.column(i)
        value, range_ = where.get(column.path_in_schema), column.statistics
        if value is not None and range_ and range_.has_min_max and not range_.min <= value <= range_.max:
            return False
    return True


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    """Open a table for reading; raise TableError where it, or what the block reads of it, is damaged or no Parquet."""
    try:
        if footers.damaged(path):
            raise TableError(f"{path}: not a readable Parquet file (its footer is damaged). Delete it and run again.")
        # Unlike pq.read_table, it does not import pyarrow.dataset, which takes long. A buffer filled beforehand would
        # be kept until the file is closed: all of the file, in the end.
        with pq.ParquetFile(path, pre_buffer=False, page_checksum_verification=True) as file:
            yield file
    except (pa.ArrowException, OSError, UnicodeError) as error:  # UnicodeError: a name that is no UTF-8
        why = " ".join(str(error).split())
        raise TableError(f"{path}: not a readable Parquet file ({why}). {remedy(error)}") from error


def _columns(file: pq.ParquetFile, wanted: pa.Schema) -> list[str]:
    """Return what to read of a file: of passages only the fields that the schema names, where it has them."""
    there = {file.schema.column(i).path for i in range(len(file.schema))}
    paths = [(field.name, _leaves(field)) for field in wanted]
    return [path for name, leaves in paths for path in (leaves if there.issuperset(leaves) else [name])]


def _leaves(field: pa.Field, place: str = "") -> list[str]:
    """Return the paths of the Parquet columns that a field consists of."""
    place += field.name
    if pa.types.is_list(field.type):
        return _leaves(field.type.value_field.with_name("element"), f"{place}.list.")
    if pa.types.is_struct(field.type):
        return [path for inner in field.type for path in _leaves(inner, f"{place}.")]
    return [place]


def _wanted(path: Path, file: pq.ParquetFile, schema: pa.Schema, names: Sequence[str]) -> pa.Schema:
    """Return the part of a schema that is to be read; raise TableError where the file lacks a column of it."""
    wanted = pa.schema([schema.field(name) for name in names or schema.names])
    there = file.schema_arrow.names
    missing = [name for name in wanted.names if name not in there]
    if missing:
        raise TableError(f"{path}: columns {missing} are missing; it has {there}.")
    return wanted


def write_rows(path: Path, rows: Iterable[Row], schema: pa.Schema) -> None:
    """Write rows as a table, whole or not at all; raise TableError on a row that does not fit."""
    write_table(path, _of_rows(path, list(rows), schema))


def _of_rows(path: Path, rows: list[Row], schema: pa.Schema) -> pa.Table:
    names = set(schema.names)
    for row in rows:
        if row.keys() != names:
            odd = sorted(row.keys() ^ names)
            raise TableError(f"{path}: a row has the wrong columns, differing in {odd}: {row}")
    return _fitted(path, {name: [row[name] for row in rows] for name in schema.names}, schema)


def batches(
    path: Path, schema: pa.Schema, size: int = BATCH, where: Mapping[str, Any] | None = None
) -> Iterator[list[Row]]:
    """Yield a table's rows, at most `size` at a time, so that memory does not grow with the table.

    Raises TableError as read_rows does; `where` keeps rows as `read_table` does.
    """
    return (batch.to_pylist() for batch in read_batches(path, schema, rows=size, where=where))


def rows(path: Path, schema: pa.Schema, where: Mapping[str, Any] | None = None) -> Iterator[Row]:
    """Yield a table's rows one by one, as `batches` does."""
    return (row for batch in batches(path, schema, where=where) for row in batch)


def count(path: Path) -> int:
    """Return how many rows a table has; raise TableError as read_rows does."""
    with _opened(path) as file:
        return int(file.metadata.num_rows)


def verify(path: Path) -> None:
    """Read all of a table, whatever its columns are; raise TableError where something of it is damaged."""
    with _opened(path) as file:
        for _ in file.iter_batches(BATCH):
            pass


def values(path: Path, column: str) -> list[Any]:
    """Return the distinct values of a column, in the order in which they first stand."""
    with _opened(path) as file:
        return pc.unique(file.read([column])[column]).to_pylist()


class Follower:
    """Rows of a table looked up by question_id in about the order in which they stand.

    It reads on until it has what is asked for and keeps what it passed by. So memory is bounded where
    both tables have one order, as tables of a run do, and the result is right where they have not.
    """

    def __init__(self, path: Path, schema: pa.Schema, where: Mapping[str, Any] | None = None) -> None:
        """Open a table, or those of its rows that `where` keeps; raise TableError as read_rows does."""
        self._ahead = batches(path, schema, where=where)
        self._ids = set(read_table(path, schema, ["question_id"], where)["question_id"].to_pylist())
        self._passed: dict[str, Row] = {}

    def rows(self, wanted: Iterable[str]) -> list[Row]:
        """Return the rows of these questions, each of which is given out once; those without a row are left out."""
        found = []
        for question_id in wanted:
            if question_id in self._ids:
                self._ids.remove(question_id)
                while question_id not in self._passed:
                    self._passed.update((row["question_id"], row) for row in next(self._ahead))
                found.append(self._passed.pop(question_id))
        return found


class Writer:
    """A table written row by row, whole or not at all: it stands in its place when the block has ended well."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        """Begin a table of this schema beside its place."""
        self._path = path
        self._schema = schema
        self._open = ExitStack()
        self._file = self._open.enter_context(_writing(path, schema))
        self._rows: list[Row] = []
        self.count = 0  # rows written

    def write(self, *rows: Row) -> None:
        """Add rows; raise TableError on one that does not fit."""
        self._rows.extend(rows)
        self.count += len(rows)
        while len(self._rows) >= BATCH:
            self._flush()

    def end_group(self) -> None:
        """End the row group, so that what follows can be read without what stands before it."""
        if self._rows:
            self._flush()

    def _flush(self) -> None:
        rows, self._rows = self._rows[:BATCH], self._rows[BATCH:]
        self._file.write_table(_of_rows(self._path, rows, self._schema))

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the table in its place, or leave nothing if the block failed."""
        if error is not None:
            self._open.__exit__(kind, error, trace)
            return
        with self._open:
            if self._rows or not self.count:
                self._flush()


class ByCondition:
    """A table that is written condition by condition, each in row groups of its own."""

    def __init__(self, table: Writer) -> None:
        """Begin with no condition."""
        self._table = table
        self._condition: str | None = None

    def write(self, one: Row) -> None:
        """Add a row with its `condition`."""
        if one["condition"] != self._condition:
            self._table.end_group()
            self._condition = one["condition"]
        self._table.write(one)


def _fitted(path: Path, columns: Mapping[str, Any], schema: pa.Schema) -> pa.Table:
    """Build a table of exactly this schema from lists or Arrow columns; raise TableError, naming the column."""
    fitted = []
    for field in schema:
        values = columns[field.name]
        try:
            if isinstance(values, list):
                _check_keys(values, field.type)
                values = pa.array(values, field.type)
            else:
                values = values.cast(field.type)
        except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
            raise TableError(f"{path}: column {field.name!r} does not fit its schema: {error}") from error
        fitted.append(values)
        for part in values.chunks if isinstance(values, pa.ChunkedArray) else [values]:
            if null := _null(part, field):
                raise TableError(f"{path}: column {field.name!r} has a null in {null!r}, which must hold none.")
    return pa.Table.from_arrays(fitted, schema=schema)


def _check_keys(values: list[Any], kind: pa.DataType) -> None:
    """Raise ValueError on a passage with other keys than it should have: Arrow drops what it does not know."""
    if pa.types.is_list(kind) and pa.types.is_struct(kind.value_type):
        names = {kind.value_type[i].name for i in range(kind.value_type.num_fields)}
        for item in (item for value in values for item in value or () if isinstance(item, dict)):
            if item.keys() != names:
                raise ValueError(f"the keys of a passage differ in {sorted(item.keys() ^ names)}: {item}")


def _null(array: pa.Array, field: pa.Field) -> str:
    """Return the name of a field, at any depth, with a null that its schema forbids, or ""; a list never holds one."""
    if array.null_count and not field.nullable:
        return str(field.name)
    if pa.types.is_list(field.type):
        return _null(array.flatten(), field.type.value_field.with_name(field.name).with_nullable(False))
    if pa.types.is_struct(field.type):
        parts = zip(array.flatten(), field.type, strict=True)
        return next((name for part, inner in parts if (name := _null(part, inner))), "")
    return ""


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table beside its place, then rename it there."""
    with _writing(path, table.schema) as writer:
        writer.write_table(table)


def write_batches(path: Path, batches: Iterable[Mapping[str, Any]], schema: pa.Schema) -> None:
    """Write a table in pieces, each given by its columns, whole or not at all; each is a row group."""
    with _writing(path, schema) as writer:
        for columns in batches:
            writer.write_table(_fitted(path, columns, schema))


@contextmanager
def _writing(path: Path, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """Give what writes row groups of a table, which stands in its place when the block has ended well."""
    with beside(path) as temporary:
        with pq.ParquetWriter(temporary, schema, **_HOW) as writer:
            yield writer
        footers.sign(temporary)


def rejection(question_id: str, reason: str, detail: str = "") -> Row:
    """Build a row of a REJECTED table: a short reason to count by, and what exactly was wrong."""
    return {"question_id": question_id, "reason": reason, "detail": detail}


def assert_none_lost(given: Iterable[str], *kept: Iterable[Row]) -> None:
    """Assert on ids that every input row is found in the outputs or among the rejected."""
    found = {row["question_id"] for rows in kept for row in rows}
    lost = sorted(set(given) - found)
    if lost:
        raise TableError(f"{len(lost)} rows are neither in the output nor among the rejected, first {lost[:3]}")
