"""Which form of another answer stands in each mention of a gold one, and which forms of the gold answer are no mention.

A nation is said by its name, its adjective, its people and its language: with India gone, "the Indian state" is left
behind. A person is said by the surname once the full name is known, an organization by its letters. Each is replaced by
the same of the counter-answer. What is found and cannot be replaced, as "Parisian", is a leak (`left`).
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ..core.tables import Row
from ..text import matching
from ..text.matching import Span
from ..text.stance import answer_mentions
from . import nations, prose, surnames
from .nations import ADJECTIVE, LANGUAGE, NAME, PEOPLE, PERSON, Nation
from .prose import Place

_SHORTEST = 4  # letters of a name from which another word is derived
_SUFFIXES = "ian|ians|ean|eans|an|ans|n|ns|ese|er|ers|ite|ites|esque|ism|ist|ists"
_DERIVED = {  # where the ending alone does not make it
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
_DETERMINED = re.compile(r"\b(?:an?|first|second|third|only|another|fellow|every|each|one|most) $", re.IGNORECASE)
_THE = re.compile(r"\bthe $", re.IGNORECASE)
_SPOKEN = re.compile(r"\b(?:in|into|speaks?|spoke|speaking|spoken|from) $")
_OF_LANGUAGE = re.compile(
    r"[ -](?:(?:languages?|speaking|speakers?|dialects?|alphabet|translations?|words?|phrase|translated)\b|(?:for|as) [\"'\u201c\u2018])"
)
_GIVEN = re.compile(
    rf"(?:(?:[^\W\d_a-z][\w.'\u2019-]*|{'|'.join(surnames.PARTICLES)}) )+$"
)  # capitalised words before a surname


def places(text: str, question: Row, substitute: str, literally: bool = False) -> list[Place]:
    """Return where a text says a question's gold answer, in whatever form, and what of the substitute goes there.

    `literally`: the substitute as it is in the place of every mention of a gold answer. A part of the subject's name or
    of a longer name, as "South Sudan", is no mention.
    """
    answers = question["answers"]
    spans = _apart(answer_mentions(text, answers, question["subject"]), _longer(text, answers))
    new = nations.of_name(substitute)
    if new and any(nations.role_of(text[slice(*span)]) for span in spans):
        renamed = [
            Place(span, substitute, nations.takes_article(text[slice(*span)]))
            if literally
            else _of_nation(text, span, substitute, new[0])
            for span in spans
        ]
        return [*renamed, *(_of_nation(text, span, substitute, new[0]) for span in derived(text, question, [substitute]))]
    renamed = [_of_name(text, span, question, substitute, literally) for span in spans]
    renamed += _surnames(text, question, substitute, renamed)
    return [*renamed, *_initials(text, renamed, substitute)]


def derived(text: str, question: Row, counter_aliases: Sequence[str]) -> list[Span]:
    """Return the spans of what a text says of a gold nation by another word than a gold answer: "Indian" for India.

    Nothing is found where the counter-answer is no nation: "Turkey" may be a bird.
    """
    if not any(map(nations.of_name, counter_aliases)):
        return []
    old = [nation for answer in question["answers"] for nation in nations.of_name(answer)]
    said = _said_elsewhere(question, counter_aliases)
    forms = [
        form
        for nation in old
        for form in (*nation.names, *nation.adjectives, *nation.person, *nation.people)
        if not any(matching.same(form, answer) for answer in question["answers"]) and not matching.holds(said, [form])
    ]
    if not forms:
        return []
    spans = [match.span() for match in _any_of(tuple(sorted(set(forms), key=lambda form: (-len(form), form)))).finditer(text)]
    golds = matching.mentions(text, question["answers"])
    others = [*golds, *_longer(text, [*question["answers"], *forms]), *matching.mentions(text, [question["subject"]])]
    return _apart(spans, others)


def left(text: str, question: Row, counter_aliases: Sequence[str]) -> str | None:
    """Return a word in a text that is derived from a gold answer, if there is one: "Parisian", "Indian", "Kafkaesque".

    It does not count where the question, its subject or the counter-answer says it too.
    """
    for start, end in derived(text, question, counter_aliases):
        return text[start:end]
    said = _said_elsewhere(question, counter_aliases)
    stems = [*question["answers"], *surnames.of_gold(question, counter_aliases)]
    for name in stems:
        pattern = None if nations.of_name(name) else _derivatives(name)
        for match in pattern.finditer(text) if pattern else ():
            if not matching.holds(said, [match[0]]):
                return match[0]
    return None


def _of_nation(text: str, span: Span, substitute: str, new: Nation) -> Place:
    """Return the form of a nation that takes the place of another's: name for name, adjective for adjective."""
    said = text[slice(*span)]
    role = _role(text, span)
    form = substitute if role == nations.role_of(substitute) else new.form(role)
    if role == PEOPLE and _THE.search(text[: span[0]]) and new.form(PEOPLE).endswith(" people"):
        form = new.form(ADJECTIVE)  # "the Dutch"
    return Place(span, form, nations.takes_article(said))


def _role(text: str, span: Span) -> str:
    """Return what the mention of a nation is in its sentence."""
    said = text[slice(*span)]
    before, after = text[: span[0]], text[span[1] :]
    role = nations.role_of(said) or NAME
    attribute = prose.is_attribute(text, span[1])
    if role == NAME:
        return ADJECTIVE if attribute else NAME
    if role != ADJECTIVE:
        return role
    if said in {nation.language for nation in nations.of_name(said)}:
        if _OF_LANGUAGE.match(after) or (_SPOKEN.search(before) and not attribute):
            return LANGUAGE
    if attribute:
        return ADJECTIVE
    if _THE.search(before) and nations.of_name(said)[0].form(PEOPLE).endswith(" people"):
        return PEOPLE  # "the French"
    return PERSON if _DETERMINED.search(before) else ADJECTIVE


def _of_name(text: str, span: Span, question: Row, substitute: str, literally: bool) -> Place:
    """Return the substitute, or its surname where the text says the surname alone."""
    said = text[slice(*span)]
    articled = any(answer.lower() == f"the {said}".lower() for answer in question["answers"])
    own = {surnames.surname(answer) for answer in question["answers"]}
    if literally or said not in own:
        return Place(span, substitute, articled)
    start = _given(text, span[0], question["answers"])
    return Place((start, span[1]), substitute if start < span[0] else surnames.surname(substitute) or substitute)


def _surnames(text: str, question: Row, substitute: str, renamed: Sequence[Place]) -> list[Place]:
    """Return the surnames of the gold answers that no mention covers, each with the given names before it."""
    found = []
    short = surnames.surname(substitute) or substitute
    for start, end in surnames.mentions(text, surnames.of_gold(question, [substitute])):
        first = _given(text, start, question["answers"])
        found.append(Place((first, end), substitute if first < start else short))
    return _clear(found, [place.span for place in renamed])


def _given(text: str, start: int, answers: Sequence[str]) -> int:
    """Return where a name begins whose surname begins at `start`: "Arthur Ignatius" before Conan Doyle belongs to it."""
    run = _GIVEN.search(text[:start])
    first = {answer.split()[0] for answer in answers if surnames.surname(answer)}
    words = [(match.start(), match[0]) for match in re.finditer(r"\S+", run[0])] if run else []
    offset = start - len(run[0]) if run else start
    return next((offset + at for at, word in words if word in first), start)


def _initials(text: str, renamed: Sequence[Place], substitute: str) -> list[Place]:
    """Return the places of a gold answer's initials, where the text gives them in brackets behind the name."""
    short = _initials_of(substitute) or substitute
    for (start, end), _, _ in renamed:
        told = re.match(r" \(([A-Z]{2,6})\)", text[end:])
        if told and told[1] in (_initials_of(text[start:end]), *_capitals(text[start:end])):
            spans = [match.span() for match in re.finditer(rf"\b{told[1]}\b", text)]
            if short != substitute:
                return _clear([Place(span, short) for span in spans], [place.span for place in renamed])
            brackets = (end, end + len(told[0]))
            others = [Place(span, short) for span in spans if not brackets[0] < span[0] < brackets[1]]
            return _clear([Place(brackets, ""), *others], [place.span for place in renamed])
    return []


def _initials_of(name: str) -> str:
    """Return the initials of a name's words with capital letters, if there are two at least."""
    letters = "".join(word[0] for word in name.split() if word[0].isupper())
    return letters if len(letters) > 1 else ""


def _capitals(name: str) -> Iterator[str]:
    """Yield the capital letters of a name together: "PTT" for PostTeleTel."""
    yield "".join(letter for letter in name if letter.isupper())


@lru_cache(1024)
def _any_of(forms: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds the forms as whole words, in their case; not in a longer name with a hyphen before it."""
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, forms))})(?!\w)")


@lru_cache(1024)
def _derivatives(name: str) -> re.Pattern[str] | None:
    """Return what finds the words that are derived from a name of one word: "Parisian", "Kafkaesque", "canids"."""
    if name in _DERIVED:
        return _any_of(_DERIVED[name])
    if not name.isalpha() or len(name) < _SHORTEST or not name[0].isupper():
        return None
    if name.endswith("idae"):
        return re.compile(rf"\b{name[:-2].lower()}s?\b")
    stem = name[:-1] if name[-1] in "aeiou" else name
    return re.compile(rf"\b{stem}{name[len(stem):] and f'(?:{name[-1]})?'}(?:{_SUFFIXES})\b")


def _longer(text: str, names: Sequence[str]) -> list[Span]:
    """Return the spans of names of others that hold one of a gold nation: "South Sudan"."""
    others = [other for name in names for other in nations.longer(name) if other not in names]
    return matching.mentions(text, others) if others else []


def _said_elsewhere(question: Row, counter_aliases: Sequence[str]) -> str:
    return " | ".join([question["question"], question["subject"], *counter_aliases])


def _apart(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Return the spans that lie in none of the others."""
    return [one for one in spans if not any(other[0] < one[1] and one[0] < other[1] for other in others)]


def _clear(found: Sequence[Place], taken: Sequence[Span]) -> list[Place]:
    spans = _apart([place.span for place in found], taken)
    return [place for place in found if place.span in spans]
