"""Intervals: Wilson's by hand, and the bootstrap against questions drawn one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.scoring.intervals import clustered_interval, mean_interval, ratio_interval, share_interval


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


def test_the_interval_of_a_ratio_is_that_of_resampled_questions() -> None:
    # 200 questions, 60 in the denominator, 45 of them hits: drawn here question by question
    hit = np.array([1] * 45 + [0] * 155)
    about = np.array([1] * 60 + [0] * 140)
    draws = np.random.default_rng(0).integers(0, 200, size=(20000, 200))
    low, high = np.quantile(hit[draws].sum(1) / about[draws].sum(1), [0.025, 0.975])
    kinds = np.array([[1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])
    assert ratio_interval(kinds, np.array([45, 15, 140]), seed=1) == pytest.approx((low, high), abs=0.015)


def test_resamples_without_a_denominator_are_left_out() -> None:
    # one of three questions counts, and (2/3)**3 = 30 % of the resamples miss it: the others all give 1
    assert ratio_interval(np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([1, 2]), seed=1) == (1.0, 1.0)


def test_a_mean_of_degrees_is_resampled() -> None:
    values = np.random.default_rng(3).random(400)
    low, high = mean_interval(values, seed=1)
    half = 1.96 * values.std() / 20
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.005)
    assert mean_interval(values[::-1], seed=1) == (low, high)


def test_rows_of_one_question_count_as_one_draw() -> None:
    questions, hits = [f"q{i}" for i in range(40)], [i % 4 == 0 for i in range(40)]
    low, high = clustered_interval(questions, hits, 1)
    assert low < 0.25 < high
    assert clustered_interval(3 * questions, 3 * hits, 1) == (low, high)  # no narrower: nothing more is known
    as_many = clustered_interval([f"q{i}" for i in range(120)], 3 * hits, 1)
    assert low < as_many[0] < 0.25 < as_many[1] < high
    assert clustered_interval(["q"] * 4, [True, False, False, False], 1) == (0.25, 0.25)
