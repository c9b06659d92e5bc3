"""One run at a time in a folder, and the lock that a killed run leaves behind: detected, said, released.

Snakemake's own lock does not say whose it is. So whoever opens the workflow writes down its host and process beside
it, before there is a lock, and holds a lock of the file system on that record until it ends, however it ends. A later
run releases Snakemake's lock only if nobody holds a record any more. Process ids tell a reader who it was, and decide
nothing: in containers, and on two hosts that share a disk, they repeat.
"""

import atexit
import fcntl
import json
import os
import secrets
import shutil
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from ..core.errors import UserError

_OWNERS = Path(".snakemake", "owners")
_LOCKS = Path(".snakemake", "locks")
_RUNNING = Path(".snakemake", "running.json")  # the run that executes jobs here now, or did so last


def own(folder: Path) -> Path:
    """Write down, until this process ends, that it has opened the workflow in `folder`; return the record."""
    record = folder / _OWNERS / f"{secrets.token_hex(8)}.json"
    record.parent.mkdir(parents=True, exist_ok=True)
    handle = record.open("x", encoding="utf-8")  # open, and so locked, as long as the process lives
    with suppress(OSError):  # a file system without locks
        fcntl.flock(handle, fcntl.LOCK_EX)
    json.dump(_me(), handle)
    handle.flush()
    atexit.register(handle.close)
    atexit.register(record.unlink, missing_ok=True)  # the later one is called first
    return record


def run_alone(folder: Path) -> IO[str]:
    """Return what holds, until it is closed, that this process alone executes jobs in `folder`.

    Raises UserError where another does. Snakemake looks whether there is a lock and then makes its own, so
    two runs that start together both go on.
    """
    handle = (folder / _RUNNING).open("a+", encoding="utf-8")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _at_work(folder) from None
    except OSError:  # a file system without locks: Snakemake's own has to do
        return handle
    handle.truncate(0)
    json.dump(_me(), handle)
    handle.flush()
    return handle


def check_idle(folder: Path) -> None:
    """Raise UserError where a run executes jobs in `folder`: its lock is not to be taken away."""
    if (folder / _RUNNING).exists() and _is_held(folder / _RUNNING, unknown=False):
        raise _at_work(folder)


def _at_work(folder: Path) -> UserError:
    owner = _read(folder / _RUNNING)
    whose = f" (process {owner['pid']} on {owner['host']})" if owner else ""
    return UserError(
        f"{folder}: a run is at work here{whose}. Wait until it ends, or end it; another study has a folder of its own."
    )


def _me() -> dict[str, Any]:
    return {"host": socket.gethostname(), "pid": os.getpid()}


def release_stale(folder: Path, mine: Path) -> None:
    """Release the lock of a run that is gone; leave a living one's, and Snakemake will say so.

    Args:
        folder: where the workflow runs.
        mine: the record of this process.

    Raises:
        UserError: the lock's owner ran on another machine, whose locks may not be seen here, or is not known.
    """
    locks = folder / _LOCKS
    if not locks.is_dir() or not any(locks.iterdir()):
        return
    records = [record for record in (folder / _OWNERS).glob("*.json") if record != mine]
    if any(map(_is_held, records)):
        return
    owners = [owner for record in records if (owner := _read(record))]
    elsewhere = sorted({owner["host"] for owner in owners} - {socket.gethostname()})
    if elsewhere or not owners:
        whose = f"a run on {elsewhere[0]}" if elsewhere else "an unknown run"
        raise UserError(
            f"{locks}: locked by {whose}. If it runs no more, add --unlock to the command (make: ARGS=--unlock)"
        )
    shutil.rmtree(locks)
    for record in records:
        record.unlink(missing_ok=True)
    killed = ", ".join(str(owner["pid"]) for owner in owners)
    print(f"A run that was killed (process {killed}) left its lock in {folder}: released.", file=sys.stderr)


def forget(folder: Path) -> None:
    """Forget who has opened the workflow, as `snakemake --unlock` asks: the lock goes, too."""
    for record in (folder / _OWNERS).glob("*.json"):
        record.unlink(missing_ok=True)


def _is_held(record: Path, unknown: bool = True) -> bool:
    """Tell whether the process of a record lives: it holds a lock on it; `unknown` is for where that cannot be seen."""
    try:
        with record.open("r+b") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    except OSError:  # another user's, or a file system without locks
        return unknown
    return False


def _read(record: Path) -> dict[str, Any] | None:
    """Return what a process wrote down; None where it has just ended and took it along, or where it is unreadable."""
    try:
        owner = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    kinds = {"host": str, "pid": int}
    sound = isinstance(owner, dict) and all(isinstance(owner.get(key), kind) for key, kind in kinds.items())
    return owner if sound else None
