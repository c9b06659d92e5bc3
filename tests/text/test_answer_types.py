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
