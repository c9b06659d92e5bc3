"""Which form of another answer goes where a text says a gold one.

A nation is said by its name, its adjective, its people and its language, a person by the surname once the full name is
known. Each gives way to the same form of the substitute.
"""

import re
from collections.abc import Sequence

from ..core.tables import Row
from ..text.matching import Span
from ..text.stance import answer_mentions
from . import initials, nations, prose, surnames
from .derived import apart, longer_names, of_nations
from .nations import ADJECTIVE, LANGUAGE, NAME, PEOPLE, PERSON, Nation
from .prose import Place

_DETERMINED = re.compile(r"\b(?:an?|first|second|third|only|another|fellow|every|each|one) $", re.IGNORECASE)
_THE = re.compile(r"\bthe $", re.IGNORECASE)
_SPOKEN = re.compile(r"\b(?:in|into|speaks?|spoke|speaking|spoken|from) $")
_OF_LANGUAGE = re.compile(
    r"[ -](?:(?:languages?|speaking|speakers?|dialects?|alphabet|translations?|words?|phrase)\b"
    r"|(?:for|as) [\"'\u201c\u2018])"
)
_OFFICIALLY = re.compile(r"\b(?:officially|formally|formerly) (?:known as |called )?(?:the )?$")
_STATE = re.compile(r"(\S+) ([A-Z]\S+)")
_GIVEN = re.compile(  # capitalised words and particles before a surname
    rf"(?:(?:[^\W\d_a-z](?:\.|[\w'\u2019-]*)|{'|'.join(surnames.PARTICLES)}) )+$"
)
_PARTICLE = re.compile(r"\b(?:van|[DV][aeiou][a-z]?|L[ae]) $")  # that stays with the surname: "van Gogh", "De Sica"


def places(text: str, question: Row, substitute: str, literally: bool = False) -> list[Place]:
    """Return where a text says a question's gold answer, in whatever form, and what of the substitute goes there.

    `literally`: the substitute as it is in the place of every name of a gold answer, and forms of it elsewhere alone. A
    part of the subject's name or of a longer name, as "South Sudan", says no gold answer.
    """
    new = nations.of_name(substitute)
    old = [nation for answer in question["answers"] for nation in nations.of_name(answer)] if new else []
    answers = [*question["answers"], *(name for nation in old for name in nation.names)]
    spans = apart(answer_mentions(text, answers, question["subject"]), longer_names(text, answers))
    if literally:
        renamed = [Place(span, substitute, _takes_article(text, span, question)) for span in spans]
    elif old:
        renamed = [_of_nation(text, span, substitute, new[0]) for span in spans]
    else:
        renamed = [_of_name(text, span, question, substitute) for span in spans]
    if old:
        others = apart(of_nations(text, question, [substitute]), spans)
        renamed += [_of_nation(text, span, substitute, new[0]) for span in others]
        renamed = initials.without_repeats(text, renamed)
    else:
        renamed += _surnames(text, question, substitute, spans)
    return [*renamed, *initials.places(text, renamed)]


def aliased(text: str, question: Row, alias: str) -> list[Place]:
    """Return where a text names a gold answer, for another name of the same answer: all else stays as it is."""
    spans = answer_mentions(text, question["answers"], question["subject"])
    return [Place(span, alias, _takes_article(text, span, question)) for span in spans]


def _of_nation(text: str, span: Span, substitute: str, new: Nation) -> Place:
    """Return the form of a nation that takes the place of another's: name for name, adjective for adjective."""
    said, before = text[slice(*span)], text[: span[0]]
    role = _role(text, span)
    form = substitute if role == nations.role_of(substitute) else new.form(role)
    state = _STATE.fullmatch(said)
    if role == NAME and " " in said and _OFFICIALLY.search(before):
        form = f"the Republic of {nations.with_article(form)}"
    elif state and not nations.role_of(said) and nations.role_of(state[1]) == ADJECTIVE:
        form = f"{new.form(ADJECTIVE)} {state[2]}"  # "the Russian Federation"
    elif role == PEOPLE and _THE.search(before) and nations.is_collective(new):
        form = new.form(ADJECTIVE)  # "the Dutch"
    return Place(span, form, nations.takes_article(said))


def _role(text: str, span: Span) -> str:
    """Return what the mention of a nation is in its sentence."""
    said, before = text[slice(*span)], text[: span[0]]
    role = nations.role_of(said) or NAME
    attribute = prose.is_attribute(text, span)
    if role == NAME:
        return ADJECTIVE if attribute else NAME
    if role != ADJECTIVE:
        return role
    nation = nations.of_name(said)[0]
    spoken = _OF_LANGUAGE.match(text, span[1]) or (_SPOKEN.search(before) and not attribute)
    if spoken and nation.language == said:
        return LANGUAGE
    if attribute:
        return ADJECTIVE
    if _THE.search(before) and nations.is_collective(nation):
        return PEOPLE
    return PERSON if _DETERMINED.search(before) else ADJECTIVE


def _of_name(text: str, span: Span, question: Row, substitute: str) -> Place:
    """Return the substitute, or its surname where the text says the surname alone."""
    said, answers = text[slice(*span)], question["answers"]
    if said not in [surnames.surname(one) for one in answers if not one.lower().startswith("the ")]:
        return Place(span, substitute, _takes_article(text, span, question))
    return _surname(text, span, answers, substitute)


def _surnames(text: str, question: Row, substitute: str, taken: Sequence[Span]) -> list[Place]:
    """Return the surnames of the gold answers that no mention covers."""
    spans = apart(surnames.mentions(text, surnames.of_gold(question, [substitute])), taken)
    found = [_surname(text, span, question["answers"], substitute) for span in spans]
    free = apart([place.span for place in found], taken)
    return [place for place in found if place.span in free]


def _surname(text: str, span: Span, answers: Sequence[str], substitute: str) -> Place:
    """Return the place of a surname: with the given names before it ("Arthur Ignatius" Conan Doyle), a full name's."""
    run = _GIVEN.search(text[: span[0]])
    given = [answer.split()[0] for answer in answers if surnames.surname(answer)]
    for word in re.finditer(r"\S+", run[0]) if run else ():
        if run and any(word[0] == one or (one[1:] == "." and word[0][0] == one[0]) for one in given):
            return Place((run.start() + word.start(), span[1]), substitute)
    short = surnames.surname(substitute)
    particle = _PARTICLE.search(substitute.removesuffix(short)) if short else None
    return Place(span, f"{particle[0] if particle else ''}{short}" or substitute)


def _takes_article(text: str, span: Span, question: Row) -> bool:
    """Tell whether a gold answer takes "the" as it is said: a nation's name, or one that is listed with it."""
    said = text[slice(*span)]
    return nations.takes_article(said) or any(one.lower() == f"the {said}".lower() for one in question["answers"])
