"""Errors that a user can cause, and how a program ends on one: with a line, not a traceback."""

import sys
from collections.abc import Callable


class UserError(Exception):
    """Something a user can put right; the message names file, key or row, and says what to do."""


def run(main: Callable[[], None]) -> None:
    """Run a script's `main`; on a UserError print its message and exit with status 1."""
    try:
        main()
    except UserError as error:
        sys.exit(f"error: {error}")
