"""Calibration of the probability that a model gives its final answer: does it know when it is right?

The probability is that of the tokens of the final answer, given all that was written before it: the product
of theirs, as the engine chose them. An answer has one where a single generation wrote it, its own words,
and the engine reports log probabilities (`engine.confidence`).
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
    gaps = np.bincount(_bins(probability), weights=right.astype(float) - probability, minlength=BINS)
    return float(np.abs(gaps).sum() / len(right))  # a gap is |bin| times the distance


def resampled_error(
    probability: NDArray[np.float64], right: NDArray[np.bool_], resamples: int, seed: int
) -> NDArray[np.float64]:
    """Return the expected calibration error of resamples of the answers, shape (resamples,).

    Answers with one bin and one distance are drawn together, by a multinomial distribution. A resample has more
    noise than the answers, and so an error that is higher on average.
    """
    kinds = np.stack([_bins(probability), right.astype(float) - probability], axis=1).round(12)
    kinds, counts = np.unique(kinds, axis=0, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(len(right), counts / len(right), size=resamples)
    of_bin = np.eye(BINS)[kinds[:, 0].astype(int)] * kinds[:, 1:]
    return np.abs(drawn @ of_bin).sum(axis=1) / len(right)


def _bins(probability: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.clip(np.ceil((probability * BINS).round(9)).astype(np.int64) - 1, 0, BINS - 1)
