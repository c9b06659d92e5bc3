"""Calibration against values worked out by hand."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.engine.confidence import final_confidence
from interexter.scoring.calibration import brier, expected_calibration_error, resampled_error


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


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_both_lie_within_zero_and_one(answers: list[tuple[float, bool]]) -> None:
    probability, right = (np.array(column) for column in zip(*answers, strict=True))
    for measure in (brier, expected_calibration_error):
        assert 0 <= measure(probability, right) <= 1 + 1e-9


@pytest.mark.parametrize(
    ("pieces", "text", "expected"),
    [
        # the final answer is "Paris": the tokens " Par" and "is", and not the end token behind it
        (["I see.", "\nFinal", " answer:", " Par", "is", "<end>"], "I see.\nFinal answer: Paris", (-8 - 16, 2)),
        (["Pa", "ris"], "Paris", (-1 - 2, 2)),
        (["It is Par", "is."], "It is Paris.", (-1 - 2, 2)),  # free text: the last line is the answer
        (["Final answer: A or A"], "Final answer: A or A", (-1, 1)),
        (["Final answer:", " A", " Final answer:", " A"], "Final answer: A Final answer: A", (-2, 1)),  # the first one
        (["Paris", " or"], "Paris", (-1, 1)),  # cut at a stop text
        (["Final answer:"], "Final answer:", None),  # none was given
        (["Lyon"], "Paris", None),  # other words than the engine's
    ],
)
def test_the_log_probability_is_that_of_the_final_answers_tokens(
    pieces: list[str], text: str, expected: tuple[float, int] | None
) -> None:
    def decode(token_ids: Sequence[int]) -> str:
        return "".join(pieces[i] for i in token_ids if pieces[i] != "<end>")

    # token i has the log probability -2^i, so a sum tells which tokens are in it
    told = [-float(2**i) for i in range(len(pieces))]
    assert final_confidence(text, "field", range(len(pieces)), told, decode) == expected


def test_resamples_of_one_answer_are_that_answer() -> None:
    # 0.75 in the bin (0.7, 0.8], wrong: every resample has an error of 0.75
    assert resampled_error(np.array([0.75]), np.array([False]), np.array([0]), 7, 0).tolist() == [0.75] * 7


def test_resamples_lie_around_the_error_and_depend_on_the_seed_alone() -> None:
    rng = np.random.default_rng(0)
    probability = rng.random(2000)
    right = rng.random(2000) < probability**2  # too sure: E[p - p^2] = 1/2 - 1/3
    error = expected_calibration_error(probability, right)
    drawn = resampled_error(probability, right, np.arange(2000), 500, 3)
    assert error == pytest.approx(1 / 6, abs=0.03)
    assert drawn.mean() == pytest.approx(error, abs=0.01)
    assert 0 < drawn.std() < 0.02
    places = rng.permutation(2000)
    assert (resampled_error(probability[places], right[places], places, 500, 3) == drawn).all()
