"""The ranks of a training: each a process that torchrun starts, with its share of threads."""

import ctypes
import os
import signal
import sys
import time
from pathlib import Path
from typing import NamedTuple

from ..core import environment
from ..core.errors import UserError


class Ranks(NamedTuple):
    """Which rank this process is, among how many."""

    together: int
    local: int  # of them on this machine
    first: bool  # this one speaks and writes for all


def joined() -> Ranks:
    """Return this process's rank; raise UserError where torchrun has not started it."""
    if "WORLD_SIZE" not in os.environ:
        raise UserError("finetune.py runs under torchrun: torchrun --standalone --nproc_per_node RANKS finetune.py ...")
    _end_with_parent()
    return Ranks(int(os.environ["WORLD_SIZE"]), int(os.environ["LOCAL_WORLD_SIZE"]), os.environ["RANK"] == "0")


def set_environment(device: str, threads: int, local_ranks: int) -> None:
    """Set what the libraries read while they are imported; `threads` are those of all ranks of this machine.

    Ranks that all took the whole job's threads made a first step of 40 s from one of 14.
    """
    environment.limit_threads(threads // local_ranks)
    os.environ.setdefault("TORCH_EXTENSIONS_DIR", str(Path(environment.CACHE, "torch_extensions").absolute()))
    os.environ["HF_HUB_OFFLINE"] = "1"
    if device == "cpu":
        environment.hide_gpus()


def end_after_the_first() -> None:
    """End a rank other than the first after an error that all of them meet: the first one says it.

    torchrun ends all ranks as soon as one has failed, so the others give the first time.
    """
    if os.environ.get("RANK", "0") != "0":
        time.sleep(10)
        sys.exit(1)


def _end_with_parent() -> None:
    """Let the kernel end this rank when torchrun is killed; it would train on as an orphan, into the same folder."""
    set_parent_death_signal = 1  # PR_SET_PDEATHSIG of Linux's prctl
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
    if os.getppid() == 1:  # it was killed before the kernel knew
        sys.exit("error: torchrun was killed while this rank started.")
