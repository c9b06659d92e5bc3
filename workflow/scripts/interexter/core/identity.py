"""Content hashes and per-row random generators: the two roots of reproducibility.

An id is a hash of content, so the same content has the same id on every machine. A row's random
generator is seeded by what the row is, so results do not depend on order, sharding or cores.
"""

import hashlib
import json
import random
from pathlib import Path
from typing import Any

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical_json(value: Any) -> str:
    """Return the one JSON text of `value`: sorted keys, no spaces, plain Unicode, no NaN."""
    return _CANONICAL.encode(value)


def content_id(value: Any) -> str:
    """Return the content hash of a JSON-like value: 32 hexadecimal digits of blake2b (128 bits)."""
    return hashlib.blake2b(canonical_json(value).encode(), digest_size=16).hexdigest()


def file_id(path: Path) -> str:
    """Return the content hash of a file: 32 hexadecimal digits of blake2b (128 bits)."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def row_seed(seed: int, stage: str, row_id: str) -> int:
    """Return a 63-bit seed that depends on the run's seed, the stage and the row alone."""
    return int(content_id([seed, stage, row_id])[:16], 16) >> 1


def row_random(seed: int, stage: str, row_id: str) -> random.Random:
    """Return the random generator of one row of one stage."""
    return random.Random(row_seed(seed, stage, row_id))
