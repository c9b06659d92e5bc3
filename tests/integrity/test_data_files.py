"""Data files and archives that somebody else made, with care or without: a line each, in little memory and time."""

import bz2
import gzip
import io
import json
import lzma
import random
import subprocess
import sys
import tarfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.core.errors import UserError
from interexter.data import archives, delimited, limits, preparation, records

ROWS = [{"question": f"Who is {i}?", "answers": [f"Name {i}", "é"], "x": [{"y": "[{"}]} for i in range(50)]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
MIB = 1 << 20
SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"


def said(place: Path, name: str | None = None) -> str:
    """Read all that is to be read of a file; return the one line it is refused with, "" where it is not."""
    try:
        for member in [name] if name else archives.members(place):
            for _ in records.read(place, member):
                pass
    except UserError as error:
        line = str(error)
        assert str(place) in line and "\n" not in line and len(line) < 1000, line
        return line
    return ""


@contextmanager
def little_memory(mib: int = 300) -> Iterator[None]:
    """Fail where a block holds more than so much at a time."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < mib * MIB
    finally:
        tracemalloc.stop()


def zipped(path: Path, name: str = "a.jsonl", data: bytes = LINES, how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        archive.writestr(name, data)
    return path


def tarred(path: Path, name: str = "a.jsonl", data: bytes = LINES, mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return path


@pytest.mark.parametrize("depth", [limits.DEPTH + 1, 5_000, 100_000])
@pytest.mark.parametrize(
    "text",
    [
        lambda n: "[" * n,
        lambda n: "[" * n + "]" * n,
        lambda n: '[{"a": ' * (n // 2 + 1) + "1",
        lambda n: '{"a": ' * n + "1" + "}" * n,
        lambda n: '{"question": "?"}\n{"a": ' + "[" * n + "]" * n + "}\n",
        lambda n: '[\n{"a": "' + "[" * n + '\\""},\n{"a": ' + "[" * n,
        lambda n: '{\n"a": ' + "[" * n,
        lambda n: '{\n"a": {"b": ' + "[" * n,
    ],
)
def test_what_nests_too_deep_is_refused(tmp_path: Path, text: Callable[[int], str], depth: int) -> None:
    (tmp_path / "a.json").write_text(text(depth), encoding="utf-8")
    with little_memory(20):
        assert f"more than {limits.DEPTH} lists and objects within each other" in said(tmp_path / "a.json")


@given(
    st.lists(st.one_of(*map(st.just, ["[", "]", "{", "}", '"', "\\", "\\\\", "a", "é", "\n"])), max_size=60), st.data()
)
def test_depth_is_counted_outside_of_texts_wherever_blocks_end(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts).encode()
    depth = deepest = 0
    in_text = escaped = False
    for byte in text.decode():
        if escaped:
            escaped = False
        elif byte == "\\":
            escaped = True
        elif byte == '"':
            in_text = not in_text
        elif not in_text:
            depth += (byte in "[{") - (byte in "]}")
            deepest = max(deepest, depth)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    nesting, found = limits.Nesting(), 0
    for first, last in zip([0, *cuts], [*cuts, len(text)], strict=True):
        outside, _ = nesting._structure(text[first:last])
        for bracket in outside:
            found += limits._STEPS[bracket]
    assert found == depth
    whole = limits.Nesting()
    if deepest <= limits.DEPTH:
        assert whole.feed(text) == text
        assert whole._depth == depth


@pytest.mark.parametrize(
    ("name", "start", "body"),
    [
        ("a.jsonl", b'{"a": 1}\n', b"x"),
        ("a.jsonl", b'{"a": 1}\n{"a": "', b"x"),
        ("a.json", b'["', b"x"),
        ("a.json", b'[{"a": "', b"x"),
        ("a.json", b'[\n{"a": [', b'"x",'),
        ("a.json", b'{"k": {"a": "', b"x"),
        ("a.csv", b"a,b\n", b"x"),
        ("a.csv", b"a,b\n", b"x,"),
        ("a.tsv", b"a\tb\n", b"\t"),
        ("a.csv", b'a,b\n"', b"x"),
    ],
)
@pytest.mark.parametrize("packing", ["zip", "tar.gz", "gz"])
def test_a_record_that_never_ends_is_refused(
    tmp_path: Path, name: str, start: bytes, body: bytes, packing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "RECORD", 2 * MIB)
    monkeypatch.setattr(records, "_LINE", MIB)
    monkeypatch.setattr(delimited, "_FIELD", 2 * MIB)
    monkeypatch.setattr(records, "_BLOCK", MIB // 4)
    data = start + body * (20 * MIB // len(body))
    place = tmp_path / f"b.{packing}"
    if packing == "zip":
        zipped(place, name, data)
    elif packing == "tar.gz":
        tarred(place, name, data)
    else:
        place = tmp_path / f"{name}.gz"
        place.write_bytes(gzip.compress(data))
    assert place.stat().st_size < MIB
    with little_memory(30):
        line = said(place)
    assert "a line of more than 2 MiB" in line or "a record of more than 2 MiB" in line or "field larger than" in line


@pytest.mark.parametrize("packing", ["zip", "tar.gz", "tar.bz2", "tar.xz", "gz"])
def test_what_unpacks_to_far_more_than_it_is_is_refused(
    tmp_path: Path, packing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNPACKED", 4 * MIB)
    data = (b'{"question": "?"}' + b" " * 5000 + b"\n") * 6000  # 30 MB
    place = tmp_path / (f"a.{packing}" if packing != "gz" else "a.jsonl.gz")
    if packing == "zip":
        zipped(place, data=data)
    elif packing == "gz":
        place.write_bytes(gzip.compress(data))
    else:
        tarred(place, data=data, mode=f"w:{packing.removeprefix('tar.')}")
    with little_memory(30):
        assert "it unpacks to more than" in said(place)


def test_a_bomb_in_the_head_of_a_tar_archive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNPACKED", 4 * MIB)
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 2_000 * MIB
    with gzip.open(tmp_path / "a.tar.gz", "wb") as handle:
        handle.write(info.tobuf())
        for _ in range(100):
            handle.write(bytes(MIB))
    with little_memory(60):
        said(tmp_path / "a.tar.gz")


def test_an_archive_has_a_bound_on_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MEMBERS", 50)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive, tarfile.open(tmp_path / "a.tar", "w") as tar:
        for number in range(60):
            archive.writestr(f"{number}.json", b"[]")
            tar.addfile(tarfile.TarInfo(f"{number}.json"))
    for name in ("a.zip", "a.tar"):
        assert "more than 50 files in an archive" in said(tmp_path / name)


def encrypted(path: Path) -> Path:
    """Make a zip file whose member says that it has a password."""
    data = bytearray(zipped(path, how=zipfile.ZIP_STORED).read_bytes())
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + flags] |= 1
    path.write_bytes(data)
    return path


def odd_method(path: Path) -> Path:
    """Make a zip file whose member is packed in a way that nobody knows."""
    data = bytearray(zipped(path, how=zipfile.ZIP_STORED).read_bytes())
    for magic, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        data[data.index(magic) + method] = 77
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("make", "line"), [(encrypted, "password required"), (odd_method, "not supported")])
def test_a_member_that_cannot_be_unpacked_is_said(tmp_path: Path, make: Callable[[Path], Path], line: str) -> None:
    assert line in said(make(tmp_path / "a.zip"))


PARTS: dict[str, Callable[[Path], Path]] = {
    "a.zip": zipped,
    "b.zip": lambda path: zipped(path, how=zipfile.ZIP_LZMA),
    "c.zip": lambda path: zipped(path, how=zipfile.ZIP_BZIP2),
    "a.tar": lambda path: tarred(path, mode="w"),
    "a.tar.gz": tarred,
    "a.tar.bz2": lambda path: tarred(path, mode="w:bz2"),
    "a.tar.xz": lambda path: tarred(path, mode="w:xz"),
}
FILES: dict[str, bytes] = {
    "a.jsonl": LINES,
    "a.json": json.dumps(ROWS).encode(),
    "b.json": json.dumps({str(i): row for i, row in enumerate(ROWS)}, indent=1).encode(),
    "a.csv": b"question,answers\n" + b"".join(f'"Who is {i}?",N{i}\n'.encode() for i in range(50)),
    "a.jsonl.gz": gzip.compress(LINES),
}


def written(folder: Path, name: str) -> Path:
    """Write a sound file or archive by its name."""
    path = folder / name
    if name in PARTS:
        return PARTS[name](path)
    if name == "a.parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), path)
    else:
        path.write_bytes(FILES[name])
    return path


NAMES = [*PARTS, *FILES, "a.parquet"]


@pytest.mark.parametrize("name", NAMES)
def test_the_sound_ones_are_read(tmp_path: Path, name: str) -> None:
    assert said(written(tmp_path, name)) == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_cut_off_is_read_or_refused_in_one_line(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name)
    data = path.read_bytes()
    lines = []
    for share in range(20):
        path.write_bytes(data[: len(data) * share // 20])
        lines.append(said(path))
    assert sum(map(bool, lines)) >= 3 or name == "a.csv"


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_file_is_read_or_refused_in_one_line(tmp_path: Path, name: str) -> None:
    """100 files of each kind, always the same: bits flipped, bytes of other kinds put in, pieces doubled."""
    path = written(tmp_path, name)
    data = path.read_bytes()
    drawn = random.Random(name)
    odd = [
        b"\x00",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b'"',
        b"\\",
        b"\\u12",
        b"NaN",
        b"1e999",
        b"-",
        b"\r",
        b"[[[",
        b"PK\x05\x06",
    ]
    for _ in range(100):
        changed = bytearray(data)
        for _ in range(drawn.randint(1, 4)):
            at = drawn.randrange(len(changed))
            if drawn.random() < 0.5:
                changed[at] ^= 1 << drawn.randrange(8)
            else:
                changed[at : at + drawn.randint(0, 30)] = drawn.choice([*odd, bytes(changed[at : at + 50]) * 2])
        path.write_bytes(changed)
        said(path)


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b" ", b"\n\n", b"null", b"5", b"[5]", b'"x"', b"[null]", b"{}", b"[]", b"{", b"[{", b"[{}", b"[{},]"),
        *(b'{"a"', b'{"a": 1}{"a": 2}', b'{"a": 1}\n5\n', b"tru", b"[tru]", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\\"),
        *(b'{"a": "\xff"}', b'[{"a": "\xff"}]', b'{"a": "\\ud800"}', b'[{"a": "\\ud800"}]', b'{"a": "\\udc00\\ud800"}'),
        *(b'{"a": 1' + b"0" * 5000 + b"}", b'[{"a": 1' + b"0" * 5000 + b"}]", b'{"a": 1e999}', b'[{"a": 1e999}]'),
        *(b'{"a": NaN}', b'[{"a": NaN}]', b'{"a": 1, "a": 2}', b'{"a": "\t"}', b"[1, 2", b"{'a': 1}", b"// x\n[]"),
        *('{"a": "é"}'.encode(coding) for coding in ("utf-16", "utf-32", "latin-1", "utf-16-le")),
        *('[{"a": "é"}]'.encode(coding) for coding in ("utf-16", "utf-32", "latin-1", "utf-16-be")),
    ],
    ids=lambda data: repr(data[:24]),
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.csv", "a.parquet", "a.json.gz", "a.zip", "a.tar"])
def test_short_files_of_every_kind_are_read_or_refused_in_one_line(tmp_path: Path, data: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    said(tmp_path / name)


@pytest.mark.parametrize(
    "name", ["../../a.jsonl", "/etc/a.jsonl", "a\nb.jsonl", "\x1b[31m.jsonl", "ä" * 100 + ".jsonl", "a\\b.jsonl"]
)
def test_a_member_may_have_any_name(tmp_path: Path, name: str) -> None:
    before = sorted(tmp_path.rglob("*"))
    for place in (zipped(tmp_path / "a.zip", name), tarred(tmp_path / "a.tar.gz", name)):
        said(place)
        place.unlink()
    assert sorted(tmp_path.rglob("*")) == before


def test_what_a_zip_file_says_of_a_member_s_size_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNPACKED", 4 * MIB)
    monkeypatch.setattr(limits, "RATIO", 20)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.jsonl", LINES + b" " * 40 * MIB, zipfile.ZIP_DEFLATED)
        archive.writestr("b", bytes(MIB))
    place = tmp_path / "a.zip"
    data = bytearray(place.read_bytes())
    at = data.index(b"PK\x01\x02") + 20  # packed bytes
    data[at : at + 4] = b"\xf0\xff\xff\xff"
    place.write_bytes(data)
    assert "it unpacks to more than 20 MiB" in said(place, "a.jsonl")


def test_what_an_archive_holds_is_not_unpacked_to_see_whether_it_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To tarfile, what is packed once more is one: it unpacks without bound, to look for a head."""
    place = tmp_path / "a.jsonl.gz"
    place.write_bytes(gzip.compress(lzma.compress(bytes(MIB))))
    opened: list[Any] = []
    monkeypatch.setattr(lzma.LZMAFile, "__init__", lambda *asked, **more: opened.append(asked))
    assert "not readable" in said(place)
    assert not opened


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", '{"question": "Who?"}\n{"answers": ["Ann"], "answers": ["Bob"]}\n'),
        ("a.jsonl", '{"ctxs": [{"text": "Ann did.", "text": "Bob did."}]}\n{}\n'),
        ("a.json", '[{"question": "Who?"},\n{"answers": ["Ann"], "answers": ["Bob"]}]'),
        ("a.json", '[{"ctxs": [{"text": "Ann did.", "text": "Bob did."}]}]'),
        ("a.json", '{"1": {"answer": "Ann"},\n"2": {"answer": "Ann", "answer": "Bob"}}'),
        ("a.json", '{"1": {"answer": "Ann"}, "1": {"answer": "Bob"}}'),
    ],
)
def test_of_two_values_for_a_key_none_is_taken(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert " twice" in said(tmp_path / name)


def test_of_two_columns_of_a_name_none_is_taken(tmp_path: Path) -> None:
    pq.write_table(
        pa.Table.from_arrays([pa.array(["Ann"]), pa.array(["Bob"])], names=["a", "a"]), tmp_path / "a.parquet"
    )
    assert "the column 'a' stands in it twice" in said(tmp_path / "a.parquet")


@pytest.mark.parametrize("number", ["9" * MIB, "1." + "9" * MIB, "-" + "9" * 4300])
def test_a_number_has_a_bound(tmp_path: Path, number: str) -> None:
    """The time that yajl takes grows with the square of a number's digits."""
    (tmp_path / "a.json").write_text(f'[{{"a": {number}}}]', encoding="utf-8")
    assert "a number of more than 4,300 digits" in said(tmp_path / "a.json")
    text = json.dumps([{"a": number}])
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    assert list(records.read(tmp_path, "a.json")) == json.loads(text)


@pytest.mark.parametrize("part", ["\\\\", "N", "Na"])
def test_a_text_of_what_may_go_on_is_read_in_blocks(tmp_path: Path, part: str) -> None:
    """It was read byte by byte once, which took a time that grew with the square of its length."""
    (tmp_path / "a.json").write_text(f'[{{"a": "{part * 2 * MIB}"}}]', encoding="utf-8")
    began = time.process_time()
    assert said(tmp_path / "a.json") == ""
    assert time.process_time() - began < 5


def test_a_column_that_unpacks_to_far_more_than_it_is_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNPACKED", 4 * MIB)
    table = pa.table({"question": ["?" * MIB] * 8})
    pq.write_table(table, tmp_path / "a.parquet", compression="zstd", use_dictionary=False)
    with little_memory(20):
        assert "column 'question' unpacks to 8 MiB" in said(tmp_path / "a.parquet")


BOMB = """
import resource, sys
from pathlib import Path
from interexter.core.errors import UserError
from interexter.data import limits, records
limits.keep_to_memory()
given, _ = resource.getrlimit(resource.RLIMIT_DATA)
assert 0 < given < 2**50
resource.setrlimit(resource.RLIMIT_DATA, (900 << 20, 900 << 20))
limits.keep_to_memory()
assert resource.getrlimit(resource.RLIMIT_DATA)[0] == 900 << 20  # a lower one stays
try:
    list(records.read(Path(sys.argv[1]), "a.parquet"))
except UserError as error:
    print(error)
"""


def test_a_dictionary_that_a_few_bytes_repeat_takes_no_more_memory_than_there_is(tmp_path: Path) -> None:
    """1,500 rows that are all the same MiB: 500 bytes of Parquet, whose columns say that they are small."""
    table = pa.table({"question": ["a" * MIB] * 1500})
    pq.write_table(table, tmp_path / "a.parquet", compression="zstd", dictionary_pagesize_limit=1 << 30)
    command = [sys.executable, "-c", BOMB, str(tmp_path / "a.parquet")]
    ended = subprocess.run(command, cwd=SCRIPTS, capture_output=True, text=True)
    assert "takes more memory than there is" in ended.stdout, ended.stderr[-1000:]
    assert ended.stdout.count("\n") == 1


def test_packed_in_packed_is_no_recursion(tmp_path: Path) -> None:
    data = LINES
    for pack in (gzip.compress, bz2.compress, lzma.compress) * 5:
        data = pack(data)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(data))
    assert "not readable" in said(tmp_path / "a.jsonl.gz")


def test_a_card_shows_a_url_without_its_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(LINES)
    monkeypatch.setattr("interexter.data.fetch.download", lambda *asked: file)
    url = "https://me:S3CRET@example.org/a.jsonl?token=S3CRET"
    source = {"kind": "url", "url": url, "sha256": "0" * 64, "layout": "plain"}
    names = preparation.Paths._fields
    card, _ = preparation.prepare(source, "mine", preparation.Paths(*(tmp_path / f"{n}.parquet" for n in names)))
    assert card["source"]["url"] == "https://example.org/a.jsonl?token=***"
    assert "S3CRET" not in json.dumps(card)
