"""Bounds on what comes from elsewhere: how long a download may take, and how large a file may be."""

import contextlib
import signal
from collections.abc import Iterator
from typing import NoReturn

from .errors import UserError

HOURS = 48.0  # of all attempts together
LARGEST = 1 << 40  # bytes of a file


def late(what: str, hours: float, instead: str) -> UserError:
    """Return the error for a download that takes too long: which, and what to do."""
    return UserError(f"{what}: not complete after {hours:g} hours. Run again to go on. {instead}")


def large(what: str, most: int, instead: str) -> UserError:
    """Return the error for a file that is too large."""
    return UserError(f"{what}: more than {most / 1e9:,.0f} GB. {instead}")


@contextlib.contextmanager
def bounded(what: str, hours: float, instead: str) -> Iterator[None]:
    """End the block after so many hours, wherever it is: a server may send its head byte by byte, or heads without end.

    By an alarm of the system, which only the main thread of a program can set.
    """

    def ended(*_: object) -> NoReturn:
        raise late(what, hours, instead)

    before = signal.signal(signal.SIGALRM, ended)
    signal.setitimer(signal.ITIMER_REAL, hours * 3600)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
