"""Names: countries and their inhabitants as texts say them, and the forms of a person's name and of a number."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import pycountry
from babel import Locale

from ...text import matching

_COUNTRIES = {  # the usual name in English texts first, joined with those of the packages
    "AE": ["United Arab Emirates", "UAE", "Emirates"],
    "BA": ["Bosnia and Herzegovina", "Bosnia"],
    "CD": ["Democratic Republic of the Congo", "DR Congo", "DRC", "Congo-Kinshasa"],
    "CG": ["Republic of the Congo", "Congo-Brazzaville"],
    "CV": ["Cape Verde", "Cabo Verde"],
    "CZ": ["Czech Republic", "Czechia"],
    "GB": ["United Kingdom", "UK", "Great Britain", "Britain"],
    "MK": ["North Macedonia", "Macedonia"],
    "MM": ["Myanmar", "Burma"],
    "NL": ["Netherlands", "Holland"],
    "SZ": ["Eswatini", "Swaziland"],
    "TL": ["East Timor", "Timor-Leste"],
    "TR": ["Turkey", "Türkiye"],
    "US": ["United States", "United States of America", "USA", "US", "America"],
}
_DISPUTED = frozenset(
    ["AQ", "EH", "HK", "MO", "PM", "PS", "TW", "XK"]
)  # not asked about: sources differ on whose they are
_ARTICLE = frozenset(
    ["AE", "BS", "CD", "CF", "CG", "CZ", "DO", "GB", "GM", "KM", "MH", "MV", "NL", "PH", "SB", "SC", "US"]
)  # "the Netherlands"
BRITISH = ("England", "Scotland", "Wales", "Northern Ireland")

_INHABITANTS = {  # where the adjective of a nationality is not one that The World Factbook gives, or has other forms
    "AR": ["Argentine", "Argentinian", "Argentinean"],
    "AZ": ["Azerbaijani"],
    "BA": ["Bosnian"],
    "CD": ["Congolese"],
    "CR": ["Costa Rican"],
    "CZ": ["Czech"],
    "FR": ["French"],
    "GB": ["British"],
    "IR": ["Iranian"],
    "KR": ["South Korean"],
    "KP": ["North Korean"],
    "NL": ["Dutch"],
    "NZ": ["New Zealand"],
    "PH": ["Filipino", "Philippine"],
    "RS": ["Serbian"],
    "SA": ["Saudi", "Saudi Arabian"],
    "SG": ["Singaporean"],
    "TR": ["Turkish"],
    "TT": ["Trinidadian"],
    "US": ["American"],
}
_LARGE = 100  # a number with decimals that may be said without them
_BRITONS = {"English": "England", "Scottish": "Scotland", "Welsh": "Wales"}


@lru_cache(maxsize=1)
def countries() -> dict[str, tuple[str, ...]]:
    """Return the names of every country by its ISO code, the usual one first."""
    english = Locale("en").territories
    names = {}
    for country in pycountry.countries:
        iso: Any = country
        if iso.alpha_2 in _DISPUTED:
            continue
        more = [english[iso.alpha_2], getattr(iso, "common_name", ""), iso.name]
        plain = [name.replace("\u2019", "'").replace("&", "and") for name in more if name and not set("(,") & set(name)]
        names[iso.alpha_2] = tuple(dict.fromkeys([*_COUNTRIES.get(iso.alpha_2, []), *plain]))
    return names


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Return the ISO code of every name of a country, folded."""
    return {matching.fold(name): code for code, names in countries().items() for name in names}


def country_code(name: str) -> str:
    """Return the ISO code of a country, "" if the name is none."""
    name = name.removeprefix("the ").strip()
    return "GB" if name in BRITISH else _codes().get(matching.fold(name), "")


def country_forms(name: str) -> tuple[str, ...]:
    """Return the name and the other names of the country, none if it is none; England is said to be in Britain too."""
    name = name.removeprefix("the ").strip()
    code = country_code(name)
    return forms([name, *countries()[code]]) if code else ()


def country_called(code: str) -> str:
    """Return the usual name of a country as a sentence holds it: "the Netherlands"."""
    name = countries()[code][0]
    return f"the {name}" if code in _ARTICLE or name.endswith("Islands") else name


def inhabitants(adjectives: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Return, for each adjective of a nationality, the forms in which it may be said; `adjectives` by ISO code."""
    known = {code: [one] for code, one in adjectives.items() if re.fullmatch(r"[A-Z][a-z]+", one)} | _INHABITANTS
    shared = Counter(one for some in known.values() for one in some)
    found = {
        one: forms([one, *some, *countries()[code]]) for code, some in known.items() for one in some if shared[one] == 1
    }
    for one, land in _BRITONS.items():
        found[one] = forms([one, "British", land, *countries()["GB"]])
    return found


def forms(names: Iterable[str]) -> tuple[str, ...]:
    """Return names in order, each once."""
    kept: list[str] = []
    for name in names:
        if name and not any(matching.same(name, other) for other in kept):
            kept.append(name)
    return tuple(kept)


def number_forms(said: str) -> tuple[str, ...]:
    """Return the forms of a number of digits as a text says it: "8,848.86" is 8,849 too, and 8,848."""
    plain = said.replace(",", "")
    whole = plain.partition(".")[0]
    rounded = [str(round(float(plain))), whole] if whole != plain and float(plain) >= _LARGE else []
    return forms([said, plain, *rounded])
