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
    probability: NDArray[np.float64],
    right: NDArray[np.bool_],
    clusters: NDArray[np.int64],
    resamples: int,
    seed: int,
) -> NDArray[np.float64]:
    """Return the expected calibration error of resamples of clusters of answers, shape (resamples,).

    Clusters that are alike are drawn together, by a multinomial distribution. A resample has more noise than the
    answers, and so an error that is higher on average.
    Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
    """
    numbers = np.unique(clusters, return_inverse=True)[1]
    places = numbers * (BINS + 1) + _bins(probability)
    kinds = np.bincount(places, weights=right - probability, minlength=(int(numbers.max()) + 1) * (BINS + 1))
    kinds = kinds.reshape(-1, BINS + 1)  # by cluster: the gap of each bin, and how many answers
    kinds[:, BINS] = np.bincount(numbers)
    kinds, counts = np.unique(kinds.round(12), axis=0, return_counts=True)
    rng, drawn = np.random.default_rng(seed), np.empty((resamples, BINS + 1))
    for i in range(resamples):  # one by one: all counts at once may not fit into memory
        drawn[i] = rng.multinomial(counts.sum(), counts / counts.sum()) @ kinds
    return np.abs(drawn[:, :BINS]).sum(axis=1) / drawn[:, BINS]


def _bins(probability: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.clip(np.ceil((probability * BINS).round(9)).astype(np.int64) - 1, 0, BINS - 1)
