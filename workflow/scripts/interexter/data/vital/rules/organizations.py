"""Organizations: when they were founded, and where they have their seat."""

import re
from collections.abc import Iterator

from ..articles import Article
from ..relations import Fact
from ..world import World, is_person
from .patterns import DATE, one_of
from .places import city_forms

_TOPICS = {
    *("Arts", "Everyday life", "Philosophy and religion", "Society and social sciences", "Technology", "Uncategorized"),
}
_NOUNS = one_of(
    """
    academy, agency, airline, alliance, association, automaker, bank, brand, broadcaster, chain, church, club, college,
    company, conglomerate, corporation, court, encyclopedia, engine, fund, institute, institution, laboratory, league,
    magazine, maker, manufacturer, movement, museum, network, newspaper, orchestra, organisation, organization, party,
    platform, publisher, religious order, retailer, school, service, society, studio, union, university,
    website
    """
)
_KINDS = re.compile(rf"\b{_NOUNS}\b", re.IGNORECASE)
_FOUNDED = re.compile(
    rf"\b(?:founded|established)\b(?: by [^.;]{{3,60}}?)?,? (?:on|in)(?: [a-z ]{{3,40}}? (?:on|in))? {DATE}",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b1[0-9]\d\d\b|\b20\d\d\b")
_SEAT = re.compile(
    r"\bheadquartered (?:in|at [^.,]* in) (?:[Dd]owntown |the city of )?([A-Z][\w'-]+(?: [A-Z][\w'-]+)*)"
)
_CITIES = {"Washington": "Washington, D.C."}
_DEFINITE = {"BBC", "OECD"}  # whose leads begin with the long name


def facts(article: Article, world: World) -> Iterator[Fact]:
    """Yield the facts about an organization."""
    if is_person(article) or article.topic not in _TOPICS or not _KINDS.search(article.description):
        return
    yield from _founding(article)
    for found in list(_SEAT.finditer(article.text))[:1]:
        city = _CITIES.get(found[1], found[1])
        fault = "" if city in world.cities else "no-city-that-is-known"
        yield Fact("headquarters", article.title, _called(article), city_forms(city), {}, fault)


def _founding(article: Article) -> Iterator[Fact]:
    told = [(sentence, found) for sentence in article.sentences for found in _FOUNDED.finditer(sentence)]
    if not told:
        return
    sentence, found = told[0]
    fault = "" if _own(article, sentence[: found.start()]) else "of-something-else"
    if len({f[1] for _, f in told} | set(_YEAR.findall(sentence))) > 1:  # "founded in 1734, it began in 1737"
        fault = fault or "several-years"
    yield Fact("founding_year", article.title, _called(article), (found[1],), {}, fault)


def _own(article: Article, before: str) -> bool:
    """Tell whether what comes before "founded" in its sentence is about the article's subject."""
    name = re.escape(article.name.removeprefix("The "))
    if re.search(r"replac|success|precursor|former|Organi[sz]ation of", before):
        return False
    return not before.strip() or bool(
        re.fullmatch(
            rf"(?:(?:It|They|The \w+|The)\b|(?:The )?{name}\b)[^,;]{{0,60}}?"
            r"(?:was|is|were|,)? ?(?:first |originally |and )?",
            before,
        )
    )


def _called(article: Article) -> str:
    return f"the {article.name}" if article.name in _DEFINITE else article.called
