"""The tables between stages: their schemas, and reading and writing them whole or not at all.

Every table is Parquet with one of the schemas below. A stage validates what it reads and what it
writes. A row that a stage cannot use goes to a REJECTED table beside the output, with its reason.
"""

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from .errors import UserError

Row = dict[str, Any]
BATCH = 2_000  # rows that are in memory at a time where a table is read or written in parts


class TableError(UserError):
    """A file that is not the table it should be; the message names file, column and remedy."""


def _table(**columns: pa.DataType) -> pa.Schema:
    """Build a schema whose columns hold no nulls, except those wrapped in `_optional`."""
    return pa.schema([_field(name, kind) for name, kind in columns.items()])


def _field(name: str, kind: Any) -> pa.Field:
    return kind.with_name(name) if isinstance(kind, pa.Field) else pa.field(name, kind, nullable=False)


def _optional(kind: pa.DataType) -> pa.Field:
    return pa.field("", kind, nullable=True)


_strings = pa.list_(pa.string())

PASSAGE = pa.struct(
    [
        pa.field("passage_id", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("rank", pa.int32(), nullable=False),  # 1 is shown first; order is data, never inferred from scores
        pa.field("score", pa.float64()),  # the retriever's; null for an injected passage
        pa.field("origin", pa.string(), nullable=False),  # retrieved | shipped (came with the data set) | injected
        pa.field("stance", pa.string(), nullable=False),  # supporting | counter | irrelevant | unknown
        pa.field("counter_answer", pa.string()),  # what an injected counter-passage supports
        pa.field("injector", pa.string()),  # the function that made an injected passage
        pa.field("seed", pa.int64()),  # the run's seed, for an injected passage
        pa.field("parent_id", pa.string()),  # the passage that an injected one was made from
        pa.field("source_id", pa.string()),  # injected passages of one source count once; null for a retrieved one
    ]
)

QUESTIONS = _table(
    question_id=pa.string(),
    dataset=pa.string(),
    split=pa.string(),  # train | test
    question=pa.string(),
    answers=_strings,  # gold answers: aliases of valid answers, the preferred one first
    subject=pa.string(),  # "" where the data set names none
    relation=pa.string(),
    answer_type=pa.string(),
    popularity=pa.float64(),  # the data set's own figure; 0 where it has none
)

CORPUS = _table(passage_id=pa.string(), title=pa.string(), text=pa.string())

RETRIEVED = _table(question_id=pa.string(), passages=pa.list_(PASSAGE))

SOURCES = _table(  # RETRIEVED, read in part: what counter-passages are made from
    question_id=pa.string(),
    passages=pa.list_(pa.struct([PASSAGE.field(n) for n in ("passage_id", "title", "text", "rank", "stance")])),
)

PARENTS = _table(  # RETRIEVED, read in part: what a passage said before an injection
    question_id=pa.string(),
    passages=pa.list_(pa.struct([PASSAGE.field(name) for name in ("passage_id", "title", "text")])),
)

SHIPPED_COUNTERS = _table(  # what a benchmark itself holds against its gold answers; docs/datasets.md
    question_id=pa.string(),
    counter_answer=pa.string(),
    counter_aliases=_strings,  # the counter-answer first
    passages=pa.list_(PASSAGE),  # in the benchmark's order; stance counter; may be empty
)

PARTS = _table(  # the sub-questions of a question that asks for several things (ASQA)
    question_id=pa.string(),
    parts=pa.list_(
        pa.struct(
            [pa.field("question", pa.string(), nullable=False), pa.field("answers", _strings, nullable=False)],
        )
    ),
)

SHIPPED_RATIONALES = _table(question_id=pa.string(), rationale=pa.string())  # that came with training questions

COUNTERS = _table(
    question_id=pa.string(),
    kind=pa.string(),
    seed=pa.int64(),
    contradicts=pa.string(),  # gold | counter: what the passages speak against; counter where a model believes it
    counter_answer=pa.string(),
    counter_aliases=_strings,  # every form of the counter-answer, the counter-answer first
    passages=pa.list_(PASSAGE),  # ordered; a smaller dose is a prefix; may be empty
)

CONTRADICTED = pa.schema([COUNTERS.field(name) for name in ("question_id", "contradicts")])  # COUNTERS, read in part

EXAMPLES = _table(
    question_id=pa.string(),
    condition=pa.string(),
    question=pa.string(),
    answers=_strings,
    counter_answer=pa.string(),
    counter_aliases=_strings,
    subject=pa.string(),
    relation=pa.string(),
    popularity=pa.float64(),
    passages=pa.list_(PASSAGE),
)

RECALL = _table(question_id=pa.string(), closed_book_answer=pa.string(), internal_document=pa.string())

EVIDENCE = _table(
    question_id=pa.string(),
    condition=pa.string(),
    memory_gold=pa.bool_(),  # the internal document holds a gold answer
    memory_counter=pa.bool_(),
    closed_book_label=pa.string(),  # gold | counter | both | neither | abstain
    passages_gold=pa.bool_(),  # a passage holds a gold answer
    passages_counter=pa.bool_(),
    state=pa.string(),  # both | external | internal | neither: from memory_gold and passages_gold
)

RATIONALES = _table(
    question_id=pa.string(),
    condition=pa.string(),
    style=pa.string(),  # instructrag | interexter
    state=pa.string(),
    rationale=pa.string(),
    attempt=pa.int32(),  # 1 is greedy
)

RATIONALES_REJECTED = _table(
    question_id=pa.string(),
    condition=pa.string(),
    style=pa.string(),
    state=pa.string(),
    rationale=pa.string(),  # the last attempt's
    reason=pa.string(),
)

TRAINING = _table(
    question_id=pa.string(),
    condition=pa.string(),
    state=pa.string(),
    input_ids=pa.list_(pa.int32()),  # prompt and completion, as inference renders them
    completion_mask=pa.list_(pa.int8()),  # 1 where the loss counts
)

TRAINING_LOG = _table(
    step=pa.int32(),
    epoch=pa.float64(),
    examples=pa.int32(),  # of this step
    tokens=pa.int64(),  # of this step, without padding
    padding=pa.float64(),  # share of what was computed
    loss=pa.float64(),
    held_out_loss=_optional(pa.float64()),  # after this step, where the held-out rows were evaluated
    learning_rate=pa.float64(),
    gradient_norm=_optional(pa.float64()),
)

TRAINING_SPEED = _table(
    step=pa.int32(),
    seconds=pa.float64(),
    tokens_per_second=pa.float64(),  # over all ranks
    mfu=_optional(pa.float64()),  # null where the device's peak is not known
    memory_gib=pa.float64(),  # the most that the first rank has held so far
)

TASKS = _table(
    question_id=pa.string(),
    condition=pa.string(),
    method=pa.string(),
    question=pa.string(),
    passages=pa.list_(PASSAGE),
    internal_document=pa.string(),
    state=pa.string(),
)

GENERATIONS = _table(
    prompt_id=pa.string(),  # content hash of messages and sampling parameters
    text=pa.string(),
    finish_reason=pa.string(),  # stop | length | rejected
    prompt_tokens=pa.int32(),
    output_tokens=pa.int32(),
    log_probability=_optional(pa.float64()),  # of the final answer's tokens; null where the engine does not tell it
)

ANSWERS = _table(
    question_id=pa.string(),
    condition=pa.string(),
    text=pa.string(),  # everything the model wrote
    final_answer=pa.string(),
    prompt_tokens=pa.int32(),
    output_tokens=pa.int32(),
    log_probability=_optional(pa.float64()),  # of the final answer; null where no single generation wrote it
)

LABELS = _table(
    dataset=pa.string(),
    model=pa.string(),
    checkpoint=pa.string(),
    condition=pa.string(),
    method=pa.string(),
    prompt_set=pa.string(),
    order=pa.string(),
    seed=pa.int64(),
    question_id=pa.string(),
    relation=pa.string(),
    popularity=pa.float64(),  # 0 where the data set has no figure
    official=pa.bool_(),  # a gold answer is a substring of the whole text
    str_em=pa.float64(),  # share of the question's valid answers with an alias as a substring of the whole text
    attacked=pa.bool_(),  # the counter-answer is a substring of the whole text
    follows=pa.bool_(),  # a counter-alias is a substring of the text, no gold answer is, and no negation word is there
    strict=pa.bool_(),  # the label is gold
    exact=pa.bool_(),  # the final answer equals a gold answer after normalization
    f1=pa.float64(),  # of tokens: the final answer against the gold answer that fits it best
    probability=_optional(pa.float64()),  # that the model gave its final answer; null where that is not known
    label=pa.string(),  # gold | counter | both | neither | abstain
    keeps_memory=pa.bool_(),  # the final answer says what the closed-book answer says
    closed_book_label=pa.string(),  # the base model's
    state=pa.string(),
    passages_gold=pa.bool_(),
    passages_counter=pa.bool_(),
)

CITATIONS = _table(
    dataset=pa.string(),
    model=pa.string(),
    checkpoint=pa.string(),
    condition=pa.string(),
    method=pa.string(),
    prompt_set=pa.string(),
    order=pa.string(),
    seed=pa.int64(),
    question_id=pa.string(),
    citation_recall=pa.float64(),  # of the answer's statements; an answer without one has no row
    citation_precision=pa.float64(),
)

METRICS = _table(
    dataset=pa.string(),
    model=pa.string(),
    checkpoint=pa.string(),
    condition=pa.string(),
    method=pa.string(),
    prompt_set=pa.string(),
    order=pa.string(),
    seed=pa.int64(),
    slice=pa.string(),  # "all", or e.g. "relation=capital"
    metric=pa.string(),
    value=_optional(pa.float64()),  # null where n is 0
    low=_optional(pa.float64()),
    high=_optional(pa.float64()),
    n=pa.int64(),
)

COMPARISONS = _table(
    dataset=pa.string(),
    model=pa.string(),
    prompt_set=pa.string(),  # prompt set, order and seed: shared by both sides
    order=pa.string(),
    seed=pa.int64(),
    compare=pa.string(),  # condition | method
    metric=pa.string(),
    within=pa.string(),  # what both sides share too: a checkpoint/method, or a condition
    a=pa.string(),  # a condition, or a checkpoint/method
    b=pa.string(),
    value_a=_optional(pa.float64()),  # on the questions that both have, as everything that follows
    value_b=_optional(pa.float64()),
    difference=_optional(pa.float64()),  # a - b
    low=_optional(pa.float64()),
    high=_optional(pa.float64()),
    both=_optional(pa.int64()),  # questions that both sides get; null, as the next three, for a metric of degrees
    only_a=_optional(pa.int64()),
    only_b=_optional(pa.int64()),
    neither=_optional(pa.int64()),
    p=_optional(pa.float64()),  # McNemar's, exact; for a metric of degrees the permutation test's
    p_permutation=_optional(pa.float64()),
    p_adjusted=_optional(pa.float64()),  # Holm's, over the family
    p_bh=_optional(pa.float64()),  # Benjamini and Hochberg's, over the family
    cohens_h=_optional(pa.float64()),
    odds_ratio=_optional(pa.float64()),
    detectable=_optional(pa.float64()),  # the least difference that so many questions show with a power of 80 %
    fired=_optional(pa.bool_()),  # whether the condition did what it is for; null where that cannot be told
    n=pa.int64(),
)

PUBLISHED_NUMBERS = _table(  # ours beside published ones; shares, not per cent
    dataset=pa.string(),
    model=pa.string(),
    checkpoint=pa.string(),
    method=pa.string(),
    prompt_set=pa.string(),
    order=pa.string(),
    seed=pa.int64(),
    metric=pa.string(),  # an official one
    value=pa.float64(),
    low=pa.float64(),
    high=pa.float64(),
    n=pa.int64(),
    strict=_optional(pa.float64()),  # strict accuracy of the same answers
    published_dataset=pa.string(),
    published_model=pa.string(),
    published_training=pa.string(),  # none | full
    published_method=pa.string(),
    published_value=pa.float64(),
    difference=pa.float64(),  # value - published_value
    difference_low=pa.float64(),  # of ours alone: published figures have no interval
    difference_high=pa.float64(),
    same_model=pa.bool_(),
    retriever=pa.string(),  # of the published figure
    passages=pa.int64(),
    source=pa.string(),
)

COSTS = _table(
    dataset=pa.string(),
    model=pa.string(),
    checkpoint=pa.string(),
    stage=pa.string(),
    method=pa.string(),
    prompts=pa.int64(),
    prompt_tokens=pa.int64(),
    output_tokens=pa.int64(),
    seconds=_optional(pa.float64()),
)

REJECTED = _table(question_id=pa.string(), reason=pa.string(), detail=pa.string())


def read_rows(path: Path, schema: pa.Schema) -> list[Row]:
    """Read a table as a list of rows; raise TableError if it is unreadable or has another schema."""
    return read_table(path, schema).to_pylist()


def read_table(path: Path, schema: pa.Schema, names: Sequence[str] = ()) -> pa.Table:
    """Read a table, or these of its columns; raise TableError if it is unreadable or has another schema."""
    with _opened(path) as file:
        wanted = _wanted(path, file, schema, names)
        table = file.read(wanted.names)
    return _fitted(path, {name: table[name] for name in wanted.names}, wanted)


def read_batches(path: Path, schema: pa.Schema, names: Sequence[str] = (), rows: int = BATCH) -> Iterator[pa.Table]:
    """Read a table, or these of its columns, in pieces of at most `rows` rows: memory does not grow with the table."""
    with _opened(path) as file:
        wanted = _wanted(path, file, schema, names)
        for batch in file.iter_batches(rows, columns=_columns(file, wanted)):
            yield _fitted(path, {name: batch[name] for name in wanted.names}, wanted)


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    """Open a table for reading; raise TableError where it cannot be read as Parquet."""
    try:
        # Unlike pq.read_table, it does not import pyarrow.dataset, which takes long. A buffer filled beforehand would
        # be kept until the file is closed: all of the file, in the end.
        with pq.ParquetFile(path, pre_buffer=False) as file:
            yield file
    except (pa.ArrowInvalid, OSError) as error:
        raise TableError(f"{path}: not a readable Parquet file ({error}). Delete it and run again.") from error


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


def batches(path: Path, schema: pa.Schema, size: int = BATCH) -> Iterator[list[Row]]:
    """Yield a table's rows, at most `size` at a time, so that memory does not grow with the table.

    Raises TableError as read_rows does.
    """
    return (batch.to_pylist() for batch in read_batches(path, schema, rows=size))


def rows(path: Path, schema: pa.Schema) -> Iterator[Row]:
    """Yield a table's rows one by one, as `batches` does."""
    return (row for batch in batches(path, schema) for row in batch)


class Follower:
    """Rows of a table looked up by question_id in about the order in which they stand.

    It reads on until it has what is asked for and keeps what it passed by. So memory is bounded where
    both tables have one order, as tables of a run do, and the result is right where they have not.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        """Open a table; raise TableError as read_rows does."""
        self._ahead = batches(path, schema)
        self._ids = set(read_table(path, schema, ["question_id"])["question_id"].to_pylist())
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
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._schema = schema
        self._beside = path.with_name(f".{path.name}.{os.getpid()}")
        self._file = pq.ParquetWriter(self._beside, schema, compression="zstd")
        self._rows: list[Row] = []
        self.count = 0  # rows written

    def write(self, *rows: Row) -> None:
        """Add rows; raise TableError on one that does not fit."""
        self._rows.extend(rows)
        self.count += len(rows)
        while len(self._rows) >= BATCH:
            self._flush()

    def write_table(self, table: pa.Table) -> None:
        """Add the rows of a table of the writer's schema, as they are; after rows of `write`, it does not go."""
        assert not self._rows
        self._file.write_table(table)
        self.count += table.num_rows

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
        try:
            if error is None and (self._rows or not self.count):
                self._flush()
            self._file.close()
            if error is None:
                self._beside.replace(self._path)
        finally:
            self._beside.unlink(missing_ok=True)


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
    with _beside(path) as beside:
        pq.write_table(table, beside, compression="zstd")


def write_batches(path: Path, batches: Iterable[Mapping[str, Any]], schema: pa.Schema) -> None:
    """Write a table in pieces, each given by its columns, whole or not at all; each is a row group."""
    with _beside(path) as beside, pq.ParquetWriter(beside, schema, compression="zstd") as writer:
        for columns in batches:
            writer.write_table(_fitted(path, columns, schema))


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give a path to write to, which takes the place of `path` only when the writing has succeeded."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file beside its place, then rename it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text)
    beside.replace(path)


def csv_of(rows: Iterable[Row], schema: pa.Schema) -> str:
    """Return rows as CSV: numbers with six decimals, an empty field for null."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(schema.names)
    for row in rows:
        values = (row[name] for name in schema.names)
        writer.writerow([f"{value:.6f}" if isinstance(value, float) else value for value in values])
    return text.getvalue()


def rejection(question_id: str, reason: str, detail: str = "") -> Row:
    """Build a row of a REJECTED table: a short reason to count by, and what exactly was wrong."""
    return {"question_id": question_id, "reason": reason, "detail": detail}


def assert_none_lost(given: Iterable[str], *kept: Iterable[Row]) -> None:
    """Assert on ids that every input row is found in the outputs or among the rejected."""
    found = {row["question_id"] for rows in kept for row in rows}
    lost = sorted(set(given) - found)
    if lost:
        raise TableError(f"{len(lost)} rows are neither in the output nor among the rejected, first {lost[:3]}")
