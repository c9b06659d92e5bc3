"""A config's file: YAML that says one thing to every reader, and a line for whatever does not.

YAML takes the last of two equal keys, reads 010 as eight, 1:30 as ninety and `no` as false. Nobody who writes such
a thing in a config means it, so it is refused with its line, before anything is run.
"""

import math
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import yaml

from ..core.errors import UserError
from .values import DEEPEST

LARGEST = 1 << 20  # bytes
MOST = 100_000  # values, with those that an alias repeats

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a file is read at the start of every job
_TAG = "tag:yaml.org,2002:"
_KINDS = {f"{_TAG}{kind}" for kind in ("str", "int", "float", "bool", "null", "seq", "map", "merge")}


def read(path: Path) -> dict[str, Any]:
    """Return what a file says; raise UserError naming the file and the line where it says nothing, or two things."""
    text = _text(path)
    try:
        _check_depth(path, text)
        node = yaml.compose(text, Loader=_LOADER)
        if not isinstance(node, yaml.MappingNode):
            raise UserError(f"{path}: expected keys and values, as in config/config.yaml.")
        count = 0
        for count, (part, is_key) in enumerate(_nodes(path, node), 1):
            if count > MOST:
                _refuse(path, part, f"more than {MOST:,} values")
            if fault := _fault(part, is_key):
                _refuse(path, part, fault)
        return dict(yaml.load(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}, line {mark.line + 1}" if mark else str(path)
        raise UserError(f"{place}: not YAML ({error.problem}). Look at this line and the one above it.") from error
    except (yaml.YAMLError, ValueError, LookupError) as error:  # the last two: of a tag that is written out
        raise UserError(f"{path}: not YAML ({' '.join(str(error).split())[:200]}).") from error


def _text(path: Path) -> str:
    try:
        with path.open("rb") as handle:
            data = handle.read(LARGEST + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        raise UserError(f"{path}: the config cannot be read ({getattr(error, 'strerror', error)}).") from error
    if len(data) > LARGEST:
        raise UserError(f"{path}: more than {LARGEST >> 20} MiB is no config.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{path}, line {line}: not UTF-8 (byte 0x{data[error.start]:02x}). Save the file in UTF-8."
        ) from error
    for number, content in enumerate(text.split("\n"), 1):
        for character in content:
            if unicodedata.category(character) == "Cc" and character not in "\t\r":
                raise UserError(f"{path}, line {number}: a control character, U+{ord(character):04X}. Take it out.")
    return text


def _check_depth(path: Path, text: str) -> None:
    """Raise UserError where values lie too deep; before they are composed, which takes the machine's stack."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            _refuse(path, event, f"more than {DEEPEST} lists and mappings within each other")


def _nodes(path: Path, node: Any, above: tuple[int, ...] = ()) -> Iterator[tuple[Any, bool]]:
    """Yield all nodes, with whether each is a key; raise UserError on equal keys and on what holds itself."""
    if id(node) in above:
        _refuse(path, node, "a value that holds itself")
    yield node, False
    above = (*above, id(node))
    if isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for key, value in node.value:
            yield key, True
            if key.value in lines:
                _refuse(path, key, f"the key {_shown(key)} stands in line {lines[key.value]} already")
            lines[key.value] = key.start_mark.line + 1
            yield from _nodes(path, value, above)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _nodes(path, value, above)


def _fault(node: Any, is_key: bool) -> str:
    """Return what a node would be read as that nobody means, or ""."""
    kind = node.tag.removeprefix(_TAG)
    if is_key and kind not in ("str", "merge"):
        if not isinstance(node, yaml.ScalarNode):
            return "a key that is no text"
        return f"the key {_shown(node)} is no text but would be read as {kind}; put it in quotes"
    if node.tag not in _KINDS:
        return f"{_shown(node)} would be read as {kind}, which no key takes; put a text in quotes"
    if kind == "int" and (":" in node.value or re.match(r"[-+]?0[0-7_]", node.value)):
        number = "in base 60" if ":" in node.value else "as an octal number"
        return f"{_shown(node)} would be read {number}; write a number in decimal, or a text in quotes"
    if kind == "int" and len(node.value) > 30:
        return f"{_shown(node)} is too large a number"
    if kind == "float":
        if ":" in node.value:
            return f"{_shown(node)} would be read in base 60; write a number in decimal, or a text in quotes"
        if not math.isfinite(float(re.sub(r"\.(?=inf|nan)", "", node.value.lower().replace("_", "")))):
            return f"{_shown(node)} is no finite number"
    return ""


def _shown(node: Any) -> str:
    if not isinstance(node, yaml.ScalarNode):
        return "the value"
    return repr(node.value if len(node.value) <= 60 else f"{node.value[:60]}...")


def _refuse(path: Path, node: Any, fault: str) -> NoReturn:
    raise UserError(f"{path}, line {node.start_mark.line + 1}: {fault}.")
