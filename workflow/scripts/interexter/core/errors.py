"""Errors that a user can cause."""

import errno
from collections.abc import Iterable
from difflib import get_close_matches

_OF_CONTENT = (None, errno.ENOENT, errno.EISDIR)  # None: a library's own, of what it read


class UserError(Exception):
    """Something a user can put right; the message names file, key or row, and says what to do.

    It is one line, whatever a library or a file of somebody else put into it.
    """

    def __init__(self, message: str) -> None:
        """Say what is wrong."""
        super().__init__(in_a_line(message))


def remedy(error: Exception) -> str:
    """Return what to do about a file of ours that could not be read: only one that is damaged is to be deleted."""
    if isinstance(error, OSError) and error.errno not in _OF_CONTENT:
        return "Mend its disk, or the right to read it, and run again."
    return "Delete it and run again."


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known names are nearest to an unknown one, or all that are known."""
    known = sorted(map(str, known))
    near = get_close_matches(name, known)
    return f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(known)}"


def in_a_line(text: str) -> str:
    """Return a text as one line that a terminal shows as it is: without line ends and control characters."""
    joined = " ".join(part for line in text.splitlines() if (part := line.strip()))
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in joined)
