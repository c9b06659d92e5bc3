"""People: nationality, sport, years of offices and of prizes."""

import re
from collections.abc import Iterator

from ....text import matching
from ..articles import Article
from ..relations import Fact
from ..world import World, is_person
from .patterns import one_of

_BORN = re.compile(r"\((?:born )?(?:c\. ?)?(\d{3,4})")
_REPUBLIC = 1900  # who was born earlier was an Ottoman
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
_RULERS = one_of(
    """
    president, prime minister, chancellor, king, queen, emperor, empress, pope, tsar, sultan, governor-general,
    secretary-general, premier, shah
    """
)
_ORDINAL = r"(?:\d+(?:st|nd|rd|th)|first|second|third) "
_OFFICE = re.compile(
    rf"\b(?:{_ORDINAL})?((?:(?:Byzantine|Holy Roman|Mughal|Ottoman|Roman) )?(?i:{_RULERS})"
    r"(?: of (?:the )?[A-Z][\w']*(?: (?:[A-Z][\w']*|and|of|the)){0,4})?),? from"
    r" (?:\d{1,2} )?(?:[A-Z][a-z]+ )?(?:\d{1,2}, )?(\d{4}) (?:to|until)\b([^.]*)"
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
    """Yield the nationality that the description gives first, if the first sentence of the lead names no other."""
    first = re.match(r"((?:South |North |New |Costa |Sri |Saudi )?[A-Z][a-z]+) [a-z]", article.description)
    if not first or first[1] not in world.inhabitants:
        return
    said, born = first[1], _BORN.search(article.description)
    lead = article.sentences[0]
    verb = re.search(r"\b(?:is|was|were)\b", lead)
    words = {"was": "is", "did": "does"} if verb and verb[0] == "is" else {"was": "was", "did": "did"}
    others = [one for one in re.findall(r"[A-Z][a-z]+", lead) if one in world.inhabitants and one not in said]
    moved = rf"{said}[-–]|\w-born|emigr|naturali[sz]ed|citizen|exile"
    fault = ""
    if not born or int(born[1]) < _MODERN:
        fault = "no-year-of-birth-or-one-before-1500"
    elif verb and verb[0] == "were":
        fault = "several-people"
    elif article.name != article.title:  # somebody else has the name
        fault = "a-namesake-is-known"
    elif others or re.search(moved, article.description + article.text):
        fault = "another-nationality-may-be-meant"
    elif said == "Turkish" and int(born[1]) < _REPUBLIC:
        fault = "a-state-of-the-past"
    answers = world.inhabitants[said]
    if said == "British" and not re.search(r"Scot|Wales|Welsh|Irish|Ireland", article.text):
        answers = (*answers, "English", "England")  # what a reader says of most of them
    if said == "Russian" and "Soviet" in article.text:
        answers = (*answers, "Soviet", "Soviet Union", "USSR")
    yield Fact("nationality", article.title, article.name, answers, words, fault)


def _sport(article: Article) -> Iterator[Fact]:
    for sport, players in _PLAYERS:
        if found := re.search(players, article.description):
            own = _SPORTS[sport]
            others = [name for some in _SPORTS.values() for name in some if name not in own]
            fault = "several-sports" if matching.holds(article.text, others) else ""
            if re.search(r",| and ", article.description[: found.start()]):
                fault = "known-for-something-else"
            yield Fact("sport", article.title, article.name, own, {}, fault)
            return


def _offices(article: Article) -> Iterator[Fact]:
    if not (found := _OFFICE.search(article.text)):
        return
    office, year, rest = found.groups()
    sentence = next(one for one in article.sentences if found[0] in one)
    fault = ""
    if len(re.findall(r"\bfrom [^,;]{0,20}\d{4}", sentence)) > 1 or re.search(r"again|and \d{4}|restored", rest):
        fault = "several-terms"
    elif not re.search(r" of |Roman|Byzantine|Mughal|Ottoman|[Pp]ope", office):
        fault = "office-of-what"
    elif matching.holds(article.name, re.findall(_RULERS, office, re.IGNORECASE)):
        fault = "the-name-holds-the-office"
    yield Fact("office_year", article.title, article.name, (year,), {"office": office}, fault)


def _prize(article: Article) -> Iterator[Fact]:
    told = [found for one in article.sentences for form in _PRIZES for found in form.finditer(one)]
    if not told:
        return
    found = told[0]
    year, prize = found.groups() if found[1].isdigit() else found.groups()[::-1]
    several = len(re.findall(r"\bNobel (?:Memorial |Peace )?Prize", article.text)) > 1
    fault = "several-prizes" if several else "of-somebody-else" if _OTHERS.search(found.string) else ""
    yield Fact("nobel_year", article.title, article.name, (year,), {"prize": prize}, fault)
