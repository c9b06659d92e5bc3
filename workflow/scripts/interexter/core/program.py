"""How a program starts and ends. Programs alone import it: it settles their environment (core/environment.py)."""

import errno
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from . import environment
from .errors import UserError, in_a_line
from .urls import cleaned

environment.settle()  # here, since libraries read it while they are imported

_NOT_WRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
# What a path, a disk or the system's bounds make of a program; all else of the system is ours to foresee.
_OUTSIDE = (
    *(errno.EIO, errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EMFILE, errno.ENFILE),
    errno.EEXIST,  # a file where a folder is to be made
)
# How libraries say that there is no memory, where they do not raise MemoryError.
_NO_MEMORY = (
    *("cannot allocate memory", "can't allocate memory", "out of memory", "unable to allocate", "bad_alloc"),
    *("can't start new thread", "no available memory for the cache", "free memory on device", "failed to map segment"),
    *("larger than the available kv cache memory", "needed to serve at least one request", "available memory on node"),
)


def run(main: Callable[[], None], job: bool = True) -> None:
    """Run a script's `main`; on a fault that a user can mend, print one line and exit with status 1.

    That is a UserError, a place that cannot be written, and a shortage of memory, also while libraries are imported.

    Args:
        main: the script.
        job: whether the last line of its log says how long it took.
    """
    began = time.monotonic()
    try:
        main()
    except Exception as error:
        if line := _line(error):
            sys.exit(line)
        raise
    if job and not sys.stderr.isatty():
        print(f"{Path(sys.argv[0]).stem}: seconds={time.monotonic() - began:.1f}", file=sys.stderr)


def _line(error: BaseException) -> str:
    """Return the line that a program ends with, "" where the fault is ours and its traceback is wanted."""
    if isinstance(error, UserError):
        return f"error: {cleaned(str(error))}"
    if said := _shortage(error):
        return (
            f"error: not enough memory ({said}). Give the job more, or have it hold less: a smaller model or batch, "
            "engine.max_model_len and max_num_seqs, the recipe's micro_batch and max_length. On a CPU, "
            "the environment's VLLM_CPU_KVCACHE_SPACE sets the GiB of the engine's cache (1 where it is not set)."
        )
    if isinstance(error, OSError) and error.errno in _NOT_WRITABLE:
        return f"error: {error}. What is finished is kept: give it room or the right to write, and run again."
    if isinstance(error, OSError) and error.errno in _OUTSIDE:
        return f"error: {in_a_line(str(error))}."
    return ""


def _shortage(error: BaseException | None) -> str:
    """Return in short how an error, or one that led to it, says that there is no memory; "" where none does."""
    while error is not None:
        said = in_a_line(str(error)) or type(error).__name__
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
            return said[:200]
        if any(sign in said.lower() for sign in _NO_MEMORY):
            return said[:200]
        error = error.__cause__ or error.__context__
    return ""


def _end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say what ends a program outside of `run`, which is an import that failed."""
    if line := _line(error):
        print(line, file=sys.stderr)
    else:
        traceback.print_exception(kind, error, trace)


sys.excepthook = _end
