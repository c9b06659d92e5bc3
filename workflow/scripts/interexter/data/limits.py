"""Bounds on what a data file may make of the machine: how much it unpacks to, how deep and how long its records are.

A bound that is passed is a ValueError that says which, and the reader adds the file. None of them is near to what a
real data set has: texts pack to a tenth at best, and nest to a depth of five.
"""

import io
import lzma
import re
import resource
import struct
import tarfile
import zlib
from collections.abc import Iterator
from itertools import accumulate
from typing import IO, Any, cast

import pyarrow.parquet as pq

from ..core import memory

Buffer = Any  # what can be written into, as io calls it

# Beside ValueError, OSError and what libraries call their own: a text too deep to be read, a member with a password or
# of an unknown kind (RuntimeError), damaged packing, a number too large.
UNREADABLE = (RuntimeError, EOFError, OverflowError, LookupError, struct.error, zlib.error, lzma.LZMAError)

MEMBERS = 200_000  # files of an archive
RATIO = 200  # bytes unpacked for each packed one ...
UNPACKED = 256 << 20  # ... once there are more bytes than these
BLOCK = 1 << 16  # bytes that are unpacked at a time
RECORD = 1 << 26  # bytes of a line, or of a record in an array
DEPTH = 64  # lists and objects within each other

_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_OTHERS = bytes(byte for byte in range(256) if byte not in b'"[]{}')
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


class Unpacked(io.RawIOBase):
    """The bytes of a packed file, of which no more are given than a file of its size may hold."""

    def __init__(self, handle: IO[bytes], packed: int) -> None:
        """Read `handle`, which unpacks a file of `packed` bytes."""
        self._handle = handle
        self.most = max(UNPACKED, packed * RATIO)

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return whether the unpacked bytes can be read in any order."""
        return self._handle.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a byte; raise ValueError where that is past the bound."""
        if whence == io.SEEK_SET:
            self._check(offset)
        return self._check(self._handle.seek(offset, whence))

    def tell(self) -> int:
        """Return the number of the next byte."""
        return self._handle.tell()

    def readinto(self, buffer: Buffer) -> int:
        """Read the next bytes; raise ValueError where they are past the bound."""
        data = self._handle.read(min(len(buffer), BLOCK))
        self._check(self._handle.tell())
        buffer[: len(data)] = data
        return len(data)

    def _check(self, offset: int) -> int:
        if offset > self.most:
            raise ValueError(f"it unpacks to more than {self.most >> 20} MiB, {RATIO} times what it is packed")
        return offset


class _Buffered(io.BufferedReader):
    """As `Unpacked`, with lines, and without room for what a file only says that it holds."""

    def __init__(self, raw: Unpacked) -> None:
        super().__init__(raw, BLOCK)
        self._most = raw.most

    def read(self, size: int | None = -1) -> bytes:
        if (size or 0) > self._most:
            raise ValueError(f"it says that it unpacks to more than {self._most >> 20} MiB")
        return super().read(size)


def unpacked(handle: IO[bytes], packed: int) -> IO[bytes]:
    """Return the bytes of a file of `packed` bytes, which `handle` unpacks, with the bound on how many they are."""
    return cast(IO[bytes], _Buffered(Unpacked(handle, packed)))


class Lines(io.RawIOBase):
    """The bytes of a file of lines, none of which is longer than a record can be."""

    def __init__(self, handle: IO[bytes]) -> None:
        """Read `handle`, from its beginning to its end."""
        self._handle = handle
        self._since = 0  # bytes since the last line ended

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Read the next bytes; raise ValueError where a line goes on for too long."""
        data = self._handle.read(len(buffer))
        end = data.rfind(b"\n")
        self._since = len(data) - end - 1 if end >= 0 else self._since + len(data)
        if self._since > RECORD:
            raise ValueError(f"a line of more than {RECORD >> 20} MiB")
        buffer[: len(data)] = data
        return len(data)


def bounded(handle: IO[bytes], name: str) -> IO[bytes]:
    """Return the bytes of a file by whose name its records are lines with bounds; of another, as they are."""
    table = name.removesuffix(".gz").lower().endswith((".csv", ".tsv"))
    return cast(IO[bytes], io.BufferedReader(Lines(handle))) if table else handle


def keep_to_memory() -> None:
    """Let this process have no more memory than is available now, so that a bomb of any kind is a MemoryError here.

    What files unpack to within a library, a page of Parquet, cannot be counted from outside.
    """
    available = memory.of_machine()["MemAvailable"]
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    bound = available if most == resource.RLIM_INFINITY else min(available, most)
    resource.setrlimit(resource.RLIMIT_DATA, (bound, most))


def checked(file: pq.ParquetFile) -> pq.ParquetFile:
    """Return a Parquet file as it is; raise ValueError where it says that it unpacks to more than a file may hold.

    Where a column's name stands twice, too: of a row as an object only one of the two would be left.
    """
    names = file.schema_arrow.names
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"the column {twice!r} stands in it twice")
    for group in range(file.metadata.num_row_groups):
        columns = file.metadata.row_group(group)
        for column in map(columns.column, range(columns.num_columns)):
            packed, plain = column.total_compressed_size, column.total_uncompressed_size
            if plain > max(UNPACKED, packed * RATIO):
                raise ValueError(
                    f"column {column.path_in_schema!r} unpacks to {plain >> 20} MiB, packed {packed >> 10} KiB"
                )
    return file


def line_of(handle: IO[bytes]) -> bytes:
    """Return the next line of JSON, or b"" at the end; raise ValueError where it is too long or too deep."""
    line = handle.readline(RECORD)
    if len(line) == RECORD and not line.endswith(b"\n"):
        raise ValueError(f"a line of more than {RECORD >> 20} MiB")
    return check_depth(line)


def first_members(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Yield the members of a tar archive; raise ValueError where there are too many."""
    for number, member in enumerate(tar, 1):
        check_members(number)
        yield member


def check_members(number: int) -> None:
    """Raise ValueError where an archive has too many files."""
    if number > MEMBERS:
        raise ValueError(f"more than {MEMBERS:,} files in an archive")


class Nesting:
    """How deep JSON is and how long its records, block by block, before a parser sees them."""

    def __init__(self) -> None:
        """Begin before the first byte."""
        self._depth = 0
        self._in_text = False
        self._escaped = False  # the last block ended in the first half of an escape
        self._since = 0  # bytes since a place between two records was seen

    def feed(self, block: bytes) -> bytes:
        """Return a block as it is; raise ValueError where it goes deeper than DEPTH, or a record on for RECORD."""
        outside, within = self._structure(block)
        depths = list(accumulate((_STEPS[byte] for byte in outside), initial=self._depth))
        if max(depths) > DEPTH:
            raise ValueError(f"more than {DEPTH} lists and objects within each other")
        self._depth = depths[-1]
        self._since = 0 if min(depths) <= 1 and not within else self._since + len(block)
        if self._since > RECORD:
            raise ValueError(f"a record of more than {RECORD >> 20} MiB")
        return block

    def _structure(self, block: bytes) -> tuple[bytes, bool]:
        """Return the brackets of a block that are not within a text, and whether all of it is within one."""
        if self._escaped:
            block, self._escaped = block[1:], False
        if b"\\" in block:
            block = _ESCAPED.sub(b"", block)
            if block.endswith(b"\\"):
                block, self._escaped = block[:-1], True
        parts = block.translate(None, _OTHERS).split(b'"')
        outside = b"".join(parts[self._in_text :: 2])
        within = self._in_text and len(parts) == 1
        self._in_text ^= len(parts) % 2 == 0
        return outside, within


def check_depth(text: bytes) -> bytes:
    """Return a JSON text as it is; raise ValueError where it goes deeper than DEPTH."""
    return Nesting().feed(text)
