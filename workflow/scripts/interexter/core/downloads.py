"""Bounds on what comes from elsewhere: how long a download may take, and how large a file may be."""

import contextlib
import resource
import signal
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from .errors import UserError

HOURS = 48.0  # of all attempts together
LARGEST = 1 << 40  # bytes of a file


def late(what: str, hours: float, instead: str) -> UserError:
    """Return the error for a download that takes too long: which, and what to do."""
    return UserError(f"{what}: not complete after {hours:g} hours. Run again to go on. {instead}")


def large(what: str, most: int, instead: str) -> UserError:
    """Return the error for a file that is too large."""
    return UserError(f"{what}: more than {most / 1e9:,.0f} GB. {instead}")


def run(command: Sequence[str], what: str, instead: str, **how: Any) -> subprocess.CompletedProcess[str]:
    """Run a program that downloads, and end it after HOURS; it can write no file of more than LARGEST bytes.

    Args:
        command: the program and its arguments.
        what: what it downloads, for errors.
        instead: what else one can do, for errors.
        how: further arguments of subprocess.run.
    """
    try:
        return subprocess.run(
            command, timeout=HOURS * 3600, preexec_fn=_limit_files, encoding="utf-8", check=False, **how
        )
    except subprocess.TimeoutExpired:
        raise late(what, HOURS, instead) from None


def _limit_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST if most == resource.RLIM_INFINITY else min(LARGEST, most), most))


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
