"""Files in formats of other libraries that say nothing of damage: a hash of all bytes is put at their end.

NumPy and FAISS read what they need from the beginning and look at nothing behind it.
"""

import hashlib
from pathlib import Path

from .errors import UserError

_DIGEST = 16  # bytes
_BLOCK = 1 << 24  # bytes that are in memory at a time


def seal(path: Path) -> None:
    """Append its hash to a finished file."""
    with path.open("ab") as handle:
        handle.write(_hash(path, path.stat().st_size))


def check(path: Path) -> None:
    """Raise UserError unless a file ends in the hash of what stands before it."""
    try:
        length = path.stat().st_size - _DIGEST
        with path.open("rb") as handle:
            handle.seek(max(0, length))
            fits = handle.read() == _hash(path, length)
    except OSError as error:
        raise UserError(f"{path}: not readable ({error.strerror}). Run again.") from error
    if not fits:
        raise UserError(f"{path}: its content is not what the hash at its end says: damaged. Delete it and run again.")


def _hash(path: Path, length: int) -> bytes:
    """Return the hash of the first bytes of a file."""
    digest = hashlib.blake2b(digest_size=_DIGEST)
    with path.open("rb") as handle:
        while length > 0 and (block := handle.read(min(length, _BLOCK))):
            digest.update(block)
            length -= len(block)
    return digest.digest()
