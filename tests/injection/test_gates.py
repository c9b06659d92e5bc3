"""Every gate: an example that it rejects, the same without the fault, and the order in which gates speak."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from injection_rows import drawn, found, passage, question, worlds
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.data.questions import Questions
from interexter.injection.compose import compose, condition, gold_free
from interexter.injection.gates import GATES, gate

ASKED = question()
ROW = found(ASKED, "Lima is the capital of Peru.", "Bread is baked.", "Snow falls.", "Rivers run.")
[COUNTER] = drawn([ASKED], [ROW])


def example(count: str = "all", supporting: str = "replace") -> Row:
    """Peru with Lima replaced: counter-passage, bread, snow."""
    setting = condition("c", count, supporting, "first")
    (row,), _ = compose([ASKED], [ROW], drawn([ASKED], [ROW]), setting, 3, 0)
    return row


def reason(row: Row, gold_free: bool = True) -> str | None:
    kept, rejected = gate([row], [ROW], gold_free)
    if kept:
        assert kept == [row] and rejected == []
        return None
    (refused,) = rejected
    assert refused["question_id"] == row["question_id"] and refused["detail"]
    reasons: str = refused["reason"]
    return reasons


def with_first(row: Row, **columns: Any) -> Row:
    """The example with other columns in its first passage, which is injected."""
    assert row["passages"][0]["origin"] == "injected"
    return {**row, "passages": [{**row["passages"][0], **columns}, *row["passages"][1:]]}


def test_a_sound_example_passes_unaltered() -> None:
    assert reason(example()) is None
    assert reason(example("0", "remove")) is None
    assert reason(example("0", "keep"), gold_free=False) is None
    assert reason(example("1", "keep"), gold_free=False) is None


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"question": "  "}, "empty-question"),
        ({"answers": []}, "no-answers"),
        ({"answers": [" ", "?"]}, "no-answers"),
        ({"counter_aliases": []}, "no-answers"),
        ({"answers": ["Lima", "New Oslo"], "counter_aliases": ["Oslo"]}, "nested-answers"),
        ({"answers": ["Oslo"], "counter_aliases": ["Christiania", "Greater Oslo"]}, "nested-answers"),
        ({"counter_aliases": ["Kigali"]}, "counter-missing"),
    ],
)
def test_gates_on_the_questions_columns(columns: Row, expected: str) -> None:
    assert reason({**example(), **columns}) == expected


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"text": "Lima is the capital of Peru.", "title": "Rome"}, "gold-leak"),
        ({"title": "LIMA"}, "gold-leak"),
        ({"text": "Something is the capital of Peru."}, "counter-missing"),
        ({"text": "Lima is the capital of Peru."}, "unchanged-text"),
        ({"text": "Bread is baked."}, "duplicate-passage"),
        ({"parent_id": "p99"}, "broken-lineage"),
    ],
)
def test_gates_on_the_counter_passage(columns: Row, expected: str) -> None:
    assert reason(with_first(example(), **columns)) == expected


def test_inside_a_word_is_no_leak() -> None:
    row = example()
    text = f"{row['counter_answer']} is the capital of Peru, Limassol is not."
    assert reason(with_first(row, text=text)) is None


def test_the_counter_answer_may_stand_in_the_title() -> None:
    row = example()
    assert reason(with_first(row, text="The capital of Peru.", title=row["counter_aliases"][0])) is None


def test_gold_in_another_passage_counts_only_where_none_was_promised() -> None:
    row = example()
    row["passages"][2] = {**row["passages"][2], "text": "Lima in Ohio."}
    assert reason(row) == "gold-left"
    assert reason(row, gold_free=False) is None


def test_the_detail_names_passage_and_alias() -> None:
    row = with_first({**example(), "answers": ["Ciudad de los Reyes", "Lima"]}, title="Lima")
    _, (refused,) = gate([row], [ROW], True)
    assert row["passages"][0]["passage_id"] in refused["detail"]
    assert "'Lima'" in refused["detail"] and "rank 1" in refused["detail"]


def test_the_first_gate_that_fails_is_reported() -> None:
    row = with_first({**example(), "question": ""}, title="Lima")
    assert reason(row) == "empty-question"
    row["passages"][2] = {**row["passages"][2], "text": "Lima in Ohio."}
    assert reason({**row, "question": "Which?"}) == "gold-leak" == list(GATES)[6]


def test_a_question_that_was_not_retrieved_is_an_error() -> None:
    with pytest.raises(UserError, match="q-Peru has no row"):
        gate([example()], [], True)


@given(
    worlds(),
    st.sampled_from([("0", "keep"), ("1", "keep"), ("1", "replace"), ("all", "replace"), ("0", "remove")]),
    st.integers(0, 99),
)
def test_what_we_inject_passes(world: tuple[list[Row], list[Row]], setting: tuple[str, str], seed: int) -> None:
    questions, retrieved = world
    composed, _ = compose(
        questions, retrieved, drawn(questions, retrieved, seed), condition("c", *setting, "random"), 4, seed
    )
    promise = gold_free(setting[1], setting[0])
    kept, rejected = gate(composed, retrieved, promise)
    # The same passage may stand twice in such a world, and then be injected twice over: that is no leak.
    assert {row["reason"] for row in rejected} <= {"duplicate-passage"}
    assert sorted(r["question_id"] for r in (*kept, *rejected)) == sorted(r["question_id"] for r in composed)
    assert all(row in composed for row in kept)


def test_yes_and_no_are_told_by_the_label_and_not_by_the_words() -> None:
    asked = {**question("Peru", ["yes", "true"], question="Is Peru in the Andes?"), "subject": ""}
    shown = [passage("Its mountains are high.", rank=1, stance="supporting")]
    against = passage("It lies on flat land.", rank=2, stance="counter", counter_answer="no", source_id="p2")
    row = {
        **example(),
        **{k: asked[k] for k in ("question_id", "question", "answers", "subject")},
        "counter_answer": "no",
        "counter_aliases": ["no", "false"],
        "passages": [{**against, "origin": "shipped"}, *shown],
    }
    retrieved = [{"question_id": asked["question_id"], "passages": shown}]
    assert gate([row], retrieved, False)[1] == []
    leaky = {**row["passages"][0], "text": "Yes, they say, it lies on flat land."}
    assert gate([{**row, "passages": [leaky, *shown]}], retrieved, False)[1][0]["reason"] == "gold-leak"
    other = {**row, "counter_aliases": ["no", "the coast"]}  # a name that a passage can say
    assert gate([other], retrieved, False)[1][0]["reason"] == "counter-missing"


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("Cusco has the gas H_{2}O, at 10^{3} degrees.", True),  # a formula
        ("Cusco has {2}, they say.", False),  # a slot
        ("\u79d8\u9c81\u7684\u9996\u90fd\u662f Cusco", True),  # Chinese: words without blanks
        ("https://example.org/Cusco", False),
        ("Cusco<ref>a book</ref> won <br/> 6-4, 6-4, 6-4 -- -- -- 0 0 0", True),  # markup and tables, of real files
        ("Cusco <unk> it is.", False),
        ("Cusco it it it is.", False),
    ],
)
def test_what_is_no_text_is_told_from_formulas_and_other_scripts(text: str, readable: bool) -> None:
    asked = question("Peru", ["Lima"], question="What is the capital of Peru?")
    shown = passage(text, rank=1, stance="counter", counter_answer="Cusco", source_id="p1", origin="shipped")
    row = {**example(), **{k: asked[k] for k in ("question_id", "question", "answers", "subject")}}
    row |= {"counter_answer": "Cusco", "counter_aliases": ["Cusco"], "passages": [shown]}
    _, rejected = gate([row], [{"question_id": asked["question_id"], "passages": []}], False)
    assert [one["reason"] for one in rejected] == ([] if readable else ["unreadable"])


@pytest.mark.parametrize(
    "change",
    [
        {"counter_aliases": ["Lima Norte"], "counter_answer": "Lima Norte"},  # nested in a gold answer
        {"counter_aliases": [], "counter_answer": ""},
    ],
)
def test_a_baseline_keeps_a_question_that_no_conflict_can_be_measured_on_without_its_counter_answer(
    change: Row,
) -> None:
    (row,), _ = compose([ASKED], [ROW], [COUNTER], condition("clean", "0", "keep", "first"), 4, 0)
    assert gate([row], [ROW], False, baseline=True) == ([row], [])
    unsound = {**row, **change}
    assert gate([unsound], [ROW], False)[0] == []
    assert gate([unsound], [ROW], False, baseline=True) == ([{**row, "counter_answer": "", "counter_aliases": []}], [])


def test_a_baseline_keeps_ambiguous_questions_and_gives_those_of_both_splits_to_the_test() -> None:
    other = {**ASKED, "question_id": "other", "answers": ["Atlantis"]}
    (row,), _ = compose([ASKED], [ROW], [COUNTER], condition("clean", "0", "keep", "first"), 4, 0)
    known = Questions(lambda: [ASKED, other])
    assert [r["reason"] for r in gate([row], [ROW], False, None, known)[1]] == ["ambiguous-question"]
    [kept], rejected = gate([row], [ROW], False, None, known, baseline=True)
    assert (kept["counter_aliases"], rejected) == ([], [])
    training = {**ASKED, "question_id": "train", "split": "train"}
    (row,), _ = compose([training], [{**ROW, "question_id": "train"}], [], condition("c", "0", "keep", "first"), 4, 0)
    known = Questions(lambda: [training, ASKED])
    _, rejected = gate([row], [{**ROW, "question_id": "train"}], False, None, known, "train", baseline=True)
    assert [r["reason"] for r in rejected] == ["contaminated"]


@pytest.mark.parametrize(
    ("change", "reason"), [({"question": " "}, "empty-question"), ({"answers": ["?"]}, "no-answers")]
)
def test_what_cannot_be_read_is_in_no_baseline(change: Row, reason: str) -> None:
    (row,), _ = compose([ASKED], [ROW], [COUNTER], condition("clean", "0", "keep", "first"), 4, 0)
    assert [r["reason"] for r in gate([{**row, **change}], [ROW], False, baseline=True)[1]] == [reason]
