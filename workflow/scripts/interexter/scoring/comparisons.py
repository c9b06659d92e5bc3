"""Paired comparisons: of conditions within a method, of methods within a condition, and of any two series by name.

Only the questions that both sides have count, and of a conditional share only those that it is about on both.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..core.identity import canonical_json, row_seed
from ..core.tables import Row, optional, table_schema
from .intervals import difference_interval
from .metrics import Ratio, accuracy_strict, benefit, counter_rate, f1, harm, resistance
from .series import Answers, Columns, Key, paired
from .series_columns import CLOSED_BOOK, SERIES, SHARED_SEED, placed
from .significance import (
    LEVEL,
    benjamini_hochberg,
    cohens_h,
    detectable,
    holm,
    mcnemar_p,
    odds_ratio,
    paired_p,
    paired_p_over_seeds,
)

COMPARISONS = table_schema(
    dataset=pa.string(),
    model=pa.string(),  # of a, as prompt set and order; shared by both sides but where `a` and `b` say otherwise
    prompt_set=pa.string(),
    order=pa.string(),
    **SHARED_SEED,
    compare=pa.string(),  # what differs: condition | method | model | series (several of them) | mixture (mixture.py)
    metric=pa.string(),
    condition=pa.string(),  # of a
    within=pa.string(),  # what both sides share too: a checkpoint/method, a condition
    a=pa.string(),  # a condition, a checkpoint/method, a model
    b=pa.string(),
    primary=pa.bool_(),  # named as primary in the config
    value_a=optional(pa.float64()),  # on the questions that both have, as everything that follows
    value_b=optional(pa.float64()),
    difference=optional(pa.float64()),  # a - b
    low=optional(pa.float64()),
    high=optional(pa.float64()),
    both=optional(pa.int64()),  # questions, by seed, that both sides get; null, as the next three, for degrees
    only_a=optional(pa.int64()),
    only_b=optional(pa.int64()),
    neither=optional(pa.int64()),
    p=optional(pa.float64()),  # by clusters: exact for true and false, else the permutation test's; by seeds too
    p_mcnemar=optional(pa.float64()),  # McNemar's, exact, as if questions of a cluster were independent; of one seed
    p_adjusted=optional(pa.float64()),  # Holm's over the primary comparisons; Benjamini and Hochberg's over all others
    cohens_h=optional(pa.float64()),
    odds_ratio=optional(pa.float64()),
    detectable=optional(pa.float64()),  # the least difference that so many questions show, power 80 %; of one seed
    fired=optional(pa.bool_()),  # whether the condition did what it is for; null where that cannot be told
    n=pa.int64(),
)


BASE = "base"  # the checkpoint that was not trained: the reference method's
PRIMARY, EXPLORATORY = "primary", "exploratory"  # the lists of named comparisons in the config
Named = Mapping[str, Sequence[Row]]  # by list: metric, condition, and a and b with what differs


def clean_tax(answers: Columns) -> Ratio:
    """Share of answers that are not gold: under the control, a minus b is what a costs where nothing is injected."""
    return ~answers["gold"].astype(bool), answers["any"]


class Compared(NamedTuple):
    """A metric that is compared: how it is computed, and where."""

    compute: Callable[[Columns], Ratio]
    of_all: bool = True  # about every question; else about some, and there may be none on both sides


COMPARED = {
    "accuracy_strict": Compared(accuracy_strict),
    "counter_rate": Compared(counter_rate),
    "f1": Compared(f1),
    "resistance": Compared(resistance, of_all=False),
    "benefit": Compared(benefit, of_all=False),
    "harm": Compared(harm, of_all=False),
    "clean_tax": Compared(clean_tax),
}
_FIGURES = COMPARISONS.names[COMPARISONS.names.index("value_a") : COMPARISONS.names.index("fired")]


_OF_ONE_SEED = ("p_mcnemar", "detectable")  # as if answers were independent


class Pair(NamedTuple):
    """Two series of answers to compare, and by which metrics."""

    a: Key
    b: Key
    metrics: Sequence[str]
    role: str = ""  # PRIMARY or EXPLORATORY where the config names it


def compare(
    series: Mapping[Key, Answers],
    seed: int,
    control: str,
    reference: str,
    named: Named | None = None,
    controls: Mapping[str, str] | None = None,
) -> list[Row]:
    """Return the COMPARISONS rows of series of answers, as `by_series` gives them, sorted.

    Conditions: each minus its own control (`controls` by condition; `control` for those that it lacks), within a
    checkpoint/method. Methods: each minus the
    method `reference` of the base checkpoint, within a condition; under the control their strict accuracy is
    compared as the clean tax, so that no test is made twice. Both within one data set, model, prompt set,
    order and seed; a series whose counterpart was not asked is not compared. Closed-book sees no
    passages and says the same under every condition, so the base model's is compared once: its strict
    accuracy under the control. `named` are comparisons of the config, of any two series of one
    data set, order and seed.

    Figures are null where the sides share no question; of a conditional share there is no row then, unless
    it is named.

    fired is the control rule. A condition fires where the reference method gives the counter-answer
    more often than under the control, and the control where the reference method is right more often
    than closed-book: where the interval of that difference lies above 0 and p is below 0.05. Where a
    condition did not fire, neither the difference from the control nor one between methods says much
    of conflict.
    """
    own = dict(controls or {})
    pairs = [*_condition_pairs(series, control, own), *_method_pairs(series, control, reference)]
    asked = [
        pair
        for role in (PRIMARY, EXPLORATORY)
        for one in (named or {}).get(role, ())
        for pair in _named_pairs(series, one, role)
    ]
    rows: dict[tuple[Key, Key, str], Row] = {}  # what is named is not listed once more
    for pair in [*asked, *pairs]:
        new = [metric for metric in pair.metrics if (pair.a, pair.b, metric) not in rows]
        for row in compared(series, pair._replace(metrics=new), seed):
            if row["n"] or pair.role or COMPARED[row["metric"]].of_all:
                rows[pair.a, pair.b, row["metric"]] = row
    found = list(rows.values())
    fired = _fired(found, control, own, reference)
    for row in found:
        row["fired"] = fired.get(_where(row))
    return ordered(found)


def corrected(rows: Iterable[Row]) -> list[Row]:
    """Return the COMPARISONS rows of a whole study, sorted, with p values corrected over it.

    p_adjusted is Holm's over the primary comparisons, and Benjamini and Hochberg's over all others together.
    """
    rows = [dict(row) for row in rows]
    for primary, correction in ((True, holm), (False, benjamini_hochberg)):
        family = [row for row in rows if row["primary"] == primary and row["p"] is not None]
        for row, adjusted in zip(family, correction([row["p"] for row in family]), strict=True):
            row["p_adjusted"] = adjusted
    return ordered(rows)


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Return comparisons in the order of what they compare."""
    names = COMPARISONS.names[: COMPARISONS.names.index("primary")]
    return sorted(rows, key=lambda row: placed(row, names))


def _condition_pairs(series: Mapping[Key, Answers], control: str, own: Mapping[str, str]) -> Iterator[Pair]:
    metrics = [name for name in COMPARED if name != "clean_tax"]
    for key in series:
        a = dict(zip(SERIES, key, strict=True))
        counterpart = tuple((a | {"condition": own.get(str(a["condition"]), control)}).values())
        if counterpart in series and counterpart != key and a["method"] != CLOSED_BOOK:
            yield Pair(key, counterpart, metrics)


def _method_pairs(series: Mapping[Key, Answers], control: str, reference: str) -> Iterator[Pair]:
    for key in series:
        a = dict(zip(SERIES, key, strict=True))
        counterpart = tuple((a | {"checkpoint": BASE, "method": reference}).values())
        if counterpart not in series or counterpart == key:
            continue
        at_control = a["condition"] == control
        if a["method"] != CLOSED_BOOK:
            other = "accuracy_strict" if at_control else "clean_tax"
            yield Pair(key, counterpart, [name for name in COMPARED if name != other])
        elif at_control and a["checkpoint"] == BASE:
            yield Pair(key, counterpart, ["accuracy_strict"])


def _named_pairs(series: Mapping[Key, Answers], named: Row, role: str) -> Iterator[Pair]:
    """Yield the pairs of series that a comparison of the config names, one for each model unless it names models."""
    shared = ["dataset", "order", "seed"] if "model" in named["a"] else ["dataset", "model", "order", "seed"]
    sides: dict[str, list[Row]] = {}
    for side in ("a", "b"):
        wanted = {"checkpoint": BASE, "condition": named["condition"], **named[side]}.items()
        sides[side] = [one for key in series if wanted <= (one := dict(zip(SERIES, key, strict=True))).items()]
    for a in sides["a"]:
        for b in sides["b"]:
            if all(a[name] == b[name] for name in shared):
                yield Pair(tuple(a.values()), tuple(b.values()), [named["metric"]], role)


def _about(a: Key, b: Key) -> Row:
    """Say what a comparison is about: what its sides share, and what each of them is."""
    first, second = (dict(zip(SERIES, key, strict=True)) for key in (a, b))
    shown: dict[str, Callable[[Row], str]] = {
        "model": lambda one: one["model"],
        "method": lambda one: f"{one['checkpoint']}/{one['method']}",
        "condition": lambda one: one["condition"],
        "prompt_set": lambda one: one["prompt_set"],
    }
    differ = [name for name, show in shown.items() if show(first) != show(second)]
    same = [shown[name](first) for name in ("method", "condition") if name not in differ]
    about: Row = {name: first[name] for name in ("dataset", "model", "prompt_set", "order", "seed", "condition")}
    about |= {"compare": differ[0] if len(differ) == 1 else "series", "within": ", ".join(same)}
    return about | {side: ", ".join(shown[name](one) for name in differ) for side, one in (("a", first), ("b", second))}


def compared(series: Mapping[Key, Answers], pair: Pair, seed: int) -> Iterator[Row]:
    """Yield the row of COMPARISONS of a pair by each of its metrics; figures are null where they share no question."""
    sides = paired(series[pair.a], series[pair.b])
    about = _about(pair.a, pair.b) | {"primary": pair.role == PRIMARY}
    for metric in pair.metrics:
        # p is the same whichever side is named first.
        drawn = row_seed(seed, "permutation", canonical_json([*sorted([pair.a, pair.b], key=str), metric]))
        yield about | {"metric": metric} | _figures(*sides, metric, drawn)


def _figures(a: Answers, b: Answers, metric: str, seed: int) -> Row:
    """Return what two sides with the same questions in the same order differ in by a metric."""
    (hit_a, about_a), (hit_b, about_b) = (COMPARED[metric].compute(side.columns) for side in (a, b))
    counted = about_a.astype(bool) & about_b.astype(bool)
    hits, clusters, seeds = (hit_a[counted], hit_b[counted]), a.clusters[counted], a.seeds[counted]
    n = len(np.unique(a.questions[counted]))
    figures: Row = {}
    if n:
        difference = hits[0].astype(float) - hits[1].astype(float)
        value, low, high = difference_interval(difference, clusters, seeds)
        several = len(np.unique(seeds)) > 1
        p = paired_p_over_seeds(difference, clusters, seeds, seed) if several else paired_p(difference, clusters, seed)
        figures = {"difference": value, "low": low, "high": high, "p": p}
        figures |= _shares(*hits) if hits[0].dtype == bool else {"value_a": _mean(hits[0]), "value_b": _mean(hits[1])}
        if several:  # answers to one question do not tell as much as those to several
            figures |= dict.fromkeys(_OF_ONE_SEED)
    return dict.fromkeys(_FIGURES) | figures | {"n": n}


def _shares(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> Row:
    """Count a metric that is true or false, both of shape (questions,) in the same order."""
    n = len(a)
    only_a, only_b, both = int((a & ~b).sum()), int((b & ~a).sum()), int((a & b).sum())
    return {
        "value_a": (both + only_a) / n,
        "value_b": (both + only_b) / n,
        "both": both,
        "only_a": only_a,
        "only_b": only_b,
        "neither": n - both - only_a - only_b,
        "p_mcnemar": mcnemar_p(only_a, only_b),
        "cohens_h": cohens_h((both + only_a) / n, (both + only_b) / n),
        "odds_ratio": odds_ratio(only_a, only_b),
        "detectable": detectable(only_a + only_b, n),
    }


def _mean(values: NDArray[np.float64]) -> float:
    """Return a mean that does not depend on the order of the values."""
    kinds, counts = np.unique(values, return_counts=True)
    return float(counts @ kinds) / len(values)


_Where = tuple[str | int | None, ...]  # what tells one run from another, and a condition


def _fired(rows: Iterable[Row], control: str, own: Mapping[str, str], reference: str) -> dict[_Where, bool]:
    """Tell of each condition whether it did what it is for, where a comparison says so."""
    conflict = ("condition", "counter_rate", f"{BASE}/{reference}")
    passages = ("method", "accuracy_strict", control, f"{BASE}/{CLOSED_BOOK}")
    fired = {}
    for row in rows:
        if row["low"] is None:
            continue
        against_control = row["b"] == own.get(row["condition"], control)
        if (row["compare"], row["metric"], row["within"]) == conflict and against_control:
            fired[_where(row)] = row["low"] > 0 and row["p"] < LEVEL
        if (row["compare"], row["metric"], row["within"], row["a"]) == passages:
            fired[_where(row)] = row["high"] < 0 and row["p"] < LEVEL  # closed-book minus the reference
    return fired


def _where(row: Row) -> _Where:
    return tuple(row[name] for name in ("dataset", "model", "prompt_set", "order", "seed", "condition"))
