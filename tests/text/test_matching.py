"""Names in texts: what is the same name, where a text says it, and what is another name."""

from typing import Any, NamedTuple

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from interexter.text import matching
from interexter.text.amounts import ONE_FORM


class Token(NamedTuple):
    folded: str
    cased: str
    span: matching.Span


def tokens(text: str) -> list[Token]:
    return list(map(Token, *matching.words(text), matching.spans(text)))


DATES = [
    "4 July 1776",
    "July 4, 1776",
    "July 4 1776",
    "July 4th, 1776",
    "4th of July 1776",
    "4 Jul 1776",
    "Jul. 4, 1776",
]
DATES += ["1776-07-04", "the 4th of July, 1776", "4. July 1776", "04 July 1776", "4-Jul-1776", "july 4, 1776"]

HELD = {
    "whole words": [
        ("Paris is the capital", "Paris"),
        ("It is PARIS.", "paris"),
        ("(Paris)", "Paris"),
        ("**Paris**", "Paris"),
        ("_Paris_", "Paris"),  # Markdown
        ("`Paris`", "Paris"),
        ("Paris,France", "France"),
        ("Kyiv/Kiev", "Kiev"),
        ("the city of New  York", "New York"),
        ("Ulan-Bator", "Ulan Bator"),
        ("Hague", "The Hague"),
        ("in The Hague", "Hague"),
    ],
    "possessives and apostrophes": [
        ("France's capital", "France"),
        ("France\u2019s capital", "France"),
        ("James' book", "James"),
        ("C\u00f4te d'Ivoire's coast", "Cote d'Ivoire"),
        ("O'Brien", "O\u2019Brien"),
        ("Hawai\u02bbi", "Hawaii"),
        ("Hawaii", "Hawai\u02bbi"),
        ("the town of Nuku\u2018alofa", "Nuku'alofa"),
        ("Nukualofa", "Nuku\u2018alofa"),
        ("Nuku`alofa", "Nuku\u02bcalofa"),
        ("\u02bbIolani Palace", "Iolani Palace"),
        ("Hawaii\u02bcs coast", "Hawaii"),
    ],
    "accents and letters": [
        ("S\u00e3o Tom\u00e9", "Sao Tome"),
        ("Sao Tome", "S\u00e3o Tom\u00e9"),
        ("Sa\u0303o", "S\u00e3o"),
        ("\u00c9A", "E\u0301A"),  # short, with its case
        ("Stra\u00dfe", "Strasse"),
        ("STRA\u1e9eE", "stra\u00dfe"),
        ("\u0130stanbul", "Istanbul"),
        ("Diyarbak\u0131r", "Diyarbakir"),
        ("\u0141\u00f3d\u017a is a city", "Lodz"),
        ("Lodz", "\u0141\u00f3d\u017a"),
        ("S\u00f8ren Kierkegaard", "Soren Kierkegaard"),
        ("\u00d8rsted", "orsted"),
        ("Novak \u0110okovi\u0107", "Novak Dokovic"),
        ("\u00c6thelred", "Aethelred"),
        ("\u0152uvre", "oeuvre"),
        ("\u00deingvellir", "Thingvellir"),
        ("Gu\u00f0r\u00fan", "Gudrun"),
        ("\u0126al Qormi", "Hal Qormi"),
        (
            "\u039f\u03b4\u03c5\u03c3\u03c3\u03ad\u03b1\u03c2",
            "\u03bf\u03b4\u03c5\u03c3\u03c3\u03b5\u03b1\u03c3",
        ),  # Odysseas
        ("\u0421\u0435\u0440\u0433\u0435\u0439", "\u0441\u0435\u0440\u0433\u0435\u0438"),  # Sergey without its breve
        ("\u216b", "XII"),  # one sign for the Roman twelve
        ("\uff30aris", "Paris"),  # a wide letter
        ("Pa\u00adris", "Paris"),  # an invisible hyphen
    ],
    "initials": [
        ("in the U.S.", "US"),
        ("the U.S army", "US"),
        ("the US", "U.S."),
        ("the U. S. army", "US"),
        ("the U.S. army", "U. S."),
        ("Washington, D.C.", "Washington DC"),
        ("Washington, D. C.", "Washington D.C."),
        ("J.R.R. Tolkien", "JRR Tolkien"),
        ("J. R. R. Tolkien", "JRR Tolkien"),
        ("JRR Tolkien", "J. R. R. Tolkien"),
        ("J.R.R. Tolkien", "J. R. R. Tolkien"),
        ("J.K. Rowling", "J. K. Rowling"),
        (
            "\u0410. \u0421. \u041f\u0443\u0448\u043a\u0438\u043d",
            "\u0410.\u0421. \u041f\u0443\u0448\u043a\u0438\u043d",
        ),  # A. S. Pushkin
        ("George W. Bush", "George W Bush"),
    ],
    "signs": [
        ("Marks & Spencer", "Marks and Spencer"),
        ("Marks and Spencer", "Marks & Spencer"),
        ("AT&T", "AT & T"),
        ("It is C++.", "C++"),
        ("written in c++", "C++"),
        ("C++17", "C++"),
        ("C# and F#", "C#"),
        ("C# and F#", "F#"),
        ("in C\u266f", "C#"),
        ("the .NET platform", ".NET"),
        ("a grade of A+.", "A+"),
        ("Disney+", "Disney+"),
        ("C, C++", "C"),
        ("2 + C", "C"),
    ],
    "short names": [
        ("Its symbol is He.", "He"),
        ("He: helium", "He"),
        ("He is the chemical symbol.", "He"),
        ("He is helium; its symbol is He", "He"),
        ("I is the symbol", "I"),
        ("the symbol I", "I"),
        ("I stands for iodine", "I"),
        ("As is the symbol of arsenic", "As"),
        ("its symbol As is short", "As"),
        ("Vitamin C", "C"),
        ("US forces left", "US"),
        ("It ended. IT is", "IT"),
        ("I think it is Xe", "Xe"),
        ("the US", "the US"),
        ("The Who is a band by Townshend", "The Who is"),
        ("no", "no"),
        ("no, it is not", "No"),
        ("NO", "no"),
        ("NO.", "No"),
        ("yes", "YES"),
        ("yes", "Yes"),
        ("two of them", "Two"),
        ("SIX", "six"),
        ("six", "Six"),
        ("PSY sang it", "Psy"),
        ("psy", "Psy"),
        ("s\u00e3o", "S\u00e3o"),
    ],
    "numbers": [
        ("1,234 people", "1234"),
        ("1234 people", "1,234"),
        ("1\u00a0234 people", "1234"),
        ("1\u202f234 people", "1,234"),
        ("1\u2009234\u2009567", "1234567"),
        ("about 67,413,000.5 of them", "67413000.5"),
        ("in 1999.", "1999"),
        ("1", "1.0"),
        ("1.0", "1"),
        ("3.50", "3.5"),
        ("3,5", "3.5"),  # a decimal comma
        ("0,125", "0.125"),
        ("89.0", "89"),
        ("89", "89.0"),
        (".5", "0.5"),
        ("1,234.00", "1234"),
        ("-5", "-5"),
        ("\u22125 degrees", "-5"),
        ("minus five", "-5"),
        ("+5", "5"),
        ("1914-18", "18"),  # a range
        ("1999's best", "1999"),
        ("1,2,3", "2"),  # a list
        ("3.5 km", "3.5"),
        ("1,234km", "1234km"),
        ("5km", "5 km"),
        ("5 km", "5km"),
        ("5km", "5"),
        ("8am", "8 a.m."),
        ("20%", "20 percent"),
        ("20 %", "20%"),
        ("20 per cent", "20%"),
        ("20 percent", "20 %"),
        ("20%", "20"),
        ("the 20th century", "20th"),
        ("\u0661\u0662\u0663", "123"),  # Arabic digits
        ("\uff11\uff12", "12"),  # wide ones
        ("6 moons", "Six"),
        ("six moons", "6"),
        ("twenty", "20"),
        ("Twenty-one", "21"),
        ("twenty one", "21"),
        ("2 million", "2,000,000"),
        ("two million", "2000000"),
        ("2.5bn", "2.5 billion"),
        ("one million", "1000000"),
        ("two hundred thousand", "200,000"),
        ("one", "One"),
    ],
    "money": [
        ("20 euros", "20"),
        ("$20", "20"),
        ("20 dollars", "$20"),
        ("$20", "20 dollars"),
        ("it costs $ 20.", "$20"),
        ("\u20ac20", "20 euros"),
        ("pounds", "pound"),
        ("the euro", "Euros"),
        ("20 \u20ac", "\u20ac20"),
        ("20\u20ac", "20 Euros"),
        ("\u00a33.50", "3.5 pounds"),
        ("$1", "1 dollar"),
        ("$1.5 million", "1.5 million dollars"),
        ("US$20", "$20"),
        ("$1,000", "1000 dollars"),
        ("\u00a51000", "1000 yen"),
    ],
    "dates": [
        *((date, "4 July 1776") for date in DATES),
        *((date, "July 4, 1776") for date in DATES),
        *((date, "1776-07-04") for date in DATES),
        *((f"It was on {date}.", "1776") for date in DATES),
        *((f"It was on {date}.", "July 1776") for date in DATES),
        ("4 July", "July 4"),
        ("on July 4th we", "4 July"),
        ("in Sept. 2001", "September 2001"),
        ("in July of 1776", "July 1776"),
        ("July, 1776", "July 1776"),
        ("25/12/1990", "25 December 1990"),
        ("12/25/1990", "25 December 1990"),
        ("04/04/1990", "4 April 1990"),
        ("07/04/1776", "1776"),
        ("July 4, 1776", "4"),
        ("May 4, 1970", "4 May 1970"),
        ("they march 4 miles", "4 miles"),
    ],
    "other scripts": [
        ("\u7b54\u6848\u662f\u5317\u4eac\u3002", "\u5317\u4eac"),  # "the answer is Beijing."
        ("\u6771\u4eac\u3067\u3059", "\u6771\u4eac"),  # "it is Tokyo"
        ("\u6771\u4eac\u90fd", "\u4eac\u90fd"),  # Kyoto in "the metropolis of Tokyo": wrong, and told by others
        ("1949\u5e7410\u6708", "1949"),  # October 1949
        ("iPhone\u624b\u673a", "iPhone"),
        ("\u30d1\u30ea\u306f\u9996\u90fd", "\u30d1\u30ea"),  # "Paris (Katakana) is the capital"
        ("\u0e1b\u0e23\u0e30\u0e40\u0e17\u0e28\u0e44\u0e17\u0e22", "\u0e44\u0e17\u0e22"),  # Thai in "land of the Thai"
        (
            "\u1797\u17d2\u1793\u17c6\u1796\u17c1\u1789\u1793\u17b7\u1784",
            "\u1797\u17d2\u1793\u17c6\u1796\u17c1\u1789",
        ),  # Phnom Penh and
        ("\u0926\u093f\u0932 \u0939\u0948", "\u0926\u093f\u0932"),  # Hindi: a heart
        ("\u0645\u064f\u062d\u064e\u0645\u0651\u064e\u062f", "\u0645\u062d\u0645\u062f"),  # Muhammad, with vowel signs
        (
            "\u05d9\u05b0\u05e8\u05d5\u05bc\u05e9\u05c1\u05b8\u05dc\u05b7\u05d9\u05b4\u05dd",
            "\u05d9\u05e8\u05d5\u05e9\u05dc\u05d9\u05dd",
        ),  # Jerusalem, pointed
        ("\u0434\u0430, \u041c\u043e\u0441\u043a\u0432\u0430!", "\u041c\u043e\u0441\u043a\u0432\u0430"),  # Moscow
        ("\uc11c\uc6b8, \ud55c\uad6d", "\uc11c\uc6b8"),  # Seoul
    ],
}

NOT_HELD = {
    "parts of words": [
        ("India", "in"),
        ("Parisian", "Paris"),
        ("Comparison", "Paris"),
        ("York New", "New York"),
        ("anything", ""),
        ("\u00a5", "\u00a5"),
        ("a \u0301 b", "\u0301"),
        ("", "Paris"),
    ],
    "short names": [
        ("he left", "He"),
        ("He left", "He"),
        ("They met. He left", "He"),
        ('"He left", they said', "He"),
        ("He is a painter", "He"),
        ("In 1999, it was", "It"),
        ("In the city", "In"),
        ("As a result", "As"),
        ("A man came", "A"),
        ("Who knows", "The Who"),
        ("it is not known who", "Who"),
        ("tell us", "US"),
        ("tell us", "the US"),
        ("tell us", "U.S."),
        ("it", "IT"),
        ("I think", "I"),
        ("and I think it is Xe", "I"),
        ("I'm sure", "I"),
        ("i", "I"),
        ("AU", "Au"),
        ("Co", "CO"),
        ("NO2", "No"),
        ("nothing", "No"),
        ("Notre", "No"),
    ],
    "signs": [
        ("C++", "C"),
        ("C++17", "C"),
        ("C#", "C"),
        ("C", "C++"),
        ("C", "C#"),
        ("F#", "F"),
        (".NET", "net"),
        ("a net", ".NET"),
        ("A+", "A"),
        ("an A", "A+"),
        ("Disney+", "Disney"),
        ("R&D", "RD"),
        ("\u00a5 and \u20ac", "yen"),
        ("100", "100%"),
    ],
    "initials": [
        ("J. Tolkien", "JRR Tolkien"),
        ("vitamin C. A cat", "CA"),
        ("in the U.S. A. Smith", "USA"),
        ("a. b.", "ab"),
    ],
    "numbers": [
        ("1,234", "1"),
        ("1,234", "234"),
        ("1,234km", "1"),
        ("1\u00a0234", "234"),
        ("room 12 345", "12345"),  # a plain blank says nothing
        ("3.5", "3"),
        ("3.5", "5"),
        ("3,5", "5"),
        ("10,5", "10"),
        ("10.5", "10"),
        ("1.0", "10"),
        ("100", "10"),
        ("-5", "5"),
        ("\u22125", "5"),
        ("(-5)", "5"),
        ("minus five", "5"),
        ("5", "-5"),
        ("1914-18", "-18"),
        ("20th", "20"),
        ("1960s", "1960"),
        ("5G", "5"),
        ("5 km", "5 m"),
        ("5km", "5 miles"),
        ("2,5", "25"),
        ("12,34", "1234"),
        ("10\u00b2", "102"),
        ("2 million", "2"),
        ("twenty-one", "20"),
        ("twenty-one", "1"),
        ("No one knows", "1"),
        ("one of them", "1"),
        ("sixty", "6"),
        ("sixteen", "6"),
        ("12", "two"),
    ],
    "money": [
        ("20 euros", "$20"),
        ("$20", "20 euros"),
        ("20", "$20"),
        ("$20 million", "$20"),
        ("5 per cent", "cent"),
        ("$10.5", "10"),
    ],
    "dates": [
        ("07/04/1776", "4 July 1776"),
        ("07/04/1776", "7 April 1776"),
        ("5 July 1776", "4 July 1776"),
        ("14 July 1776", "4 July 1776"),
        ("4 July 1777", "July 1776"),
        ("4 June 1776", "July 1776"),
        ("1776-07-04", "7"),
        ("2020-13-45", "December"),
        ("they may 4 times", "4 May"),
    ],
    "other scripts": [
        ("\u0926\u093f\u0932\u094d\u0932\u0940", "\u0926\u093f\u0932"),  # a heart in Delhi
        ("\u304c", "\u304b"),  # ga, ka
        ("\u30af\u30ed\u30fc\u30de", "\u30ed\u30fc\u30de"),  # Rome in another word in Katakana
        ("\u5317\u4eac", "\u5317\u6d77"),
        ("\u5317\u3002\u4eac\u90fd", "\u4eac\u5317"),
        ("\u0e01\u0e34", "\u0e01"),  # a Thai letter without its vowel
        ("\u0643\u062a\u0627\u0628", "\u0643\u062a"),
        ("\ubd80\uc0b0\uc2dc", "\ubd80\uc0b0"),  # Korean words are whole
    ],
}


def pairs(table: dict[str, list[tuple[str, str]]]) -> list[Any]:
    return [pytest.param(*pair, id=f"{kind}: {pair}") for kind, of_kind in table.items() for pair in of_kind]


@pytest.mark.parametrize(("text", "name"), pairs(HELD))
def test_held(text: str, name: str) -> None:
    assert matching.holds(text, [name])
    assert matching.mentions(text, [name])
    assert matching.holds(f"Of old, {text}", [name]) or text.split()[0] in ("He", "I", "As")
    assert matching.holds(f"{text}\n... more", [name])


@pytest.mark.parametrize(("text", "name"), pairs(NOT_HELD))
def test_not_held(text: str, name: str) -> None:
    assert not matching.holds(text, [name])
    assert matching.mentions(text, [name]) == []


@pytest.mark.parametrize(
    ("text", "name", "others", "held"),
    [
        ("It is South Africa.", "Africa", ["South Africa"], False),
        ("It is south africa.", "Africa", ["South Africa"], False),
        ("South Africa is in Africa", "Africa", ["South Africa"], True),
        ("Northern Ireland", "Ireland", ["Ireland", "Northern Ireland"], False),
        ("Papua New Guinea", "Guinea", ["Equatorial Guinea", "Papua New Guinea"], False),
        ("Equatorial Guinea", "Guinea", ["Papua New Guinea"], True),
        ("Guinea", "Guinea", ["Guinea"], True),  # no longer name
        ("South Africa", "South Africa", ["Africa"], True),
        ("South Africa", "Africa", [], True),  # by data alone
        ("\u6771\u4eac\u90fd", "\u4eac\u90fd", ["\u6771\u4eac\u90fd"], False),
        ("New York City", "York", ["New York", "York City"], False),
        ("July 4, 1776", "1776", ["July 1776"], False),
        ("tell us", "us", ["the US"], True),
    ],
)
def test_a_part_of_the_longer_name_of_something_else_is_no_mention(
    text: str, name: str, others: list[str], held: bool
) -> None:
    assert matching.holds(text, [name], others) is held
    assert bool(matching.mentions(text, [name], iter(others))) is held


def test_where_a_longer_name_is_left_out_the_shorter_is_still_found_elsewhere() -> None:
    text = "South Africa is in Africa"
    assert [text[slice(*span)] for span in matching.mentions(text, ["Africa"], ["South Africa"])] == ["Africa"]
    assert matching.mentions(text, ["Africa"], ["South Africa"]) == [(19, 25)]


@pytest.mark.parametrize(
    ("text", "names", "found"),
    [
        ("Paris and Paris", ["Paris"], ["Paris", "Paris"]),
        ("Equatorial Guinea borders Guinea", ["Guinea", "Equatorial Guinea"], ["Equatorial Guinea", "Guinea"]),
        ("France's and US's", ["France", "US"], ["France", "US"]),  # a substitute inherits the possessive
        ("the U.S. and 1,234", ["US", "1234"], ["U.S.", "1,234"]),
        ("S\u00e3o Tom\u00e9, Sao Tome", ["Sao Tome"], ["S\u00e3o Tom\u00e9", "Sao Tome"]),
        ("Sa\u0303o", ["Sao"], ["Sa\u0303o"]),  # a span takes in its accents
        ("York York York", ["York York"], ["York York"]),  # no overlaps
    ],
)
def test_mentions(text: str, names: list[str], found: list[str]) -> None:
    assert [text[start:end] for start, end in matching.mentions(text, names)] == found


# Words that are like names, so that random texts hold them
# fmt: off
words = st.sampled_from([
    "Paris", "paris", "US", "us", "U.S.", "the", "a", "New", "York", "York's", "S\u00e3o", "Sao", "1,234", "1234", "He",
    "in", "India", "\u00c9", "\u0301", "\u037a", "_x_", "'s", "3.5", "\u00bd", "\u4e2d\u56fd", "-", ".", "O'Brien", "",
])
# fmt: on
phrases = st.lists(words, max_size=7).map(" ".join) | st.lists(words, max_size=5).map("".join) | st.text(max_size=20)


@given(phrases, st.lists(phrases, max_size=3))
@example("a \u037ab", ["b"])  # a letter that decomposes to a space and another
@example("\u0301", ["\u0301"])
def test_a_text_holds_names_if_and_only_if_it_mentions_them(text: str, names: list[str]) -> None:
    assert matching.holds(text, names) == bool(matching.mentions(text, names))
    assert matching.holds(text, names) == any(matching.holds(text, [name]) for name in names)


plain = st.lists(
    st.sampled_from(["Paris", "paris", "US", "us", "The", "a", "New", "York", "York.", "", "X"]), max_size=5
).map(" ".join)


@given(phrases | plain, phrases | plain)
@example("It is the US.", "the us")
@example("the us", "The US")
@example("New York.", "ew York")
@example("Vitamin C.", "c")
def test_a_short_text_is_told_as_a_long_one_is(text: str, name: str) -> None:
    assert matching.holds(text, [name]) == matching.holds(text + "\n" + "... - " * 50, [name])


@given(phrases, st.lists(phrases, min_size=1, max_size=3))
def test_mentions_are_ordered_apart_and_at_token_boundaries(text: str, names: list[str]) -> None:
    spans = matching.mentions(text, names)
    assert spans == matching.mentions(text, names[::-1])
    parts = [token.span for token in tokens(text)]
    starts, ends = {start for start, _ in parts}, {end for _, end in parts}
    previous = 0
    for start, end in spans:
        assert previous <= start < end
        assert start in starts
        assert end in ends or text[end : end + 2].lower() in ("'s", "\u2019s")
        assert matching.holds(text[start:end], names)
        previous = end


@given(phrases)
def test_tokens_lie_apart_and_have_a_form_without_spaces(text: str) -> None:
    previous = 0
    for token in sorted(tokens(text), key=lambda token: token.span):
        start, end = token.span
        assert previous <= start < end <= len(text)
        assert token.folded and token.cased
        assert not any(c.isspace() for c in token.folded + token.cased)
        assert token.folded in (folded := matching.fold(token.cased), ONE_FORM.get(folded))
        previous = end


@given(phrases)
def test_a_text_holds_itself_if_it_has_tokens(text: str) -> None:
    assert matching.holds(text, [text]) == bool(tokens(text))


@given(phrases, phrases, phrases)
def test_a_name_between_line_ends_is_found(before: str, name: str, after: str) -> None:
    assume(tokens(name))
    assert matching.holds(f"{before}\n{name}\n{after}", [name])


def test_nested() -> None:
    assert matching.nested("Guinea", "Equatorial Guinea")
    assert matching.nested("Equatorial Guinea", "Guinea")
    assert matching.nested("Paris", "paris")
    assert not matching.nested("Niger", "Nigeria")
    assert not matching.nested("US", "tell us")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("The Hague", "hague", True),
        ("U.S.", "US", True),
        ("S\u00e3o Tom\u00e9", "Sao Tome", True),
        ("1,234", "1234", True),
        ("Guinea", "Equatorial Guinea", False),
        ("US", "us", False),
        ("\u00a5", "\u20ac", False),  # no letters or digits: compared as they stand
        ("\u00a5", " \u00a5", True),
    ],
)
def test_same(one: str, other: str, expected: bool) -> None:
    assert matching.same(one, other) is expected
    assert matching.same(other, one) is expected


@given(phrases, phrases)
def test_same_names_hold_each_other(one: str, other: str) -> None:
    assert matching.same(one, one)
    if matching.same(one, other) and tokens(one):
        assert matching.holds(one, [other]) and matching.holds(other, [one])


_PIECES = ["U.S.", "us", "the", "New", "new York", "York-New", "1,234.5", "1234.5", "O'Brien", "aa", "a.a", "x.", "X"]
_PIECES += ["São", "sao", "SÃO's", "-", "--", "  ", "\n", "\t", "İs", "ᴬb", "ab", "ﬁn", "Fin's", "york,"]
_PIECES += ["\u1fb3", "\u03b1", "a\u0345b"]  # alpha with iota below, alpha, an iota below alone


@given(
    st.lists(st.sampled_from(_PIECES), max_size=12),
    st.lists(st.sampled_from(_PIECES), min_size=1, max_size=3),
    st.sampled_from([" ", "", " - ", "\n"]),
)
def test_the_search_finds_what_a_plain_one_finds(text: list[str], name: list[str], between: str) -> None:
    told, asked = between.join(text), " ".join(name)
    assert_found_as_by_tokens(told, [asked])


@given(st.text(max_size=30), st.text(max_size=4), st.integers(0, 10))
def test_the_search_finds_what_a_plain_one_finds_in_any_text(text: str, name: str, size: int) -> None:
    for asked in (name, text[size : size + 3]):
        assert_found_as_by_tokens(text, [asked])


_WORDS = ["Paris", "paris", "New", "York", "Hague", "the", "US", "Kent", "\u212aent", "S\u00e3o", "\u0130s", "Paris's"]
_BETWEEN = [" ", " ", " ", "  ", "\n", ", ", ".", "-", "'", "_", "(", ") ", "\u2014", "s ", "3", ".\n", "\u0301"]


@given(
    st.lists(st.sampled_from(_WORDS), min_size=1, max_size=8),
    st.lists(st.sampled_from(_BETWEEN), min_size=8, max_size=8),
    st.lists(st.lists(st.sampled_from(_WORDS), min_size=1, max_size=2).map(" ".join), min_size=1, max_size=3),
)
def test_plain_phrases_are_found_where_all_tokens_say_so(said: list[str], signs: list[str], names: list[str]) -> None:
    text = "".join(word + sign for word, sign in zip(said, signs, strict=False))
    assert_found_as_by_tokens(text, names)


def assert_found_as_by_tokens(text: str, names: list[str]) -> None:
    plainly = by_tokens(text, names)
    assert matching.mentions(text, names) == plainly
    assert matching.holds(text, names) == bool(plainly)


def by_tokens(text: str, names: list[str]) -> list[tuple[int, int]]:
    """The mentions in a text by all its tokens: those of the names with the most words first, none over another."""
    told = tokens(text)
    wanted = set()
    for name in names:
        words = tokens(name)
        words = words[1:] if len(words) > 1 and words[0].folded in ("a", "an", "the") else words
        cased = [word.cased for word in words]
        by_case = not matching.same(name, matching.fold(name))
        if words:
            wanted.add((tuple(cased if by_case else (word.folded for word in words)), by_case))
    found: list[tuple[int, int]] = []
    for words, by_case in sorted(wanted, key=lambda one: (-len(one[0]), one[0])):
        for i in range(len(told) - len(words) + 1):
            place = told[i : i + len(words)]
            span = (place[0].span[0], place[-1].span[1])
            if tuple(t.cased if by_case else t.folded for t in place) == words and not any(
                span[0] < stop and start < span[1] for start, stop in found
            ):
                found.append(span)
    ends = ("'s", "\u2019s")
    return sorted((start, stop - 2 if text[stop - 2 : stop].lower() in ends else stop) for start, stop in found)


@given(st.lists(phrases, max_size=3), st.lists(phrases, max_size=3))
def test_the_first_nested_names_are_those_of_a_search_through_all_pairs(some: list[str], others: list[str]) -> None:
    pairs = [(one, other) for one in some for other in others if matching.nested(one, other)]
    assert matching.first_nested(some, others) == (pairs[0] if pairs else None)


@given(phrases)
def test_a_name_has_words_if_and_only_if_it_has_tokens(name: str) -> None:
    assert matching.has_words(name) == bool(tokens(name))


every_name = sorted({name for table in (HELD, NOT_HELD) for kind in table.values() for _, name in kind})
names_of_all_kinds = st.sampled_from(every_name)
other_words = st.sampled_from(["said", "the", "answer", "was,", "(it", "he)", "\u2014", "quite", "paris"])
surroundings = st.lists(other_words, max_size=4).map(" ".join)


@given(surroundings, names_of_all_kinds, surroundings)
def test_a_name_is_held_among_other_words(before: str, name: str, after: str) -> None:
    assume(matching.has_words(name))
    text = f"x {before} {name}, {after}"
    assert matching.holds(text, [name])
    assert any(matching.same(text[slice(*span)], name) for span in matching.mentions(text, [name]))


@given(names_of_all_kinds, names_of_all_kinds)
def test_a_name_is_held_beside_a_longer_one_that_is_known(name: str, other: str) -> None:
    assume(matching.has_words(name))
    text = f"{other} \u2014 {name}."
    assert matching.holds(text, [name], [other])
    assert matching.holds(other, [name], [other]) in (False, matching.holds(other, [name]))
