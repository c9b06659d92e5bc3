"""What a passage says of a question: its stance by the names in it."""

import pytest
from injection_rows import passage
from interexter.text.stance import answer_mentions, stance_of


@pytest.mark.parametrize(
    ("text", "answers", "subject", "stance"),
    [
        ("Lima is the capital of Peru.", ["Lima"], "Peru", "supporting"),
        ("Limassol is larger than Peru's towns.", ["Lima"], "Peru", "irrelevant"),
        ("Lima is in Ohio.", ["Lima"], "Peru", "unknown"),
        ("Lima is in Ohio.", ["Lima"], "", "supporting"),
        ("Peru is high.", ["Lima"], "Peru", "irrelevant"),
        ("Guatemala City is large.", ["Guatemala"], "Guatemala City", "unknown"),
        ("Guatemala City is in Guatemala.", ["Guatemala"], "Guatemala City", "supporting"),
        ("Mexico City is large.", ["Mexico City"], "Mexico", "unknown"),
        ("Mexico City is the heart of Mexico.", ["Mexico City"], "Mexico", "supporting"),
        ("Singapore is the capital of Singapore.", ["Singapore"], "Singapore", "unknown"),
    ],
)
def test_stance(text: str, answers: list[str], subject: str, stance: str) -> None:
    assert stance_of(passage(text), answers, subject) == stance


def test_the_title_may_name_the_subject() -> None:
    assert stance_of(passage("Its capital is Lima.", title="Peru"), ["Lima"], "Peru") == "supporting"


def test_an_answer_inside_the_subjects_name_is_no_mention() -> None:
    text = "Guatemala City is in Guatemala."
    assert answer_mentions(text, ["Guatemala"], "Guatemala City") == [(21, 30)]
    assert answer_mentions("Mexico City, Mexico", ["Mexico City"], "Mexico") == [(0, 11)]
    assert answer_mentions("Singapore, Singapore", ["Singapore"], "Singapore") == []
    assert answer_mentions("Singapore, Singapore", ["Singapore"], "") == [(0, 9), (11, 20)]
