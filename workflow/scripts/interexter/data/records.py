"""Records of data files, one after the other: JSON arrays, JSON Lines, keyed JSON objects, CSV and Parquet.

Files may be larger than memory; archives.py opens them. Not-a-number stands for a missing value, as pandas
writes it: it is read as null.
"""

import io
import json
import math
import re
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import IO, Any

import ijson
import pyarrow as pa
import pyarrow.parquet as pq

from ..core.errors import UserError
from ..core.tables import BATCH, Row
from . import archives, delimited, encodings, limits
from .archives import said

_LINE = 1 << 24  # bytes; a first line that is longer is no record
_BLOCK = 1 << 22  # bytes of JSON at a time; yajl copies a long text again for each block
_HOLDS = "A file of JSON holds a list of objects, an object a line, or an object of objects"


def read(place: Path, name: str) -> Iterator[Row]:
    """Yield the records of a member of `place`; raise UserError naming file and record where one is not readable."""
    where = str(place) if place.is_file() and place.name == name else str(place / name)
    number = 0
    try:
        with archives.opened(place, name) as handle:
            for number, record in enumerate(_records(limits.bounded(handle, name), name), start=1):
                if not isinstance(record, dict):
                    raise UserError(f"{where}: record {number} is no object but {str(record)[:60]!r}. {_HOLDS}.")
                yield record
    except UnicodeDecodeError as error:
        raise UserError(f"{where}: not readable after record {number}: {encodings.advice(error)}") from error
    except MemoryError as error:  # pyarrow's, too
        raise UserError(f"{where}: what follows record {number} takes more memory than there is. {error}") from error
    except (ijson.JSONError, ValueError, pa.ArrowException, tarfile.TarError, zipfile.BadZipFile) as error:
        raise UserError(f"{where}: not readable after record {number}: {said(error)}") from error
    except KeyError as error:
        raise UserError(f"{where}: no such file in the archive, or a link out of it") from error
    except (EOFError, OSError) as error:
        raise UserError(f"{where}: could not be read: {said(error)}") from error
    except limits.UNREADABLE as error:
        raise UserError(f"{where}: not readable after record {number}: {said(error)}") from error


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
            raise ValueError(f"it is no UTF-8. {encodings.AS_LATIN1} {said(error)}") from error
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
