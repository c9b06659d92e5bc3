"""How a program starts and ends. Programs alone import it: it settles their environment (core/environment.py)."""

import errno
import sys
import time
from collections.abc import Callable
from pathlib import Path

from . import environment
from .errors import UserError

environment.settle()  # here, since libraries read it while they are imported

_NOT_WRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)


def run(main: Callable[[], None], job: bool = True) -> None:
    """Run a script's `main`; on a UserError, or where nothing can be written, print one line and exit with status 1.

    Args:
        main: the script.
        job: whether the last line of its log says how long it took.
    """
    began = time.monotonic()
    try:
        main()
    except UserError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        if error.errno not in _NOT_WRITABLE:
            raise
        sys.exit(f"error: {error}. What is finished is kept: give it room or the right to write, and run again.")
    if job and not sys.stderr.isatty():
        print(f"{Path(sys.argv[0]).stem}: seconds={time.monotonic() - began:.1f}", file=sys.stderr)
