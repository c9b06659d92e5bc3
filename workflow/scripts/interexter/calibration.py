"""Calibration of the probability that a model gives its final answer: does it know when it is right?

For methods that know such a probability. The engine reports none: log probabilities of two batchings
differ in their last digits, and scores are promised to be the same bytes in every run.
"""

import numpy as np
from numpy.typing import NDArray

BINS = 10


def brier(probability: NDArray[np.float64], right: NDArray[np.bool_]) -> float | None:
    """Return the mean of (probability - right)^2 over answers, arrays of shape (answers,): 0 is best, None without any.

    Source: Brier, Monthly Weather Review 78, 1950, for two outcomes, with one of the two terms.
    """
    return float(np.mean((probability - right) ** 2)) if len(right) else None


def expected_calibration_error(probability: NDArray[np.float64], right: NDArray[np.bool_]) -> float | None:
    """Return the mean distance of confidence and accuracy over ten bins of equal width, weighed by their answers.

    sum over bins of |bin| / n * |share right in it - mean probability in it|; a bin is (low, high], and
    0 lies in the first. Arrays of shape (answers,); None without any.
    Source: Naeini et al., AAAI 2015; Guo et al., ICML 2017, arXiv 1706.04599, equation 3.
    """
    if not len(right):
        return None
    bins = np.clip(np.ceil((probability * BINS).round(9)).astype(int) - 1, 0, BINS - 1)
    gaps = np.bincount(bins, weights=right.astype(float) - probability, minlength=BINS)  # |bin| times the distance
    return float(np.abs(gaps).sum() / len(right))
