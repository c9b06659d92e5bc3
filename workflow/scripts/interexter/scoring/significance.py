"""Tests, corrections and effect sizes of paired answers, by scipy and statsmodels where they have them."""

import math
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.signal import convolve
from scipy.special import stdtrit
from scipy.stats import binom, binomtest, norm
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_effectsize

from .intervals import difference_interval, variances

PERMUTATIONS = 10_000
LEVEL = 0.05
POWER = 0.8
_Z_LEVEL, _Z_POWER = norm.ppf(1 - LEVEL / 2), norm.ppf(POWER)


class PairedDifference(NamedTuple):
    """The mean difference of two systems on the same questions, its 95 % score interval, and a two-sided p."""

    difference: float
    low: float
    high: float
    p: float


def paired_difference(
    a: Sequence[float], b: Sequence[float], clusters: Sequence[str] | None = None, seed: int = 0
) -> PairedDifference:
    """Compare the scores of two systems, a minus b, on the same questions in the same order.

    The interval is Tango's. Scores of 0 and 1 give the exact McNemar test, others the paired permutation test.

    Args:
        a: a score for each question from 0 to 1, or true and false.
        b: the other system's, as many.
        clusters: a name for each question; those of one name count and change their signs together.
        seed: of the permutations.

    Raises:
        ValueError: the lists are empty or not of one length, or a score is not between 0 and 1.
    """
    if not len(a) == len(b) == len(a if clusters is None else clusters) or not len(a):
        lengths = f"{len(a)}, {len(b)}" + ("" if clusters is None else f" and {len(clusters)}")
        raise ValueError(f"a, b and clusters must be as long as each other, and not empty: got {lengths}")
    sides = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if not all(((side >= 0) & (side <= 1)).all() for side in sides):
        raise ValueError("scores must be between 0 and 1: divide them by the highest that there can be")
    differences = sides[0] - sides[1]
    names = np.arange(len(a)) if clusters is None else np.unique(np.asarray(clusters), return_inverse=True)[1]
    return PairedDifference(*difference_interval(differences, names), paired_p(differences, names, seed))


def paired_p(differences: NDArray[np.float64], clusters: NDArray[np.int64], seed: int) -> float:
    """Return the two-sided p of no difference on paired questions, where a cluster has one sign.

    Under the null hypothesis the sum of each cluster is as likely to have the other sign. Sums of whole numbers, as of
    a metric that is true or false, give the exact p; where no cluster has two questions that differ, this is McNemar's
    test. Others give that of the permutation test.

    Args:
        differences: a - b, of shape (questions,).
        clusters: the number of each question's cluster, counted from 0.
        seed: of the permutations.
    """
    sums = np.bincount(clusters, weights=differences).astype(float).round(12)
    return signed_p(sums.astype(np.int64)) if (differences % 1 == 0).all() else permutation_p(sums, seed)


def paired_p_over_seeds(
    differences: NDArray[np.float64], clusters: NDArray[np.int64], seeds: NDArray[np.int64], seed: int
) -> float:
    """Return the two-sided p of no difference on paired questions that were asked with several seeds.

    The larger of two: that of `paired_p`, where a cluster has one sign over all seeds, and `mean_p` of the mean
    difference, whose variance is that by clusters of questions and that by seeds (intervals.variances). The latter
    counts both as drawn, but is an approximation where few questions differ.

    Args:
        differences: a - b, of shape (questions times seeds,).
        clusters: the number of each one's cluster of questions.
        seeds: the number of its seed, two or more.
        seed: of the permutations.
    """
    mean = float(np.sort(differences).sum()) / len(differences)
    return max(paired_p(differences, clusters, seed), mean_p(mean, variances(differences, clusters, seeds)))


def mean_p(mean: float, spread: Sequence[tuple[float, float]]) -> float:
    """Return the two-sided p that a mean is 0: the p for which `mean_reach` of it is the mean.

    `spread` holds the parts of its variance, each with the degrees of freedom of its estimate.
    """
    if mean == 0 or not any(variance for variance, _ in spread):
        return float(mean == 0)
    lowest = 1e-12
    if mean_reach(spread, lowest) <= abs(mean):
        return lowest
    return float(brentq(lambda p: mean_reach(spread, p) - abs(mean), lowest, 1.0))


def mean_reach(spread: Sequence[tuple[float, float]], level: float = LEVEL) -> float:
    """Return how far the interval of a mean reaches to each side, whose variance is a sum of parts v.

        sqrt(sum(v t^2)),   t the quantile of 1 - level / 2 with the degrees of freedom of v

    Source: Cochran, Biometrics 20, 1964. For one estimate it is Student's. Ours, since statsmodels' clusters of two
    kinds take one quantile for both, of few seeds and of many questions.
    """
    return math.sqrt(sum(variance * float(stdtrit(freedom, 1 - level / 2)) ** 2 for variance, freedom in spread))


def signed_p(sums: NDArray[np.int64]) -> float:
    """Return the two-sided p of whole numbers, of shape (clusters,), of which each is as likely to have the other sign.

    The share of all sign patterns whose sum is as far from 0 as that of these numbers, or farther: the distribution
    of the sum is that of one binomial variable for each size, convolved. Where all are 1 and -1 it is McNemar's.
    Source: as `permutation_p`, with every pattern instead of draws.
    """
    sizes, counts = np.unique(np.abs(sums[sums != 0]), return_counts=True)
    if len(sizes) == 0:
        return 1.0
    if len(sizes) == 1:
        positive = int((sums > 0).sum())
        return mcnemar_p(positive, int(counts[0]) - positive)
    chances = np.ones(1)  # of each sum, from the lowest to the highest
    for size, count in zip(sizes.tolist(), counts.tolist(), strict=True):
        part = np.zeros(2 * size * count + 1)
        part[:: 2 * size] = binom.pmf(np.arange(count + 1), count, 0.5)
        chances = convolve(chances, part)
    middle = len(chances) // 2
    reached = np.abs(np.arange(len(chances)) - middle) >= abs(int(sums.sum()))
    return float(min(1.0, max(0.0, chances[reached].sum())))


@cache
def mcnemar_p(only_a: int, only_b: int) -> float:
    """Return the two-sided p of the exact McNemar test, from the numbers of questions that one side alone gets.

    Source: McNemar, Psychometrika 12, 1947; exact form as in statsmodels' `mcnemar(exact=True)`. Kept: few counts come
    again and again.
    """
    return float(binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0


def permutation_p(differences: NDArray[np.float64], seed: int) -> float:
    """Return the two-sided p of the paired permutation test of differences, of shape (questions,).

    Under the null hypothesis each difference is as likely to have the other sign. The statistic is
    the sum; p is the share of sign patterns that reach it, the observed one counted in:
    (1 + hits) / (1 + PERMUTATIONS). Where all are of one size, as those of a metric that is true or
    false, the test is McNemar's, and p is exact. Ours, since scipy's `permutation_test` signs every
    question by itself: here differences of one size are signed by one binomial draw, so that
    neither time nor memory grows with the questions, nor p depends on their order.
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

    Source: Holm, Scandinavian Journal of Statistics 6, 1979.
    """
    return multipletests(ps, method="holm")[1].tolist() if ps else []


def benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    """Return Benjamini and Hochberg's adjusted p values of a family, in the order given: the false discovery rate.

    Source: Benjamini & Hochberg, Journal of the Royal Statistical Society B 57, 1995.
    """
    return multipletests(ps, method="fdr_bh")[1].tolist() if ps else []


def cohens_h(a: float, b: float) -> float:
    """Return Cohen's h of two shares: 2 arcsin sqrt(a) - 2 arcsin sqrt(b); 0.2 is small, 0.5 medium, 0.8 large.

    Source: Cohen, Statistical Power Analysis for the Behavioral Sciences, 1988, chapter 6.
    """
    return float(proportion_effectsize(a, b))


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
    None where even x = d, all discordant questions on one side, does not suffice. Neither library has
    the power of McNemar's test.
    Source: Connor, Biometrics 43, 1987.
    """
    if discordant == 0:
        return None
    d = discordant / questions

    def beyond(x: float) -> float:
        needed = _Z_LEVEL * math.sqrt(d) + _Z_POWER * math.sqrt(max(0.0, d - x * x))
        return float(math.sqrt(questions) * x - needed)

    return float(brentq(beyond, 0.0, d)) if beyond(d) >= 0 else None


def _sorted_sum(values: NDArray[np.float64]) -> float:
    """Return a sum that does not depend on the order of the values."""
    sizes, counts = np.unique(values, return_counts=True)
    return float(sizes @ counts)
