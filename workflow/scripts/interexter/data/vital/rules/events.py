"""Events: the year of what happened in one, the first and the last year of wars."""

import re
from collections.abc import Iterator

from ..articles import Article
from ..relations import Fact
from ..world import World

_HAPPENED = {  # kind: how the question says that it happened
    "battle": "was {s} fought",
    "siege": "did {s} take place",
    "treaty": "was {s} signed",
    "agreement": "was {s} signed",
    "peace treaty": "was {s} signed",
    "earthquake": "did {s} happen",
    "eruption": "did {s} happen",
    "disaster": "did {s} happen",
    "accident": "did {s} happen",
    "massacre": "did {s} happen",
    "assassination": "did {s} happen",
    "bombing": "did {s} happen",
    "attack": "did {s} take place",
    "attacks": "did {s} take place",
    "coup": "did {s} take place",
    "uprising": "did {s} take place",
    "revolution": "did {s} take place",
    "invasion": "did {s} take place",
    "conference": "was {s} held",
    "meeting": "was {s} held",
    "protest": "did {s} take place",
    "mutiny": "did {s} take place",
    "march": "did {s} take place",
    "proclamation": "was {s} issued",
    "constitution": "was {s} adopted",
    "document": "was {s} issued",
    "declaration": "was {s} adopted",
    "crisis": "did {s} take place",
    "war": "did {s} take place",
    "campaign": "did {s} take place",
    "trial": "did {s} take place",
}
_COMMON = ("Sinking", "Assassination", "Partition", "Fall", "Dissolution", "Unification", "Atomic", "Attack")
_KIND = re.compile(rf"\b({'|'.join(sorted(_HAPPENED, key=len, reverse=True))})\b", re.IGNORECASE)
_RANGE = re.compile(r"(?:^|\()(\d{4})[–-](\d{4})\b")
_WAR = re.compile(
    r"\b(?:wars?|rebellion|revolt|insurgency|crusade|genocide|famine|revolution|uprising|purge|massacre)$|\bWars? of\b",
    re.IGNORECASE,
)
_SLOW = re.compile(r"Industrial|Scientific|Green|Digital")  # revolutions whose years are a matter of view
_YEARS = (re.compile(r"^(\d{4}) (?!century)"), re.compile(r"\b(?:in|of) (1\d{3}|20\d\d)$"))


def facts(article: Article, world: World) -> Iterator[Fact]:
    """Yield the facts about an event."""
    if article.topic not in ("History", "Uncategorized", "Society and social sciences") or _SLOW.search(article.title):
        return
    years = _RANGE.search(article.description)
    if years and years[1] != years[2] and _WAR.search(article.title):
        fault = _other_years(article, years.groups())
        yield Fact("war_start", article.title, called(article), (years[1],), {}, fault)
        yield Fact("war_end", article.title, called(article), (years[2],), {}, fault)
    year = next((found for form in _YEARS if (found := form.search(article.description))), None)
    kind = _KIND.search(article.name) or _KIND.search(article.description)
    if year and kind and len(re.findall(r"\d{4}", article.description)) == 1:
        words = {"did": _HAPPENED[kind[1].lower()].format(s=called(article))}
        fault = _other_years(article, year.groups())
        yield Fact("event_year", article.title, called(article), (year[1],), words, fault)


def called(article: Article) -> str:
    """Return the name of an event as a sentence holds it: "the sinking of the Titanic", "World War II"."""
    if re.match(r"World War|Operation\b", article.name):
        return article.name
    first, _, rest = article.name.partition(" ")
    return f"the {first.lower() if first in _COMMON else first} {rest}".strip()


def _other_years(article: Article, years: tuple[str, ...]) -> str:
    """Return a fault if the sentence that dates the event gives further years."""
    for sentence in article.sentences:
        told = re.findall(r"\b(?:1\d|20)\d\d\b", sentence)
        if set(told) & set(years):
            return "the-lead-gives-another-year" if set(told) - set(years) else ""
    return ""
