"""The lock that a killed run leaves behind: detected, said, released; a living owner is respected.

Snakemake's own lock does not say whose it is. So a run writes down its host and process beside it,
and a later run releases the lock only if that process is known to be gone.
"""

import json
import os
import shutil
import socket
import sys
from pathlib import Path

from .errors import UserError
from .tables import write_text

_OWNER = Path(".snakemake", "owner.json")
_LOCKS = Path(".snakemake", "locks")


def own(folder: Path) -> None:
    """Write down that this process runs the workflow in `folder`."""
    write_text(
        folder / _OWNER,
        json.dumps({"host": socket.gethostname(), "pid": os.getpid(), "started": _started(os.getpid())}),
    )


def release_stale(folder: Path) -> None:
    """Release the lock of a run that is gone; leave a living owner's, and Snakemake will say so.

    Raises:
        UserError: the lock's owner ran on another machine, or nobody wrote down whose it is.
    """
    locks = folder / _LOCKS
    if not locks.is_dir() or not any(locks.iterdir()):
        return
    owner = json.loads((folder / _OWNER).read_text()) if (folder / _OWNER).is_file() else None
    if owner is None or owner["host"] != socket.gethostname():
        whose = f"a run on {owner['host']}" if owner else "an unknown run"
        raise UserError(f"{locks}: locked by {whose}. If it is not running any more: snakemake --unlock")
    if owner["pid"] == os.getpid() or _started(owner["pid"]) == owner["started"]:
        return
    shutil.rmtree(locks)
    print(f"A run that was killed (process {owner['pid']}) left its lock in {folder}: released.", file=sys.stderr)


def _started(pid: int) -> str:
    """Return when a process started (clock ticks since boot), "" if there is none: a pid may be used again."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]
