"""JSON between stages: one writer and one reader, and a checksum by which the reader knows what was damaged."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import UserError, remedy
from .files import write_text
from .identity import content_id

CHECKSUM = "checksum"  # the last key of every object that is written here: the content_id of the others


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON object with its checksum, whole or not at all; raise ValueError on a number that is none."""
    signed = {**value, CHECKSUM: content_id(value)}
    write_text(path, json.dumps(signed, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path, *needed: str) -> dict[str, Any]:
    """Read a JSON object that has these keys, without its checksum.

    Raises UserError, naming file and fault, if the file holds no object, if it lacks a key, and if its content is not
    what its checksum says. One without a checksum is somebody else's and read as it is.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path}: not a readable JSON file ({error}). {remedy(error)}") from error
    if not isinstance(value, dict):
        raise UserError(f"{path}: expected a JSON object, found {type(value).__name__}. Delete it and run again.")
    _verify(path, value)
    if missing := [key for key in needed if key not in value]:
        raise UserError(f"{path}: there is no {', '.join(map(repr, missing))}. Delete it and run again.")
    return value


def _verify(path: Path, value: dict[str, Any]) -> None:
    """Take the checksum off an object; raise UserError where it is not that of the rest."""
    last, rest = next(reversed(value), ""), dict(value)
    told = rest.pop(last, None)
    try:
        fits = told == content_id(rest)
    except ValueError:  # a number that is none, or half of a character
        fits = False
    if fits:
        del value[last]  # whatever it is called: a flipped bit in its name harms nothing
    elif CHECKSUM in value:
        raise UserError(
            f"{path}: its content is not what its checksum says, so it was damaged or edited. Delete it and run again; "
            f"to keep an edit, delete the line {CHECKSUM!r}."
        )
