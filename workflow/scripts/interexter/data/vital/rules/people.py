"""People: nationality, sport, years of offices and of prizes."""

import re
from collections.abc import Iterator

from ....text import matching
from ..articles import Article
from ..relations import Fact
from ..world import World, is_person
from .patterns import one_of

_BORN = re.compile(r"\((?:born )?(?:c\. ?)?(\d{3,4})")
_MODERN = 1500  # nationalities of people born earlier are names of cities, peoples and empires
_SPORTS = {
    "association football": ("football", "association football", "soccer"),
    "american football": ("American football", "football"),
    "athletics": ("athletics", "track and field"),
    "basketball": ("basketball",),
    "baseball": ("baseball",),
    "boxing": ("boxing",),
    "chess": ("chess",),
    "cricket": ("cricket",),
    "cycling": ("cycling", "road cycling"),
    "figure skating": ("figure skating",),
    "formula one": ("Formula One", "motor racing", "auto racing", "Formula 1"),
    "golf": ("golf",),
    "gymnastics": ("gymnastics", "artistic gymnastics"),
    "ice hockey": ("ice hockey", "hockey"),
    "swimming": ("swimming",),
    "table tennis": ("table tennis",),
    "tennis": ("tennis",),
    "volleyball": ("volleyball",),
}
_PLAYERS = (  # what a short description calls the players of a sport; the first that fits counts
    ("american football", r"American football"),
    ("table tennis", r"table tennis"),
    ("association football", r"footballer|soccer player|football player"),
    ("ice hockey", r"ice hockey"),
    ("figure skating", r"figure skater"),
    ("formula one", r"Formula One|racing driver"),
    ("athletics", r"sprinter|distance runner|track and field|athletics|long jumper|middle-distance"),
    ("gymnastics", r"gymnast"),
    ("basketball", r"basketball"),
    ("baseball", r"baseball"),
    ("boxing", r"boxer"),
    ("chess", r"chess"),
    ("cricket", r"cricketer"),
    ("cycling", r"cyclist"),
    ("golf", r"golfer"),
    ("swimming", r"swimmer"),
    ("tennis", r"tennis player"),
    ("volleyball", r"volleyball"),
)
_RULER = (
    r"(?:president|prime minister|chancellor|king|queen|emperor|empress|pope|tsar|sultan|governor-general|"
    r"secretary-general|premier|taoiseach|first minister|shah|president of the republic)"
)
_OFFICE = re.compile(
    rf"((?:(?:\d+(?:st|nd|rd|th)|first|second|third|Roman|Byzantine|Holy Roman|Mughal|Ottoman) )*{_RULER}"
    r"(?: of (?:the )?[A-Z][\w']*(?: (?:[A-Z][\w']*|and|of|the)){0,4})?),? from"
    r" (?:\d{1,2} )?(?:[A-Z][a-z]+ )?(?:\d{1,2}, )?(\d{4}) (?:to|until)\b([^.]*)",
    re.IGNORECASE,
)
_FIELDS = one_of("Physics, Chemistry, Literature, Physiology or Medicine, Economic Sciences, Economics")
_PRIZE = rf"Nobel (?:Memorial )?(Peace Prize|Prize in {_FIELDS}|Prize)"
_PRIZES = (
    re.compile(rf"\b(\d{{4}}) {_PRIZE}"),
    re.compile(rf"{_PRIZE}(?:,? (?:which )?(?:s?he (?:was awarded|received|won)|awarded))? in (\d{{4}})"),
)
_OTHERS = re.compile(
    r"\b(?:his|her) (?:son|wife|father|husband|daughter|student|mother|brother|pupil|colleague)|colleagues|nominat"
)


def facts(article: Article, world: World) -> Iterator[Fact]:
    """Yield the facts about a person."""
    if not is_person(article):
        return
    yield from _nationality(article, world)
    yield from _sport(article)
    yield from _offices(article)
    yield from _prize(article)


def _nationality(article: Article, world: World) -> Iterator[Fact]:
    """A nationality that the description gives first, of which the first sentence names no other."""
    first = re.match(r"((?:South |North |New |Costa |Sri |Saudi )?[A-Z][a-z]+) [a-z]", article.description)
    if not first or first[1] not in world.inhabitants:
        return
    said, born = first[1], _BORN.search(article.description)
    living = not re.search(r"\bwas an? ", article.sentences[0])
    words = {"was": "is", "did": "does"} if living else {"was": "was", "did": "did"}
    fault = ""
    others = [
        one for one in re.findall(r"[A-Z][a-z]+", article.sentences[0]) if one in world.inhabitants and one not in said
    ]
    if not born or int(born[1]) < _MODERN:
        fault = "no-year-of-birth-or-one-before-1500"
    elif article.name != article.title:  # somebody else has the name
        fault = "a-namesake-is-known"
    elif others or re.search(
        rf"{said}[-–]|\w-born|emigr|naturali[sz]ed|citizen|exile", article.description + article.text
    ):
        fault = "another-nationality-may-be-meant"
    yield Fact("nationality", article.title, article.name, world.inhabitants[said], words, fault)


def _sport(article: Article) -> Iterator[Fact]:
    for sport, players in _PLAYERS:
        if found := re.search(players, article.description):
            others = [
                name for other, some in _SPORTS.items() if other != sport for name in some if name not in _SPORTS[sport]
            ]
            fault = "several-sports" if matching.holds(article.text, others) else ""
            if re.search(r",| and ", article.description[: found.start()]):
                fault = "known-for-something-else"
            yield Fact("sport", article.title, article.name, _SPORTS[sport], {}, fault)
            return


def _offices(article: Article) -> Iterator[Fact]:
    for found in list(_OFFICE.finditer(article.text))[:1]:
        office = re.sub(r"^(?:\d+(?:st|nd|rd|th)|first|second|third) ", "the ", found[1])
        office = re.sub(
            r"^the (?=president|prime|chancellor|king|queen|emperor|pope|tsar|sultan|premier)", "", office, flags=re.I
        )
        sentence = next(one for one in article.sentences if found[0] in one)
        again = (
            re.search(r"again|and \d{4}|restored", found[3])
            or len(re.findall(r"\bfrom [^,;]{0,20}\d{4}", sentence)) > 1
        )
        proper = re.search(r" of |Roman|pope|Byzantine|Mughal", office, re.I)
        fault = "several-terms" if again else "" if proper else "office-of-what"
        if any(matching.holds(article.name, [word]) for word in re.findall(_RULER, office, re.IGNORECASE)):
            fault = fault or "the-name-holds-the-office"
        office = office.removesuffix(" ruling")
        yield Fact("office_year", article.title, article.name, (found[2],), {"office": office}, fault)


def _prize(article: Article) -> Iterator[Fact]:
    told = [
        (sentence, found) for sentence in article.sentences for form in _PRIZES for found in form.finditer(sentence)
    ]
    if not told:
        return
    sentence, found = told[0]
    year, prize = found.groups() if found[1].isdigit() else found.groups()[::-1]
    several = len(re.findall(r"\bNobel (?:Memorial |Peace )?Prize", article.text)) > 1
    fault = "several-prizes" if several else "of-somebody-else" if _OTHERS.search(sentence) else ""
    yield Fact("nobel_year", article.title, article.name, (year,), {"prize": prize}, fault)
