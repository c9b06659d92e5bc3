"""Longer names that a data set knows, and how they reach labels, evidence and gates."""

from typing import Any

import pytest
from injection_rows import drawn, found, passage, question
from interexter.answers.evidence import evidence
from interexter.core.tables import Row
from interexter.data.longer_names import LongerNames
from interexter.injection.compose import compose, condition
from interexter.injection.gates import gate
from interexter.text.labels import label
from labelled_rows import label_by_mention
from recall_rows import recalled


def asks(subject: str, *answers: str, relation: str = "continent", **other: Any) -> Row:
    return question(subject, answers, relation=relation, **other)


def longer(row: Row, *counter: str, data: list[Row]) -> list[str]:
    return LongerNames(lambda: data).of(row, counter)


@pytest.mark.parametrize(
    ("row", "counter", "data", "expected"),
    [
        (asks("Kenya", "Africa"), ["Europe"], [asks("South Africa", "Africa")], ["South Africa"]),  # a subject
        (asks("x", "Ireland"), ["Spain"], [asks("Belfast", "Northern Ireland")], ["Northern Ireland"]),  # an answer
        (asks("x", "Guinea"), ["Ghana"], [asks("y", "Papua New Guinea", "PNG")], ["Papua New Guinea"]),
        (
            asks("x", "Spain"),
            ["Guinea"],
            [asks("y", "Papua New Guinea")],
            ["Papua New Guinea"],
        ),  # of the counter-answer
        (asks("South Africa", "Africa", relation=""), ["Asia"], [], ["South Africa"]),  # its own subject
        (asks("x", "The Hague"), ["Oslo"], [asks("y", "The Hague Academy")], ["The Hague Academy"]),
        (asks("x", "\u4eac\u90fd"), ["\u5927\u962a"], [asks("y", "\u6771\u4eac\u90fd")], ["\u6771\u4eac\u90fd"]),
        (asks("x", "Washington"), ["Oslo"], [asks("y", "Washington, D.C.", "Washington")], []),  # the same town
        (asks("x", "USA", "America"), ["Peru"], [asks("y", "United States of America", "USA")], []),
        (asks("x", "Ireland"), ["Spain"], [asks("y", "Northern Ireland", relation="county")], []),  # of other things
        (asks("x", "Ireland", relation=""), ["Spain"], [asks("y", "Northern Ireland", relation="")], []),
        (asks("x", "actor"), ["singer"], [asks("y", "film actor")], []),  # a film actor is an actor
        (asks("x", "1776"), ["1780"], [asks("y", "July 1776")], []),
        (asks("Ireland", "Ireland"), ["Spain"], [asks("y", "Ireland")], []),  # no longer name
        (asks("x", "Ire"), ["Spain"], [asks("y", "Northern Ireland")], []),  # no word of it
        (asks("", ""), [""], [asks("y", "Northern Ireland")], []),
    ],
)
def test_a_longer_name_is_another_where_the_data_know_it(
    row: Row, counter: list[str], data: list[Row], expected: list[str]
) -> None:
    assert longer(row, *counter, data=[row, *data]) == expected
    assert longer(row, *counter, data=[*data[::-1], row]) == expected


KENYA = asks("Kenya", "Africa", question="On which continent is Kenya?")
SOUTH_AFRICA = asks("South Africa", "Africa", question="On which continent is South Africa?")
PAGES = ["Kenya lies in Africa.", "Kenya is green.", "Kenya has lions.", "Kenya trades with South Africa."]


def example(*texts: str, asked: Row = KENYA, counter: str = "Europe", count: str = "0") -> Row:
    drawn_ = {"question_id": asked["question_id"], "counter_answer": counter, "counter_aliases": [counter]}
    drawn_ |= {"passages": [], "contradicts": "gold"}
    pages = found(asked, *texts)
    setting = condition("c", count, "keep", "first")
    [row], rejected = compose([asked], [pages], [drawn_], setting, len(texts), 0, longer=LongerNames(lambda: KNOWN))
    assert not rejected
    return row


KNOWN = [KENYA, SOUTH_AFRICA]


def test_what_a_longer_name_holds_is_no_evidence_and_no_answer() -> None:
    row = example("Kenya trades with South Africa.")
    assert row["other_names"] == ["South Africa"]
    [of] = evidence([row], [recalled(row["question_id"], "South Africa.", "South Africa is large.")])
    assert (of["passages_gold"], of["memory_gold"], of["closed_book_label"], of["state"]) == (
        *(False, False),
        *("neither", "neither"),
    )
    [of] = evidence([example(*PAGES)], [recalled(row["question_id"], "Kenya is in Africa.", "It is in Africa.")])
    assert (of["passages_gold"], of["memory_gold"], of["closed_book_label"], of["state"]) == (
        *(True, True),
        *("gold", "both"),
    )


@pytest.mark.parametrize("judged", [label, label_by_mention])
def test_labels_tell_a_longer_name_apart(judged: Any) -> None:
    names = ["Africa"], ["Europe"]
    assert judged("South Africa", *names) == "gold"
    assert judged("South Africa", *names, others=["South Africa"]) == "neither"
    assert judged("South Africa is in Africa.", *names, others=["South Africa"]) == "gold"
    assert judged("South Africa is in Europe.", *names, others=["South Africa"]) == "counter"
    cut = {"finished": False, "asked": "answer", "others": ["South Africa"]}
    assert judged("South Africa is one of the", *names, **cut) == "unfinished"


def test_a_subject_that_holds_the_gold_answer_leaks_nothing() -> None:
    row = example("South Africa lies in Africa.", asked=SOUTH_AFRICA)
    against = passage("South Africa lies in Europe.", rank=1, stance="counter", origin="injected")
    against |= {
        "injector": "entity-substitution",
        "seed": 0,
        "parent_id": "p1",
        "source_id": "s",
        "counter_answer": "Europe",
    }
    pages = [found(SOUTH_AFRICA, "South Africa lies in Africa.")]
    assert gate([{**row, "passages": [against]}], pages, False)[1] == []
    [refused] = gate(
        [{**row, "passages": [{**against, "text": "South Africa, in Africa, is in Europe."}]}], pages, False
    )[1]
    assert refused["reason"] == "gold-leak"


def test_by_default_the_questions_that_are_composed_are_what_is_known() -> None:
    pages = [found(one, *PAGES) for one in KNOWN]
    rows, _ = compose(KNOWN, pages, drawn(KNOWN, pages), condition("c", "0", "keep", "first"), 4, 0)
    assert [row["other_names"] for row in rows] == [["South Africa"]] * 2
