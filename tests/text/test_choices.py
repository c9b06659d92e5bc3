"""Choices that a question shows: told from the question itself, and what passages say of them by their labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.text.choices import has_choices, with_choices
from interexter.text.stance import COUNTER, SUPPORTING, implied, states, supports

ASKED = with_choices("Where is money kept?", ["bank", "library."])


def test_a_question_with_choices_reads_as_one() -> None:
    assert ASKED == "Where is money kept? Choose one of these: bank; library."


@given(st.text(), st.lists(st.text(), max_size=4))
def test_whoever_has_the_question_can_tell(question: str, choices: list[str]) -> None:
    assert has_choices(with_choices(question, choices))


def passage(text: str, stance: str) -> dict[str, str]:
    return {"title": "", "text": text, "stance": stance}


@pytest.mark.parametrize(
    ("text", "stance", "question", "says", "speaks_for"),
    [
        ("Vaults are safe.", SUPPORTING, ASKED, True, True),  # implied: the label tells
        ("A bank has vaults.", "irrelevant", ASKED, False, False),
        ("Vaults are safe.", SUPPORTING, "Where?", False, True),  # not said, but labelled so
        ("A bank has vaults.", "unknown", "Where?", True, True),
        ("Vaults are safe.", "irrelevant", "Where?", False, False),
        ("Vaults are safe.", COUNTER, "Where?", False, False),
    ],
)
def test_what_a_passage_says_and_what_it_speaks_for(
    text: str, stance: str, question: str, says: bool, speaks_for: bool
) -> None:
    shown = passage(text, stance)
    assert states(shown, ["bank"], SUPPORTING, question=question) == says
    assert supports(shown, ["bank"], SUPPORTING, question=question) == speaks_for


def test_yes_and_no_are_implied_by_any_question() -> None:
    assert implied(["yes", "true"], "Is it?") and implied(["bank"], ASKED) and not implied(["bank"], "Where?")
