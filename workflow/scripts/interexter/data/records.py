"""Records of data files, one after the other: JSON arrays, JSON Lines, keyed JSON objects, CSV and Parquet.

A file is a file, a member of a folder, or a member of a zip or tar archive. Archives are read and never
unpacked: nothing that one holds, whatever its name, is written anywhere. Files may be larger than memory.
Not-a-number stands for a missing value, as pandas writes it: it is read as null.
"""

import bz2
import gzip
import io
import json
import lzma
import math
import re
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

import ijson
import pyarrow as pa
import pyarrow.parquet as pq

from ..core.errors import UserError
from ..core.tables import BATCH, Row
from . import delimited, encodings, limits

_GZIP = b"\x1f\x8b"
_LINE = 1 << 24  # bytes; a first line that is longer is no record
_BLOCK = 1 << 22  # bytes of JSON at a time; yajl copies a long text again for each block
_HOLDS = "A file of JSON holds a list of objects, an object a line, or an object of objects"


def members(place: Path) -> list[str]:
    """Return the names of the files in a folder or an archive; of a single file, its own.

    Raises UserError if there is nothing at `place`.
    """
    if place.is_dir():
        return sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
    if not place.is_file():
        raise UserError(f"{place}: there is no such file or folder.")
    try:
        if zipfile.is_zipfile(place):
            with zipfile.ZipFile(place) as archive:
                limits.check_members(len(archive.filelist))
                names = sorted(info.filename for info in archive.infolist() if not info.is_dir())
            if encodings.is_workbook(names):
                raise UserError(f"{place}: it is a workbook. Save its sheet as CSV in UTF-8.")
            return names
        if _is_tar(place):
            with _tar(place) as tar:
                return sorted(info.name for info in limits.first_members(tar) if info.isfile())
    except (zipfile.BadZipFile, tarfile.TarError, ValueError, OSError, *limits.UNREADABLE) as error:
        raise UserError(f"{place}: an archive that cannot be read: {_said(error)}") from error
    return [place.name]


def find(place: Path, name: str) -> str:
    """Return the one member of `place` that is called `name`, or ends in it; raise UserError if none or several are.

    An archive of a folder has that folder's name before each member's; it need not be known.
    """
    known = members(place)
    if name in known:
        return name
    wanted = PurePosixPath(name).parts
    found = [one for one in known if PurePosixPath(one).parts[-len(wanted) :] == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"{place}: {len(found)} files end in {name}: {found[:4]}; name one by its full path.")
    raise UserError(f"{place}: no file {name}; it has {known[:8]}{' and more' if len(known) > 8 else ''}.")


def read(place: Path, name: str) -> Iterator[Row]:
    """Yield the records of a member of `place`; raise UserError naming file and record where one is not readable."""
    where = str(place) if place.is_file() and place.name == name else str(place / name)
    number = 0
    try:
        with _opened(place, name) as handle:
            for number, record in enumerate(_records(limits.bounded(handle, name), name), start=1):
                if not isinstance(record, dict):
                    raise UserError(f"{where}: record {number} is no object but {str(record)[:60]!r}. {_HOLDS}.")
                yield record
    except UnicodeDecodeError as error:
        raise UserError(f"{where}: not readable after record {number}: {encodings.advice(error)}") from error
    except MemoryError as error:  # pyarrow's, too
        raise UserError(f"{where}: what follows record {number} takes more memory than there is. {error}") from error
    except (ijson.JSONError, ValueError, pa.ArrowException, tarfile.TarError, zipfile.BadZipFile) as error:
        raise UserError(f"{where}: not readable after record {number}: {_said(error)}") from error
    except KeyError as error:
        raise UserError(f"{where}: no such file in the archive, or a link out of it") from error
    except (EOFError, OSError) as error:
        raise UserError(f"{where}: could not be read: {_said(error)}") from error
    except limits.UNREADABLE as error:
        raise UserError(f"{where}: not readable after record {number}: {_said(error)}") from error


@contextmanager
def _opened(place: Path, name: str) -> Iterator[IO[bytes]]:
    if place.is_dir():
        with (place / name).open("rb") as handle, _plain(handle) as plain:
            yield plain
    elif zipfile.is_zipfile(place):
        with zipfile.ZipFile(place) as archive, archive.open(name) as member:
            packed = min(archive.getinfo(name).compress_size, place.stat().st_size)  # the first is only said
            yield limits.unpacked(member, packed)
    elif _is_tar(place):
        with _tar(place) as tar:
            extracted = tar.extractfile(name)  # a stream, of a link inside the archive too; None for anything else
            if extracted is None:
                raise UserError(f"{place}: {name} is no file.")
            with extracted:
                yield extracted
    else:
        with place.open("rb") as handle, _plain(handle) as plain:
            yield plain


@contextmanager
def _plain(handle: IO[bytes]) -> Iterator[IO[bytes]]:
    """Give the bytes of a file, of a gzipped one after unpacking."""
    packed = handle.read(2) == _GZIP
    handle.seek(0)
    if packed:
        size = handle.seek(0, io.SEEK_END)
        handle.seek(0)
        with gzip.open(handle) as unpacked:
            yield limits.unpacked(cast(IO[bytes], unpacked), size)
    else:
        yield handle


def _is_tar(place: Path) -> bool:
    try:
        with _tar(place):
            return True
    except (tarfile.TarError, ValueError, OSError, *limits.UNREADABLE):  # damaged, or something else that is packed
        return False


@contextmanager
def _tar(place: Path) -> Iterator[tarfile.TarFile]:
    with _tar_bytes(place) as plain, tarfile.open(fileobj=plain, mode="r:") as tar:
        yield tar


@contextmanager
def _tar_bytes(place: Path) -> Iterator[IO[bytes]]:
    """Give the bytes of a tar archive, unpacked if it is packed."""
    with place.open("rb") as handle:
        start = handle.read(6)
        handle.seek(0)
        unpack: Any = next((way for magic, way in _PACKED.items() if start.startswith(magic)), None)
        if unpack is None:
            yield handle
        else:
            with unpack(handle) as unpacked:
                yield limits.unpacked(unpacked, place.stat().st_size)


_PACKED = {_GZIP: gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}


def _said(error: Exception) -> str:
    """Return what an error says, in one line; ijson's say it in bytes."""
    [said] = error.args if len(error.args) == 1 else [str(error)]
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return re.sub(r"\s*\n\s*", " ", text.strip())[:300] or type(error).__name__


def _records(handle: IO[bytes], name: str) -> Iterator[Any]:
    suffix = PurePosixPath(name.removesuffix(".gz")).suffix.lower()
    if suffix in (".parquet", ".pqt"):
        for batch in limits.checked(pq.ParquetFile(handle, pre_buffer=False)).iter_batches(BATCH):
            yield from map(plain, batch.to_pylist())
    elif suffix in (".csv", ".tsv"):
        yield from delimited.rows(handle, "\t" if suffix == ".tsv" else ",")
    else:
        yield from _json(handle)


def plain(value: Any) -> Any:
    """Return a value as JSON would have it: null for not-a-number, dates and decimals as they are written."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, datetime) and value.time() == time():
        return str(value.date())  # a date, which pandas holds as its first moment
    if isinstance(value, date | Decimal):
        return str(value)
    return None if isinstance(value, float) and math.isnan(value) else value


def _json(handle: IO[bytes]) -> Iterator[Any]:
    """Yield the items of an array, the objects of JSON Lines, or the values of one object of objects."""
    start = handle.readline(_LINE)
    while start and not start.strip():
        start = handle.readline(_LINE)
    encodings.refuse(start)
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"["):
        yield from _streamed(ijson.items, text, handle, "item")
        return
    try:
        first = _loaded(limits.check_depth(text)) if text else None
    except json.JSONDecodeError as error:
        _refuse_line(text, error)
        # an object over several lines, or over one that is longer than a record
        yield from (value for _, value in _streamed(ijson.kvitems, text, handle, ""))
        return
    rest = limits.line_of(handle)
    if not rest and isinstance(first, dict) and first and all(isinstance(value, dict) for value in first.values()):
        yield from first.values()
        return
    if first is not None:
        yield first
    while rest:
        if rest.strip():
            yield _loaded(rest)
        rest = limits.line_of(handle)


def _refuse_line(text: bytes, error: json.JSONDecodeError) -> None:
    """Raise ValueError where a first line is no JSON, and no beginning of an object that goes on in the next."""
    if not text.startswith(b"{"):
        begins = text[:40].decode("utf-8", "replace")
        tables = "a table's name ends in .csv, .tsv or .parquet"
        raise ValueError(f"{begins!r} is no JSON. {_HOLDS}; {tables}.") from error
    if text.endswith(b"\n") and error.pos < len(text.decode().rstrip()):
        raise error


def _streamed(parse: Any, start: bytes, rest: IO[bytes], prefix: str) -> Iterator[Any]:
    """Yield what one of ijson's functions finds; raise ValueError on no UTF-8, and on a key that stands twice."""
    twice: list[str] = []
    objects = {"map_type": lambda: _Noting(twice)}
    try:
        for found in parse(_WithNull(_Rejoined(start, rest)), prefix, use_float=True, buf_size=_BLOCK, **objects):
            if twice:
                raise ValueError(f"the key {twice[0]!r} stands twice in an object")
            yield found
    except ijson.JSONError as error:
        if "UTF8" in str(error):
            raise ValueError(f"it is no UTF-8. {encodings.AS_LATIN1} {_said(error)}") from error
        raise


def _loaded(line: bytes) -> Any:
    """Read a JSON value; half a pair of surrogates, which is no Unicode and cannot be written, becomes U+FFFD."""
    value = json.loads(
        line.decode("utf-8"),
        parse_constant=lambda name: None if name == "NaN" else float(name),
        object_pairs_hook=_once,
    )
    if b"\\ud" in line.lower():
        text = json.dumps(value, ensure_ascii=False)
        value = json.loads(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
    return value


def _once(pairs: list[tuple[str, Any]]) -> Row:
    """Return an object of JSON; raise ValueError where a key stands in it twice: readers differ in which they take."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice in an object")
    return found


class _Noting(dict[str, Any]):
    """An object that is filled key by key and notes a key that came twice; ijson does not bear an error there."""

    def __init__(self, twice: list[str]) -> None:
        self._twice = twice

    def __setitem__(self, key: str, value: Any) -> None:
        if key in self:
            self._twice.append(key)
        super().__setitem__(key, value)


class _Rejoined:
    """A file whose first bytes were read already, as far as ijson needs a file."""

    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        self._start = io.BytesIO(start)
        self._rest = rest
        self._nesting = limits.Nesting()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes: first what was read before, then what follows."""
        return self._nesting.feed(self._start.read(size) or self._rest.read(size)) if size else b""


_DIGITS = 4_300  # of a number, as Python itself has it; yajl takes a time that grows with their square
# A text, with its end if that was read, a NaN, or a number that is too long.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*("?)|NaN|[-+.\deE]{%d}' % _DIGITS, re.DOTALL)


class _WithNull:
    """JSON whose bare NaN, which ijson does not know, reads null; the same word within a text stays."""

    def __init__(self, file: _Rejoined) -> None:
        self._file = file
        self._open = b""  # a quote, where what was read ends within a text
        self._held = b""  # what was read and may belong to what follows

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, up to where no escape and no NaN can go on; raise ValueError on an endless number."""
        chunk = self._file.read(size)
        while chunk:
            chunk = self._held + chunk
            end = len(chunk) - _begun(chunk)
            self._held = chunk[end:]
            if end:
                return self._read(chunk[:end])
            chunk = self._file.read(size)
        held, self._held = self._held, b""
        return held

    def _read(self, chunk: bytes) -> bytes:
        opened = len(self._open)
        return _TOKEN.sub(self._token, self._open + chunk)[opened:]

    def _token(self, token: re.Match[bytes]) -> bytes:
        if token[0] == b"NaN":
            return b"null"
        if not token[0].startswith(b'"'):
            raise ValueError(f"a number of more than {_DIGITS:,} digits")
        self._open = b"" if token[1] else b'"'
        return token[0]


def _begun(chunk: bytes) -> int:
    """Return how many bytes at the end of a chunk are the first part of a NaN or of an escape."""
    if chunk.endswith(b"\\"):
        return (len(chunk) - len(chunk.rstrip(b"\\"))) % 2
    return next((len(part) for part in (b"Na", b"N") if chunk.endswith(part) and not chunk.endswith(b"NaN")), 0)
