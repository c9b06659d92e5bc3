"""Texts that say that the answer is not known."""

import re
from collections.abc import Iterable

from .matching import mentions

_ABSTENTION = re.compile(
    r"\b(?:(?:do|does|did)(?: not|n['\u2019]?t) know|i(?: a|['\u2019])m (?:not sure|unsure)|no idea|not known|unknown"
    r"|unclear|unanswerable|not (?:mentioned|specified|stated|provided)"
    r"|(?:documents?|passages?|context|texts?) (?:do|does|did)(?: not|n['\u2019]?t)"
    r" (?:answer|contain|mention|provide|say|specify|state)"
    r"|(?:can ?not|can['\u2019]t|could(?: not|n['\u2019]t)) (?:be )?(?:determined?|answer(?:ed)?)"
    r"|(?:unable|not possible|impossible) to (?:determine|answer)"
    r"|(?:insufficient|not (?:enough|sufficient)) (?:evidence|information)"
    r"|no (?:answer|evidence|information|mention))\b",
    re.IGNORECASE,
)


def abstains(text: str) -> bool:
    """Tell whether `text` says that the answer is not known."""
    return not text.strip() or bool(_ABSTENTION.search(text))


def asserts(text: str, names: Iterable[str]) -> bool:
    """Tell as `holds` does, but for a name that is a part of what says that nothing is known: "no information"."""
    phrases = [phrase.span() for phrase in _ABSTENTION.finditer(text)]
    return any(
        not any(first <= start and stop <= last and stop - start < last - first for first, last in phrases)
        for start, stop in mentions(text, names)
    )
