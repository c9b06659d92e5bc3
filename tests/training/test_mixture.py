"""The mixture of a recipe: in proportion to the weights, the same in any order."""

import random
from collections import Counter
from statistics import mean

from hypothesis import given
from hypothesis import strategies as st
from interexter.core.tables import Row
from interexter.training.mixture import draw

STATES = ("both", "external", "internal", "neither")


def rows(count: int, conditions: tuple[str, ...] = ("clean", "replaced")) -> list[Row]:
    """`count` rows of each condition, their states in turn."""
    return [
        {"question_id": f"q{i}", "condition": condition, "state": STATES[i % 4]}
        for condition in conditions
        for i in range(count)
    ]


def ids(drawn: list[Row]) -> list[tuple[str, str]]:
    return [(row["question_id"], row["condition"]) for row in drawn]


def test_weight_0_is_never_drawn() -> None:
    drawn = draw(rows(20, ("clean", "replaced", "unnamed")), {"clean": 1, "replaced": 0}, {"neither": 0.0}, 999, 1)
    assert {row["condition"] for row in drawn} == {"clean"}  # a condition that is not named weighs 0
    assert {row["state"] for row in drawn} == {"both", "external", "internal"}  # a state that is not named weighs 1
    assert len(drawn) == 15


@given(st.integers(0, 50), st.integers(0, 9))
def test_size_bounds_a_draw_without_replacement(size: int, seed: int) -> None:
    drawn = draw(rows(10), {"clean": 1, "replaced": 2}, {}, size, seed)
    assert len(drawn) == len(set(ids(drawn))) == min(size, 20)


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_count(shuffler: random.Random) -> None:
    shuffled = rows(15)
    shuffler.shuffle(shuffled)
    weights = {"clean": 1.0, "replaced": 0.3}
    assert draw(shuffled, weights, {"both": 2}, 12, 5) == draw(rows(15), weights, {"both": 2}, 12, 5)


def test_a_draw_depends_on_the_seed_and_a_smaller_one_is_its_beginning() -> None:
    weights = {"clean": 1.0, "replaced": 1.0}
    draws = [ids(draw(rows(20), weights, {}, 40, seed)) for seed in (1, 2, 1)]
    assert draws[0] == draws[2] != draws[1]
    assert sorted(draws[0]) == sorted(draws[1])
    assert ids(draw(rows(20), weights, {}, 10, 1)) == draws[0][:10]


def test_the_first_row_is_drawn_in_proportion_to_its_weight() -> None:
    # Weights 2, 1 and 1: chances 1/2, 1/4 and 1/4. Of 2,000 draws 1,000 and 500, give or take 4 standard
    # deviations: 4 * sqrt(2000 * 1/4) = 89 and 4 * sqrt(2000 * 3/16) = 77.
    three = rows(1, ("a", "b", "c"))
    first = Counter(draw(three, {"a": 2, "b": 1, "c": 1}, {}, 1, seed)[0]["condition"] for seed in range(2000))
    assert abs(first["a"] - 1000) < 89
    assert abs(first["b"] - 500) < 77
    assert abs(first["c"] - 500) < 77


def test_the_share_of_a_condition_on_2000_rows() -> None:
    # A row of weight w is drawn by time t with chance 1 - exp(-w t), and 200 rows are drawn when
    # 1000 (1 - exp(-3t)) + 1000 (1 - exp(-t)) = 200, so t = 0.0534: 148 rows of weight 3 and 52 of weight 1.
    # The standard deviation of one draw is about sqrt(200 * 0.74 * 0.26) = 6.2, of the mean of 20 draws 1.4.
    drawn = [draw(rows(1000), {"clean": 3, "replaced": 1}, {}, 200, seed) for seed in range(20)]
    clean = [sum(row["condition"] == "clean" for row in d) for d in drawn]
    assert abs(mean(clean) - 148) < 5
    assert min(clean) != max(clean)


def test_the_weight_of_a_row_is_its_conditions_times_its_states() -> None:
    # 2,000 rows, 500 of each pair below. Weights 6, 2, 3 and 1; the first 48 are drawn nearly in proportion:
    # 24, 8, 12 and 4 of 48, over 40 draws within 4 * sqrt(48 * p * (1 - p) / 40) <= 2.2, and 0.5 for exhaustion.
    some = [row for row in rows(1000) if row["state"] in ("both", "neither")]
    some += [{**row, "question_id": f"more {row['question_id']}"} for row in some]
    assert len(some) == 2000
    counts: Counter[tuple[str, str]] = Counter()
    for seed in range(40):
        drawn = draw(some, {"clean": 2, "replaced": 1}, {"both": 3, "neither": 1}, 48, seed)
        counts.update((row["condition"], row["state"]) for row in drawn)
    expected = {("clean", "both"): 24, ("clean", "neither"): 8, ("replaced", "both"): 12, ("replaced", "neither"): 4}
    for pair, share in expected.items():
        assert abs(counts[pair] / 40 - share) < 2.7, pair


def test_only_proportions_count_however_small_the_weights() -> None:
    small = 2.0**-40
    drawn = draw(rows(50), {"clean": 3.0, "replaced": 1.0}, {}, 60, 1)
    assert draw(rows(50), {"clean": 3.0 * small, "replaced": small}, {}, 60, 1) == drawn
    assert ids(drawn) != sorted(ids(drawn))
