"""Countries and their people as English texts say them: names with their article, adjectives, nouns, languages.

Adjectives and nouns are those of The World Factbook (CIA, public domain), with the forms that encyclopedias use where
the book has none, or another; languages are official ones, by CLDR or the book. pycountry and Babel hold names alone,
and the packages that have demonyms are lists without articles, nouns or a source.

The table is short on purpose: a nation that is missing is a name as any other.
"""

import re
from collections import defaultdict
from functools import cache
from typing import NamedTuple

NAME, ADJECTIVE, PERSON, PEOPLE, LANGUAGE = "name", "adjective", "person", "people", "language"

# Names, with the article that each takes in a sentence; adjectives; one inhabitant; several; the language. In each the
# usual form stands first, and "/" before others. Left out are an inhabitant and several that are the adjective and the
# adjective with "s" (or "person" and "people" behind it, where its ending takes no "s"), and a language that is the
# adjective.
_TABLE = """
Afghanistan; Afghan; ; ; Pashto
Albania; Albanian
Algeria; Algerian; ; ; Arabic
Andorra; Andorran; ; ; Catalan
Angola; Angolan; ; ; Portuguese
Antigua and Barbuda; Antiguan/Barbudan; ; ; English
Argentina; Argentine/Argentinian/Argentinean; ; Argentines/Argentinians/Argentineans; Spanish
Armenia; Armenian
Australia; Australian; ; ; English
Austria; Austrian; ; ; German
Azerbaijan; Azerbaijani
the Bahamas; Bahamian; ; ; English
Bahrain; Bahraini; ; ; Arabic
Bangladesh; Bangladeshi; ; ; Bengali
Barbados; Barbadian/Bajan; ; ; English
Belarus; Belarusian
Belgium; Belgian; ; ; French
Belize; Belizean; ; ; English
Benin; Beninese; ; ; French
Bhutan; Bhutanese; ; ; Dzongkha
Bolivia; Bolivian; ; ; Spanish
Bosnia and Herzegovina/Bosnia; Bosnian/Herzegovinian
Botswana; Botswanan/Motswana; ; Botswanans/Batswana; English
Brazil; Brazilian; ; ; Portuguese
Brunei/Brunei Darussalam; Bruneian; ; ; Malay
Bulgaria; Bulgarian
Burkina Faso; Burkinabe/Burkinab\u00e9; Burkinabe; Burkinabe; French
Burundi; Burundian; ; ; French
Cambodia; Cambodian; ; ; Khmer
Cameroon; Cameroonian; ; ; French
Canada; Canadian; ; ; English
Cape Verde/Cabo Verde; Cape Verdean/Cabo Verdean; ; ; Portuguese
the Central African Republic; Central African; ; ; French
Chad; Chadian; ; ; French
Chile; Chilean; ; ; Spanish
China; Chinese
Colombia; Colombian; ; ; Spanish
the Comoros; Comorian/Comoran; ; ; Comorian
the Democratic Republic of the Congo/the DRC/DR Congo/the Democratic Republic of Congo/the Congo; Congolese; ;; French
the Republic of the Congo/Congo-Brazzaville; Congolese; ; ; French
Costa Rica; Costa Rican; ; ; Spanish
Croatia; Croatian; Croatian/Croat; Croatians/Croats
Cuba; Cuban; ; ; Spanish
Cyprus; Cypriot; ; ; Greek
the Czech Republic/Czechia; Czech
Denmark; Danish; Dane; Danes
Djibouti; Djiboutian; ; ; French
Dominica; Dominican; ; ; English
the Dominican Republic; Dominican; ; ; Spanish
East Timor/Timor-Leste; East Timorese/Timorese; ; ; Tetum
Ecuador; Ecuadorian/Ecuadorean; ; ; Spanish
Egypt; Egyptian; ; ; Arabic
El Salvador; Salvadoran/Salvadorean; ; ; Spanish
England; English; English person/Englishman/Englishwoman; English people/Englishmen/Englishwomen
Equatorial Guinea; Equatorial Guinean/Equatoguinean; ; ; Spanish
Eritrea; Eritrean; ; ; Tigrinya
Estonia; Estonian
Eswatini/Swaziland; Swazi
Ethiopia; Ethiopian; ; ; Amharic
Fiji; Fijian
Finland; Finnish; Finn; Finns
France; French; French person/Frenchman/Frenchwoman; French people/Frenchmen/Frenchwomen
Gabon; Gabonese; ; ; French
the Gambia; Gambian; ; ; English
Georgia; Georgian
Germany; German
Ghana; Ghanaian; ; ; English
Greece; Greek
Greenland; Greenlandic; Greenlander; Greenlanders
Grenada; Grenadian; ; ; English
Guatemala; Guatemalan; ; ; Spanish
Guinea; Guinean; ; ; French
Guinea-Bissau; Bissau-Guinean; ; ; Portuguese
Guyana; Guyanese; ; ; English
Haiti; Haitian; ; ; Haitian Creole
Honduras; Honduran; ; ; Spanish
Hungary; Hungarian
Iceland; Icelandic; Icelander; Icelanders
India; Indian; ; ; Hindi
Indonesia; Indonesian
Iran; Iranian; ; ; Persian
Iraq; Iraqi; ; ; Arabic
Ireland; Irish; Irish person/Irishman/Irishwoman; Irish people/Irishmen/Irishwomen
Israel; Israeli; ; ; Hebrew
Italy; Italian
Ivory Coast/C\u00f4te d'Ivoire/the Ivory Coast; Ivorian/Ivoirian; ; ; French
Jamaica; Jamaican; ; ; English
Japan; Japanese
Jordan; Jordanian; ; ; Arabic
Kazakhstan; Kazakh/Kazakhstani
Kenya; Kenyan; ; ; Swahili
Kiribati; I-Kiribati; I-Kiribati; I-Kiribati; Gilbertese
Kosovo; Kosovan/Kosovar; ; ; Albanian
Kuwait; Kuwaiti; ; ; Arabic
Kyrgyzstan; Kyrgyz/Kyrgyzstani
Laos; Lao/Laotian; Laotian; Laotians
Latvia; Latvian
Lebanon; Lebanese; ; ; Arabic
Lesotho; Basotho; Mosotho; Basotho; Sesotho
Liberia; Liberian; ; ; English
Libya; Libyan; ; ; Arabic
Liechtenstein; Liechtenstein; Liechtensteiner; Liechtensteiners; German
Lithuania; Lithuanian
Luxembourg; Luxembourgish; Luxembourger; Luxembourgers
Madagascar; Malagasy; Malagasy; Malagasy
Malawi; Malawian; ; ; Chewa
Malaysia; Malaysian; ; ; Malay
the Maldives; Maldivian
Mali; Malian; ; ; French
Malta; Maltese
the Marshall Islands; Marshallese
Mauritania; Mauritanian; ; ; Arabic
Mauritius; Mauritian; ; ; English
Mexico; Mexican; ; ; Spanish
the Federated States of Micronesia/Micronesia; Micronesian; ; ; English
Moldova; Moldovan; ; ; Romanian
Monaco; Mon\u00e9gasque/Monegasque/Monacan; ; Mon\u00e9gasques/Monegasques/Monacans; French
Mongolia; Mongolian
Montenegro; Montenegrin
Morocco; Moroccan; ; ; Arabic
Mozambique; Mozambican; ; ; Portuguese
Myanmar/Burma; Burmese
Namibia; Namibian; ; ; English
Nauru; Nauruan
Nepal; Nepali/Nepalese
the Netherlands/Holland; Dutch; Dutch person/Dutchman/Dutchwoman; Dutch people/Dutchmen/Dutchwomen
New Zealand; New Zealand; New Zealander; New Zealanders; English
Nicaragua; Nicaraguan; ; ; Spanish
Niger; Nigerien; ; Nigeriens; French
Nigeria; Nigerian; ; ; English
North Korea; North Korean; ; ; Korean
North Macedonia/Macedonia; Macedonian
Northern Ireland; Northern Irish; ; ; English
Norway; Norwegian
Oman; Omani; ; ; Arabic
Pakistan; Pakistani; ; ; Urdu
Palau; Palauan
Palestine; Palestinian; ; ; Arabic
Panama; Panamanian; ; ; Spanish
Papua New Guinea; Papua New Guinean; ; ; Tok Pisin
Paraguay; Paraguayan; ; ; Guarani
Peru; Peruvian; ; ; Spanish
the Philippines; Philippine/Filipino; Filipino; Filipinos; Filipino
Poland; Polish; Pole; Poles
Portugal; Portuguese
Puerto Rico; Puerto Rican; ; ; Spanish
Qatar; Qatari; ; ; Arabic
Romania; Romanian
Russia; Russian
Rwanda; Rwandan; ; ; Kinyarwanda
Samoa; Samoan
San Marino; Sammarinese; ; ; Italian
S\u00e3o Tom\u00e9 and Pr\u00edncipe; S\u00e3o Tom\u00e9an/Sao Tomean; ; S\u00e3o Tom\u00e9ans/Sao Tomeans; Portuguese
Saudi Arabia; Saudi/Saudi Arabian; ; ; Arabic
Scotland; Scottish/Scots; Scot/Scotsman/Scotswoman; Scots/Scotsmen/Scotswomen; Scots
Senegal; Senegalese; ; ; French
Serbia; Serbian; Serb/Serbian; Serbs/Serbians
the Seychelles; Seychellois; ; ; French
Sierra Leone; Sierra Leonean; ; ; English
Singapore; Singaporean; ; ; English
Slovakia; Slovak/Slovakian
Slovenia; Slovene/Slovenian; ; Slovenes/Slovenians
the Solomon Islands; Solomon Islands; Solomon Islander; Solomon Islanders; English
Somalia; Somali
South Africa; South African; ; ; Afrikaans
South Korea/Korea; South Korean; ; ; Korean
South Sudan; South Sudanese; ; ; English
the Soviet Union/the USSR/the U.S.S.R.; Soviet; ; ; Russian
Spain; Spanish; Spaniard; Spaniards
Sri Lanka; Sri Lankan; ; ; Sinhala
Saint Kitts and Nevis/St. Kitts and Nevis; Kittitian/Nevisian; ; ; English
Saint Lucia/St. Lucia; Saint Lucian; ; ; English
Saint Vincent and the Grenadines/St. Vincent and Grenadines; Vincentian; ; ; English
Sudan; Sudanese; ; ; Arabic
Suriname; Surinamese; ; ; Dutch
Sweden; Swedish; Swede; Swedes
Switzerland; Swiss; ; ; German
Syria; Syrian; ; ; Arabic
Taiwan; Taiwanese; ; ; Mandarin
Tajikistan; Tajik/Tajikistani
Tanzania; Tanzanian; ; ; Swahili
Thailand; Thai
Togo; Togolese; ; ; French
Tonga; Tongan
Trinidad and Tobago; Trinidadian/Tobagonian; ; ; English
Tunisia; Tunisian; ; ; Arabic
Turkey/T\u00fcrkiye; Turkish; Turk; Turks
Turkmenistan; Turkmen; Turkmen; Turkmens
Tuvalu; Tuvaluan
Uganda; Ugandan; ; ; English
Ukraine; Ukrainian
the United Arab Emirates/the UAE; Emirati; ; ; Arabic
the United Kingdom/Great Britain/Britain/the UK/the U.K.; British; Briton; Britons; English
the United States/the United States of America/the US/the U.S./the USA/America; American; ; ; English
Uruguay; Uruguayan; ; ; Spanish
Uzbekistan; Uzbek/Uzbekistani
Vanuatu; Ni-Vanuatu; Ni-Vanuatu; Ni-Vanuatu; Bislama
Venezuela; Venezuelan; ; ; Spanish
Vietnam/Viet Nam; Vietnamese
Wales; Welsh; Welsh person/Welshman/Welshwoman; Welsh people/Welshmen/Welshwomen
Yemen; Yemeni; ; ; Arabic
Zambia; Zambian; ; ; English
Zimbabwe; Zimbabwean; ; ; Shona
"""
_WITHOUT_S = ("sh", "ch", "ese", "ss", "ois", "yz")  # endings of adjectives that are no noun of a person
_PLURALS = ("Bahamas", "Comoros", "Maldives", "Netherlands", "Philippines", "Seychelles")  # and those below, by ending
_ENDINGS = (" Islands", " States", " Emirates")
# Names that say what kind of state they name: "the Russian Federation", "the Islamic Republic of Iran".
_KIND = "Republic|Federation|Kingdom|Sultanate|Principality|Duchy|Commonwealth"
_STATE_IN_FULL = re.compile(rf"(.+ )?({_KIND}) of .+|.+ (Republic|Federation|Kingdom|Islands|States|Emirates)")

# Names that hold one of a nation and are none of it: of seas, continents, regions.
OTHERS = (
    *("Latin America", "Latin American", "Latin Americans", "North America", "North American", "North Americans"),
    *("South America", "South American", "South Americans", "Central America", "Central American", "Central Americans"),
    *("Native American", "Native Americans", "the Americas", "Pan-American", "American Samoa", "Indian Ocean"),
    *("English Channel", "Irish Sea", "Norwegian Sea", "South China Sea", "East China Sea"),
    *("Arabian Sea", "New Mexico"),
    *("New England", "New Guinea", "French Guiana", "French Polynesia", "West Indies", "West Indian", "Inner Mongolia"),
    *("South Holland", "North Holland", "River Jordan", "Lake Chad", "Panama Canal", "South Georgia", "Indochina"),
    *("American Indian", "American Indians", "New South Wales", "Macedonian Empire", "Holy Roman Empire"),
)


class Nation(NamedTuple):
    """A nation in words: of each kind all forms, the usual one first."""

    names: tuple[str, ...]  # without article
    with_article: frozenset[str]  # those of the names that take "the" in a sentence
    adjectives: tuple[str, ...]
    person: tuple[str, ...]
    people: tuple[str, ...]
    language: str

    def form(self, role: str) -> str:
        """Return the usual form of a kind."""
        if role == LANGUAGE:
            return self.language
        forms = {NAME: self.names, ADJECTIVE: self.adjectives, PERSON: self.person, PEOPLE: self.people}
        return forms[role][0]


@cache
def nations() -> tuple[Nation, ...]:
    """Return all nations of the table."""
    return tuple(map(_nation, _TABLE.strip().splitlines()))


def of_name(name: str) -> list[Nation]:
    """Return the nations that a name or an adjective stands for; "Congolese" is of two, most words are of none."""
    return [nation for nation, _ in _by_form().get(_plain(name), ())]


def role_of(form: str) -> str:
    """Return what a form is: the name of a nation, its adjective, an inhabitant or several; "" if it is none of these.

    Where it is more, as "German", it is the first of these.
    """
    found = _by_form().get(_plain(form))
    return found[0][1] if found else ""


def takes_article(name: str) -> bool:
    """Tell whether a name stands with "the" in a sentence: "the Netherlands"."""
    plain = _plain(name)
    return any(plain in nation.with_article for nation in of_name(plain)) or bool(_STATE_IN_FULL.fullmatch(plain))


def with_article(name: str) -> str:
    """Return a name as a sentence holds it: "the Netherlands"."""
    return f"the {_plain(name)}" if takes_article(name) else name


def is_collective(nation: Nation) -> bool:
    """Tell whether the adjective with "the" means the people: "the French", but "the Germans"."""
    return nation.adjectives[0].endswith(_WITHOUT_S)


def is_plural(name: str) -> bool:
    """Tell whether the name of a nation has the form of a plural, though it is one country."""
    plain = _plain(name)
    return bool(of_name(plain)) and (plain in _PLURALS or plain.endswith(_ENDINGS))


@cache
def longer(name: str) -> tuple[str, ...]:
    """Return the names of other nations, seas and continents that hold a name: "South Sudan" holds "Sudan"."""
    own, said = of_name(name), f" {name} "
    held = [form for form, nation, words in _every_form() if said in words and nation not in own]
    made = [f"{name} City", f"{name} River", f"Gulf of {name}", f"Sea of {name}", f"East {name} Company"]
    return tuple(form for form in (*held, *made) if form != name and said in _as_words(form))


@cache
def _every_form() -> list[tuple[str, Nation | None, str]]:
    """Return all names of OTHERS and of nations, whose each is, and its words between blanks."""
    forms: list[tuple[str, Nation | None]] = [(form, None) for form in OTHERS]
    forms += [(form, nation) for nation in nations() for form in (*nation.names, *nation.adjectives)]
    return [(form, nation, _as_words(form)) for form, nation in forms]


def _as_words(form: str) -> str:
    return f" {form.replace('-', ' ')} "


def _plain(name: str) -> str:
    return name.removeprefix("the ").removeprefix("The ")


@cache
def _by_form() -> dict[str, list[tuple[Nation, str]]]:
    """Return the nations by each of their forms, with what it is of them."""
    found: defaultdict[str, list[tuple[Nation, str]]] = defaultdict(list)
    for nation in nations():
        kinds = {NAME: nation.names, ADJECTIVE: nation.adjectives, PERSON: nation.person, PEOPLE: nation.people}
        for role, forms in kinds.items():
            for form in forms:
                if all(known is not nation for known, _ in found[form]):
                    found[form].append((nation, role))
    return dict(found)


def _nation(line: str) -> Nation:
    columns = [_parts(column) for column in line.split(";")]
    columns += [()] * (5 - len(columns))
    names, adjectives, person, people, language = columns
    return Nation(
        tuple(name.removeprefix("the ") for name in names),
        frozenset(name.removeprefix("the ") for name in names if name.startswith("the ")),
        adjectives,
        person or tuple(_noun(one, "person", "") for one in adjectives),
        people or tuple(_noun(one, "people", "s") for one in adjectives),
        language[0] if language else adjectives[0],
    )


def _parts(column: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in column.split("/") if part.strip())


def _noun(adjective: str, noun: str, ending: str) -> str:
    return f"{adjective} {noun}" if adjective.endswith(_WITHOUT_S) else f"{adjective}{ending}"
