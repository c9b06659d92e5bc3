"""Tests, corrections and effect sizes of paired answers. Only the standard library and numpy: scipy takes seconds."""

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

PERMUTATIONS = 10_000
LEVEL = 0.05
POWER = 0.8
_WHOLE_NUMBERS = 2_000  # discordant pairs up to which McNemar's p is computed in whole numbers


def mcnemar_p(only_a: int, only_b: int) -> float:
    """Return the two-sided p of the exact McNemar test, from the numbers of questions that one side alone gets.

    Twice the smaller tail of Binomial(only_a + only_b, 1/2), at most 1. In whole numbers up to the
    last division, so that it is the same everywhere, but for numbers so large that this takes
    seconds; written out because scipy takes seconds to import.
    Source: McNemar, Psychometrika 12, 1947; exact form as in statsmodels' `mcnemar(exact=True)`.
    """
    trials, fewer = only_a + only_b, min(only_a, only_b)
    if trials > _WHOLE_NUMBERS:
        return min(1.0, 2 * _tail(trials, fewer))
    ways, tail = 1, 0
    for k in range(fewer + 1):
        tail += ways
        ways = ways * (trials - k) // (k + 1)
    return min(1.0, 2 * tail / (1 << trials))


def permutation_p(differences: NDArray[np.float64], seed: int) -> float:
    """Return the two-sided p of the paired permutation test of differences, of shape (questions,).

    Under the null hypothesis each difference is as likely to have the other sign. The statistic is
    the sum; p is the share of sign patterns that reach it, the observed one counted in:
    (1 + hits) / (1 + PERMUTATIONS). Differences of one size are signed by one binomial draw, so the
    time does not grow with the questions. Where all are of one size, as those of a metric that is
    true or false, the test is McNemar's, and p is exact.
    Source: Good, Permutation, Parametric and Bootstrap Tests of Hypotheses, 2005, chapter 3; the
    count of the observed pattern: Phipson & Smyth, Statistical Applications in Genetics 9, 2010.
    """
    sizes, counts = np.unique(np.abs(differences[differences != 0]), return_counts=True)
    if len(sizes) == 0:
        return 1.0
    if len(sizes) == 1:
        positive = int((differences > 0).sum())
        return mcnemar_p(positive, int(counts[0]) - positive)
    rng = np.random.default_rng(seed)
    sums = np.zeros(PERMUTATIONS)
    for size, count in zip(sizes, counts, strict=True):
        sums += size * (2.0 * rng.binomial(count, 0.5, PERMUTATIONS) - count)
    observed = abs(_sorted_sum(differences))
    hits = int((np.abs(sums) >= observed - 1e-9 * max(1.0, observed)).sum())
    return (1 + hits) / (1 + PERMUTATIONS)


def holm(ps: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p values of a family, in the order given: the family-wise error.

    The k-th smallest of m (k from 0) is multiplied by m - k, at most 1, and never below the one before it.
    Source: Holm, Scandinavian Journal of Statistics 6, 1979.
    """
    adjusted = [0.0] * len(ps)
    highest = 0.0
    for k, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        highest = max(highest, min(1.0, (len(ps) - k) * ps[place]))
        adjusted[place] = highest
    return adjusted


def benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    """Return Benjamini and Hochberg's adjusted p values of a family, in the order given: the false discovery rate.

    The k-th smallest of m (k from 1) is multiplied by m / k, at most 1, and never above the one after it.
    Source: Benjamini & Hochberg, Journal of the Royal Statistical Society B 57, 1995.
    """
    adjusted = [0.0] * len(ps)
    lowest = 1.0
    for k, place in sorted(enumerate(sorted(range(len(ps)), key=ps.__getitem__), 1), reverse=True):
        lowest = min(lowest, len(ps) * ps[place] / k)
        adjusted[place] = lowest
    return adjusted


def cohens_h(a: float, b: float) -> float:
    """Return Cohen's h of two shares: 2 arcsin sqrt(a) - 2 arcsin sqrt(b); 0.2 is small, 0.5 medium, 0.8 large.

    Source: Cohen, Statistical Power Analysis for the Behavioral Sciences, 1988, chapter 6.
    """
    return 2 * math.asin(math.sqrt(a)) - 2 * math.asin(math.sqrt(b))


def odds_ratio(only_a: int, only_b: int) -> float:
    """Return the odds ratio of matched pairs: the questions that a alone gets to those that b alone gets.

    One half is added to both, so that it is finite (Haldane 1956, Anscombe 1956).
    Source: Agresti, Categorical Data Analysis, 2013, section 11.2.
    """
    return (only_a + 0.5) / (only_b + 0.5)


def detectable(discordant: int, questions: int) -> float | None:
    """Return the minimum detectable effect: the least difference of shares that a paired test of n questions shows.

    At a level of 5 %, two-sided, with a power of 80 %, and with the share of discordant questions d
    that was observed: the least x for which sqrt(n) x >= z(0.975) sqrt(d) + z(0.8) sqrt(d - x^2).
    None where even x = d, all discordant questions on one side, does not suffice.
    Source: Connor, Biometrics 43, 1987.
    """
    if discordant == 0:
        return None
    d = discordant / questions
    normal = NormalDist()
    z_level, z_power = normal.inv_cdf(1 - LEVEL / 2), normal.inv_cdf(POWER)

    def shows(x: float) -> bool:
        return math.sqrt(questions) * x >= z_level * math.sqrt(d) + z_power * math.sqrt(max(0.0, d - x * x))

    if not shows(d):
        return None
    low, high = 0.0, d
    for _ in range(60):  # halved until it has no digits left
        middle = (low + high) / 2
        low, high = (low, middle) if shows(middle) else (middle, high)
    return high


def _tail(trials: int, upto: int) -> float:
    """Return P(Binomial(trials, 1/2) <= upto), from its largest term downwards."""
    largest = math.lgamma(trials + 1) - math.lgamma(upto + 1) - math.lgamma(trials - upto + 1) - trials * math.log(2)
    term, total = 1.0, 0.0
    for k in range(upto, -1, -1):
        total += term
        term *= k / (trials - k + 1)
        if term < total * 1e-17:
            break
    return math.exp(largest) * total


def _sorted_sum(values: NDArray[np.float64]) -> float:
    """Return a sum that does not depend on the order of the values."""
    sizes, counts = np.unique(values, return_counts=True)
    return float(sizes @ counts)
