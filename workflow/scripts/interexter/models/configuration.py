"""A model's config.json, which somebody else wrote: what we read of it is checked, and a fault is one line."""

import json
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
        if type(config.get(key)) is not int or not 0 < config[key] < 2**53:
            raise UserError(f"{path}: {key} is {str(config.get(key))[:60]}, expected a positive number. {_REMEDY}")
    return config


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
