"""Tables: exactly their schema, whole or not at all, and errors that name file and column."""

import os
import random
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interexter.core import tables
from interexter.core.errors import UserError
from interexter.core.files import write_text
from interexter.core.json_files import read_json
from interexter.core.tables import Row, TableError, assert_none_lost, read_rows, write_rows
from interexter.data.schemas import CORPUS, RETRIEVED
from interexter.training.rows import TRAINING

SCHEMAS = {name: value for name, value in vars(tables).items() if isinstance(value, pa.Schema)}

PASSAGE: Row = {
    "passage_id": "p1",
    "title": "Osk",
    "text": "The Osk is a river.",
    "rank": 1,
    "file_rank": None,
    "score": 0.5,
    "origin": "retrieved",
    "stance": "supporting",
    "counter_answer": None,
    "injector": None,
    "seed": None,
    "parent_id": None,
    "source_id": None,
}
DOCUMENT: Row = {"passage_id": "p1", "title": "Osk", "text": "The Osk is a river."}
TOKENS: Row = {"question_id": "q", "condition": "c", "state": "both", "input_ids": [5, 6], "completion_mask": [0, 1]}


def example(kind: pa.DataType) -> Any:
    """A value of an Arrow type."""
    if pa.types.is_list(kind):
        return [example(kind.value_type)]
    if pa.types.is_struct(kind):
        return {field.name: example(field.type) for field in kind}
    if pa.types.is_boolean(kind):
        return True
    return 7 if pa.types.is_integer(kind) else 0.25 if pa.types.is_floating(kind) else "é\n"


def row_of(schema: pa.Schema) -> Row:
    return {field.name: example(field.type) for field in schema}


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_comes_back_as_it_was_written(name: str, tmp_path: Path) -> None:
    rows = [row_of(SCHEMAS[name])] * 2
    write_rows(tmp_path / "t.parquet", rows, SCHEMAS[name])
    assert read_rows(tmp_path / "t.parquet", SCHEMAS[name]) == rows
    assert pq.read_schema(tmp_path / "t.parquet").equals(SCHEMAS[name])
    write_rows(tmp_path / "none.parquet", [], SCHEMAS[name])
    assert read_rows(tmp_path / "none.parquet", SCHEMAS[name]) == []


@pytest.mark.parametrize(("name", "column"), [(n, f) for n, schema in SCHEMAS.items() for f in schema.names])
def test_nulls_are_refused_where_the_schema_says_so(name: str, column: str, tmp_path: Path) -> None:
    path, schema = tmp_path / "t.parquet", SCHEMAS[name]
    rows = [row_of(schema), {**row_of(schema), column: None}]
    if schema.field(column).nullable:
        write_rows(path, rows, schema)
        assert read_rows(path, schema) == rows
    else:
        with pytest.raises(TableError, match=rf"t\.parquet: column '{column}'.*null"):
            write_rows(path, rows, schema)
        assert left_in(tmp_path) == []


@given(st.lists(st.builds(lambda text: {**DOCUMENT, "text": text}, st.text(st.characters(exclude_categories=["Cs"])))))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back(tmp_path: Path, rows: list[Row]) -> None:
    write_rows(tmp_path / "t.parquet", rows, CORPUS)
    assert read_rows(tmp_path / "t.parquet", CORPUS) == rows


def without(row: Row, key: str) -> Row:
    return {k: v for k, v in row.items() if k != key}


BAD: dict[str, tuple[Row, pa.Schema, str]] = {
    "a number for a text": ({**DOCUMENT, "title": 3}, CORPUS, "column 'title'"),
    "a text that is no Unicode": ({**DOCUMENT, "title": "\ud83d"}, CORPUS, "column 'title'"),
    "a missing column": (without(DOCUMENT, "title"), CORPUS, "title"),
    "an unknown column": ({**DOCUMENT, "colour": "red"}, CORPUS, "colour"),
    "a scalar for a list": ({**TOKENS, "input_ids": 5}, TRAINING, "column 'input_ids'"),
    "a null in a list": ({**TOKENS, "input_ids": [1, None]}, TRAINING, "column 'input_ids'.*null"),
    "too large for its type": ({**TOKENS, "completion_mask": [300]}, TRAINING, "column 'completion_mask'"),
    "too large for any type": ({**TOKENS, "completion_mask": [2**70]}, TRAINING, "column 'completion_mask'"),
    "a null in a passage": (
        {"question_id": "q", "passages": [PASSAGE, {**PASSAGE, "title": None}]},
        RETRIEVED,
        "column 'passages'.*'title'",
    ),
    "a null for a passage": ({"question_id": "q", "passages": [None]}, RETRIEVED, "column 'passages'"),
    "a passage without title": (
        {"question_id": "q", "passages": [without(PASSAGE, "title")]},
        RETRIEVED,
        "column 'passages'.*title",
    ),
    "a passage with more": (
        {"question_id": "q", "passages": [{**PASSAGE, "colour": "red"}]},
        RETRIEVED,
        "column 'passages'.*colour",
    ),
    "a rank in words": ({"question_id": "q", "passages": [{**PASSAGE, "rank": "one"}]}, RETRIEVED, "column 'passages'"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_row_that_does_not_fit_leaves_no_file(name: str, tmp_path: Path) -> None:
    bad, schema, says = BAD[name]
    rows = [row_of(schema), row_of(schema), bad, row_of(schema)]
    with pytest.raises(TableError, match=rf"(?s)sub/t\.parquet: .*{says}"):
        write_rows(tmp_path / "sub" / "t.parquet", rows, schema)
    assert list(tmp_path.rglob("*.parquet*")) == []


def test_a_row_that_does_not_fit_leaves_the_old_table(tmp_path: Path) -> None:
    write_rows(tmp_path / "t.parquet", [DOCUMENT], CORPUS)
    with pytest.raises(TableError):
        write_rows(tmp_path / "t.parquet", [DOCUMENT, {**DOCUMENT, "text": None}], CORPUS)
    assert read_rows(tmp_path / "t.parquet", CORPUS) == [DOCUMENT]
    assert left_in(tmp_path) == ["t.parquet"]


def test_a_stage_that_breaks_midway_leaves_no_file(tmp_path: Path) -> None:
    def rows() -> Iterator[Row]:
        yield DOCUMENT
        raise KeyError("the stage broke")

    with pytest.raises(KeyError):
        write_rows(tmp_path / "t.parquet", rows(), CORPUS)
    assert left_in(tmp_path) == []


def test_a_write_that_fails_leaves_nothing_beside(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").mkdir()  # nothing can be renamed onto a folder
    with pytest.raises(OSError):
        write_rows(tmp_path / "t.parquet", [DOCUMENT], CORPUS)
    assert left_in(tmp_path) == ["t.parquet"]


def test_equal_rows_give_equal_bytes(tmp_path: Path) -> None:
    for name in "ab":
        write_rows(tmp_path / name, [{"question_id": "q", "passages": [PASSAGE]}], RETRIEVED)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_corrupt_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write_rows(path, [DOCUMENT] * 20, CORPUS)
    whole = path.read_bytes()
    broken = [whole[:n] for n in range(0, len(whole), 97)] + [b"PAR1junkPAR1", b"\0" * 100, whole[:4] + b"\xff" * 100]
    for content in broken:
        path.write_bytes(content)
        with pytest.raises(TableError, match=r"t\.parquet: not a readable Parquet file.*Delete it"):
            read_rows(path, CORPUS)


def test_only_what_is_damaged_is_to_be_deleted(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.symlink_to("a.parquet")  # as little to do with its content as a disk that fails
    for read in (lambda: read_rows(path, CORPUS), lambda: read_json(path)):
        with pytest.raises(UserError) as caught:
            read()
        assert str(path) in str(caught.value)
        assert "the right to read it" in str(caught.value) and "Delete" not in str(caught.value)


def test_a_name_that_is_no_utf8_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff.parquet")
    write_rows(tmp_path / "a.parquet", [DOCUMENT], CORPUS)
    (tmp_path / "a.parquet").rename(path)
    with pytest.raises(TableError, match=r"udcff\.parquet: not a readable Parquet file"):
        read_rows(path, CORPUS)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"absent\.parquet"):
        read_rows(tmp_path / "absent.parquet", CORPUS)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"passage_id": ["a"], "title": ["b"]}, r"columns \['text'\] are missing; it has \['passage_id', 'title'\]"),
        ({"passage_id": ["a"], "title": ["b"], "text": [None]}, "column 'text'"),
        ({"passage_id": ["a"], "title": ["b"], "text": [["x"]]}, "column 'text'"),
        ({"passage_id": ["a"], "title": [{"x": 1}], "text": ["c"]}, "column 'title'"),
    ],
)
def test_reading_another_schema_names_file_and_column(columns: dict[str, Any], says: str, tmp_path: Path) -> None:
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    with pytest.raises(TableError, match=rf"t\.parquet: {says}"):
        read_rows(tmp_path / "t.parquet", CORPUS)


@pytest.mark.parametrize("passages", [[[{"title": "x"}]], [[{**PASSAGE, "title": None}]], ["x"]])
def test_reading_passages_that_are_none_names_the_column(passages: Any, tmp_path: Path) -> None:
    pq.write_table(pa.table({"question_id": ["q"], "passages": pa.array(passages)}), tmp_path / "t.parquet")
    with pytest.raises(TableError, match=r"t\.parquet: column 'passages'"):
        read_rows(tmp_path / "t.parquet", RETRIEVED)


def test_more_columns_than_needed_are_left_out(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1], **{k: [v] for k, v in DOCUMENT.items()}}), tmp_path / "t.parquet")
    assert read_rows(tmp_path / "t.parquet", CORPUS) == [DOCUMENT]


def test_write_text_replaces_the_whole_file(tmp_path: Path) -> None:
    write_text(tmp_path / "a" / "t.txt", "a long text é")
    write_text(tmp_path / "a" / "t.txt", "short")
    assert (tmp_path / "a" / "t.txt").read_text() == "short"
    assert left_in(tmp_path / "a") == ["t.txt"]


def test_no_row_gets_lost_unseen() -> None:
    kept, rejected = [{"question_id": "a"}], [tables.rejection("b", "too long", "9 tokens")]
    assert rejected == [{"question_id": "b", "reason": "too long", "detail": "9 tokens"}]
    assert_none_lost(["a", "b"], kept, rejected)
    assert_none_lost([], kept)
    with pytest.raises(TableError, match=r"2 rows .* first \['c', 'd'\]"):
        assert_none_lost(["d", "a", "c", "b", "d"], kept, rejected)
    with pytest.raises(TableError, match=r"1 rows .* first \['b'\]"):
        assert_none_lost(["a", "b"], kept)


def test_a_table_written_row_by_row_is_the_same_and_comes_back_in_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{**DOCUMENT, "passage_id": f"p{n}"} for n in range(5)]
    with tables.Writer(tmp_path / "a.parquet", CORPUS) as table:
        for row in rows:
            table.write(row)
        assert not (tmp_path / "a.parquet").exists()
    write_rows(tmp_path / "b.parquet", rows, CORPUS)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    monkeypatch.setattr(tables, "BATCH", 2)
    with tables.Writer(tmp_path / "c.parquet", CORPUS) as table:
        for row in rows:
            table.write(row)
    assert pq.read_metadata(tmp_path / "c.parquet").num_row_groups == 3
    assert list(tables.batches(tmp_path / "c.parquet", CORPUS, 2)) == [rows[:2], rows[2:4], rows[4:]]
    with tables.Writer(tmp_path / "none.parquet", CORPUS):
        pass
    assert list(tables.batches(tmp_path / "none.parquet", CORPUS)) == []


def test_a_table_that_was_not_finished_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="wrong columns"), tables.Writer(tmp_path / "a.parquet", CORPUS) as table:
        table.write({"passage_id": "p"})
    assert left_in(tmp_path) == []
    with pytest.raises(TableError, match="not a readable"):
        list(tables.batches(tmp_path / "a.parquet", CORPUS))
    write_rows(tmp_path / "c.parquet", [DOCUMENT], CORPUS)
    with pytest.raises(TableError, match="are missing"):
        list(tables.batches(tmp_path / "c.parquet", RETRIEVED))


def test_passages_are_read_in_part(tmp_path: Path) -> None:
    read = pa.struct([(name, pa.string()) for name in ("passage_id", "title", "text")])
    parts = tables.table_schema(question_id=pa.string(), passages=pa.list_(read))
    write_rows(tmp_path / "r.parquet", [{"question_id": "q", "passages": [PASSAGE]}], RETRIEVED)
    (row,) = tables.rows(tmp_path / "r.parquet", parts)
    assert row == {"question_id": "q", "passages": [{name: PASSAGE[name] for name in ("passage_id", "title", "text")}]}
    write_rows(tmp_path / "t.parquet", [TOKENS], TRAINING)
    with pytest.raises(TableError, match=r"t\.parquet: columns \['passages'\] are missing"):
        next(tables.batches(tmp_path / "t.parquet", parts))
    pq.write_table(pa.table({"question_id": ["q"], "passages": ["text"]}), tmp_path / "odd.parquet")
    with pytest.raises(TableError, match=r"odd\.parquet: column 'passages' does not fit"):
        next(tables.batches(tmp_path / "odd.parquet", parts))


def test_what_was_read_is_let_go(tmp_path: Path) -> None:
    text = "".join(random.Random(0).choices(string.ascii_letters, k=1_000_000))
    with tables.Writer(tmp_path / "t.parquet", CORPUS) as writer:
        for n in range(30):
            writer.write({"passage_id": f"{n}", "title": "", "text": text[n:]})
            writer.end_group()
    before = pa.total_allocated_bytes()
    held = [pa.total_allocated_bytes() - before for _ in tables.batches(tmp_path / "t.parquet", CORPUS, 1)]
    assert len(held) == 30
    assert max(held) < 10_000_000 < (tmp_path / "t.parquet").stat().st_size


def test_rows_of_one_condition_are_read_without_the_others(tmp_path: Path) -> None:
    rows = [{"question_id": f"{c}{n}", "reason": c, "detail": ""} for c in "bac" for n in range(3)]
    with tables.Writer(tmp_path / "t.parquet", tables.REJECTED) as writer:
        for reason in "bac":
            writer.write(*(row for row in rows if row["reason"] == reason))
            writer.end_group()
            writer.end_group()  # an empty one is none
    assert pq.read_metadata(tmp_path / "t.parquet").num_row_groups == 3
    assert tables.values(tmp_path / "t.parquet", "reason") == ["b", "a", "c"]
    for reason in "abcd":
        wanted = [row for row in rows if row["reason"] == reason]
        where = {"reason": reason}
        assert tables.read_table(tmp_path / "t.parquet", tables.REJECTED, where=where).to_pylist() == wanted
        assert [r for b in tables.batches(tmp_path / "t.parquet", tables.REJECTED, 2, where) for r in b] == wanted
        names = tables.read_batches(tmp_path / "t.parquet", tables.REJECTED, ["question_id"], where=where)
        assert [r["question_id"] for b in names for r in b.to_pylist()] == [row["question_id"] for row in wanted]
        follower = tables.Follower(tmp_path / "t.parquet", tables.REJECTED, where)
        assert follower.rows([row["question_id"] for row in rows]) == wanted


def test_rows_are_followed_in_any_order_and_what_is_missing_is_left_out(tmp_path: Path) -> None:
    rows = [{"question_id": f"{n}", "passages": []} for n in range(tables.BATCH + 3)]
    write_rows(tmp_path / "t.parquet", rows, RETRIEVED)
    follower = tables.Follower(tmp_path / "t.parquet", RETRIEVED)
    assert [r["question_id"] for r in follower.rows(["1", "none", "0", str(tables.BATCH)])] == [
        "1",
        "0",
        str(tables.BATCH),
    ]
    assert [r["question_id"] for r in follower.rows(["2", "none"])] == ["2"]


def flipped(whole: bytes, bit: int) -> bytes:
    damaged = bytearray(whole)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def test_no_flipped_bit_changes_what_is_read_and_each_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    rows = [{"question_id": f"q{n}", "condition": "clean", "passages": [PASSAGE]} for n in range(20)]
    schema = pa.schema([*RETRIEVED, pa.field("condition", pa.string(), nullable=False)])
    with tables.Writer(path, schema) as writer:
        for row in rows:
            writer.write(row)
            if row["question_id"] == "q9":
                writer.end_group()
    whole, where = path.read_bytes(), {"condition": "clean"}
    readers = [
        lambda: read_rows(path, schema),
        lambda: tables.read_table(path, schema, where=where).to_pylist(),
        lambda: [row for batch in tables.batches(path, schema, where=where) for row in batch],
        lambda: read_rows(path, schema) if tables.count(path) == len(rows) else None,
        lambda: rows if tables.verify(path) is None else None,
    ]
    refused = 0
    places = random.Random(0).sample(range(8 * len(whole)), 1_000)
    for number, bit in enumerate(places):
        path.write_bytes(flipped(whole, bit))
        try:
            assert readers[number % len(readers)]() == rows
        except TableError as error:
            assert str(error).startswith(f"{path}: ")
            refused += 1
    assert refused > 700  # the rest are statistics of pages, which nobody reads


def test_a_table_of_others_is_read_without_a_hash_of_its_footer(tmp_path: Path) -> None:
    pq.write_table(pa.table({k: [v] for k, v in DOCUMENT.items()}), tmp_path / "t.parquet")
    assert read_rows(tmp_path / "t.parquet", CORPUS) == [DOCUMENT]
    write_rows(tmp_path / "ours.parquet", [DOCUMENT], CORPUS)
    assert pq.read_table(tmp_path / "ours.parquet").to_pylist() == [DOCUMENT]  # by any reader of Parquet
