"""A model's config.json, which somebody else wrote: what we read of it is checked, and a fault is one line."""

import json
import re
from pathlib import Path
from typing import Any

from ..core.errors import UserError

LARGEST = 16 << 20  # bytes; a large one has some kilobytes


def read(folder: Path, *numbers: str) -> dict[str, Any]:
    """Return the configuration of a model folder, of one with several parts that of its text.

    Raises UserError, naming the file, if it is no JSON object, and if one of the keys `numbers` is no positive number.
    """
    path = folder / "config.json"
    config = read_object(path)
    config = config.get("text_config", config)
    if not isinstance(config, dict):
        raise UserError(f"{path}: expected a JSON object. {_REMEDY}")
    for key in numbers:
        if not _is_positive(config.get(key)):
            raise UserError(f"{path}: {key} is {str(config.get(key))[:60]}, expected a positive number. {_REMEDY}")
    return config


def _is_positive(value: Any) -> bool:
    return type(value) is int and 0 < value < 2**53


def architecture(config: dict[str, Any]) -> str | None:
    """Return the name of a model's first class, None where the configuration states none."""
    named = config.get("architectures")
    return named[0] if isinstance(named, list) and named and isinstance(named[0], str) else None


def context_length(config: dict[str, Any], folder: Path) -> int:
    """Return the tokens that a model reads at most: of these scalings the configuration gives the length before.

    Raises UserError, naming the file, if a scaling has no factor that is a number from 1 on.
    """
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    if not isinstance(rope, dict) or rope.get("rope_type", rope.get("type")) not in ("linear", "dynamic"):
        return int(config["max_position_embeddings"])
    factor = rope.get("factor")
    if not isinstance(factor, int | float) or isinstance(factor, bool) or not 1 <= factor < 2**20:
        raise UserError(f"{folder / 'config.json'}: a scaling by {str(factor)[:60]}, expected a number. {_REMEDY}")
    return int(config["max_position_embeddings"] * factor)


def dtype(config: dict[str, Any], folder: Path) -> str:
    """Return the dtype that a configuration states, such as bfloat16; raise UserError if it is none."""
    # Configurations saved before transformers 5 say torch_dtype.
    said = config.get("dtype") or config.get("torch_dtype") or "float32"
    if not isinstance(said, str) or not re.fullmatch(r"b?float(8|16|32|64)\w*", said):
        raise UserError(f"{folder / 'config.json'}: dtype is {str(said)[:60]}, expected such as bfloat16. {_REMEDY}")
    return said


def read_object(path: Path) -> dict[str, Any]:
    """Return a JSON object of a model's folder; raise UserError, naming the file, if it is none."""
    try:
        if path.stat().st_size > LARGEST:
            raise UserError(f"{path}: more than {LARGEST >> 20} MiB is no model's configuration.")
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path}: not a readable JSON file ({str(error)[:200]}). {_REMEDY}") from error
    if not isinstance(config, dict):
        raise UserError(f"{path}: expected a JSON object. {_REMEDY}")
    return config


_REMEDY = "Is it a folder that transformers' save_pretrained wrote?"
