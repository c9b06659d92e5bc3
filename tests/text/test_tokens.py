"""The words of a text and where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.text.tokens import spans, without_possessive, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is O'Brien's.", ["It", "is", "OBrien"]),
        ("C++, C# & .NET at 20%", ["C++", "C#", "and", ".NET", "at", "20", "percent"]),
        ("J. R. R. Tolkien of the U.S.", ["JRR", "Tolkien", "of", "the", "US"]),
        ("5km in 1,234 h", ["5", "kilometre", "in", "1234", "h"]),
        ("\u6771\u4eac\u30bf\u30ef\u30fc", ["\u6771", "\u4eac", "\u30bf\u30ef\u30fc"]),  # Tokyo tower: Han, Katakana
        ("\u0e19\u0e49\u0e33", ["\u0e19\u0e49", "\u0e4d\u0e32"]),  # Thai: a letter with its tone, a vowel
        ("\u0926\u093f\u0932\u094d\u0932\u0940", ["\u0926\u093f\u0932\u094d\u0932\u0940"]),
        ("$ \u20ac % \u0301 ...", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert list(words(text).cased) == expected


def test_number_words_are_numbers_but_for_their_cased_form() -> None:
    assert words("Six of TWELVE") == (("6", "of", "12"), ("Six", "of", "TWELVE"))


def test_the_day_of_a_date_comes_first_wherever_it_stands() -> None:
    text = "on July 4, 1776"
    assert [text[slice(*span)] for span in spans(text)] == ["on", "4", "July", "1776"]
    assert words(text).folded == ("on", "4", "july", "1776")


def test_a_substitute_inherits_the_possessive() -> None:
    assert without_possessive("in France's north", (3, 11)) == 9
    assert without_possessive("in France", (3, 9)) == 9


@given(st.text())
def test_as_many_words_as_places(text: str) -> None:
    assert len(words(text).folded) == len(words(text).cased) == len(spans(text))
