"""What a model thinks before it answers, in a block <think> ... </think>, and what it says."""

from collections.abc import Sequence

OPEN, CLOSE = "<think>", "</think>"


def thought_end(text: str) -> int | None:
    """Return where a text goes on after the think block that it begins with, None where that is not closed.

    The block may have been opened by the prompt.
    """
    thought, closed, _ = text.partition(CLOSE)
    opened = thought.lstrip().startswith(OPEN)
    if closed and (opened or OPEN not in thought):
        return len(thought) + len(closed)
    return None if opened else 0


def said(text: str) -> str:
    """Return a text without the think block that it begins with: nothing where that is not closed."""
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
