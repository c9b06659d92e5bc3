"""The type of an answer: yes and no, which a passage implies, and all others."""

import pytest
from interexter.text.answer_types import BOOLEAN, answer_type_of


@pytest.mark.parametrize(
    "answers",
    [["yes"], ["No"], ["TRUE", "yes"], ["False."], [" no. "]],
)
def test_yes_and_no_are_boolean(answers: list[str]) -> None:
    assert answer_type_of(answers) == BOOLEAN


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [""],
        ["Paris"],
        ["yes", "Paris"],  # an alias that is a name
        ["Yes, it is"],  # more than the one word
        ["Norway"],
        ["yes!"],
    ],
)
def test_all_others_have_no_type(answers: list[str]) -> None:
    assert answer_type_of(answers) == ""


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["1984", "nineteen eighty-four"], "year"),
        (["in 2003"], "year"),
        (["4 July 1776"], "date"),
        (["July 4, 1776,"], "date"),  # the comma of the sentence that it was cut from
        (["1\u67083\u65e5"], "date"),
        (["38"], "number"),
        (["three", "3"], "number"),
        (["Twenty-one"], "number"),
        (["$86.8 billion"], "number"),
        (["6 trillion miles"], "number"),
        (["10.48\u2030"], "number"),
        (["Apollo 11"], ""),
        (["Season 5"], ""),
        (["The Three Musketeers"], ""),
    ],
)
def test_years_dates_and_numbers_are_told_by_the_preferred_name(answers: list[str], expected: str) -> None:
    assert answer_type_of(answers) == expected
