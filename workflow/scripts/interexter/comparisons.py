"""Paired comparisons: of conditions within a method, and of methods within a condition.

Only the questions that both sides have count.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from .identity import canonical_json, row_seed
from .metrics import METRICS, RESAMPLES, SERIES, SLICED, by_series, columns, percentile_interval
from .tables import COMPARISONS, Row

BASE = "base"  # the checkpoint that was not trained: the reference method's
_SHARED = ("dataset", "model", "prompt_set", "order", "seed")  # the same on both sides of every comparison


class Pair(NamedTuple):
    """Two series of answers to compare: what the comparison is called, and the LABELS rows of its sides."""

    about: Row
    a: list[Row]
    b: list[Row]


def compare(labels: Iterable[Row], seed: int, control: str, reference: str) -> list[Row]:
    """Return the COMPARISONS rows of LABELS rows, sorted.

    Conditions: each minus the condition `control`, within a checkpoint/method. Methods: each minus
    the method `reference` of the base checkpoint, within a condition. Both within one data set,
    model, prompt set, order and seed; a series whose counterpart was not asked is not compared.
    p is McNemar's, exact; p_adjusted is Holm's over all comparisons of one kind and metric.
    Difference, interval and p are null where the sides share no question.
    """
    series = by_series(labels)
    pairs = [*_condition_pairs(series, control), *_method_pairs(series, reference)]
    rows = [_compared(pair, metric, seed) for pair in pairs for metric in SLICED]
    for kind in ("condition", "method"):
        for metric in SLICED:
            family = [r for r in rows if r["compare"] == kind and r["metric"] == metric and r["p"] is not None]
            for row, adjusted in zip(family, holm([row["p"] for row in family]), strict=True):
                row["p_adjusted"] = adjusted
    names = COMPARISONS.names[: COMPARISONS.names.index("difference")]
    return sorted(rows, key=lambda row: [row[name] for name in names])


def mcnemar_p(only_a: int, only_b: int) -> float:
    """Return the two-sided p of the exact McNemar test, from the numbers of questions that one side alone gets.

    Twice the smaller tail of Binomial(only_a + only_b, 1/2), at most 1. In whole numbers up to the
    last division, so that it is the same everywhere; written out because scipy takes seconds to import.
    Source: McNemar, Psychometrika 12, 1947; exact form as in statsmodels' `mcnemar(exact=True)`.
    """
    trials = only_a + only_b
    ways, tail = 1, 0
    for k in range(min(only_a, only_b) + 1):
        tail += ways
        ways = ways * (trials - k) // (k + 1)
    return min(1.0, 2 * tail / (1 << trials))


def holm(ps: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p values of a family, in the order given.

    The k-th smallest of m (k from 0) is multiplied by m - k, at most 1, and never below the one before it.
    Source: Holm, Scandinavian Journal of Statistics 6, 1979.
    """
    adjusted = [0.0] * len(ps)
    highest = 0.0
    for k, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        highest = max(highest, min(1.0, (len(ps) - k) * ps[place]))
        adjusted[place] = highest
    return adjusted


def difference_interval(only_a: int, only_b: int, questions: int, seed: int) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of (only_a - only_b) / questions over paired questions.

    A resample of questions counts those that a alone gets, b alone, and the rest: a multinomial draw,
    as in metrics.share_interval.
    """
    kinds = np.array([only_a, only_b, questions - only_a - only_b])
    counts = np.random.default_rng(seed).multinomial(questions, kinds / questions, size=RESAMPLES)
    return percentile_interval((counts[:, 0] - counts[:, 1]) / questions)


_Series = dict[tuple[str | int, ...], list[Row]]


def _condition_pairs(series: _Series, control: str) -> Iterator[Pair]:
    for key, answers in series.items():
        a = dict(zip(SERIES, key, strict=True))
        counterpart = series.get(tuple((a | {"condition": control}).values()))
        if counterpart is not None and a["condition"] != control:
            named = {"compare": "condition", "within": _side(a), "a": a["condition"], "b": control}
            yield Pair({name: a[name] for name in _SHARED} | named, answers, counterpart)


def _method_pairs(series: _Series, reference: str) -> Iterator[Pair]:
    for key, answers in series.items():
        a = dict(zip(SERIES, key, strict=True))
        b = a | {"checkpoint": BASE, "method": reference}
        counterpart = series.get(tuple(b.values()))
        if counterpart is not None and a != b:
            named = {"compare": "method", "within": a["condition"], "a": _side(a), "b": _side(b)}
            yield Pair({name: a[name] for name in _SHARED} | named, answers, counterpart)


def _side(series: Row) -> str:
    return f"{series['checkpoint']}/{series['method']}"


def _compared(pair: Pair, metric: str, seed: int) -> Row:
    about = pair.about | {"metric": metric}
    a, b = _paired_hits(pair, metric)
    n = len(a)
    if n == 0:
        return about | dict.fromkeys(("difference", "low", "high", "p", "p_adjusted")) | {"n": 0}
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    low, high = difference_interval(only_a, only_b, n, row_seed(seed, "bootstrap", canonical_json(about)))
    return about | {
        "difference": (only_a - only_b) / n,
        "low": low,
        "high": high,
        "p": mcnemar_p(only_a, only_b),
        "p_adjusted": None,  # set with its family
        "n": n,
    }


def _paired_hits(pair: Pair, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """Return who hits, of shape (shared questions,), for both sides in the same order of questions."""
    sides = [{row["question_id"]: row for row in rows} for rows in (pair.a, pair.b)]
    shared = sorted(sides[0].keys() & sides[1].keys())
    a, b = (METRICS[metric](columns([side[question] for question in shared]))[0] for side in sides)
    return a, b
