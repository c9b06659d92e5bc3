"""A model's files: which of them decide what it computes, their hash, and what the headers of its weights say.

A safetensors file begins with eight bytes, the length of its header in little-endian; the header is JSON, and
gives each tensor's `shape`, `dtype` and `data_offsets` (first byte, and the one after the last, counted from its end).
"""

import json
import math
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

from ..core import identity
from ..core.errors import UserError
from . import configuration

_INDEX = "model.safetensors.index.json"  # which of several files holds a tensor: {"weight_map": {tensor: file}}
_ALONE = "model.safetensors"  # the one file; transformers reads it rather than an index, vLLM does not
_PREFIX = 8  # bytes of the header's length
_LONGEST = 100_000_000  # bytes of a header, as safetensors has it
_BITS = {"BOOL": 8, "U8": 8, "I8": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32}
_BITS |= {"I64": 64, "U64": 64, "F64": 64, "C64": 64, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F4": 4}
_BITS |= {"F6_E2M3": 6, "F6_E3M2": 6}
# What decides what a model computes; a README or a licence beside it does not.
_SUFFIXES = (".safetensors", ".json", ".jinja", ".model", ".txt")


def model_files(folder: Path) -> list[Path]:
    """Return the files of a model folder that decide what it computes, by name.

    Raises UserError on a link that leads nowhere: without the file that it names, this would be another model.
    """
    for path in lost_links(folder):
        raise UserError(f"{path}: a link that leads nowhere. Put the file there, or take the link away.")
    return sorted(path for path in folder.iterdir() if path.is_file() and path.suffix in _SUFFIXES)


def lost_links(folder: Path) -> list[Path]:
    """Return those of a model's files that are links to nothing."""
    named = sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES)
    return [path for path in named if path.is_symlink() and not path.exists()]


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
    return configuration.dtype(configuration.read(folder), folder)


def shapes(folder: Path) -> dict[str, list[int]]:
    """Return the shape of each tensor of a folder by its name; raise UserError unless all files are whole."""
    check_whole(folder)
    return {name: tensor["shape"] for path in _weight_files(folder) for name, tensor in _header(path).items()}


def _weight_files(folder: Path) -> list[Path]:
    return [path for path in model_files(folder) if path.suffix == ".safetensors"]


def check_whole(folder: Path) -> None:
    """Raise UserError unless every safetensors file of a folder is as long as its header says, and the index is theirs.

    A folder that is not there has none.
    """
    for path in _weight_files(folder) if folder.is_dir() else ():
        size, expected = path.stat().st_size, _expected(path)
        if size != expected:
            raise UserError(
                f"{path}: {size} bytes, where its header says {expected or 'nothing that can be read'}: it was cut off "
                f"or overwritten. Delete {folder} and {folder}.manifest.json and run again."
            )
    if (folder / _INDEX).exists():
        _check_index(folder)


def _check_index(folder: Path) -> None:
    """Raise UserError unless an index names tensors of files of its folder: no hash covers what lies elsewhere."""
    path, remedy = folder / _INDEX, "Is it a folder that transformers' save_pretrained wrote, with all of its files?"
    index = configuration.read_object(path)
    placed = index.get("weight_map")
    if not isinstance(placed, dict) or not placed:
        raise UserError(f"{path}: weight_map names no tensor. {remedy}")
    held = {one.name: _header(one).keys() for one in _weight_files(folder)}
    for tensor, name in placed.items():
        if not isinstance(name, str) or tensor not in held.get(name, ()):
            raise UserError(f"{path}: the folder has no tensor {tensor[:60]!r} in a file {str(name)[:60]!r}. {remedy}")
    if _ALONE in held and {*placed.values()} != {_ALONE}:
        raise UserError(f"{path}: it names other files than {_ALONE} beside it: two models. Take one of them away.")


def _expected(path: Path) -> int | None:
    """Return the bytes that a safetensors file should have, None if its header cannot be read."""
    try:
        length, tensors = _read_header(path)
    except ValueError:
        return None
    return _PREFIX + length + max((tensor["data_offsets"][1] for tensor in tensors.values()), default=0)


def _header(path: Path) -> dict[str, dict[str, Any]]:
    """Return what a safetensors file says of each tensor, by name; raise UserError if that cannot be read."""
    try:
        return _read_header(path)[1]
    except ValueError as error:
        raise UserError(f"{path}: its header cannot be read: {str(error)[:200]}.") from error


def _read_header(path: Path) -> tuple[int, dict[str, dict[str, Any]]]:
    """Return the bytes of the header and what it says; raise ValueError where it is none, or contradicts itself."""
    with path.open("rb") as handle:
        length = int.from_bytes(handle.read(_PREFIX), "little")
        if length > min(_LONGEST, path.stat().st_size - _PREFIX):
            raise ValueError(f"it says that it has {length} bytes")
        text = handle.read(length)
    try:
        header = json.loads(text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("lists within lists") from error
    if not isinstance(header, dict):
        raise ValueError("no JSON object")
    if not _are_texts(header.get("__metadata__", {})):
        raise ValueError("its metadata are no texts")
    tensors = {name: tensor for name, tensor in header.items() if name != "__metadata__"}
    "".join(tensors).encode("utf-8")  # half of a character is a ValueError
    end = 0
    for name, tensor in sorted(tensors.items(), key=lambda item: _offsets(*item)):
        first, last = _offsets(name, tensor)
        if first != end or last < first:
            raise ValueError(f"tensor {name[:60]!r} has bytes {first} to {last}, expected them from {end}")
        end = last
        shape, bits = tensor.get("shape"), _BITS.get(str(tensor.get("dtype")))
        if not _are_numbers(shape) or bits is None:
            raise ValueError(f"tensor {name[:60]!r} has shape {str(shape)[:60]} of {str(tensor.get('dtype'))[:20]}")
        if math.prod(shape) * bits != (last - first) * 8:
            raise ValueError(f"tensor {name[:60]!r} has {last - first} bytes, too few or too many for its shape")
    return length, tensors


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object of a header; safetensors refuses one that names a key twice, Python takes the last."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name that stands there twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")


def _are_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _offsets(name: str, tensor: Any) -> tuple[int, int]:
    offsets: Any = tensor.get("data_offsets") if isinstance(tensor, dict) else None
    if not _are_numbers(offsets) or len(offsets) != 2:
        raise ValueError(f"tensor {name[:60]!r} does not say where its bytes are")
    return offsets[0], offsets[1]


def _are_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(type(number) is int and 0 <= number < 2**63 for number in value)
