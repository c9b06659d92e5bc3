"""Names in texts, at the boundaries of words.

A name is a run of words (tokens.py) without a leading article, and is found where a text has the same words: "in" is
never found inside "India", and "U.S." equals "US". Case and accents do not count, but for names of at most three
characters that have a capital letter. These keep their case if they are shorter than three, in capitals or mixed ("US",
"Xe"), or function words ("Who"); "Yes", "Six" and "Psy" are found in any case, and so is "No", which is an answer more
often than nobelium. Where such a name is a function word, "He" at the beginning of a sentence that goes on is the
pronoun, and so is "I" before a verb.

A longer name is another name only where the caller knows it: "Africa" is found in "South Africa" unless that is one of
`others`. Whether capitalised words in a row are one name is not guessed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from .folding import fold as fold
from .tokens import Span as Span
from .tokens import Words, without_possessive
from .tokens import spans as spans
from .tokens import words as words

_Run = tuple[int, int]

_ARTICLES = ("a", "an", "the")
_SHORT = 3  # characters
_FUNCTION_WORDS = """
a all am an and any are as at be but by can did do few for had has he her him his how i if in is it its let may me my
nor not of off on or our out own per she so the to too up us via was we who why yet you
"""  # as long as a short name
_SHORT_WORDS = frozenset(_FUNCTION_WORDS.split())
_ANSWERS = ("yes", "no")
_PRONOUNS = ("He", "It", "She", "Who", "You", "We")
_IS_SYMBOL = re.compile("[ \u00a0]is (?:the |a )?(?:[a-z]+ )?symbol")
_FOLLOWER = re.compile("[ \u00a0]([a-z]+)")
_SAID_OF_SYMBOLS = ("is", "stands", "means", "denotes", "represents")
_AFTER_I = ("and", "or", "in", "of", "for", "has")
_OPENING = " \"'\u201c\u2018(*_"  # what may stand before a sentence
_FEW = 8  # of them at most, and one character more
_ENDS = ".!?:;\n\u2026"


class _Name(NamedTuple):
    """A name as what is looked for: a run of words, with their case or folded; none in a name without words."""

    words: tuple[str, ...]
    keeps_case: bool


def holds(text: str, names: Iterable[str], others: Iterable[str] = ()) -> bool:
    """Tell whether `text` contains one of `names` as whole words in sequence.

    `others` are names of something else: what is a part of a longer mention of one of them does not count.
    """
    said, different = words(text), [*map(_name, others)]
    return any(next(_mentioned(text, said, _name(name), different), None) is not None for name in names)


def mentions(text: str, names: Iterable[str], others: Iterable[str] = ()) -> list[Span]:
    """Return the character spans of the mentions of `names`, in order, the longest where they overlap.

    `others` as in `holds`.
    """
    said, different = words(text), [*map(_name, others)]
    taken: set[int] = set()
    found = []
    for name in sorted(map(_name, names), key=lambda name: (-len(name.words), name.words)):
        for start, end in _mentioned(text, said, name, different):
            places = spans(text)[start:end]
            span = (  # "July" in "July 4" stands first
                min(first for first, _ in places),
                max(without_possessive(text, place) for place in places),
            )
            if taken.isdisjoint(range(*span)):
                taken.update(range(*span))
                found.append(span)
    return sorted(found)


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
def _name(name: str) -> _Name:
    folded, cased = words(name)
    first = 1 if len(folded) > 1 and folded[0] in _ARTICLES else 0  # "the US" is a short name too
    folded, cased = folded[first:], cased[first:]
    keeps_case = _keeps_case(" ".join(cased), " ".join(folded))
    return _Name(cased if keeps_case else folded, keeps_case)


def _keeps_case(cased: str, folded: str) -> bool:
    """Tell whether a name is found with its case alone; one with a sign ("C++") cannot be taken for a word."""
    letters = cased.replace(" ", "")
    if len(cased) > _SHORT or letters == letters.lower() or not letters.isalnum() or folded.isdigit():
        return False
    return folded not in _ANSWERS and (len(cased) < _SHORT or cased != cased.capitalize() or folded in _SHORT_WORDS)


def _runs(text: str, said: Words, name: _Name) -> Iterator[_Run]:
    """Yield the runs of a text's words (from, up to) that are a name."""
    told = said.cased if name.keeps_case else said.folded
    start = -1
    for _ in range(told.count(name.words[0]) if name.words else 0):
        start = told.index(name.words[0], start + 1)
        end = start + len(name.words)
        if told[start:end] == name.words and not (name.keeps_case and _stands_as_word(text, spans(text)[start])):
            yield start, end


def _mentioned(text: str, said: Words, name: _Name, others: Sequence[_Name]) -> Iterator[_Run]:
    """Yield the runs that are a name, but for those within a longer name of others."""
    reach: dict[int, int] = {}  # how far a longer name goes on from a word
    for other in others:
        if len(other.words) > len(name.words):
            for start, end in _runs(text, said, other):
                reach.update({i: max(end, reach.get(i, 0)) for i in range(start, end)})
    for start, end in _runs(text, said, name):
        if reach.get(start, 0) < end:
            yield start, end


def _stands_as_word(text: str, span: Span) -> bool:
    """Tell whether a function word is no name in spite of its capital letter: it begins a sentence, or is "I"."""
    word = text[slice(*span)]
    follower = _FOLLOWER.match(text, span[1])
    if word != word.capitalize() or word.lower() not in _SHORT_WORDS or not follower:
        return False
    if word == "I":
        return follower[1] not in (*_SAID_OF_SYMBOLS, *_AFTER_I)
    if _IS_SYMBOL.match(text, span[1]) or (word not in _PRONOUNS and follower[1] in _SAID_OF_SYMBOLS):
        return False
    before = text[max(0, span[0] - _FEW) : span[0]].rstrip(_OPENING)
    return not before or before[-1] in _ENDS
