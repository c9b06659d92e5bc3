"""What a config may be made of, whatever read it: texts, finite numbers, lists, and mappings of texts."""

import math
import unicodedata
from collections.abc import Iterator
from typing import Any

LONGEST = 10_000  # characters of a text
LARGEST = 10**15  # of numbers; a computer's own have no more digits that are all sure
DEEPEST = 32  # lists and mappings within each other


def faults(value: Any, key: str = "", depth: int = 0) -> Iterator[str]:
    """Yield what no key of a config can hold, each with its key; of what lies too deep, the first only."""
    if depth > DEEPEST:
        yield f"{key[:60]}...: more than {DEEPEST} lists and mappings within each other"
    elif isinstance(value, dict):
        for name, part in value.items():
            if not isinstance(name, str):
                yield f"{key or 'top level'}: the key {name!r} is no text; put it in quotes"
                return
            if fault := _text_fault(name):
                yield f"{key or 'top level'}: the key {name[:60]!r} {fault}"
                return
            yield from faults(part, f"{key}.{name}" if key else name, depth + 1)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from faults(part, f"{key}.{number}", depth + 1)
    elif isinstance(value, str):
        if fault := _text_fault(value):
            yield f"{key}: the text {value[:60]!r} {fault}"
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{key}: {value} is no finite number"
    elif isinstance(value, int | float):
        if abs(value) > LARGEST:
            yield f"{key}: a number of more than {LARGEST:.0e}"
    elif value is not None:
        yield f"{key}: a {type(value).__name__}, which no key takes; put a text in quotes"


def _text_fault(text: str) -> str:
    """Return what is wrong with a text that a program, a command line and a page are to hold, or ""."""
    if len(text) > LONGEST:
        return f"has more than {LONGEST:,} characters"
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\r\n" for c in text):
        return "has a control character"
    return ""
