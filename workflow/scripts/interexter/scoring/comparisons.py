"""Paired comparisons: of conditions within a method, and of methods within a condition.

Only the questions that both sides have count.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..core.identity import canonical_json, row_seed
from ..core.tables import Row, optional, table_schema
from .intervals import mean_interval, ratio_interval
from .metrics import accuracy_strict, counter_rate, f1
from .series import Answers, Key, paired
from .series_columns import CLOSED_BOOK, SERIES
from .significance import benjamini_hochberg, cohens_h, detectable, holm, mcnemar_p, odds_ratio, permutation_p

COMPARISONS = table_schema(
    dataset=pa.string(),
    model=pa.string(),
    prompt_set=pa.string(),  # prompt set, order and seed: shared by both sides
    order=pa.string(),
    seed=pa.int64(),
    compare=pa.string(),  # condition | method
    metric=pa.string(),
    within=pa.string(),  # what both sides share too: a checkpoint/method, or a condition
    a=pa.string(),  # a condition, or a checkpoint/method
    b=pa.string(),
    value_a=optional(pa.float64()),  # on the questions that both have, as everything that follows
    value_b=optional(pa.float64()),
    difference=optional(pa.float64()),  # a - b
    low=optional(pa.float64()),
    high=optional(pa.float64()),
    both=optional(pa.int64()),  # questions that both sides get; null, as the next three, for a metric of degrees
    only_a=optional(pa.int64()),
    only_b=optional(pa.int64()),
    neither=optional(pa.int64()),
    p=optional(pa.float64()),  # McNemar's, exact; for a metric of degrees the permutation test's
    p_permutation=optional(pa.float64()),
    p_adjusted=optional(pa.float64()),  # Holm's, over the family
    p_bh=optional(pa.float64()),  # Benjamini and Hochberg's, over the family
    cohens_h=optional(pa.float64()),
    odds_ratio=optional(pa.float64()),
    detectable=optional(pa.float64()),  # the least difference that so many questions show with a power of 80 %
    fired=optional(pa.bool_()),  # whether the condition did what it is for; null where that cannot be told
    n=pa.int64(),
)


BASE = "base"  # the checkpoint that was not trained: the reference method's
SIGNIFICANT = 0.05
COMPARED = {"accuracy_strict": accuracy_strict, "counter_rate": counter_rate, "f1": f1}  # all about every question
_SHARED = ("dataset", "model", "prompt_set", "order", "seed")  # the same on both sides of every comparison
_FIGURES = COMPARISONS.names[COMPARISONS.names.index("value_a") : COMPARISONS.names.index("fired")]


class Pair(NamedTuple):
    """Two series of answers to compare: what the comparison is called, and the answers of its sides."""

    about: Row
    a: Answers
    b: Answers


def compare(series: Mapping[Key, Answers], seed: int, control: str, reference: str) -> list[Row]:
    """Return the COMPARISONS rows of series of answers, as `by_series` gives them, sorted.

    Conditions: each minus the condition `control`, within a checkpoint/method; closed-book sees no
    passages, so its differences of 0 would only cost the others significance. Methods: each minus
    the method `reference` of the base checkpoint, within a condition. Both within one data set,
    model, prompt set, order and seed; a series whose counterpart was not asked is not compared.
    p is McNemar's, exact, and for F1 the permutation test's; `corrected` adds p_adjusted and p_bh.
    Figures are null where the sides share no question.

    fired is the control rule. A condition fires where the reference method gives the counter-answer
    more often than under the control, and the control where the reference method is right more often
    than closed-book: where the interval of that difference lies above 0 and McNemar's p is below
    0.05, since the interval of a few questions that all agree has no width. Where a condition did not
    fire, neither the difference from the control nor one between methods says much of conflict.
    """
    pairs = [*_condition_pairs(series, control), *_method_pairs(series, reference)]
    rows = [row for pair in pairs for row in _compared(pair, seed)]
    fired = _fired(rows, control, reference)
    for row in rows:
        row["fired"] = fired.get(_condition_of(row))
    return ordered(rows)


def corrected(rows: Iterable[Row]) -> list[Row]:
    """Return the COMPARISONS rows of a whole study, sorted, with p values corrected over it.

    p_adjusted and p_bh are Holm's and Benjamini and Hochberg's, over all comparisons of one kind and metric.
    """
    rows = [dict(row) for row in rows]
    for kind in ("condition", "method"):
        for metric in COMPARED:
            family = [r for r in rows if r["compare"] == kind and r["metric"] == metric and r["p"] is not None]
            ps = [row["p"] for row in family]
            for row, family_wise, false_discovery in zip(family, holm(ps), benjamini_hochberg(ps), strict=True):
                row |= {"p_adjusted": family_wise, "p_bh": false_discovery}
    return ordered(rows)


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Return comparisons in the order of what they compare."""
    names = COMPARISONS.names[: COMPARISONS.names.index("value_a")]
    return sorted(rows, key=lambda row: [row[name] for name in names])


def difference_interval(only_a: int, only_b: int, questions: int, seed: int) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of (only_a - only_b) / questions over paired questions.

    A resample of questions counts those that a alone gets, b alone, and the rest.
    """
    kinds = np.array([[1.0, 1.0], [-1.0, 1.0], [0.0, 1.0]])
    return ratio_interval(kinds, np.array([only_a, only_b, questions - only_a - only_b]), seed)


def _condition_pairs(series: Mapping[Key, Answers], control: str) -> Iterator[Pair]:
    for key, answers in series.items():
        a = dict(zip(SERIES, key, strict=True))
        counterpart = series.get(tuple((a | {"condition": control}).values()))
        if counterpart is not None and a["condition"] != control and a["method"] != CLOSED_BOOK:
            named = {"compare": "condition", "within": _side(a), "a": a["condition"], "b": control}
            yield Pair({name: a[name] for name in _SHARED} | named, answers, counterpart)


def _method_pairs(series: Mapping[Key, Answers], reference: str) -> Iterator[Pair]:
    for key, answers in series.items():
        a = dict(zip(SERIES, key, strict=True))
        b = a | {"checkpoint": BASE, "method": reference}
        counterpart = series.get(tuple(b.values()))
        if counterpart is not None and a != b:
            named = {"compare": "method", "within": a["condition"], "a": _side(a), "b": _side(b)}
            yield Pair({name: a[name] for name in _SHARED} | named, answers, counterpart)


def _side(series: Row) -> str:
    return f"{series['checkpoint']}/{series['method']}"


def _compared(pair: Pair, seed: int) -> Iterator[Row]:
    a, b = (side.columns for side in paired(pair.a, pair.b))
    for metric, compute in COMPARED.items():
        about = pair.about | {"metric": metric}
        hits = compute(a)[0], compute(b)[0]
        n = len(hits[0])
        sides = sorted([about["a"], about["b"]])  # p is the same whichever side is named first
        drawn = row_seed(seed, "bootstrap", canonical_json(about))
        permuted = row_seed(seed, "permutation", canonical_json(about | dict(zip("ab", sides, strict=True))))
        figures = {} if n == 0 else _shares(*hits, drawn) if hits[0].dtype == bool else _degrees(*hits, drawn, permuted)
        yield about | dict.fromkeys(_FIGURES) | figures | {"n": n}


def _shares(a: NDArray[np.bool_], b: NDArray[np.bool_], seed: int) -> Row:
    """Compare a metric that is true or false, both of shape (questions,) in the same order."""
    n = len(a)
    only_a, only_b, both = int((a & ~b).sum()), int((b & ~a).sum()), int((a & b).sum())
    low, high = difference_interval(only_a, only_b, n, seed)
    p = mcnemar_p(only_a, only_b)
    return {
        "value_a": (both + only_a) / n,
        "value_b": (both + only_b) / n,
        "difference": (only_a - only_b) / n,
        "low": low,
        "high": high,
        "both": both,
        "only_a": only_a,
        "only_b": only_b,
        "neither": n - both - only_a - only_b,
        "p": p,
        "p_permutation": p,  # of differences of one size the tests are one
        "cohens_h": cohens_h((both + only_a) / n, (both + only_b) / n),
        "odds_ratio": odds_ratio(only_a, only_b),
        "detectable": detectable(only_a + only_b, n),
    }


def _degrees(a: NDArray[np.float64], b: NDArray[np.float64], drawn: int, permuted: int) -> Row:
    """Compare a metric of degrees, both of shape (questions,) in the same order."""
    kinds, counts = np.unique((a - b).round(12), return_counts=True)
    low, high = mean_interval(a - b, drawn)
    p = permutation_p(np.repeat(kinds, counts), permuted)
    values = {"value_a": _mean(a), "value_b": _mean(b), "difference": float(counts @ kinds) / len(a)}
    return values | {"low": low, "high": high, "p": p, "p_permutation": p}


def _mean(values: NDArray[np.float64]) -> float:
    """Return a mean that does not depend on the order of the values."""
    kinds, counts = np.unique(values, return_counts=True)
    return float(counts @ kinds) / len(values)


_Where = tuple[str | int, ...]  # the values of _SHARED, and a condition


def _fired(rows: Iterable[Row], control: str, reference: str) -> dict[_Where, bool]:
    """Tell of each condition whether it did what it is for, where a comparison says so."""
    conflict = ("condition", "counter_rate", f"{BASE}/{reference}", control)
    passages = ("method", "accuracy_strict", control, f"{BASE}/{CLOSED_BOOK}")
    fired = {}
    for row in rows:
        if row["low"] is None:
            continue
        if (row["compare"], row["metric"], row["within"], row["b"]) == conflict:
            fired[_condition_of(row)] = row["low"] > 0 and row["p"] < SIGNIFICANT
        if (row["compare"], row["metric"], row["within"], row["a"]) == passages:
            fired[_condition_of(row)] = row["high"] < 0 and row["p"] < SIGNIFICANT  # closed-book minus the reference
    return fired


def _condition_of(row: Row) -> _Where:
    """Return the condition that a comparison is about: the one compared, or the one that methods are compared in."""
    return (*(row[name] for name in _SHARED), row["a"] if row["compare"] == "condition" else row["within"])
