"""Questions that show their choices: an answer is one of them, and a passage implies one without its words.

The choices stand in the question itself, as texts, in one form: whoever has the question can tell.
"""

from collections.abc import Iterable

_MARK = " Choose one of these: "


def with_choices(question: str, choices: Iterable[str]) -> str:
    """Return a question with its choices. They have no letters: a letter is no name that an answer could be told by."""
    return f"{question.strip()}{_MARK}{'; '.join(text.strip().rstrip('.') for text in choices)}."


def has_choices(question: str) -> bool:
    """Tell whether a question shows its choices."""
    return _MARK in question
