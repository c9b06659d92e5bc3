"""Whether a model's weights are all there: a copy that was cut off is said so, before a library fails on it."""

import json
from pathlib import Path

from ..core.errors import UserError

_PREFIX = 8  # bytes of the header's length, little-endian: the safetensors format


def check_whole(folder: Path) -> None:
    """Raise UserError unless every safetensors file of a folder is as long as its header says."""
    for path in sorted(folder.glob("*.safetensors")):
        size, expected = path.stat().st_size, _expected(path)
        if size != expected:
            raise UserError(
                f"{path}: {size} bytes, where its header says {expected or 'nothing that can be read'}: it was cut off "
                f"or overwritten. Delete {folder} and {folder}.manifest.json and run again."
            )


def _expected(path: Path) -> int | None:
    """Return the bytes that a safetensors file should have, None if its header cannot be read."""
    with path.open("rb") as handle:
        length = int.from_bytes(handle.read(_PREFIX), "little")
        try:
            header = json.loads(handle.read(min(length, path.stat().st_size)))
        except ValueError:
            return None
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    return int(_PREFIX + length + max(ends, default=0))
