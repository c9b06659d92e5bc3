"""Errors that a user can cause."""


class UserError(Exception):
    """Something a user can put right; the message names file, key or row, and says what to do."""
