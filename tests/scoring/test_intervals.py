"""Intervals: Wilson's and Tango's by hand and as published, the effective number, and the coverage of all of them."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interexter.scoring.intervals import (
    clustered_interval,
    difference_interval,
    mean_interval,
    ratio,
    ratio_interval,
    ratio_intervals,
    share_interval,
    tango_interval,
)
from scipy.optimize import minimize_scalar

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import intervals as benchmark


def test_wilsons_interval_by_hand() -> None:
    # z = 1.96, z^2 = 3.8415. 50 of 100: centre 0.5, half z sqrt(25 + z^2 / 4) / (100 + z^2) = 0.0962
    assert share_interval(50, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)
    # 1 of 10: centre (1 + z^2 / 2) / (10 + z^2) = 0.2110, half z sqrt(0.9 + z^2 / 4) / (10 + z^2) = 0.1931
    assert share_interval(1, 10) == pytest.approx((0.0179, 0.4042), abs=1e-4)
    assert share_interval(0, 10) == (0.0, pytest.approx(3.8415 / 13.8415, abs=1e-4))


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_lies_within_zero_and_one_around_its_share(counts: tuple[int, int]) -> None:
    successes, n = counts
    low, high = share_interval(successes, n)
    assert 0 <= low <= successes / n + 1e-12 and successes / n - 1e-12 <= high <= 1
    assert share_interval(n - successes, n) == pytest.approx((1 - high, 1 - low))


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_counts_that_are_no_share_are_refused(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"got {successes} of {n}"):
        share_interval(successes, n)


@pytest.mark.parametrize(
    ("only_a", "only_b", "n", "low", "high"),
    [
        (1, 7, 21, -0.517, -0.026),  # airway reactivity before and after: Fagerland et al., Stat. Med. 33, 2014
        (60, 20, 1000, 0.0231, 0.0584),  # as R's PropCIs 0.3-0 gives it
    ],
)
def test_tangos_interval_as_published(only_a: int, only_b: int, n: int, low: float, high: float) -> None:
    places = len(str(abs(high))) - 2
    assert tango_interval(only_a, only_b, n) == pytest.approx((low, high), abs=0.5 * 10**-places)


def test_tangos_interval_by_hand_where_the_equation_is_simple() -> None:
    # Nothing differs: n d^2 = z^2 |d| (1 - |d|) / 1, so |d| = z^2 / (n + z^2), Wilson's of 0 of 40
    assert tango_interval(0, 0, 40) == pytest.approx((-3.8415 / 43.8415, 3.8415 / 43.8415), abs=1e-4)
    # All are won by a: q = (1 - d) / 2, n (1 - d)^2 = z^2 (1 - d) (1 + d), d = (n - z^2) / (n + z^2)
    assert tango_interval(40, 0, 40) == pytest.approx((36.1585 / 43.8415, 1.0), abs=1e-4)


@settings(max_examples=40)
@given(st.integers(0, 12), st.integers(0, 12), st.integers(1, 12))
def test_the_ends_solve_the_score_equation_with_a_likelihood_maximized_by_search(b: int, c: int, rest: int) -> None:
    """The same interval without the closed form of q: the most likely table with difference d, found numerically."""
    n = b + c + rest
    for d in tango_interval(b, c, n):

        def unlikely(q: float, d: float = d) -> float:
            parts = ((b, q + d), (c, q), (rest, 1 - 2 * q - d))
            return -sum(count * np.log(max(chance, 1e-300)) for count, chance in parts if count)

        q = minimize_scalar(unlikely, bounds=(max(0, -d), (1 - d) / 2), method="bounded", options={"xatol": 1e-10}).x
        statistic = (b - c - n * d) / np.sqrt(n * (2 * q + d - d * d))
        assert abs(statistic) == pytest.approx(1.95996, abs=2e-3)


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_a_paired_interval_has_a_width_and_turns_its_sign_with_the_sides(b: int, c: int, rest: int) -> None:
    n = max(1, b + c + rest)
    low, high = tango_interval(b, c, n)
    assert -1 <= low <= (b - c) / n <= high <= 1 and high - low > 1e-3
    assert tango_interval(c, b, n) == pytest.approx((-high, -low), abs=1e-9)


@pytest.mark.parametrize(("only_a", "only_b", "n"), [(-1, 0, 5), (0, -1, 5), (3, 3, 5), (0, 0, 0)])
def test_counts_that_are_no_pairs_are_refused(only_a: int, only_b: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"got {only_a}, {only_b} of {n}"):
        tango_interval(only_a, only_b, n)


def test_without_clusters_they_are_wilsons_and_tangos() -> None:
    hits, alone = np.array([1] * 3 + [0] * 37), np.arange(40)
    assert ratio_interval(hits, np.ones(40), alone) == pytest.approx((3 / 40, *share_interval(3, 40)))
    assert difference_interval(hits, alone) == pytest.approx((3 / 40, *tango_interval(3, 0, 40)))
    # only the answers of the denominator count
    about = np.array([1] * 10 + [0] * 30, dtype=bool)
    assert ratio_interval(hits, about, alone) == pytest.approx((3 / 10, *share_interval(3, 10)))


def test_the_effective_number_by_hand() -> None:
    # 4 clusters of 2 that agree, 2 of them hit: mean 1/2. r = 1 1 -1 -1; by clusters 4 / (1 - 1/4) / 64 = 1/12; by
    # answers (1/4) / 7 = 1/28: design effect 28/12. k = 64 / 16 = 4; t(3) = 3.18245, t(7) = 2.36462
    number = 8 / (28 / 12 * (3.18245 / 2.36462) ** 2)
    hits, names = np.array([1, 1, 1, 1, 0, 0, 0, 0]), np.array([0, 0, 1, 1, 2, 2, 3, 3])
    assert ratio_interval(hits, np.ones(8), names)[1:] == pytest.approx(share_interval(number / 2, number), abs=1e-5)
    # none hit: each cluster counts as one answer
    assert ratio_interval(0 * hits, np.ones(8), names)[1:] == share_interval(0, 4)
    # all of one cluster: as one answer
    assert ratio_interval(hits, np.ones(8), 0 * names)[1:] == pytest.approx(share_interval(0.5, 1))


values = st.lists(st.tuples(st.sampled_from([0.0, 0.3, 0.5, 1.0]), st.integers(0, 5)), min_size=1, max_size=30)


@given(values, st.randoms(use_true_random=False))
def test_no_interval_has_a_width_of_zero_or_depends_on_the_order(
    rows: list[tuple[float, int]], shuffler: object
) -> None:
    def both(rows: list[tuple[float, int]]) -> list[tuple[float, float, float]]:
        hits, names = np.array([hit for hit, _ in rows]), np.array([name for _, name in rows])
        return [ratio_interval(hits, np.ones(len(rows)), names), difference_interval(0.5 - hits, names)]

    found = both(rows)
    for value, low, high in found:
        assert low <= value <= high and high - low > 0.01
    shuffler.shuffle(rows)  # type: ignore[attr-defined]
    assert both(rows) == found


def test_more_answers_of_the_same_clusters_tell_no_more() -> None:
    hits, names = np.arange(40) % 4 == 0, np.arange(40)
    once = ratio_interval(hits, np.ones(40), names)
    thrice = ratio_interval(np.tile(hits, 3), np.ones(120), np.tile(names, 3))
    assert thrice == pytest.approx(once, abs=0.006)  # wider by the ratio of t quantiles
    assert thrice[1] < once[1] and once[2] < thrice[2]
    as_many = ratio_interval(np.tile(hits, 3), np.ones(120), np.arange(120))
    assert once[1] < as_many[1] < 0.25 < as_many[2] < once[2]


def test_a_mean_and_rows_by_name() -> None:
    degrees = np.array([0.0, 0.5, 1.0, 0.5])
    assert mean_interval(degrees) == ratio_interval(degrees, np.ones(4), np.arange(4))[1:]
    hits = [True, False, True, False]
    assert (
        clustered_interval(["a", "b", "a", "c"], hits)
        == ratio_interval(np.array(hits), np.ones(4), np.array([0, 1, 0, 2]))[1:]
    )


def test_intervals_of_many_are_those_of_each_and_clusters_are_known_by_any_numbers() -> None:
    hits, names = np.arange(40) % 4 == 0, np.arange(40) // 2
    cases = [(hits, np.ones(40), names), (hits & (names > 5), names > 5, names), (0 * hits, names < 9, names)]
    found = ratio_intervals([ratio(*case) for case in cases])
    assert found == [ratio_interval(*case) for case in cases]
    assert found == [ratio_interval(hit, about, 7 * names + 3) for hit, about, names in cases]
    assert ratio_intervals([]) == []


def test_nothing_has_no_interval() -> None:
    with pytest.raises(ValueError, match="no answer counts"):
        ratio_interval(np.zeros(3), np.zeros(3), np.arange(3))


@pytest.mark.parametrize("design", benchmark.DESIGNS, ids=str)
def test_intervals_cover_what_they_promise(design: benchmark.Design) -> None:
    """The benchmark with few draws, always the same: where 93 % cover, 364 or more of 400 do with a chance of 95 %."""
    for p in (0.02, 0.5):
        for covered in benchmark.covered(design, p, draws=400):
            assert covered >= 0.91


def seeded(shares: list[float], questions: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Answers of as many questions to each seed, of which the first are right: hits, clusters, seeds."""
    hit = np.concatenate([np.arange(questions) < share * questions for share in shares])
    return hit, np.tile(np.arange(questions), len(shares)), np.repeat(np.arange(len(shares)), questions)


def test_seeds_that_answer_alike_tell_no_more_than_one() -> None:
    one, three = seeded([0.4], 50), seeded([0.4] * 3, 50)
    alone = ratio_interval(one[0], np.ones(50), one[1])
    assert ratio_interval(three[0], np.ones(150), *three[1:]) == pytest.approx(alone, abs=5e-3)


def test_seeds_that_answer_otherwise_widen_the_interval() -> None:
    hit, clusters, seeds = seeded([0.2, 0.4, 0.6], 50)
    value, low, high = ratio_interval(hit, np.ones(150), clusters, seeds)
    _, without_low, without_high = ratio_interval(hit, np.ones(150), clusters)
    assert value == pytest.approx(0.4)
    assert low < without_low - 0.1 and high > without_high + 0.1  # two degrees of freedom for three seeds


@pytest.mark.parametrize("spread", [0.0, 0.05])
def test_intervals_over_three_seeds_cover_the_mean_of_all_seeds(spread: float) -> None:
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(400):
        of_question, of_seed = rng.normal(0, 0.1, (1, 60)), rng.normal(0, spread, (3, 1))
        hit = rng.random((3, 60)) < np.clip(0.5 + of_question + of_seed, 0, 1)
        about, clusters, seeds = np.ones(180), np.tile(np.arange(60), 3), np.repeat(np.arange(3), 60)
        _, low, high = ratio_interval(hit.ravel(), about, clusters, seeds)
        covered += low <= 0.5 <= high
    assert covered / 400 >= 0.93
