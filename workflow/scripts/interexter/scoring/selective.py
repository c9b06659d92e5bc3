"""Selective prediction: does a model that may stay silent where it is unsure err less?

Answers are taken from the most probable to the least. The risk at coverage k / n is the share of wrong ones among
the first k. `sliced` of series.py gives accuracy at some coverages; here is the area under the whole curve.
"""

import numpy as np
from numpy.typing import NDArray

Degrees = NDArray[np.float64]


def area_under_risk(probability: Degrees, right: NDArray[np.bool_]) -> float:
    """Return the mean of the risks at coverage 1/n, 2/n, ..., 1: AURC, 0 is best.

    Of equally probable answers the order is not known: the expected errors of any order are taken, so that a model
    that is always equally sure has its error rate. Arrays of shape (answers,); raises ValueError without answers.
    Source: Geifman, Uziel & El-Yaniv, ICLR 2019, arXiv 1805.08206, section 2.
    """
    if not len(right):
        raise ValueError("no answer has a probability: there is no curve of nothing")
    return _area(*_levels(probability, right, np.ones(len(right))))


def resampled_area(
    probability: Degrees, right: NDArray[np.bool_], clusters: NDArray[np.int64], resamples: int, seed: int
) -> Degrees:
    """Return the AURC of resamples of clusters of answers, shape (resamples,).

    Clusters are drawn in the order of what they hold, so that the order of the rows does not matter.
    Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
    """
    numbers = np.unique(clusters, return_inverse=True)[1]
    held: dict[int, list[tuple[float, bool]]] = {}
    for number, answer in zip(numbers.tolist(), zip(probability.tolist(), right.tolist(), strict=True), strict=True):
        held.setdefault(number, []).append(answer)
    numbers = np.argsort(sorted(held, key=lambda number: sorted(held[number])))[numbers]
    rng = np.random.default_rng(seed)
    shares = np.full(len(held), 1 / len(held))
    drawn = (rng.multinomial(len(held), shares)[numbers] for _ in range(resamples))
    return np.array([_area(*_levels(probability, right, weights.astype(float))) for weights in drawn])


def _levels(probability: Degrees, right: NDArray[np.bool_], weights: Degrees) -> tuple[Degrees, Degrees]:
    """Return how many answers there are of each probability, the highest first, and how many of them are wrong."""
    levels = np.unique(-probability, return_inverse=True)[1]
    counts, wrong = (np.bincount(levels, weights=part).astype(float) for part in (weights, weights * ~right))
    return counts, wrong


def _area(counts: Degrees, wrong: Degrees) -> float:
    """Return the mean risk of answers by level, both of shape (levels,).

    Within a level of c answers, w of them wrong, behind N with W wrong, the risk of the first N + j is
    (W + j w / c) / (N + j) = w / c + (W - N w / c) / (N + j). Summed over j that is w + (W - N w / c) (H(N + c) -
    H(N)), where H(m) = 1 + 1/2 + ... + 1/m.
    """
    counts, wrong = counts[counts > 0], wrong[counts > 0]
    upto = np.cumsum(counts)
    before, errors = upto - counts, np.cumsum(wrong) - wrong
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, upto[-1] + 1))])
    spread = harmonic[upto.astype(int)] - harmonic[before.astype(int)]
    return float((wrong + (errors - before * wrong / counts) * spread).sum() / upto[-1])
