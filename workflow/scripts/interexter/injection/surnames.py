"""Surnames that stand for a gold answer: "Curie" in a passage that named Marie Curie.

A surname is looked for where a question asks who, in gold answers that look like full names of persons. It counts
neither where the question, its subject or the counter-answer says it too, nor in a text that has it in lower case,
where it is a common word. No list of names is used: such lists know few of the world's.
"""

from collections.abc import Sequence

from ..core.tables import Row
from ..text import matching

_WHO = ("who", "whom", "whose")
PARTICLES = ("al", "bin", "da", "de", "del", "den", "der", "di", "du", "e", "el", "ibn", "la", "le", "van", "von", "y")
_SUFFIXES = ("jr", "sr", "ii", "iii", "iv")
_FEWEST, _MOST = 2, 5  # words of a full name
_SHORTEST = 4  # letters of a surname: shorter ones are parts of too much else


def surname(name: str) -> str:
    """Return the surname in a person's full name, "" if the name does not look like one."""
    parts = name.replace(",", " ").split()
    if parts and parts[-1].strip(".").lower() in _SUFFIXES:
        del parts[-1]
    if not _FEWEST <= len(parts) <= _MOST or len(parts[-1]) < _SHORTEST:
        return ""
    first, *middle, last = parts
    capitals = [first, last, *(part for part in middle if part not in PARTICLES)]
    return last if all(_is_capitalised(part) for part in capitals) else ""


def of_gold(question: Row, counter_aliases: Sequence[str]) -> list[str]:
    """Return the surnames that stand for a question's gold answers, and for nothing else that it is about."""
    if not matching.holds(question["question"], _WHO):
        return []
    elsewhere = [question["question"], question["subject"], *counter_aliases]
    found = dict.fromkeys(filter(None, map(surname, question["answers"])))
    return [name for name in found if not any(matching.holds(text, [name]) for text in elsewhere)]


def mentions(text: str, surnames: Sequence[str]) -> list[matching.Span]:
    """Return the character spans of the mentions of surnames in a text, in order."""
    said = {name: matching.mentions(text, [name]) for name in surnames}
    return sorted(
        {span for spans in said.values() if not any(text[start].islower() for start, _ in spans) for span in spans}
    )


def _is_capitalised(part: str) -> bool:
    letters = part.translate(str.maketrans("", "", ".'-\u2019"))
    return letters.isalpha() and letters[0].isupper()
