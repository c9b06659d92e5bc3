"""The type of an answer, as far as its words tell it."""

from collections.abc import Sequence

BOOLEAN = "boolean"  # the answer type of yes and no, which a passage implies and does not say


_BOOLEANS = ("yes", "no", "true", "false")


def answer_type_of(answers: Sequence[str]) -> str:
    """Return `boolean` for an answer that is yes or no, "" for any other."""
    return BOOLEAN if answers and all(answer.casefold().strip(". ") in _BOOLEANS for answer in answers) else ""
