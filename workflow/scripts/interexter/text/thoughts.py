"""What a model thinks before it answers, in a block <think> ... </think>, and what it says.

Models that are not told to think write such blocks under other names too: <thinking>, <reasoning>, [THINK].
"""

import re
from collections.abc import Sequence

OPEN, CLOSE = "<think>", "</think>"  # of chat templates

_NAME = "(think(?:ing)?|thoughts?|reasoning|reflection|scratchpad)"
_OPENED = re.compile(rf"\s*[<\[]{_NAME}[>\]]", re.IGNORECASE)
_BLOCK = re.compile(rf"{_OPENED.pattern}.*?[<\[]/\1[>\]]", re.IGNORECASE | re.DOTALL)
_CLOSED = re.compile(rf"[<\[]/{_NAME}[>\]]", re.IGNORECASE)


def thought_end(text: str) -> int | None:
    """Return where a text goes on after the think blocks that it begins with, None where one is not closed.

    The first may have been opened by the prompt.
    """
    end = _prompted_end(text)
    while block := _BLOCK.match(text, end):
        end = block.end()
    return None if _OPENED.match(text, end) else end


def _prompted_end(text: str) -> int:
    """Return where a block ends that the prompt opened: the first end of a block that the text does not begin."""
    closed = _CLOSED.search(text)
    opened = [found[1].lower() for found in _OPENED.finditer(text, 0, closed.start())] if closed else []
    return closed.end() if closed and closed[1].lower() not in opened else 0


def said(text: str) -> str:
    """Return a text without the think blocks that it begins with: nothing where one is not closed."""
    end = thought_end(text)
    return "" if end is None else text[end:].lstrip() if end else text


def stop_place(text: str, stops: Sequence[str]) -> int | None:
    """Return where the first of some texts stands in what is said, None where none does or nothing is said yet."""
    answer = said(text)
    places = [place for stop in stops if (place := answer.find(stop)) >= 0]
    return len(text) - len(answer) + min(places) if places else None


def open_block(text: str) -> str:
    """Return the think block that a text ends in, from its beginning on; "" where it ends in none."""
    _, opened, thought = text.rpartition(OPEN)
    return "" if CLOSE in thought else opened + thought if opened else ""
