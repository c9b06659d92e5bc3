"""The lock that a killed run leaves behind: detected, said, released; a living run's is respected.

Snakemake's own lock does not say whose it is. So whoever opens the workflow writes down its host and process beside
it, before there is a lock and until it ends, and a later run releases a lock only if all of them are known to be gone.
"""

import atexit
import json
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from ..core.files import write_text

_OWNERS = Path(".snakemake", "owners")
_LOCKS = Path(".snakemake", "locks")


def own(folder: Path) -> None:
    """Write down, until this process ends, that it has opened the workflow in `folder`."""
    record = _record(folder)
    about = {"host": socket.gethostname(), "pid": os.getpid(), "started": _started(os.getpid())}
    write_text(record, json.dumps(about))
    atexit.register(record.unlink, missing_ok=True)


def release_stale(folder: Path) -> None:
    """Release the lock of a run that is gone; leave a living one's, and Snakemake will say so.

    Raises:
        UserError: the lock's owner may have run on another machine, or nobody wrote down whose it is.
    """
    locks = folder / _LOCKS
    if not locks.is_dir() or not any(locks.iterdir()):
        return
    records = [record for record in (folder / _OWNERS).glob("*.json") if record != _record(folder)]
    owners = [owner for record in records if (owner := _read(record))]
    elsewhere = sorted({owner["host"] for owner in owners} - {socket.gethostname()})
    if elsewhere or not owners:
        whose = f"a run on {elsewhere[0]}" if elsewhere else "an unknown run"
        raise UserError(f"{locks}: locked by {whose}. If it is not running any more: snakemake --unlock")
    if any(_started(owner["pid"]) == owner["started"] for owner in owners):
        return
    shutil.rmtree(locks)
    for record in records:
        record.unlink(missing_ok=True)
    killed = ", ".join(str(owner["pid"]) for owner in owners)
    print(f"A run that was killed (process {killed}) left its lock in {folder}: released.", file=sys.stderr)


def forget(folder: Path) -> None:
    """Forget who has opened the workflow, as `snakemake --unlock` asks: the lock goes, too."""
    for record in (folder / _OWNERS).glob("*.json"):
        record.unlink(missing_ok=True)


def _record(folder: Path) -> Path:
    """Return where this process writes down that it has opened the workflow."""
    return folder / _OWNERS / f"{socket.gethostname()}.{os.getpid()}.json"


def _read(record: Path) -> dict[str, Any] | None:
    """Return what a process wrote down; None where it has just ended and took it along, or where it is unreadable."""
    try:
        owner = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    kinds = {"host": str, "pid": int, "started": str}
    sound = isinstance(owner, dict) and all(isinstance(owner.get(key), kind) for key, kind in kinds.items())
    return owner if sound else None


def _started(pid: int) -> str:
    """Return when a process started (clock ticks since boot), "" if there is none: a pid may be used again."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]
