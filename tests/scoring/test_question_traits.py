"""Traits of questions that answers are sliced by."""

from typing import Any

import pytest
from interexter.scoring.question_traits import answer_kind, gold_position, is_seen, names_of


@pytest.mark.parametrize(
    ("given", "answers", "expected"),
    [
        ("person", ["1984"], "person"),  # the data set knows better
        ("", ["Yes"], "boolean"),
        ("", ["1984", "nineteen eighty-four"], "year"),
        ("", ["12"], "number"),
        ("", ["8,848.86 m"], "number"),
        ("", ["35 %"], "number"),
        ("", ["4 July 1776"], "date"),
        ("", ["July 4, 1776"], "date"),
        ("", ["May 1968"], "date"),
        ("", ["1776-07-04"], "date"),
        ("", ["Lima"], "other"),
        ("", ["May Day"], "other"),
        ("", ["Apollo 11"], "other"),
        ("", [], "other"),
    ],
)
def test_the_kind_of_an_answer(given: str, answers: list[str], expected: str) -> None:
    assert answer_kind(given, answers) == expected


def test_an_answer_is_seen_where_a_training_question_has_it_under_any_name() -> None:
    known = names_of([["Lima", "Ciudad de los Reyes"], ["the Osk"], ["!"]])
    assert is_seen(["Quito", "lima"], known)
    assert is_seen(["Osk"], known)
    assert not is_seen(["Quito"], known)
    assert not is_seen(["?"], known)  # normalized, nothing is left of it


def passage(rank: int, text: str, stance: str = "unknown") -> dict[str, Any]:
    return {"rank": rank, "title": "", "text": text, "stance": stance}


def test_the_position_of_the_first_passage_with_a_gold_answer_goes_by_rank() -> None:
    shown = [passage(3, "Lima"), passage(1, "Quito"), passage(2, "It is Lima.")]
    assert gold_position(shown, ["Lima"]) == 2
    assert gold_position(shown, ["Bogota"]) == 0
    assert gold_position([], ["Lima"]) == 0
    # Yes and no are implied: there the stance tells.
    assert gold_position([passage(1, "no"), passage(2, "It does.", "supporting")], ["yes"]) == 2
