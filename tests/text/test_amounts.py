"""Numbers, dates and amounts of money in one form, however they are written."""

import re
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.text import amounts, matching
from interexter.text.amounts import number


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("1,234.50", "1234.5"),
        ("1,234,567", "1234567"),
        ("3,5", "3.5"),
        ("0,125", "0.125"),
        ("0.0", "0"),
        ("100", "100"),
        ("007", "007"),  # a code
        ("1.2.30", "1.2.30"),  # a version
        ("20th", "20th"),
        ("10\u00b2", "10^2"),
        ("-.5", "-0.5"),
        ("\u2212\u0665", "-5"),
        ("x1", ""),
    ],
)
def test_number(word: str, form: str) -> None:
    assert number(word) == form


decimals = st.decimals(-(10**9), 10**9, places=3, allow_nan=False)


@given(decimals)
def test_a_number_equals_itself_with_separators_and_zeros(value: Decimal) -> None:
    for written in (f"{value:,.3f}", f"{value:.3f}0", f"{value:,.3f}".replace(",", "\u202f").replace("-", "\u2212")):
        assert matching.words(f"is {written}.").folded[1:] == (number(f"{value:.3f}"),)
    assert Decimal(number(f"{value:,.3f}")) == value


@given(decimals, decimals)
def test_numbers_are_the_same_name_if_and_only_if_they_are_equal(one: Decimal, other: Decimal) -> None:
    assert matching.same(f"{one:,.3f}", f"{other:.3f}") is (one == other) or one == 0 == other


@given(st.integers(2, 10**4), st.sampled_from(["hundred", "thousand", "million", "billion"]))
def test_counted_hundreds_and_thousands_are_one_number(count: int, what: str) -> None:
    zeros = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9}[what]
    assert matching.same(f"{count:,} {what}", f"{count}{zeros * '0'}")


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("It is 330 metres tall.", "330 m", True),
        ("330m", "330 meters", True),
        ("two kilometers", "2 km", True),
        ("10 lbs", "10 pounds", True),
        ("6 feet", "6 ft", True),
        ("5,000,000 US dollars", "$5 million", True),
        ("5 million USD", "$5 million", True),
        ("5 km", "5", True),
        ("5", "5 km", False),
        ("5 miles", "5 km", False),
        ("5 m", "5 million", False),
        ("I am at 5 m", "m", False),  # no symbol behind a number
        ("5 Canadian dollars", "5 dollars", False),
    ],
)
def test_a_unit_has_one_form_behind_its_number(text: str, name: str, expected: bool) -> None:
    assert matching.holds(text, [name]) is expected


@given(st.dates(date(1000, 1, 1), date(2999, 12, 31)))
def test_every_form_of_a_date_is_the_same_name(day: date) -> None:
    month, short, number, year = f"{day:%B}", f"{day:%b}", day.day, day.year
    th = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number not in (11, 12, 13) else "th"
    forms = [f"{number} {month} {year}", f"{month} {number}, {year}", f"{month} {number}{th} {year}", f"{day}"]
    forms += [f"the {number}{th} of {month} {year}", f"{number} {short} {year}", f"{short}. {number}, {year}"]
    forms += [f"{number}/{day:%m}/{year}"] if number > 12 else []
    for form in forms:
        assert matching.same(form, forms[0]), form
        assert matching.holds(f"On {form}, it was.", [f"{month} {year}"])
        assert matching.holds(f"On {form}, it was.", [f"{year}"])


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1000, 2999))
def test_a_date_with_two_readings_is_read_as_neither(one: int, two: int, year: int) -> None:
    said = matching.words(f"{one}/{two}/{year}").folded
    assert said == (
        (f"{one}", f"{two}", f"{year}") if one != two else (f"{one}", f"{date(year, one, 1):%B}".lower(), f"{year}")
    )


@given(st.integers(1, 10**6), st.sampled_from([("$", "dollar"), ("\u20ac", "euro"), ("\u00a3", "pound")]))
def test_the_sign_of_a_currency_is_its_word(count: int, currency: tuple[str, str]) -> None:
    sign, word = currency
    for form in (f"{sign}{count:,}", f"{sign} {count}", f"{count}{sign}", f"{count:,} {sign}"):
        assert matching.same(form, f"{count} {word}") and matching.same(form, f"{count} {word}s"), form


_PIECES = [
    "one",
    "two",
    "Twenty",
    "5",
    "31",
    "-3",
    "1,000",
    "3.5",
    "million",
    "hundred",
    "$",
    "%",
    "\u20ac",
    "per",
    "cent",
]
_PIECES += [
    "May",
    "july",
    "Sept",
    "4th",
    "of",
    "1776",
    "-",
    "/",
    ",",
    ".",
    " ",
    " ",
    " ",
    "\n",
    "minus",
    "the",
    "12",
    "km",
]
figures = st.lists(st.sampled_from(_PIECES), max_size=12).map("".join)


@given(figures)
def test_joined_words_stand_apart_in_the_text(text: str) -> None:
    words, spans = matching.words(text), matching.spans(text)
    assert len(words.folded) == len(words.cased) == len(spans)
    ordered = sorted(spans)
    assert all(start < end for start, end in ordered)
    assert all(one[1] <= other[0] for one, other in pairwise(ordered))
    assert all(words.folded) and not any(re.search(r"\s", word) for word in words.folded)


@given(figures)
def test_a_text_that_may_not_join_has_nothing_to_join(text: str) -> None:
    plain = matching.words(text).folded
    if not amounts.may_join(text, plain):
        assert len(matching.spans(text)) == len(plain)


@given(figures)
def test_a_text_of_figures_holds_itself(text: str) -> None:
    assert matching.holds(text, [text]) == matching.has_words(text) == bool(matching.mentions(text, [text]))
