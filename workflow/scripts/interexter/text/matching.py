"""Names in texts, at token boundaries.

A text is compared as a sequence of normalized words: case and accents folded, possessives and the dots of
initialisms dropped. So "in" is never found inside "India", and "U.S." equals "US". A name is a run of such words,
without a leading article. A name of at most three characters that has a capital letter ("US", "He") is matched
with its case, or a pronoun would count as an answer.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

Span = tuple[int, int]

_LETTER = "(?:[^\\W_]|[\u0300-\u036f])"  # with the accents of decomposed text; "_Paris_" is Markdown for Paris
_WORD = re.compile(
    r"[A-Za-z]{2,}+(?![\w'\u2019\u0300-\u036f])"  # plain words: most there are, and found faster than as the last kind
    rf"|(?:[^\W\d_]\.)+[^\W\d_](?!{_LETTER})\.?"  # initialisms: U.S., U.S
    rf"|(?:\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)(?:\.\d+)*{_LETTER}*"  # numbers: 1,234.5, 20th
    rf"|{_LETTER}+(?:['\u2019]{_LETTER}+)*"  # words: O'Brien, France's
)
_POSSESSIVE = re.compile(r"['\u2019][sS]$")
_ARTICLES = ("a", "an", "the")
_SHORT = 3  # characters; a name up to this long with a capital letter keeps its case
_KEPT = 32_768  # texts whose words are kept, all of a batch of questions: each is asked about several names, by stages


class Words(NamedTuple):
    """The words of a text: normalized, and normalized but for their case."""

    folded: tuple[str, ...]
    cased: tuple[str, ...]


class _Name(NamedTuple):
    """A name as what is looked for: a run of words, with their case or folded; none in a name without words."""

    words: tuple[str, ...]
    keeps_case: bool


@lru_cache(_KEPT)
def words(text: str) -> Words:
    """Split a text into its words."""
    cased = tuple(filter(None, map(_normal, _WORD.findall(text))))  # a lone accent is no word
    return Words(tuple(map(fold, cased)), cased)


@lru_cache(1024)
def spans(text: str) -> list[Span]:
    """Return where the words of a text stand (characters)."""
    return [match.span() for match in _WORD.finditer(text) if _normal(match.group())]


def holds(text: str, names: Iterable[str]) -> bool:
    """Tell whether `text` contains one of `names` as whole words in sequence."""
    said = words(text)
    return any(next(_runs(said, _name(name)), None) is not None for name in names)


def mentions(text: str, names: Iterable[str]) -> list[Span]:
    """Return the character spans of the mentions of `names`, in order, the longest where they overlap."""
    said = words(text)
    wanted = sorted(map(_name, names), key=lambda name: (-len(name.words), name.words))
    taken: set[int] = set()
    found = []
    for name in wanted:
        for start in _runs(said, name):
            run = range(start, start + len(name.words))
            if taken.isdisjoint(run):
                taken.update(run)
                found.append((run[0], run[-1]))
    where = spans(text) if found else []
    return sorted((where[first][0], _end(text, where[last])) for first, last in found)


def has_words(name: str) -> bool:
    """Tell whether a name has a word: one without is found nowhere."""
    return bool(_name(name).words)


def nested(one: str, other: str) -> bool:
    """Tell whether one of two names contains the other as whole words ("Guinea", "Equatorial Guinea")."""
    return holds(one, [other]) or holds(other, [one])


def first_nested(some: Sequence[str], others: Sequence[str]) -> tuple[str, str] | None:
    """Return the first name of some and the first of others that are nested, None if there are none."""
    return next(((one, other) for one in some for other in others if nested(one, other)), None)


def same(one: str, other: str) -> bool:
    """Tell whether two names are equal after normalization; names without letters or digits, as they stand."""
    first, second = _name(one), _name(other)
    return first == second and (bool(first.words) or one.strip() == other.strip())


@lru_cache(65536)
def fold(text: str) -> str:
    """Lower-case and strip accents and compatibility forms: "sao tome" for "São Tomé"."""
    return text.lower() if text.isascii() else _unaccented(text.casefold())


@lru_cache(65536)
def _name(name: str) -> _Name:
    folded, cased = words(name)
    first = 1 if len(folded) > 1 and folded[0] in _ARTICLES else 0  # "the US" is a short name too
    short = " ".join(cased[first:])
    keeps_case = len(short) <= _SHORT and any(letter.isupper() for letter in short)
    return _Name((cased if keeps_case else folded)[first:], keeps_case)


def _runs(said: Words, name: _Name) -> Iterator[int]:
    """Yield the indices at which a name begins among the words of a text."""
    told = said.cased if name.keeps_case else said.folded
    start = -1
    for _ in range(told.count(name.words[0]) if name.words else 0):
        start = told.index(name.words[0], start + 1)
        if told[start : start + len(name.words)] == name.words:
            yield start


@lru_cache(65536)
def _normal(word: str) -> str:
    """Normalize a word but for its case."""
    if word.isascii() and word.isalpha():
        return word
    word = _POSSESSIVE.sub("", word)
    return _unaccented(word.replace(",", "") if word[0].isdigit() else re.sub(r"['\u2019.]", "", word))


def _unaccented(word: str) -> str:
    """Strip accents and compatibility forms, and the spaces that some of the latter decompose to."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(c for c in decomposed if not unicodedata.combining(c) and not c.isspace())


def _end(text: str, span: Span) -> int:
    """Return where a mention ends: before a possessive, so that a substitute inherits it."""
    return span[1] - len(possessive.group()) if (possessive := _POSSESSIVE.search(text[slice(*span)])) else span[1]
