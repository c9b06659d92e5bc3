"""Answers in text: token boundaries, containment, abstention and the final answer.

Texts are compared as sequences of normalized tokens: case and accents folded, possessives and the
dots of initialisms dropped. So "in" is never found inside "India", and "U.S." equals "US". A name
of at most three characters that has a capital letter ("US", "He") is matched with its case, or a
pronoun would count as an answer.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

Span = tuple[int, int]

_LETTER = "(?:[^\\W_]|[\u0300-\u036f])"  # with the accents of decomposed text; "_Paris_" is Markdown for Paris
_WORD = re.compile(
    r"[A-Za-z]{2,}+(?![\w'\u2019\u0300-\u036f])|"  # plain words: most there are, and found faster than as the last kind
    rf"(?:[^\W\d_]\.)+[^\W\d_](?!{_LETTER})\.?"  # initialisms: U.S., U.S
    rf"|(?:\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)(?:\.\d+)*{_LETTER}*"  # numbers: 1,234.5, 20th
    rf"|{_LETTER}+(?:['\u2019]{_LETTER}+)*"  # words: O'Brien, France's
)
_POSSESSIVE = re.compile(r"['\u2019][sS]$")
_ARTICLES = ("a", "an", "the")
_INSIDE_TOKENS = str.maketrans("", "", "'.,")  # O'Brien, U.S., 1,234
_SHORT = 3  # characters; a name up to this long with a capital letter keeps its case

_ABSTENTION = re.compile(
    r"\b(?:(?:do|does|did)(?: not|n['\u2019]?t) know|i(?: a|['\u2019])m not sure|not known|unknown|unclear|unanswerable"
    r"|(?:can ?not|can['\u2019]t|could(?: not|n['\u2019]t)) (?:be )?(?:determined?|answer(?:ed)?)"
    r"|(?:unable|not possible|impossible) to (?:determine|answer)"
    r"|insufficient information|not (?:enough|sufficient) information|no (?:answer|information))\b",
    re.IGNORECASE,
)
_FINAL_ANSWER = re.compile(
    rf"(?<![^\W_])final answer(?!{_LETTER})[*_ \t]*(?:(?:is\b)?[*_ \t]*[:\u2013-]|is\b|$)"
    r"[*_\s]*((?:(?!final answer).)*)",  # up to the end of the line or the next field
    re.IGNORECASE | re.MULTILINE,
)


class Token(NamedTuple):
    """One token of a text: its normalized form, the form that keeps its case, and its character span."""

    folded: str
    cased: str
    span: Span


def tokens(text: str) -> list[Token]:
    """Split `text` into normalized tokens with their character spans."""
    return list(map(Token, *_parts(text)))


def holds(text: str, names: Iterable[str]) -> bool:
    """Tell whether `text` contains one of `names` as whole tokens in sequence."""
    letters = _letters(text) if text.isascii() else None
    for name in names:
        needle, keeps_case, probe = _needle(name)
        if needle and (letters is None or probe in letters):
            folded, cased = _padded(text)
            if needle in (cased if keeps_case else folded):
                return True
    return False


def mentions(text: str, names: Iterable[str]) -> list[Span]:
    """Return the character spans of the mentions of `names`, in order, the longest where they overlap."""
    folded, cased, spans = _parts(text)
    needles = {_needle(name) for name in names}
    by_length = sorted(((n.split(), keeps) for n, keeps, _ in needles if n), key=lambda nk: (-len(nk[0]), nk[0]))
    taken: set[int] = set()
    found = []
    for needle, keeps_case in by_length:
        words = cased if keeps_case else folded
        for i in [i for i, word in enumerate(words) if word == needle[0]]:
            place = range(i, i + len(needle))
            if words[i : i + len(needle)] == needle and taken.isdisjoint(place):
                taken.update(place)
                found.append((spans[i][0], _name_end(text, spans[place[-1]])))
    return sorted(found)


def nested(one: str, other: str) -> bool:
    """Tell whether one of two names contains the other as whole tokens ("Guinea", "Equatorial Guinea")."""
    return holds(one, [other]) or holds(other, [one])


def same(one: str, other: str) -> bool:
    """Tell whether two names are equal after normalization; names without letters or digits, as they stand."""
    return _needle(one) == _needle(other) and (bool(_needle(one)[0]) or one.strip() == other.strip())


def abstains(text: str) -> bool:
    """Tell whether `text` says that the answer is not known."""
    return not text.strip() or bool(_ABSTENTION.search(text))


def final_answer(text: str) -> str:
    """Return what follows the last filled "Final answer:", or else the last line that is not empty.

    Empty only where the text ends in an empty field, or is empty itself.
    Our prompts ask for the field; free text of other prompts ends in its conclusion.
    """
    fields = _FINAL_ANSWER.findall(text)
    if fields:
        filled = [answer for field in fields if (answer := field.strip("*_ \t\r"))]
        return filled[-1] if filled else ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Lower-case and strip accents and compatibility forms: "sao tome" for "São Tomé"."""
    return text.lower() if text.isascii() else _unaccented(text.casefold())


def _unaccented(word: str) -> str:
    """Strip accents and compatibility forms, and the spaces that some of the latter decompose to."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(c for c in decomposed if not unicodedata.combining(c) and not c.isspace())


def _cased(word: str) -> str:
    word = _POSSESSIVE.sub("", word)
    if word[0].isdigit():
        return word.replace(",", "")
    return re.sub(r"['\u2019.]", "", word)


def _name_end(text: str, span: Span) -> int:
    """End a mention before a possessive, so that a substitute inherits it."""
    return span[1] - len(possessive.group()) if (possessive := _POSSESSIVE.search(text[slice(*span)])) else span[1]


def _letters(text: str) -> str:
    """Drop case and whatever is dropped inside a token, so that each token is a substring of its text.

    True of ASCII. It spares the tokens of most texts that do not hold a name.
    """
    return text.lower().translate(_INSIDE_TOKENS)


def _plain_words(text: str) -> list[str] | None:
    """Split a text of nothing but ASCII letters and spaces, which most names are; None for any other."""
    letters = text.replace(" ", "")
    return text.split() if letters.isascii() and letters.isalpha() else None


@lru_cache(maxsize=1024)  # a text is asked about several names in a row
def _parts(text: str) -> tuple[list[str], list[str], list[Span]]:
    """Return the folded forms, the cased forms and the spans of the tokens."""
    cased, spans = [], []
    for match in _WORD.finditer(text):
        word = match.group()
        if not (word.isascii() and word.isalpha()):  # most words have nothing to strip
            word = _unaccented(_cased(word))
        if word:  # a lone accent is no token
            cased.append(word)
            spans.append(match.span())
    return [fold(word) for word in cased], cased, spans


@lru_cache(maxsize=65536)
def _padded(text: str) -> tuple[str, str]:
    if (plain := _plain_words(text.removesuffix("."))) is not None:  # an initialism has a letter after a dot
        cased = _pad(plain)
        return cased.lower(), cased
    folded, words, _ = _parts(text)
    return _pad(folded), _pad(words)


def _pad(words: Sequence[str]) -> str:
    return f" {' '.join(words)} " if words else ""


@lru_cache(maxsize=65536)
def _needle(name: str) -> tuple[str, bool, str]:
    """Return a name as padded normalized tokens, whether it keeps its case, and its probe.

    The probe is a part that an ASCII text must have among its letters to hold the name.
    """
    plain = _plain_words(name)
    cased = plain or _parts(name)[1]
    if not cased:
        return "", False, ""
    if len(cased) > 1 and fold(cased[0]) in _ARTICLES:  # "the US" is a short name too
        cased = cased[1:]
    needle = _pad(cased)
    if len(needle) - 2 <= _SHORT and any(c.isupper() for c in needle):
        return needle, True, _letters(fold(cased[0]))
    if plain:
        return needle.lower(), False, cased[0].lower()
    folded = [fold(word) for word in cased]
    return _pad(folded), False, _letters(folded[0])
