"""The label of an answer, everything that a model wrote.

labelled.jsonl has answers with the label that a reader gives them: those of set "review" were collected by a reviewer,
those of set "ours" for the rule of sides. The rule was written on the half "dev"; what is missed in the half "kept"
stays missed, and docs/metrics.md says how many. "last" has answers as chat models write them and "later" some that
break the rule, both written after it.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from data_sets import Prepared, real
from hypothesis import given
from hypothesis import strategies as st
from interexter.text.final_answers import final_answer
from interexter.text.labels import LABELS, label, label_of
from labelled_rows import label_by_mention

READ = [json.loads(line) for line in (Path(__file__).parent / "labelled.jsonl").read_text("utf-8").splitlines()]

GOLD, COUNTER = ["Paris", "City of Light"], ["Lyon"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Document 1 says Lyon.\nFinal answer: Paris", "gold"),  # what stands before the final answer does not count
        ("Document 1 says Paris.\n**Final answer:** Lyon", "counter"),
        ("Final answer: Paris or Lyon", "both"),
        ("It is Paris.\nFinal answer: Nice", "neither"),
        ("Paris or Lyon?\nFinal answer: I don't know", "abstain"),
        ("It is Paris.\nFinal answer:", "abstain"),  # cut off before the answer: it says nothing
        ("Lyon?\nNo, it is the City of Light.", "gold"),  # no field: the last line
        ("Answer: Paris\nLyon is another city.", "gold"),
        ("", "abstain"),
    ],
)
def test_a_text_is_labelled_by_its_final_answer(text: str, expected: str) -> None:
    assert label(text, GOLD, COUNTER) == expected


@pytest.mark.parametrize(
    ("text", "field", "answer"),
    [
        ("Paris\nLyon is another city.", "counter", "gold"),  # the first line, where the answer alone was asked for
        ("\n\nLyon\nNot Paris.", "neither", "counter"),
        ("I don't know.\nParis?", "gold", "abstain"),
        ("Paris", "gold", "gold"),
        ("Paris\nFinal answer: Lyon", "counter", "gold"),
        ("Answer: Paris\nLyon is another city.", "gold", "gold"),  # a field counts for both
    ],
)
def test_what_was_asked_says_where_an_answer_without_a_field_stands(text: str, field: str, answer: str) -> None:
    assert label(text, GOLD, COUNTER, asked="field") == field
    assert label(text, GOLD, COUNTER, asked="answer") == answer


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("The capital is Paris, which is also", "answer", "gold"),  # a side is taken by then
        ("The capital is Lyon. It is a", "answer", "counter"),
        ("The capital of France is", "answer", "unfinished"),
        ("The capital is Paris", "answer", "unfinished"),  # the name may go on
        ("Document 1 says Lyon, but", "answer", "unfinished"),  # a quote is no side
        ("It is not Lyon but the", "answer", "unfinished"),
        ("Paris\nLyon is", "answer", "gold"),  # the line is whole
        ("The capital is Paris, which is also", "field", "unfinished"),  # reasoning has not come to its end
        ("So.\nFinal answer: Paris, wh", "field", "gold"),
        ("Final answer: External evidence: Document 1 says Lyon, but", "field", "unfinished"),  # reasoning once more
        ("Final answer: External evidence: External evidence: External", "field", "unfinished"),
        ("Final answer: **Internal knowledge:** I do not know if", "field", "unfinished"),
        ("Final answer:\nComparison: Lyon is wrong, so the", "field", "unfinished"),
        ("Final answer: Internal kno", "field", "unfinished"),
        ("Final answer: Internal knowledge: Paris is the capital of", "field", "gold"),  # it takes a side by then
        ("Final answer: External evidence: Lyon", "field", "unfinished"),  # the name may go on
        ("Final answer: External evidence: Document 1 says Lyon\nInternal", "field", "counter"),  # the line is whole
        ("Comparison: Paris is the capital of", "field", "unfinished"),  # a section, and no field
        ("Final answer: External", "field", "neither"),  # a name, as far as anybody knows
        ("<think>It is Paris, but", "answer", "unfinished"),
    ],
)
def test_a_text_that_was_cut_is_an_answer_if_it_gives_one(text: str, asked: str, expected: str) -> None:
    assert label(text, GOLD, COUNTER, finished=False, asked=asked) == expected
    assert label_by_mention(text, GOLD, COUNTER, finished=False, asked=asked) == expected


@pytest.mark.parametrize("asked", ["field", "answer"])
@pytest.mark.parametrize(("layout", "name"), [("rgb", "rgb-en-fact-first100.json"), ("qacc", "qacc-first100.json")])
def test_an_answer_that_was_cut_within_a_name_is_no_side(layout: str, name: str, asked: str, tmp_path: Path) -> None:
    """Once five of fifteen such answers of RGB, cut at 16 tokens, counted as `neither`."""
    done = Prepared(tmp_path, {"kind": "local", "layout": layout, "path": str(real(name))})
    counters = {row["question_id"]: row["counter_aliases"] for row in done.counters}
    for row in done.questions:
        counter = counters.get(row["question_id"], [])
        for named in (row["answers"][0], *counter[:1]):
            for end in range(1, len(named)):
                cut = f"The answer is {named[:end]}"
                assert label(cut, row["answers"], counter, finished=False, asked=asked) == "unfinished", cut


@pytest.mark.parametrize("asked", ["field", "answer"])
def test_thoughts_that_do_not_end_are_unfinished_whatever_the_engine_says(asked: str) -> None:
    assert label("<think>It is Paris.", GOLD, COUNTER, finished=True, asked=asked) == "unfinished"
    assert label("<think>Lyon?</think>It is Paris.", GOLD, COUNTER, finished=True, asked=asked) == "gold"


def test_what_was_asked_is_a_field_or_an_answer() -> None:
    with pytest.raises(ValueError, match="asked is 'line', expected 'field' or 'answer'"):
        label("Paris", GOLD, COUNTER, asked="line")


def labels_of(half: str) -> list[tuple[dict[str, Any], str, str]]:
    rows = [row for row in READ if row["half"] == half]
    given = [(row["text"], row["gold"], row["counter"]) for row in rows]
    return [
        (row, *(judged(*one, finished=row["finished"]) for judged in (label, label_by_mention)))
        for row, one in zip(rows, given, strict=True)
    ]


MISSED = {  # of the half "dev": names in other forms, a name within another, and a last line that was cut
    "Guatemala City is the capital of Chad.",
    "pounds",
    "1.234 km",
    "eighty-nine",
    "March 12th, 1999",
    "Berbere, Paris\nBerbere, Paris\nBerbere,",
}


def test_the_half_that_the_rule_was_written_on_is_labelled_as_a_reader_does_but_for_names_in_other_forms() -> None:
    missed = {row["text"] for row, found, _ in labels_of("dev") if found != row["label"]}
    assert missed <= MISSED


@pytest.mark.parametrize(
    ("half", "missed", "missed_by_mention", "of"),
    [("dev", 6, 53, 133), ("kept", 6, 57, 132), ("last", 0, 18, 40), ("later", 10, 28, 40)],
)
def test_the_rules_miss_as_many_as_the_documentation_says(
    half: str, missed: int, missed_by_mention: int, of: int
) -> None:
    found = labels_of(half)
    assert len(found) == of
    assert sum(by_mention != row["label"] for row, _, by_mention in found) <= missed_by_mention
    assert sum(asserted != row["label"] for row, asserted, _ in found) <= missed  # names may be found in more forms


pieces = st.sampled_from(["Paris", "Lyon", "City of Light", "I don't know", "\n", "Final answer:", "Answer:", " ", "x"])


@given(st.lists(pieces, max_size=8).map("".join), st.sampled_from(["field", "answer"]))
def test_a_label_is_that_of_the_final_answer_and_mirrors_when_the_sides_are_swapped(text: str, asked: str) -> None:
    found = label(text, GOLD, COUNTER, asked=asked)
    assert found in LABELS
    assert found == label_of(final_answer(text, asked), GOLD, COUNTER)
    assert label(text, COUNTER, GOLD, asked=asked) == {"gold": "counter", "counter": "gold"}.get(found, found)
