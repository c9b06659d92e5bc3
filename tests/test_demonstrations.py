"""Demonstrations: one per evidence state, none about a test subject, the same in any order."""

import random

from hypothesis import given
from hypothesis import strategies as st
from interexter.demonstrations import choose
from interexter.rationales import STATES, STYLES
from interexter.tables import Row

QUESTIONS: dict[str, Row] = {f"q{i}": {"question": f"Question {i}?", "subject": f"subject {i}"} for i in range(24)}


def rationale(number: int, state: str, style: str, condition: str = "clean") -> Row:
    return {
        "question_id": f"q{number}",
        "condition": condition,
        "style": style,
        "state": state,
        "rationale": f"{style} {number} {condition}",
        "attempt": 1,
    }


RATIONALES = [
    rationale(i, STATES[(i + shift) % 4], style, condition)
    for shift, condition in enumerate(("clean", "replaced"))
    for style in STYLES
    for i in range(24)
]


def test_one_demonstration_per_state_and_style() -> None:
    chosen = choose(RATIONALES, QUESTIONS, [], 1)
    assert list(chosen) == list(STYLES)
    for style, shown in chosen.items():
        assert [d["state"] for d in shown] == list(STATES)
        assert len({d["question_id"] for d in shown}) == 4  # though every question has two states
        for d in shown:
            assert d["rationale"] == f"{style} {d['question_id'][1:]} {d['condition']}"
            assert d["question"] == QUESTIONS[d["question_id"]]["question"]
            assert d.keys() == {"question_id", "condition", "state", "rationale", "question"}


def test_a_state_without_rationales_has_no_demonstration() -> None:
    some = [r for r in RATIONALES if r["state"] != "internal" and r["style"] == "interexter"]
    chosen = choose(some, QUESTIONS, [], 1)
    assert chosen["instructrag"] == []
    assert [d["state"] for d in chosen["interexter"]] == ["both", "external", "neither"]
    assert choose([], QUESTIONS, [], 1) == {style: [] for style in STYLES}


@given(st.sets(st.integers(0, 23)), st.integers(0, 5))
def test_none_is_about_a_test_subject(taboo: set[int], seed: int) -> None:
    chosen = choose(RATIONALES, QUESTIONS, [f"subject {i}" for i in taboo], seed)
    for shown in chosen.values():
        assert not {d["question_id"] for d in shown} & {f"q{i}" for i in taboo}
        if len(taboo) <= 10:  # enough is left of every state, whatever is taken
            assert len(shown) == 4
        if len(taboo) == 24:
            assert shown == []


def test_an_unknown_subject_is_not_taboo() -> None:
    nameless = {name: {**question, "subject": ""} for name, question in QUESTIONS.items()}
    assert len(choose(RATIONALES, nameless, ["", "subject 1"], 1)["interexter"]) == 4


@given(st.randoms(use_true_random=False), st.integers(0, 3))
def test_the_order_of_the_rationales_does_not_count(shuffler: random.Random, seed: int) -> None:
    shuffled = list(RATIONALES)
    shuffler.shuffle(shuffled)
    assert choose(shuffled, QUESTIONS, ["subject 3"], seed) == choose(RATIONALES, QUESTIONS, ["subject 3"], seed)


def test_the_seed_decides() -> None:
    found = {tuple(d["question_id"] for d in choose(RATIONALES, QUESTIONS, [], s)["interexter"]) for s in range(10)}
    assert len(found) > 5
