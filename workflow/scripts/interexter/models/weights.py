"""A model's files: which of them decide what it computes, their hash, and what the headers of its weights say.

A safetensors file begins with eight bytes, the length of its header in little-endian; the header is JSON, and
gives each tensor's `shape`, `dtype` and `data_offsets` (first byte, and the one after the last, counted from its end).
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ..core import identity
from ..core.errors import UserError

_PREFIX = 8  # bytes of the header's length
# What decides what a model computes; a README or a licence beside it does not.
_SUFFIXES = (".safetensors", ".json", ".jinja", ".model", ".txt")


def model_files(folder: Path) -> list[Path]:
    """Return the files of a model folder that decide what it computes, by name."""
    return sorted(path for path in folder.iterdir() if path.is_file() and path.suffix in _SUFFIXES)


def weights_id(folder: Path) -> str:
    """Return the content hash of a model: its weights, configuration, tokenizer and chat template.

    Every byte is read, a file to a core: about a second for each GB and core (docs/reliability.md has figures).
    """
    paths = model_files(folder)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as readers:
        ids = list(readers.map(identity.file_id, paths))
    return identity.content_id({path.name: one for path, one in zip(paths, ids, strict=True)})


def check(folder: Path, expected: str) -> None:
    """Raise UserError unless the files of a model folder are those whose weights_id is expected."""
    check_whole(folder)
    if not folder.is_dir() or (found := weights_id(folder)) != expected:
        what = f"its files have the weights_id {found}" if folder.is_dir() else "it is not there"
        raise UserError(
            f"{folder}: {what}, its manifest says {expected}: they were damaged or changed since they were written. "
            f"Delete {folder} and {folder}.manifest.json and run again."
        )


def dtype_of(folder: Path) -> str:
    """Return the dtype that the configuration of a model folder states, such as bfloat16."""
    config = json.loads((folder / "config.json").read_text())
    # Configurations saved before transformers 5 say torch_dtype.
    return str(config.get("dtype") or config.get("torch_dtype") or "float32")


def shapes(folder: Path) -> dict[str, list[int]]:
    """Return the shape of each tensor of a folder by its name; raise UserError unless all files are whole."""
    check_whole(folder)
    paths = sorted(folder.glob("*.safetensors"))
    return {name: tensor["shape"] for path in paths for name, tensor in _header(path).items()}


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
    try:
        tensors = _header(path)
    except ValueError:
        return None
    with path.open("rb") as handle:
        length = int.from_bytes(handle.read(_PREFIX), "little")
    return _PREFIX + length + max((int(tensor["data_offsets"][1]) for tensor in tensors.values()), default=0)


def _header(path: Path) -> dict[str, dict[str, Any]]:
    """Return what a safetensors file says of each tensor, by name; raise ValueError if it is no JSON."""
    with path.open("rb") as handle:
        length = int.from_bytes(handle.read(_PREFIX), "little")
        header = json.loads(handle.read(min(length, path.stat().st_size)))
    return {name: tensor for name, tensor in header.items() if name != "__metadata__"}
