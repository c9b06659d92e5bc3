"""Texts that say that the answer is not known.

A text does if it has a phrase that says so, unless a guess follows: "I am not sure, but it could be Paris" answers. A
phrase with capitals inside is a title ("I Don't Know How She Does It") and says nothing.

The phrases were written on the "dev" half of tests/text/refusals.jsonl; docs/metrics.md says what they find in the half
kept aside.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from .matching import Span, mentions
from .refusal_phrases import ENGLISH, NEGATIVE, OTHER_LANGUAGES, UNSPACED, WHOLE

_ENGLISH = (re.compile(rf"\b(?:{'|'.join(ENGLISH)})"), re.compile("|".join(NEGATIVE)))
_OTHERS = (re.compile(rf"\b(?:{'|'.join(OTHER_LANGUAGES.values())})"), re.compile("|".join(UNSPACED.values())))
_WHOLE = re.compile(rf"\W*(?:(?:the )?(?:final )?answer\W+(?:is\W+)?|(?:it|this) is )?{WHOLE}\W*", re.IGNORECASE)

_CLAUSE_END = re.compile(r"[,.;:!?](?=\s)|\s(?=(?:but|however|though|yet)\b)|\s[\u2013\u2014-]\s")
_CONTRAST = re.compile(r"[\s,.]*(?:[;\u2013\u2014-]|(?:but|however|though|yet)\b)", re.IGNORECASE)
_CONCESSION = re.compile(r"\W*(?:although|though|while|even though|despite)\b", re.IGNORECASE)
_GUESS = re.compile(
    r"\b(?:perhaps|maybe|probably|possibly|likely|(?:might|could|may) be|guess|around|about"
    r"|i (?:\w+ )?(?:think|believe|remember|recall)|i(?:'d| would) say)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?!(?:I|Documents?|But|However|Maybe|Perhaps|Though|Yet)\b)[A-Z]\w|(?<!Document )\b\d"
    r"|[\u0370-\u1fff\u3040-\ud7ff]"  # scripts without capitals
)


def abstains(text: str) -> bool:
    """Tell whether `text`, a final answer, says that the answer is not known, or says nothing."""
    return text.strip() in ("", "?") or says_unknown(text)


@lru_cache(1024)  # several labels look at one answer
def says_unknown(text: str) -> bool:
    """Tell whether `text` has a phrase that says that something is not known, and no guess after it."""
    phrases = _phrases(text)
    if phrases:
        return not _guesses(text, max(stop for _, stop in phrases))
    return bool(_WHOLE.fullmatch(text.replace("\u2019", "'")))


def asserts(text: str, names: Iterable[str], others: Iterable[str] = ()) -> bool:
    """Tell as `holds` does, but for a name that is a part of what says that nothing is known: "no information"."""
    phrases = _phrases(text)
    return any(
        not any(first <= start and stop <= last and stop - start < last - first for first, last in phrases)
        for start, stop in mentions(text, names, others)
    )


def _phrases(text: str) -> list[Span]:
    """Return where in a text phrases stand that say that something is not known."""
    plain = _plain(text)
    english = [found.span() for phrase in _ENGLISH for found in phrase.finditer(plain)]
    spoken = _OTHERS[:1] if plain.isascii() else _OTHERS
    others = [found.span() for phrase in spoken for found in phrase.finditer(plain)]
    return [span for span in english if not _is_title(text[slice(*span)])] + others


def _is_title(phrase: str) -> bool:
    """Tell whether words after the first begin with a capital, other than "I": "No Evidence", but not "NO EVIDENCE"."""
    later = [word for word in phrase.split()[1:] if word.split("'")[0] not in ("I", "Document")]
    return not phrase.isupper() and any(word[0].isupper() for word in later)


def _guesses(text: str, said: int) -> bool:
    """Tell whether a text names something in a clause after `said`, where a refusal ends, that guesses or contrasts."""
    clause = _CLAUSE_END.search(text, said)
    rest = text[clause.start() :] if clause else ""
    leads = _CONTRAST.match(rest) or _CONCESSION.match(text) or _GUESS.search(rest)
    return bool(leads) and bool(_NAMED.search(rest))


def _plain(text: str) -> str:
    """Return a text in lower case with straight apostrophes; its characters keep their places."""
    lower = text.replace("\u2019", "'").lower()
    return lower if len(lower) == len(text) else text  # "\u0130" becomes two characters
