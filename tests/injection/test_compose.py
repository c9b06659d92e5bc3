"""Conditions: what each shows, in which order, how doses nest, and which rows are rejected."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from injection_rows import drawn, found, passage, question, worlds
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.injection.compose import compose, condition, gold_free
from interexter.text import matching

ASKED = question()
ROW = found(
    ASKED,
    "Lima is the capital of Peru.",  # p1 supporting
    "Bread is baked.",  # p2 irrelevant
    "Lima is in Ohio too.",  # p3 unknown
    "Peru's capital is Lima.",  # p4 supporting
    "Mountains are high.",  # p5 irrelevant, as the following
    "Rivers run.",  # p6
    "Snow falls.",  # p7
    "Lima lies in Peru.",  # p8 supporting, below the top
    "Wind blows.",  # p9
)
COUNTER = drawn([ASKED], [ROW])[0]


def shown(count: str, supporting: str, position: str = "first", passages: int = 4, row: Row = ROW) -> list[str]:
    """The passages under a condition, as their ids; a counter-passage as ! and its parent's id."""
    kept, rejected = compose_one(count, supporting, position, passages, row)
    assert rejected == []
    (example,) = kept
    assert [p["rank"] for p in example["passages"]] == list(range(1, len(example["passages"]) + 1))
    return [f"!{p['parent_id']}" if p["origin"] == "injected" else p["passage_id"] for p in example["passages"]]


def compose_one(
    count: str, supporting: str, position: str = "first", passages: int = 4, row: Row = ROW
) -> tuple[list[Row], list[Row]]:
    counters = drawn([ASKED], [row])
    return compose([ASKED], [row], counters, condition("c", count, supporting, position), passages, 0)


@pytest.mark.parametrize(
    ("count", "supporting", "position", "expected"),
    [
        ("0", "keep", "first", ["p1", "p2", "p3", "p4"]),
        ("1", "keep", "first", ["!p1", "p1", "p2", "p3", "p4"]),
        ("2", "keep", "first", ["!p1", "!p4", "p1", "p2", "p3", "p4"]),
        ("2", "keep", "last", ["p1", "p2", "p3", "p4", "!p1", "!p4"]),
        ("all", "keep", "last", ["p1", "p2", "p3", "p4", "!p1", "!p4", "!p8"]),
        ("1", "replace", "first", ["!p1", "p2", "p3", "p4"]),
        ("2", "replace", "first", ["!p1", "p2", "p3", "!p4"]),
        ("all", "replace", "first", ["!p1", "p2", "p5", "!p4"]),
        ("0", "remove", "first", ["p2", "p5", "p6", "p7"]),
        ("1", "remove", "first", ["!p1", "p2", "p5", "p6", "p7"]),
        ("2", "remove", "last", ["p2", "p5", "p6", "p7", "!p1", "!p4"]),
    ],
)
def test_each_condition_shows_what_it_says(count: str, supporting: str, position: str, expected: list[str]) -> None:
    assert shown(count, supporting, position) == expected


def test_an_example_has_the_questions_columns_and_the_counter_answer_even_when_clean() -> None:
    (example,), _ = compose_one("0", "keep")
    assert {column: value for column, value in example.items() if column != "passages"} == {
        "question_id": "q-Peru",
        "condition": "c",
        "question": "What is the capital of Peru?",
        "answers": ["Lima"],
        "counter_answer": COUNTER["counter_answer"],
        "counter_aliases": COUNTER["counter_aliases"],
        "other_names": [],
        "subject": "Peru",
        "relation": "capital",
        "popularity": 1.0,
    }


def test_fillers_hold_neither_answer() -> None:
    texts = ["Lima is the capital of Peru.", f"{COUNTER['counter_answer']} is old.", "Lima in Ohio.", "Snow falls."]
    row = found(ASKED, *texts)
    assert drawn([ASKED], [row])[0]["counter_answer"] == COUNTER["counter_answer"]
    assert shown("0", "remove", passages=1, row=row) == ["p4"]


def test_retrieved_ranks_decide_not_the_order_of_the_list() -> None:
    backwards = {**ROW, "passages": ROW["passages"][::-1]}
    assert shown("all", "replace", row=backwards) == shown("all", "replace")


@pytest.mark.parametrize(
    ("texts", "count", "supporting", "passages", "reason"),
    [
        (["Bread.", "Lima lies in Peru."], "1", "replace", 1, "no-supporting-passage"),
        (["Lima lies in Peru.", "Bread."], "2", "replace", 2, "too-few-counter-passages"),
        (["Lima lies in Peru.", "Bread."], "2", "keep", 2, "too-few-counter-passages"),
        (["Bread.", "Snow."], "all", "keep", 2, "too-few-counter-passages"),
        (["Lima lies in Peru.", "Bread."], "0", "remove", 2, "too-few-fillers"),
        (["Lima lies in Peru.", "Lima in Ohio.", "Lima in Ohio!"], "all", "replace", 2, "too-few-fillers"),
        (["Lima lies in Peru."], "1", "keep", 2, "too-few-passages"),
        (["Lima lies in Peru."], "0", "remove", 2, "too-few-passages"),
        ([], "0", "keep", 2, "too-few-passages"),
    ],
)
def test_what_cannot_be_composed_is_rejected(
    texts: list[str], count: str, supporting: str, passages: int, reason: str
) -> None:
    kept, rejected = compose_one(count, supporting, "first", passages, found(ASKED, *texts))
    assert kept == []
    assert [(row["question_id"], row["reason"]) for row in rejected] == [("q-Peru", reason)]
    assert rejected[0]["detail"]


def test_no_supporting_passage_is_no_hindrance_where_none_is_replaced() -> None:
    row = found(ASKED, "Bread.", "Snow falls.")
    assert shown("0", "keep", passages=2, row=row) == ["p1", "p2"]
    assert shown("0", "remove", passages=2, row=row) == ["p1", "p2"]


def test_without_an_injection_a_question_is_asked_with_what_there_is() -> None:
    clean = condition("clean", "0", "keep", "first")
    [row], rejected = compose([ASKED], [found(ASKED, "Lima lies in Peru.")], [], clean, 4, 0)
    assert (row["counter_answer"], row["counter_aliases"], rejected) == ("", [], [])
    assert [passage["text"] for passage in row["passages"]] == ["Lima lies in Peru."]


def test_a_question_without_counter_answer_is_rejected_and_one_not_retrieved_is_an_error() -> None:
    setting = condition("c", "0", "remove", "first")
    kept, rejected = compose([ASKED], [ROW], [], setting, 4, 0)
    assert kept == [] and rejected[0]["reason"] == "no-counter-answer"
    with pytest.raises(UserError, match="q-Peru has no row"):
        compose([ASKED], [], [COUNTER], setting, 4, 0)
    with pytest.raises(UserError, match="at least 1"):
        compose([ASKED], [ROW], [COUNTER], setting, 0, 0)


@pytest.mark.parametrize(
    ("count", "supporting", "position", "named"),
    [
        ("-1", "keep", "first", "'-1'"),
        ("some", "keep", "first", "'some'"),
        ("1", "kept", "first", "'kept'"),
        ("1", "keep", "middle", "'middle'"),
        ("0", "replace", "first", "count 0"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(count: str, supporting: str, position: str, named: str) -> None:
    with pytest.raises(UserError, match=named):
        condition("c", count, supporting, position)


def test_random_places_are_all_used() -> None:
    places = set()
    for seed in range(200):
        (example,), _ = compose([ASKED], [ROW], [COUNTER], condition("c", "1", "keep", "random"), 4, seed)
        places.update(p["rank"] for p in example["passages"] if p["origin"] == "injected")
    assert places == {1, 2, 3, 4, 5}


@given(worlds(), st.sampled_from(["keep", "remove"]), st.sampled_from(["first", "last", "random"]), st.integers(0, 99))
def test_doses_are_nested(world: tuple[list[Row], list[Row]], supporting: str, position: str, seed: int) -> None:
    """Take the second counter-passage out of a dose of two, and the dose of one is left, in the same order."""
    questions, retrieved = world
    counters = drawn(questions, retrieved, seed)
    second = {row["question_id"]: row["passages"][1]["passage_id"] for row in counters if len(row["passages"]) > 1}

    def ids(count: str) -> dict[str, list[str]]:
        kept, _ = compose(questions, retrieved, counters, condition(count, count, supporting, position), 4, seed)
        return {row["question_id"]: [p["passage_id"] for p in row["passages"]] for row in kept}

    one, two = ids("1"), ids("2")
    assert two.keys() <= one.keys()
    for question_id, shown_ids in two.items():
        assert [i for i in shown_ids if i != second[question_id]] == one[question_id]


@given(worlds(), st.integers(0, 99))
def test_doses_of_replacement_are_nested(world: tuple[list[Row], list[Row]], seed: int) -> None:
    questions, retrieved = world
    counters = drawn(questions, retrieved, seed)

    def by_id(count: str) -> dict[str, list[Row]]:
        kept, _ = compose(questions, retrieved, counters, condition("c", count, "replace", "first"), 4, seed)
        return {row["question_id"]: row["passages"] for row in kept}

    one, two = by_id("1"), by_id("2")
    assert two.keys() <= one.keys()
    for question_id in two:
        pairs = list(zip(one[question_id], two[question_id], strict=True))
        assert sum(a != b for a, b in pairs) == 1
        assert all(b["origin"] == "injected" for a, b in pairs if a["origin"] == "injected")


@given(
    worlds(),
    st.sampled_from([("0", "keep"), ("1", "keep"), ("1", "replace"), ("all", "replace"), ("0", "remove")]),
    st.randoms(use_true_random=False),
)
def test_nothing_is_lost_and_order_does_not_matter(
    world: tuple[list[Row], list[Row]], setting: tuple[str, str], rng: random.Random
) -> None:
    questions, retrieved = world
    counters = drawn(questions, retrieved)
    of = condition("c", *setting, "random")
    kept, rejected = compose(questions, retrieved, counters, of, 4, 0)
    assert sorted(r["question_id"] for r in (*kept, *rejected)) == sorted(q["question_id"] for q in questions)
    again, _ = compose(rng.sample(questions, len(questions)), retrieved[::-1], counters[::-1], of, 4, 0)
    assert sorted(again, key=lambda r: r["question_id"]) == sorted(kept, key=lambda r: r["question_id"])
    if gold_free(setting[1], setting[0]):
        held = [p for row in kept for p in row["passages"] if matching.holds(p["text"], row["answers"])]
        assert held == []


def test_which_conditions_promise_no_gold_answer() -> None:
    cases = [("keep", "0"), ("keep", "all"), ("replace", "1"), ("replace", "all"), ("remove", "0"), ("remove", "2")]
    assert [gold_free(*case) for case in cases] == [False, False, False, True, True, True]


@pytest.mark.parametrize(("order", "shown"), [("best-first", [9, 8.5, 8]), ("best-last", [8, 8.5, 9])])
def test_by_its_score_a_passage_is_ranked_before_the_order(order: str, shown: list[float]) -> None:
    asked = question()
    row = found(asked, "Lima is the capital of Peru.", "Bread is baked.")
    [counter] = drawn([asked], [row])
    counter = {**counter, "passages": [{**counter["passages"][0], "score": 8.5}]}
    (one,), _ = compose([asked], [row], [counter], condition("c", "1", "keep", "score"), 2, 0, order)
    assert [passage["score"] for passage in one["passages"]] == shown


def test_what_supports_by_its_label_is_dropped_or_removed_though_it_does_not_say_the_answer() -> None:
    asked = {**ASKED, "answers": ["Lima"]}
    labelled = passage("It lies on the coast.", rank=1, stance="supporting")
    fillers = [passage(f"Rivers run, say {n}.", rank=n, stance="irrelevant") for n in (2, 3)]
    row = {"question_id": asked["question_id"], "passages": [labelled, *fillers]}
    against = passage("Cusco is the capital.", rank=1, stance="counter", counter_answer="Cusco", source_id="s")
    counter = {**COUNTER, "counter_answer": "Cusco", "counter_aliases": ["Cusco"], "passages": [against]}
    for choice, stances in (("drop", ["counter", "irrelevant"]), ("remove", ["counter", "irrelevant", "irrelevant"])):
        setting = condition("c", "1", choice, "first")
        ((example,), rejected) = compose([asked], [row], [counter], setting, 2, 0)
        assert ([one["stance"] for one in example["passages"]], rejected) == (stances, [])
    alone = {**row, "passages": [labelled]}
    ((example,), _) = compose([asked], [alone], [counter], condition("c", "1", "drop", "first"), 5, 0)
    assert [one["text"] for one in example["passages"]] == [against["text"]]
    nothing = condition("c", "0", "drop", "first")
    assert compose([asked], [alone], [counter], nothing, 5, 0)[1][0]["reason"] == "too-few-passages"
