"""95 % intervals: of a share by Wilson's formula, of everything else by the bootstrap over questions.

The bootstrap is ours, since scipy's resamples every question by itself. Questions with one contribution are
of one kind here: to draw questions with replacement and count the kinds is to draw the counts from a
multinomial distribution. It is the same bootstrap, without an array of resamples x questions, and one seed gives
the same interval in whatever order the questions come.
Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.proportion import proportion_confint

RESAMPLES = 2000
TAIL = 0.025


def share_interval(successes: int, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of the share successes / n; raise ValueError unless 0 <= successes <= n and n > 0.

    It says something where all or none succeed, which the bootstrap does not: 0 of 10 may well be 28 %.
    Source: Wilson, Journal of the American Statistical Association 22, 1927.
    """
    if not 0 <= successes <= n or n == 0:
        raise ValueError(f"successes must be from 0 to n, and n above 0: got {successes} of {n}")
    low, high = proportion_confint(successes, n, alpha=2 * TAIL, method="wilson")
    return float(low), float(high)


def mean_interval(values: NDArray[np.float64], seed: int) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the mean of one value for each question, of shape (questions,)."""
    kinds, counts = np.unique(values.round(12), return_counts=True)
    return ratio_interval(np.stack([kinds, np.ones_like(kinds)], axis=1), counts, seed)


def clustered_interval(questions: Sequence[str], hits: Sequence[bool], seed: int) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the share of rows that hit, resampled by question."""
    return ratio_interval(*kinds_of(np.array(questions), np.array(hits), np.ones(len(hits))), seed)


def ratio_interval(kinds: NDArray[np.float64], counts: NDArray[np.int64], seed: int) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a ratio of two sums over questions.

    Args:
        kinds: numerator and denominator of each kind of question, of shape (kinds, 2).
        counts: how many questions are of each kind, of shape (kinds,).
        seed: of the resamples; those without a denominator are left out.
    """
    questions = int(counts.sum())
    drawn = np.random.default_rng(seed).multinomial(questions, counts / questions, size=RESAMPLES)
    sums = drawn @ kinds
    filled = sums[:, 1] > 0
    return percentile_interval(sums[filled, 0] / sums[filled, 1])


def kinds_of(
    questions: NDArray[Any] | None, hit: NDArray[Any], about: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Sum numerator and denominator by question; return the distinct pairs, of shape (kinds, 2), and their counts.

    Without `questions` each is of a question of its own, and nothing is summed, which spares a sort.
    """
    hits, abouts = hit.astype(float), about.astype(float)
    if questions is not None:
        _, places = np.unique(questions, return_inverse=True)
        hits, abouts = np.bincount(places, weights=hits), np.bincount(places, weights=abouts)
    hits, abouts = hits.round(12), abouts.round(12)
    # Rounded: sums of one pair in two orders are one. Complex numbers sort as pairs do, ten times faster than rows.
    kinds, counts = np.unique(hits + 1j * abouts, return_counts=True)
    return np.stack([kinds.real, kinds.imag], axis=1), counts


def percentile_interval(estimates: NDArray[np.float64]) -> tuple[float, float]:
    """Return the bounds of the middle 95 % of resampled estimates, of shape (resamples,)."""
    low, high = np.quantile(estimates, [TAIL, 1 - TAIL])
    return float(low), float(high)
