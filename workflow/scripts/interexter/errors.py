"""Errors that a user can cause, and how a program ends on one: with a line, not a traceback."""

import errno
import sys
from collections.abc import Callable

_NOT_WRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)


class UserError(Exception):
    """Something a user can put right; the message names file, key or row, and says what to do."""


def run(main: Callable[[], None]) -> None:
    """Run a script's `main`; on a UserError, or where nothing can be written, print one line and exit with status 1."""
    try:
        main()
    except UserError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        if error.errno not in _NOT_WRITABLE:
            raise
        sys.exit(f"error: {error}. What is finished is kept: give it room or the right to write, and run again.")
