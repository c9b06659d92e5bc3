"""95 % intervals of shares, means and paired differences: score intervals that count clusters of questions.

Questions about one entity are answered alike, so that they tell less than as many questions about different
ones. They are one *cluster*. An interval is that of as many independent answers as tell as much:
`effective_number`. It goes into Wilson's formula for a share or a mean of degrees between 0 and 1, into
Tango's for a difference on the same questions. Neither has a width of zero, and neither draws anything:
one quantity has one interval, wherever it stands. docs/metrics.md has the coverage that was simulated.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import stdtrit
from statsmodels.stats.proportion import proportion_confint

TAIL = 0.025
FEW = 10  # below so many questions the report shows no interval
_Z = 1.959963984540054  # the normal quantile of 1 - TAIL


class Mass(NamedTuple):
    """Answers by cluster: what they sum to, and how much of each is counted."""

    hit: NDArray[np.float64]  # sum of the numerators of each cluster, of shape (clusters,)
    about: NDArray[np.float64]  # sum of the denominators, as many, all above 0
    answers: float  # how many answers of equal weight tell as much as these, were they independent (Kish)
    by_seed: tuple["Mass", "Mass"] | None = None  # by seed, and by seed and cluster; None where there is one seed


def share_interval(successes: float, n: float) -> tuple[float, float]:
    """Return Wilson's 95 % interval of the share successes / n; raise ValueError unless 0 <= successes <= n and n > 0.

    It says something where all or none succeed, which the bootstrap does not: 0 of 10 may well be 28 %.
    Source: Wilson, Journal of the American Statistical Association 22, 1927.
    """
    if not 0 <= successes <= n or n == 0:
        raise ValueError(f"successes must be from 0 to n, and n above 0: got {successes} of {n}")
    [(low, high)] = _wilson(np.array([successes]), np.array([n]))
    share = successes / n
    return min(low, share), max(high, share)  # rounding: of 0 or n the formula's end is the share itself


def ratio_interval(
    hit: NDArray[Any], about: NDArray[Any], clusters: NDArray[np.int64], seeds: NDArray[np.int64] | None = None
) -> tuple[float, float, float]:
    """Return a share or a mean of degrees, sum(hit) / sum(about), and its 95 % interval: (value, low, high).

    Wilson's interval of as many independent answers as `effective_number` says; without clusters of more
    than one answer, that of a share is Wilson's itself. Arguments and errors are those of `ratio`.
    """
    [interval] = ratio_intervals([ratio(hit, about, clusters, seeds)])
    return interval


class Estimate(NamedTuple):
    """A share or a mean of degrees, and how many independent answers tell as much of it."""

    value: float
    number: float


def ratio(
    hit: NDArray[Any], about: NDArray[Any], clusters: NDArray[np.int64], seeds: NDArray[np.int64] | None = None
) -> Estimate:
    """Estimate sum(hit) / sum(about).

    Args:
        hit: the numerator of each answer, from 0 to its denominator, of shape (answers,).
        about: the denominator: flags, or weights.
        clusters: the number of each answer's cluster, counted from 0.
        seeds: the number of each answer's seed, where there may be several.

    Raises:
        ValueError: no denominator is above 0.
    """
    mass = _mass(hit, about, clusters, seeds)
    total = float(mass.about.sum())
    value = min(1.0, float(mass.hit.sum()) / total)  # rounding: of weights a share may be just above 1
    return Estimate(value, effective_number(mass, value, value * (1 - value)))


def ratio_intervals(estimates: Sequence[Estimate]) -> list[tuple[float, float, float]]:
    """Return (value, low, high) of each estimate, as `ratio_interval` does of one.

    All at once: a call of scipy's takes far longer than the arithmetic of one interval.
    """
    if not estimates:
        return []
    values, numbers = np.array(estimates).T
    ends = _wilson(values * numbers, numbers)
    return [
        (one.value, min(low, one.value), max(high, one.value)) for one, (low, high) in zip(estimates, ends, strict=True)
    ]


def _wilson(successes: NDArray[Any], n: NDArray[Any]) -> list[tuple[float, float]]:
    low, high = proportion_confint(successes, n, alpha=2 * TAIL, method="wilson")
    return list(zip(low.tolist(), high.tolist(), strict=True))


def mean_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % interval of the mean of independent values between 0 and 1, of shape (values,)."""
    return ratio_interval(values, np.ones(len(values)), np.arange(len(values)))[1:]


def clustered_interval(names: Sequence[str] | NDArray[Any], hits: Sequence[bool]) -> tuple[float, float]:
    """Return the 95 % interval of the share of rows that hit; rows of one name are one cluster."""
    clusters = np.unique(np.array(names), return_inverse=True)[1]
    return ratio_interval(np.array(hits), np.ones(len(hits)), clusters)[1:]


def difference_interval(
    differences: NDArray[Any], clusters: NDArray[np.int64], seeds: NDArray[np.int64] | None = None
) -> tuple[float, float, float]:
    """Return the mean difference of two sides on the same questions, and its 95 % interval: (value, low, high).

    Tango's interval of as many independent questions as `effective_number` says. Differences of degrees
    count as parts of a question: those above 0 as won by a, those below by b.

    Args:
        differences: a - b, each from -1 to 1, of shape (questions,).
        clusters: the number of each question's cluster.
        seeds: the number of each question's seed, where it is asked with several.

    Raises:
        ValueError: there are no differences.
    """
    mass = _mass(differences, np.ones(len(differences)), clusters, seeds)
    n = len(differences)
    # Sums of sorted values do not depend on the order of the rows.
    won, lost = (float(np.sort(np.clip(side * differences, 0, None)).sum()) / n for side in (1, -1))
    value = won - lost
    number = effective_number(mass, value, won + lost - value**2)
    low, high = tango_interval(won * number, lost * number, number)
    return value, min(low, value), max(high, value)


def tango_interval(only_a: float, only_b: float, n: float) -> tuple[float, float]:
    """Return Tango's 95 % score interval of (only_a - only_b) / n, the difference of two shares of the same questions.

    The set of all d for which the score statistic stays within the normal quantile z:

        (b - c - n d)^2 <= z^2 n (2 q + d (1 - d)),   b = only_a, c = only_b,

    where q is the probability of c that is most likely if the difference is d, the larger root of

        2 n q^2 + ((2 n - b + c) d - b - c) q - c d (1 - d) = 0.

    Neither statsmodels nor scipy has it. Raises ValueError unless both counts and n are such.
    Source: Tango, Statistics in Medicine 17, 1998, equations 24 to 26.
    """
    if min(only_a, only_b) < 0 or n <= 0 or only_a + only_b > n * (1 + 1e-9):
        raise ValueError(f"only_a and only_b must be from 0, and n at least their sum: got {only_a}, {only_b} of {n}")
    value = max(-1.0, min(1.0, (only_a - only_b) / n))

    def beyond(d: float) -> float:
        b = (2 * n - only_a + only_b) * d - only_a - only_b
        q = (math.sqrt(max(0.0, b * b + 8 * n * only_b * d * (1 - d))) - b) / (4 * n)
        return float((only_a - only_b - n * d) ** 2 - _Z**2 * n * (2 * q + d * (1 - d)))

    def end(side: int) -> float:
        near, edge = value + side * 1e-9, float(side)  # the difference itself may be a root, of 0 of n or n of n
        if abs(near) >= 1 or beyond(edge) <= 0:
            return edge
        return float(brentq(beyond, *sorted([near, edge]))) if beyond(near) < 0 else value

    return end(-1), end(1)


def effective_number(mass: Mass, value: float, variance: float) -> float:
    """Return how many independent answers tell as much of a mean as these answers in clusters: n / design effect.

    The design effect is the variance of the mean by clusters over that by answers, and at least 1:

        sum((hit_g - value about_g)^2 / (1 - about_g / W)) / W^2   over   variance / (n - 1),

    W the sum of about. It is enlarged by the square of the ratio of t quantiles of k - 1 and n - 1 degrees of
    freedom, where k = W^2 / sum(about_g^2) is how many clusters of equal size tell as much. Where the answers
    do not vary the design effect is not known, and k is returned: each cluster counts as one answer.
    Sources: Kish, Survey Sampling, 1965 (k, design effect); Korn & Graubard, Survey Methodology 24, 1998
    (effective number and t quantiles in the interval of a share); Bell & McCaffrey, Survey Methodology 28,
    2002 (the divisor 1 - about_g / W, against the bias of few clusters).

    With several seeds the variance by seeds is added, enlarged by t quantiles of one less than the seeds, where it is
    above that by seed and cluster, which is what seeds that make no difference would have. Source: Cameron, Gelbach &
    Miller, Journal of Business & Economic Statistics 29, 2011 (clusters of two kinds that cross); they subtract the
    latter, with which three seeds covered 91 %.

    Args:
        mass: the answers by cluster.
        value: their mean, sum(hit) / sum(about).
        variance: of one answer, as large as the mean allows: value (1 - value) for a share.
    """
    total = mass.about.sum()
    k, n = float(total**2 / (mass.about**2).sum()), mass.answers
    if variance <= 1e-12 or len(mass.about) == 1:
        return k
    of_clusters = _variance(mass, value)
    effect = max(1.0, of_clusters * (n - 1) / variance) if n > 1 else 1.0
    quantiles = float(stdtrit(k - 1, 1 - TAIL) / stdtrit(n - 1, 1 - TAIL)) if k < n - 1e-9 else 1.0
    design = effect * quantiles**2
    if mass.by_seed:
        of_seeds, freedom = _of_seeds(mass, value)
        apart = float(stdtrit(freedom, 1 - TAIL) / stdtrit(n - 1, 1 - TAIL))
        design += of_seeds * (n - 1) / variance * apart**2
    return max(1.0, n / design)


def variances(
    differences: NDArray[Any], clusters: NDArray[np.int64], seeds: NDArray[np.int64]
) -> list[tuple[float, float]]:
    """Return the variances of the mean difference by clusters and by seeds, each with its degrees of freedom.

    As `effective_number` takes them; arguments as in `difference_interval`. There is none by seeds where there is one.
    """
    mass = _mass(differences, np.ones(len(differences)), clusters, seeds)
    value = float(mass.hit.sum() / mass.about.sum())
    freedom = float(mass.about.sum() ** 2 / (mass.about**2).sum()) - 1
    of_clusters = [(_variance(mass, value), freedom)] if len(mass.about) > 1 else []
    return of_clusters + ([_of_seeds(mass, value)] if mass.by_seed else [])


def _of_seeds(mass: Mass, value: float) -> tuple[float, float]:
    """Return the variance of the mean by seeds, 0 where it is not above that by seed and cluster, and its freedom."""
    assert mass.by_seed
    of_seeds, of_both = (_variance(part, value) for part in mass.by_seed)
    return of_seeds if of_seeds > of_both else 0.0, len(mass.by_seed[0].about) - 1


def _variance(mass: Mass, value: float) -> float:
    """Return the variance of the mean `value` by the groups of `mass`."""
    total = mass.about.sum()
    return float(((mass.hit - value * mass.about) ** 2 / (1 - mass.about / total)).sum() / total**2)


def percentile_interval(estimates: NDArray[np.float64]) -> tuple[float, float]:
    """Return the bounds of the middle 95 % of resampled estimates, of shape (resamples,)."""
    low, high = np.quantile(estimates, [TAIL, 1 - TAIL])
    return float(low), float(high)


def _mass(hit: NDArray[Any], about: NDArray[Any], clusters: NDArray[np.int64], seeds: NDArray[np.int64] | None) -> Mass:
    """Sum answers by cluster, and where there are several seeds by these too."""
    mass = _by_cluster(hit, about, clusters)
    if seeds is None or (of_counted := seeds[about > 0]).min() == of_counted.max():
        return mass
    both = np.unique(np.stack([clusters, seeds]), axis=1, return_inverse=True)[1].ravel()
    return mass._replace(by_seed=(_by_cluster(hit, about, seeds), _by_cluster(hit, about, both)))


def _by_cluster(hit: NDArray[Any], about: NDArray[Any], clusters: NDArray[np.int64]) -> Mass:
    """Sum numerators and denominators by cluster, in an order that does not depend on that of the rows."""
    counted = about > 0
    if not counted.any():
        raise ValueError("no answer counts: there is no interval of nothing")
    weights = about[counted].astype(float)
    numbers = clusters[counted]
    sums = [np.bincount(numbers, weights=part).round(12) for part in (hit[counted].astype(float), weights)]
    sums = [part[sums[1] > 0] for part in sums]  # of clusters that have answers here
    order = np.lexsort(sums)
    weights = np.sort(weights)
    return Mass(sums[0][order], sums[1][order], float(weights.sum() ** 2 / (weights**2).sum()))
