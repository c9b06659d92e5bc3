"""Entity substitution: what is drawn, what is replaced and what stays, and the registry of injectors."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from injection_rows import CAPITALS, capitals, found, passage, question, worlds
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.injection import injectors
from interexter.injection.counters import split_pools
from interexter.injection.drafts import Alternative, Injection, Pools, Refusal
from interexter.injection.injectors.entity_substitution import inject
from interexter.text import matching


def alternatives(*answers: str) -> list[Alternative]:
    return [Alternative(answer, (answer,), (answer,)) for answer in answers]


def pool(*answers: str) -> Pools:
    return Pools({("capital", "city"): alternatives(*answers)})


def texts(asked: Row, *given_texts: str, counter: str = "Oslo") -> list[str]:
    injection = inject(asked, found(asked, *given_texts)["passages"], pool(counter), random.Random(0))
    assert isinstance(injection, Injection)
    return [draft.text for draft in injection.drafts]


def test_every_mention_of_every_alias_is_replaced_in_text_and_title() -> None:
    asked = question("United States", CAPITALS["United States"])
    source = passage(
        "Washington, D.C., is the capital of the United States. WASHINGTON's streets; DC has no state.",
        title="Washington",
    )
    injection = inject(asked, [source], pool("Oslo"), random.Random(0))
    assert isinstance(injection, Injection)
    (draft,) = injection.drafts
    assert draft.title == "Oslo"
    assert draft.text == "Oslo is the capital of the United States. Oslo's streets; Oslo has no state."
    assert draft.parent is source and draft.stance == "counter"


def test_nothing_is_replaced_inside_a_word() -> None:
    assert texts(question(), "Lima is Peru's capital; Limassol and Kalima are not.") == [
        "Oslo is Peru's capital; Limassol and Kalima are not."
    ]


def test_the_subjects_name_stays() -> None:
    asked = question("Mexico", CAPITALS["Mexico"])
    assert texts(asked, "Mexico City, in Mexico, is the capital of Mexico.") == [
        "Oslo, in Mexico, is the capital of Mexico."
    ]


def test_a_subject_that_contains_the_gold_answer_makes_the_passage_unusable() -> None:
    asked = question("Guatemala City", ["Guatemala"])
    assert texts(asked, "Guatemala City is the largest city in Guatemala.", counter="Norway") == []


def test_only_supporting_passages_are_used_in_order_of_rank() -> None:
    asked = question()
    drafts = texts(asked, "Lima in Ohio.", "Lima is in Peru.", "Bread.", "Peru loves Lima.")
    assert drafts == ["Oslo is in Peru.", "Peru loves Oslo."]


@pytest.mark.parametrize(
    ("answers", "other"),
    [
        (["Lima"], "lima"),  # the same
        (["Guinea"], "Equatorial Guinea"),  # it holds a gold answer
        (["Equatorial Guinea"], "Guinea"),  # a gold answer holds it
        (["Lima", "Ciudad de los Reyes"], "Ciudad de los Reyes"),  # a valid answer by another name
        (["Lima"], "Peru"),  # the question names it
    ],
)
def test_an_answer_that_cannot_be_told_from_gold_is_never_drawn(answers: list[str], other: str) -> None:
    outcome = inject(question("Peru", answers), [], pool(other), random.Random(0))
    assert isinstance(outcome, Refusal)
    assert outcome.reason == "no-counter-answer" and "'capital'" in outcome.detail


def test_an_answer_listed_with_a_gold_answer_is_never_drawn() -> None:
    # Another question lists "Kigali" and "Lima" together: they may be two names of one city.
    pools = Pools({("capital", "city"): [Alternative("Kigali", ("Kigali",), ("Kigali", "Lima"))]})
    assert isinstance(inject(question(), [], pools, random.Random(0)), Refusal)


def test_alternatives_of_another_relation_or_type_do_not_count() -> None:
    pools = Pools({("mayor", "city"): alternatives("Oslo"), ("capital", "person"): alternatives("Rome")})
    assert isinstance(inject(question(), [], pools, random.Random(0)), Refusal)


def test_each_alternative_is_drawn_about_equally_often() -> None:
    names = ["Oslo", "Rome", "Bern", "Lima"]
    counts = dict.fromkeys(names, 0)
    for seed in range(3000):
        injection = inject(question(), [], pool(*names), random.Random(seed))
        assert isinstance(injection, Injection)
        counts[injection.counter_answer] += 1
    assert counts.pop("Lima") == 0
    # 1000 each are expected, with a standard deviation of 26: 5 of them.
    assert all(abs(count - 1000) < 130 for count in counts.values()), counts


@given(worlds(), st.integers(0, 2**32))
def test_no_gold_alias_is_left_and_nothing_else_changes(world: tuple[list[Row], list[Row]], seed: int) -> None:
    pools = split_pools(capitals())["test"]
    for asked, row in zip(*world, strict=True):
        injection = inject(asked, row["passages"], pools, random.Random(seed))
        assert injection == inject(asked, row["passages"], pools, random.Random(seed))
        assert isinstance(injection, Injection)
        for draft in injection.drafts:
            assert not matching.holds(draft.text, asked["answers"])
            assert matching.holds(draft.text, [injection.counter_answer])
            # Seen without our own spans: with gold aliases and counter-answer cut out, both texts are equal.
            gold = re.compile("|".join(map(re.escape, sorted(asked["answers"], key=len, reverse=True))), re.IGNORECASE)
            assert gold.sub("|", draft.parent["text"]) == draft.text.replace(injection.counter_answer, "|")


def test_the_registry_lists_the_folder_and_names_the_nearest() -> None:
    assert "entity-substitution" in injectors.names()
    assert injectors.load("entity-substitution") is inject
    with pytest.raises(UserError, match=r"'entity-subsitution'.*did you mean entity-substitution"):
        injectors.load("entity-subsitution")
    with pytest.raises(UserError, match=r"known are .*entity-substitution"):
        injectors.load("xyz")
