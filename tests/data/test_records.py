"""Records of files: every form, from folders and archives, and errors that name file and record."""

import csv
import gzip
import io
import json
import math
import tarfile
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_sets import real
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interexter.core.errors import UserError
from interexter.data import archives, records

ROWS = [{"question": "Who?", "n": 1, "x": 0.5, "list": [{"a": "é\n"}]}, {"question": "[{", "n": None}]


def forms(rows: list[Any]) -> dict[str, bytes]:
    return {
        "array.json": json.dumps(rows).encode(),
        "indented.json": json.dumps(rows, indent=4).encode(),
        "lines.jsonl": "\n".join(map(json.dumps, rows)).encode(),
        "lines.json": b"\n" + "\n\n".join(map(json.dumps, rows)).encode() + b"\n",
        "keyed.json": json.dumps({f"k{i}": row for i, row in enumerate(rows)}, indent=2).encode(),
        "compact-keyed.json": json.dumps({f"k{i}": row for i, row in enumerate(rows)}).encode(),
        "packed.json.gz": gzip.compress(json.dumps(rows).encode()),
        "bom.jsonl": b"\xef\xbb\xbf" + "\n".join(map(json.dumps, rows)).encode(),
    }


@pytest.mark.parametrize("name", forms(ROWS))
def test_every_form_of_json_gives_the_same_records(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(forms(ROWS)[name])
    assert list(records.read(tmp_path, name)) == ROWS
    assert list(records.read(tmp_path / name, name)) == ROWS


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.text(min_size=1), _values, min_size=1, max_size=4), min_size=2, max_size=4))
def test_arrays_and_lines_are_read_as_json_loads_reads_them(tmp_path: Path, rows: list[Any]) -> None:
    for name in ("array.json", "indented.json", "lines.jsonl"):
        (tmp_path / name).write_bytes(forms(rows)[name])
        assert list(records.read(tmp_path, name)) == rows


def test_csv_and_parquet(tmp_path: Path) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, ["a", "b"])
    writer.writeheader()
    writer.writerow({"a": 'x, "y"\nz', "b": "k" * 200_000})  # longer than the csv module's own limit
    (tmp_path / "t.csv").write_text(text.getvalue())
    assert list(records.read(tmp_path, "t.csv")) == [{"a": 'x, "y"\nz', "b": "k" * 200_000}]
    (tmp_path / "t.tsv").write_text("a\tb\n1\t2\n")
    assert list(records.read(tmp_path, "t.tsv")) == [{"a": "1", "b": "2"}]
    pq.write_table(pa.Table.from_pylist([{"a": 1, "b": ["x"]}]), tmp_path / "t.pqt")
    assert list(records.read(tmp_path, "t.pqt")) == [{"a": 1, "b": ["x"]}]


@pytest.mark.parametrize("suffix", ["zip", "tar", "tar.gz"])
def test_archives_are_read_in_place_and_write_nothing(suffix: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    archive = tmp_path / "in" / f"a.{suffix}"
    content = {"data/PopQA/test.json": forms(ROWS)["array.json"], "../../evil.json": b"[]", "/evil.json": b"[]"}
    if suffix == "zip":
        with zipfile.ZipFile(archive, "w") as z:
            for name, data in content.items():
                z.writestr(name, data)
    else:
        with tarfile.open(archive, "w:gz" if suffix.endswith("gz") else "w") as t:
            for name, data in content.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                t.addfile(info, io.BytesIO(data))
            link = tarfile.TarInfo("link.json")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            t.addfile(link)
    before = sorted(tmp_path.rglob("*"))
    name = archives.find(archive, "PopQA/test.json")
    assert name == "data/PopQA/test.json"
    assert list(records.read(archive, name)) == ROWS
    assert "link.json" not in archives.members(archive)
    with pytest.raises(UserError, match=r"link\.json: no such file in the archive, or a link out of it"):
        list(records.read(archive, "link.json"))
    assert sorted(tmp_path.rglob("*")) == before
    assert not Path("/evil.json").exists()


def test_errors_name_file_and_record(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n{"a": \n')
    with pytest.raises(UserError, match=r"a\.jsonl: not readable after record 1"):
        list(records.read(tmp_path, "a.jsonl"))
    (tmp_path / "a.json").write_text('[{"a": 1}, {"a": 2}, {"a"')
    with pytest.raises(UserError, match=r"a\.json: not readable after record 2"):
        list(records.read(tmp_path, "a.json"))
    (tmp_path / "b.json").write_text('[{"a": 1}, 7]')
    with pytest.raises(UserError, match=r"b\.json: record 2 is no object but '7'"):
        list(records.read(tmp_path, "b.json"))
    with pytest.raises(UserError, match=r"no file c\.json; it has"):
        archives.find(tmp_path, "c.json")
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "b.json").write_text("[]")
    (tmp_path / "y").mkdir()
    (tmp_path / "y" / "d.json").write_text("[]")
    (tmp_path / "x" / "d.json").write_text("[]")
    assert archives.find(tmp_path, "b.json") == "b.json"  # exactly so called, before what ends so
    with pytest.raises(UserError, match=r"2 files end in d\.json"):
        archives.find(tmp_path, "d.json")


def test_an_array_in_one_line_is_streamed(tmp_path: Path) -> None:
    """40 MB of records in one line: what is held at a time is far less."""
    row = {"text": "w" * 1000}
    with (tmp_path / "a.json").open("w") as handle:
        handle.write("[" + ",".join([json.dumps(row)] * 40_000) + "]")
    tracemalloc.start()
    assert sum(1 for _ in records.read(tmp_path, "a.json")) == 40_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * (1 << 24) + (1 << 22)  # the first line is looked at up to 16 MiB, and copied once


def test_half_a_pair_of_surrogates_is_no_crash(tmp_path: Path) -> None:
    """Scraped texts are cut between the halves of a pair; whole pairs stay what they are."""
    lines = (r'{"a": "cut \ud83d", "b": "\ud83d\ude00"}', r'{"a": ["\uDE00 é"]}')
    (tmp_path / "cut.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert list(records.read(tmp_path, "cut.jsonl")) == [{"a": "cut \ufffd", "b": "\U0001f600"}, {"a": ["\ufffd é"]}]


@given(
    st.lists(st.dictionaries(st.sampled_from(["a", 'N"', "\\"]), st.text('Na\\"x') | st.just(math.nan)), min_size=1),
    st.integers(1, 9),
)
def test_a_bare_nan_is_null_and_the_word_in_a_text_is_itself_wherever_a_chunk_ends(rows: list[Any], size: int) -> None:
    text = json.dumps(rows).encode()
    source = records._WithNull(records._Rejoined(text[:1], io.BytesIO(text[1:])))
    assert json.loads(b"".join(iter(lambda: source.read(size), b""))) == records.plain(rows)


@pytest.mark.parametrize("name", ["array.json", "lines.jsonl", "keyed.json", "compact-keyed.json"])
def test_not_a_number_is_missing_in_every_form(name: str, tmp_path: Path) -> None:
    rows = [{"a": math.nan, "b": ["NaN", {"c": math.nan}]}, {"a": 2.0, "b": []}]
    (tmp_path / name).write_bytes(forms(rows)[name])
    wanted = [{"a": None, "b": ["NaN", {"c": None}]}, {"a": 2.0, "b": []}]
    assert list(records.read(tmp_path, name)) == wanted
    pq.write_table(pa.Table.from_pylist([{"a": math.nan}, {"a": 1.0}]), tmp_path / "t.parquet")
    assert list(records.read(tmp_path, "t.parquet")) == [{"a": None}, {"a": 1.0}]
    (tmp_path / "t.csv").write_text("a,b\nnan,Nan\nNaN,\n")  # Nan is a town
    assert list(records.read(tmp_path, "t.csv")) == [{"a": None, "b": "Nan"}, {"a": None, "b": ""}]


def test_a_published_file_with_bare_nan_is_read() -> None:
    path = real("qacc-first100.json")
    rows = list(records.read(path, path.name))
    assert len(rows) == 100
    assert sum(row["secondAnswer"] is None for row in rows) == path.read_text().count('"secondAnswer": NaN')


@pytest.mark.parametrize(("name", "delimiter"), [("t.csv", ";"), ("t.csv", "\t"), ("t.csv", "|"), ("t.tsv", ",")])
def test_the_delimiter_is_the_one_that_parts_the_header(name: str, delimiter: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(f'question{delimiter}answers\n"a; b, c | d"{delimiter}e\n')
    assert list(records.read(tmp_path, name)) == [{"question": "a; b, c | d", "answers": "e"}]


def test_the_delimiter_of_the_files_name_decides_where_none_parts_more(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('"a;b",c|d\n1,2\n\n3,4,,\n')  # an empty line, and empty cells past the header
    assert list(records.read(tmp_path, "t.csv")) == [{"a;b": "1", "c|d": "2"}, {"a;b": "3", "c|d": "4"}]
    (tmp_path / "empty.csv").write_text("")
    assert list(records.read(tmp_path, "empty.csv")) == []


@pytest.mark.parametrize("name", ["t.csv", "array.json", "lines.jsonl", "keyed.json"])
def test_another_encoding_is_named_with_the_command_that_mends_it(name: str, tmp_path: Path) -> None:
    rows = [{"a": "Perú"}, {"a": "Perú"}]
    text = "a\nPerú\n" if name == "t.csv" else forms(rows)[name].decode().replace("\\u00fa", "ú")
    for encoding, said in (
        ("latin-1", "iconv -f LATIN1 -t UTF-8"),
        ("utf-16", "iconv -f UTF-16 -t UTF-8"),
        ("utf-16-le", "iconv -f UTF-16 -t UTF-8"),
        ("utf-16-be", "iconv -f UTF-16 -t UTF-8"),
    ):
        (tmp_path / name).write_bytes(text.encode(encoding))
        with pytest.raises(UserError, match=rf"{name}: not readable after record \d: .*{said}"):
            list(records.read(tmp_path, name))
    (tmp_path / name).write_text(text)
    assert next(records.read(tmp_path, name)) == rows[0]
