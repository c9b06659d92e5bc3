"""Calibration against values worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interexter.calibration import brier, expected_calibration_error


def test_brier_by_hand() -> None:
    # (0.9 - 1)^2 + (0.6 - 0)^2 + (0 - 0)^2 + (1 - 1)^2 = 0.01 + 0.36
    assert brier(np.array([0.9, 0.6, 0.0, 1.0]), np.array([True, False, False, True])) == pytest.approx(0.37 / 4)


def test_the_calibration_error_by_hand() -> None:
    # (0.8, 0.9]: 0.9 0.9 0.85, mean 2.65/3, 2 of 3 right; (0.2, 0.3]: 0.3, wrong; the first bin: 0, wrong
    probability = np.array([0.9, 0.9, 0.85, 0.3, 0.0])
    right = np.array([True, True, False, False, False])
    assert expected_calibration_error(probability, right) == pytest.approx(3 / 5 * (2.65 / 3 - 2 / 3) + 1 / 5 * 0.3)
    # the edge 0.3 belongs to the bin below it, as 0.25 does: mean 0.275, one of two right
    assert expected_calibration_error(np.array([0.3, 0.25]), np.array([True, False])) == pytest.approx(0.5 - 0.275)


def test_without_answers_nothing_is_known() -> None:
    nothing = np.array([]), np.array([], dtype=bool)
    assert brier(*nothing) is None and expected_calibration_error(*nothing) is None


@settings(deadline=None)  # on a busy machine
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_both_lie_within_zero_and_one(answers: list[tuple[float, bool]]) -> None:
    probability, right = (np.array(column) for column in zip(*answers, strict=True))
    for measure in (brier, expected_calibration_error):
        assert 0 <= measure(probability, right) <= 1 + 1e-9
