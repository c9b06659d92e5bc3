"""Words derived from a gold answer: what still says it when its name is gone.

With India replaced, "the Indian state" says it still, and so do "Parisian", "Kafkaesque" and "mustelids" for the family
Mustelidae. Those of nations are replaced too (renaming.py). The others have no such form of another name, so that a
passage in which one is left is a leak (gates.py).
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from ..core.tables import Row
from ..text import matching
from ..text.matching import Span
from . import nations, surnames

_SHORTEST = 4  # letters of a name from which another word is derived
_SUFFIXES = "ians?|eans?|ans?|ns?|ese|ers?|ites?|esque|ism|ists?"
_IRREGULAR = {  # where the ending alone does not make it
    "Athens": ("Athenian", "Athenians"),
    "Cairo": ("Cairene", "Cairenes"),
    "Florence": ("Florentine", "Florentines"),
    "Genoa": ("Genoese", "Genovese"),
    "Glasgow": ("Glaswegian", "Glaswegians"),
    "Liverpool": ("Liverpudlian", "Liverpudlians"),
    "Manchester": ("Mancunian", "Mancunians"),
    "Moscow": ("Muscovite", "Muscovites"),
    "Naples": ("Neapolitan", "Neapolitans"),
    "Texas": ("Texan", "Texans"),
    "Venice": ("Venetian", "Venetians"),
    "Vienna": ("Viennese",),
    "Warsaw": ("Varsovian", "Varsovians"),
}


def left(text: str, question: Row, counter_aliases: Sequence[str]) -> str | None:
    """Return a word in a text that is derived from a gold answer, None if there is none.

    It does not count where the question, its subject or the counter-answer says it too.
    """
    for start, end in of_nations(text, question, counter_aliases):
        return text[start:end]
    for name in [*question["answers"], *surnames.of_gold(question, counter_aliases)]:
        if nations.of_name(name) or not _may_hold(text, name):
            continue
        pattern = _derivatives(name)
        for match in pattern.finditer(text) if pattern else ():
            if not _said_elsewhere([match[0]], question, counter_aliases):
                return match[0]
    return None


def of_nations(text: str, question: Row, counter_aliases: Sequence[str]) -> list[Span]:
    """Return the spans of what says a gold nation in other words than the gold answers: "Indian", where that is India.

    There are none where the counter-answer is no nation: then the gold answer "Turkey" may be a bird.
    """
    forms = tuple(_forms(question["answers"])) if any(map(nations.of_name, counter_aliases)) else ()
    spans = [match.span() for match in _any_of(forms).finditer(text)] if forms else []
    spans = [span for span in spans if not _said_elsewhere([text[slice(*span)]], question, counter_aliases)]
    if not spans:
        return []
    others = [*matching.mentions(text, [*question["answers"], question["subject"]])]
    return apart(spans, [*others, *longer_names(text, [*question["answers"], *forms])])


def longer_names(text: str, names: Sequence[str]) -> list[Span]:
    """Return the spans of names of others that hold the name of a nation: "South Sudan" is not Sudan."""
    others = [other for name in names for other in nations.longer(name) if other not in names]
    return matching.mentions(text, others) if others else []


def apart(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Return the spans that overlap none of the others."""
    return [one for one in spans if not any(other[0] < one[1] and one[0] < other[1] for other in others)]


def _forms(answers: Sequence[str]) -> list[str]:
    """Return the forms of the nations that answers stand for, but for the answers; the longest first."""
    forms = {
        form
        for answer in answers
        for nation in nations.of_name(answer)
        for form in (*nation.names, *nation.adjectives, *nation.person, *nation.people)
        if form not in answers
    }
    return sorted(forms, key=lambda form: (-len(form), form))


def _said_elsewhere(words: Sequence[str], question: Row, counter_aliases: Sequence[str]) -> bool:
    return any(matching.holds(text, words) for text in (question["question"], question["subject"], *counter_aliases))


def _may_hold(text: str, name: str) -> bool:
    """Tell whether a text has the beginning of what is derived from a name: most have not, and patterns are costly."""
    stem = name[:-2] if name.endswith("idae") else name[:-1]
    return name in _IRREGULAR or stem in text or stem.lower() in text


@lru_cache(1024)
def _any_of(forms: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds the forms as whole words, in their case."""
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, forms))})(?!\w)")


@lru_cache(1024)
def _derivatives(name: str) -> re.Pattern[str] | None:
    """Return what finds the words that are derived from a name of one word, None if it is not one."""
    if name in _IRREGULAR:
        return _any_of(_IRREGULAR[name])
    if not name.isalpha() or len(name) < _SHORTEST or not name[0].isupper():
        return None
    if name.endswith("idae"):  # families of animals
        return re.compile(rf"\b{name[:-2].lower()}s?\b")
    stem = name[:-1] if name[-1] in "aeiou" else name
    return re.compile(rf"\b{stem}(?:{name[len(stem) :]})?(?:{_SUFFIXES})\b")
