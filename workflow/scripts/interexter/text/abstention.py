"""Texts that say that the answer is not known.

The phrases were written on the "dev" half of tests/text/refusals.jsonl; docs/metrics.md says what they find in the half
kept aside.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from .matching import mentions
from .refusal_phrases import ENGLISH, NEGATIVE, OTHER_LANGUAGES, UNSPACED, WHOLE

_PHRASES = (
    re.compile(rf"\b(?:{'|'.join((*ENGLISH, *OTHER_LANGUAGES.values()))})"),
    re.compile("|".join(NEGATIVE)),
    re.compile("|".join(UNSPACED.values())),
)
_WHOLE = re.compile(rf"\W*(?:(?:the )?(?:final )?answer\W+(?:is\W+)?|(?:it|this) is )?{WHOLE}\W*", re.IGNORECASE)


def abstains(text: str) -> bool:
    """Tell whether `text`, a final answer, says that the answer is not known, or says nothing."""
    return text.strip() in ("", "?") or says_unknown(text)


@lru_cache(1024)  # several labels look at one answer
def says_unknown(text: str) -> bool:
    """Tell whether `text` has a phrase that says that something is not known."""
    plain = _plain(text)
    phrases = _PHRASES[:2] if plain.isascii() else _PHRASES
    return any(phrase.search(plain) for phrase in phrases) or bool(_WHOLE.fullmatch(text.replace("\u2019", "'")))


def asserts(text: str, names: Iterable[str]) -> bool:
    """Tell as `holds` does, but for a name that is a part of what says that nothing is known: "no information"."""
    phrases = [found.span() for phrase in _PHRASES for found in phrase.finditer(_plain(text))]
    return any(
        not any(first <= start and stop <= last and stop - start < last - first for first, last in phrases)
        for start, stop in mentions(text, names)
    )


def _plain(text: str) -> str:
    """Return a text in lower case with straight apostrophes; its characters keep their places."""
    lower = text.replace("\u2019", "'").lower()
    return lower if len(lower) == len(text) else text  # "\u0130" becomes two characters
