"""Candidates: which are drawn, which is plausible, and what a draw makes of them."""

import pytest
from injection_rows import capitals, found, question
from interexter.core.tables import Row
from interexter.injection import candidates, counters, injectors
from interexter.injection.candidates import Plausible, plausible
from interexter.injection.counters import split_pools
from interexter.injection.drafts import Alternative, Pools, Refusal

KIND = "entity-substitution"


def weighed(gold: float, **others: float) -> Row:
    rows = [{"answer": name, "log_probability": value} for name, value in others.items()]
    return {"question_id": "q-Peru", "gold": "Lima", "gold_log_probability": gold, "candidates": rows}


@pytest.mark.parametrize(
    ("row", "chosen"),
    [
        (weighed(-10, Oslo=-12, Paris=-9, Singapore=-5), "Paris"),  # the least likely of those above
        (weighed(-10, Oslo=-12, Paris=-20), "Oslo"),  # none is above: the most likely
        (weighed(-10, Oslo=-10, Paris=-9.5), "Oslo"),  # as likely is likely enough
        (weighed(-10, Paris=-9, Oslo=-9), "Oslo"),  # of equals the first by name
        (weighed(-10), None),
    ],
)
def test_plausible_is_the_nearest_that_is_at_least_as_likely(row: Row, chosen: str | None) -> None:
    assert plausible(row) == chosen


def test_candidates_can_be_told_from_gold_and_depend_on_seed_and_question() -> None:
    asked, pools = question(), split_pools(capitals())["test"]
    drawn = [one.answer for one in candidates.draw(asked, pools, 0)]
    assert set(drawn) == {"Mexico City", "Guatemala City", "Paris", "Yamoussoukro", "Washington", "Singapore", "Oslo"}
    assert drawn == [one.answer for one in candidates.draw(asked, pools, 0)]
    orders = {tuple(one.answer for one in candidates.draw(asked, pools, seed)) for seed in range(8)}
    assert len(orders) > 4


def test_no_more_than_so_many_are_drawn_and_those_of_the_test_are_the_last_choice() -> None:
    def alternative(n: int, tested: bool) -> Alternative:
        name = f"Town{n}ville"
        return Alternative(name, (name,), (name,), tested=tested)

    many = Pools({("capital", "city"): [alternative(n, n % 2 == 0) for n in range(60)]})
    drawn = candidates.draw(question(split="train"), many, 0)
    assert len(drawn) == candidates.DRAWN
    assert not any(one.tested for one in drawn)
    only_tested = Pools({("capital", "city"): [alternative(n, True) for n in range(3)]})
    assert len(candidates.draw(question(split="train"), only_tested, 0)) == 3


def test_a_draw_takes_the_plausible_answer_and_refuses_where_none_was_weighed() -> None:
    peru, norway = question(), question("Norway", ["Oslo"])
    retrieved = [found(peru, "Lima is the capital of Peru."), found(norway, "Oslo is the capital of Norway.")]
    chosen = Plausible([weighed(-10, Oslo=-30, Singapore=-11)])
    rows, refused = counters.draw(
        [peru, norway],
        split_pools(capitals()),
        retrieved,
        KIND,
        injectors.load(KIND),
        0,
        name="entity-substitution@plausible-m",
        chosen=chosen,
    )
    [row] = rows
    assert (row["counter_answer"], row["passages"][0]["text"]) == ("Singapore", "Singapore is the capital of Peru.")
    assert row["draw"] == "entity-substitution@plausible-m"
    assert [(one["question_id"], one["reason"]) for one in refused] == [("q-Norway", "no-candidate")]


def test_narrowed_pools_know_one_answer() -> None:
    pools = split_pools(capitals())["test"]
    narrowed = Plausible([weighed(-10, Paris=-9)]).pools(question(), pools)
    assert not isinstance(narrowed, Refusal)
    assert [one.answer for one in narrowed.same_relation(question())] == ["Paris"]
