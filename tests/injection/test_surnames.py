"""Surnames that stand for a gold answer: which names have one, and where a text says it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from injection_rows import found, passage, question
from interexter.core.tables import Row
from interexter.injection import surnames
from interexter.injection.drafts import Alternative, Injection, Pools
from interexter.injection.gates import gate
from interexter.injection.injectors.entity_substitution import inject
from interexter.injection.substitution import drafts

WHO = {**question("polonium", ["Marie Curie"], question="Who discovered polonium?"), "subject": "polonium"}
TEXT = "Marie Curie discovered polonium. Curie's husband was Pierre Curie. Madame Curie lived in Paris."


def substituted(asked: Row, text: str, counter: str) -> list[str]:
    pools = Pools({(asked["relation"], asked["answer_type"]): [Alternative(counter, (counter,), (counter,))]})
    injection = inject(asked, [passage(text)], pools, random.Random(0))
    assert isinstance(injection, Injection)
    return [draft.text for draft in injection.drafts]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Marie Curie", "Curie"),
        ("J. R. R. Tolkien", "Tolkien"),
        ("Vincent van Gogh", "Gogh"),
        ("Miguel de Cervantes", "Cervantes"),
        ("Martin Luther King, Jr.", "King"),
        ("Ir\u00e8ne Joliot-Curie", "Joliot-Curie"),
        ("Sinead O'Connor", "O'Connor"),
        ("\u00d8yvind \u00d8rsted", "\u00d8rsted"),
        ("Plato", ""),  # no full name
        ("Sun Li", ""),  # short
        ("the Beatles", ""),
        ("University of Oxford", ""),
        ("Apollo 11", ""),
        ("marie curie", ""),
        ("King Jr.", ""),
        ("One Two Three Four Five Names", ""),
        ("", ""),
        ("Jr.", ""),
        ("A ...", ""),
    ],
)
def test_the_surname_of_a_name(name: str, expected: str) -> None:
    assert surnames.surname(name) == expected


@given(st.text(max_size=30))
def test_a_surname_is_a_part_of_its_name(name: str) -> None:
    assert surnames.surname(name) in name


@pytest.mark.parametrize(
    ("columns", "counter", "expected"),
    [
        ({}, ["Lise Meitner"], ["Curie"]),
        ({"answers": ["Marie Curie", "Marie Sk\u0142odowska Curie"]}, ["Lise Meitner"], ["Curie"]),
        ({"question": "By whom was polonium discovered?"}, ["Lise Meitner"], ["Curie"]),
        ({"question": "Which person discovered polonium?"}, ["Lise Meitner"], []),  # does not ask who
        ({"question": "Who led the Curie Institute?"}, ["Lise Meitner"], []),  # the question says it
        ({"subject": "Curie Institute"}, ["Lise Meitner"], []),
        ({}, ["Lise Meitner", "Pierre Curie"], []),  # the counter-answer's too
        ({"answers": ["Madonna"]}, ["Lise Meitner"], []),
    ],
)
def test_the_surnames_that_stand_for_a_gold_answer(columns: Row, counter: list[str], expected: list[str]) -> None:
    assert surnames.of_gold({**WHO, **columns}, counter) == expected


def test_a_surname_that_a_text_has_in_lower_case_is_a_common_word() -> None:
    assert len(surnames.mentions("Bill Gates built gates. Gates sold them.", ["Gates"])) == 0
    assert len(surnames.mentions("Bill Gates built doors. Gates sold them.", ["Gates"])) == 2
    assert len(surnames.mentions("Gatesby", ["Gates"])) == 0


def test_a_surname_alone_gives_way_to_that_of_the_substitute() -> None:
    assert substituted(WHO, TEXT, "Lise Meitner") == [
        "Lise Meitner discovered polonium. Meitner's husband was Pierre Meitner. Madame Meitner lived in Paris."
    ]


def test_a_substitute_without_a_surname_stands_in_its_place_whole() -> None:
    assert substituted(WHO, "Marie Curie discovered polonium. Curie was born in Warsaw.", "Avicenna") == [
        "Avicenna discovered polonium. Avicenna was born in Warsaw."
    ]


def test_another_name_of_the_gold_answer_leaves_the_surname_where_it_is() -> None:
    [draft] = drafts(WHO, [passage("Marie Curie did. Curie's notes.")], "Maria Salomea", "supporting")
    assert draft.text == "Maria Salomea did. Curie's notes."


def test_the_last_word_of_a_place_stays() -> None:
    asked = question("Mexico", ["Mexico City"])
    text = "Mexico City is the capital of Mexico. The City has parks."
    assert substituted(asked, text, "Oslo") == ["Oslo is the capital of Mexico. The City has parks."]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Lise Meitner discovered polonium. Meitner was born in Vienna.", None),
        ("Lise Meitner discovered polonium. Curie was born in Warsaw.", "surname-left"),
        ("Lise Meitner discovered polonium, with CURIE.", "surname-left"),
        ("Lise Meitner discovered polonium and measured it; a curie is a unit, Curie a name.", None),
    ],
)
def test_a_surname_that_is_left_is_a_leak(text: str, reason: str | None) -> None:
    row = found(WHO, TEXT, "Bread is baked.")
    [parent, other] = row["passages"]
    against = passage(text, rank=1, stance="counter", origin="injected", injector="entity-substitution", seed=0)
    against |= {"counter_answer": "Lise Meitner", "parent_id": parent["passage_id"], "source_id": parent["passage_id"]}
    example = {**WHO, "counter_answer": "Lise Meitner", "counter_aliases": ["Lise Meitner"], "other_names": []}
    example["passages"] = [against, {**other, "rank": 2}]
    _, rejected = gate([example], [row], False)
    assert [one["reason"] for one in rejected] == ([reason] if reason else [])


def test_support_within_a_longer_name_that_the_example_knows_is_none() -> None:
    asked = {**question("South Africa", ["Africa"], question="On which continent is South Africa?")}
    row = found(asked, "South Africa is in Africa.", "Bread is baked.")
    [parent, other] = row["passages"]
    for text, reason in (("South Africa is south in Africa.", None), ("South Africa is large.", "support-missing")):
        shown = passage(text, rank=1, stance="supporting", origin="injected", injector="alias-substitution", seed=0)
        shown |= {"parent_id": parent["passage_id"], "source_id": parent["passage_id"]}
        example = {**asked, "counter_answer": "Europe", "counter_aliases": ["Europe"], "other_names": ["South Africa"]}
        example["passages"] = [shown, {**other, "rank": 2}]
        _, rejected = gate([example], [row], False)
        assert [one["reason"] for one in rejected] == ([reason] if reason else [])
