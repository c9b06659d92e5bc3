"""Hashes of the footers of Parquet files, for which Parquet has no checksum; they say what the pages are.

The hash stands between the pages and the footer, where a reader of Parquet looks at nothing.
"""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

_TAIL = 8  # bytes at the end of a Parquet file: the footer's length, little-endian, and PAR1
_MARK = b"footer blake2b: "  # before the hash of footer and tail
_DIGEST = 16  # bytes


def sign(path: Path) -> None:
    """Put its hash before the footer of a finished table."""
    with path.open("r+b") as handle:
        footer = _footer(handle)
        handle.seek(-len(footer), os.SEEK_END)
        handle.write(_MARK + _digest(footer) + footer)


def damaged(path: Path) -> bool:
    """Tell whether a table's footer is not what its hash says; one without a hash is not ours."""
    with path.open("rb") as handle:
        footer = _footer(handle)
        handle.seek(max(0, handle.seek(0, os.SEEK_END) - len(footer) - _DIGEST - len(_MARK)))
        mark, digest = handle.read(len(_MARK)), handle.read(_DIGEST)
    return mark == _MARK and digest != _digest(footer)


def _footer(handle: BinaryIO) -> bytes:
    """Return footer and tail of an open Parquet file, what there is of them."""
    size = handle.seek(0, os.SEEK_END)
    handle.seek(max(0, size - _TAIL))
    length = int.from_bytes(handle.read(4), "little")
    handle.seek(max(0, size - _TAIL - length))
    return handle.read()


def _digest(footer: bytes) -> bytes:
    return hashlib.blake2b(footer, digest_size=_DIGEST).digest()
