"""The area under the curve of risk over coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.scoring.selective import area_under_risk, resampled_area


@pytest.mark.parametrize(
    ("probability", "right", "expected"),
    [
        # Risks: 0/1, 0/2, 1/3, 2/4
        ([0.9, 0.8, 0.7, 0.6], [True, True, False, False], (1 / 3 + 1 / 2) / 4),
        # The worst order: 1/1, 2/2, 2/3, 2/4
        ([0.9, 0.8, 0.7, 0.6], [False, False, True, True], (1 + 1 + 2 / 3 + 1 / 2) / 4),
        # Two are equally sure, one of them wrong: half an error is expected first. 0/1, 0.5/2, 1/3
        ([0.9, 0.5, 0.5], [True, False, True], (0 + 1 / 4 + 1 / 3) / 3),
        # Always equally sure: the error rate
        ([0.5] * 4, [True, False, True, True], 1 / 4),
        ([0.3], [True], 0.0),
        ([0.3], [False], 1.0),
    ],
)
def test_the_area_by_hand(probability: list[float], right: list[bool], expected: float) -> None:
    assert area_under_risk(np.array(probability), np.array(right)) == pytest.approx(expected)


def test_there_is_no_curve_of_nothing() -> None:
    with pytest.raises(ValueError, match="no curve"):
        area_under_risk(np.array([]), np.array([], dtype=bool))


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=7), st.integers(0, 9))
def test_ties_are_the_mean_over_their_orders(answers: list[tuple[int, bool]], seed: int) -> None:
    probability = np.array([level / 4 for level, _ in answers])
    right = np.array([truth for _, truth in answers])
    rng, areas = np.random.default_rng(seed), []
    for _ in range(3000):
        order = np.lexsort((rng.random(len(right)), -probability))
        areas.append((np.cumsum(~right[order]) / np.arange(1, len(right) + 1)).mean())
    assert area_under_risk(probability, right) == pytest.approx(np.mean(areas), abs=0.03)


def test_resamples_lie_around_the_area_and_depend_on_the_seed_alone() -> None:
    rng = np.random.default_rng(0)
    probability = rng.random(500).round(3)
    right = rng.random(500) < probability
    drawn = resampled_area(probability, right, np.arange(500), 200, 3)
    assert drawn.mean() == pytest.approx(area_under_risk(probability, right), abs=0.01)
    assert 0 < drawn.std() < 0.05
    places = rng.permutation(500)
    assert resampled_area(probability[places], right[places], places, 200, 3) == pytest.approx(drawn)
    pairs = np.arange(500) // 2
    assert resampled_area(probability[places], right[places], pairs[places], 20, 3) == pytest.approx(
        resampled_area(probability, right, pairs, 20, 3)
    )
    # Twice the same answers in clusters of two are no more than the answers themselves.
    twice = resampled_area(np.repeat(probability, 2), np.repeat(right, 2), np.repeat(np.arange(500), 2), 200, 3)
    assert twice.std() == pytest.approx(drawn.std(), rel=0.2)
