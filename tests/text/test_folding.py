"""Letters as they are compared."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from interexter.text.folding import fold, plain


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("S\u00e3o Tom\u00e9", "sao tome"),  # blanks stay
        ("\u0141\u00d3D\u0179", "lodz"),
        ("\u00c6\u00d8\u0152\u00de\u00d0\u0110\u00df\u1e9e\u0130\u0131", "aeooethddssssii"),
        ("\u1d2c\ufb01\u216b", "afixii"),  # a raised letter, two letters in one, a Roman number
        ("\u03a3\u03c3\u03c2", "\u03c3\u03c3\u03c3"),  # one sigma
        ("\u0439", "\u0438"),  # a breve is an accent in Cyrillic
        ("\u304b\u3099", "\u304c"),  # the voicing of Kana is not: composed
        ("\uff76\uff9e", "\u30ac"),  # nor where it is narrow
        ("\u0926\u093f\u0932", "\u0926\u093f\u0932"),  # vowels of Devanagari
        ("\u0623\u064e\u062d\u0645\u062f", "\u0627\u062d\u0645\u062f"),  # Arabic without vowel signs and hamza
        ("\ud55c", "\ud55c"),  # a syllable of Korean
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_plain_keeps_the_case() -> None:
    assert plain("\u0141\u00f3d\u017a, \u00d8rsted") == "Lodz, Orsted"


@given(st.text())
@example("\u1d2c")
@example("\u0149")
@example("\u037a")
@example("\u1fb3\u0345")
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert plain(plain(text)) == plain(text)
    assert fold(plain(text)) == fold(text)


@given(st.text(st.characters(codec="ascii")))
def test_ascii_is_lower_cased_alone(text: str) -> None:
    assert plain(text) == text
    assert fold(text) == text.lower() == fold(text.upper())
