"""What a method adds to mixing closed-book answers with those of a reference that reads the passages.

Whoever takes the reference's answer with the chance w, and the closed-book one else, moves on a line between the two in
the plane of accuracy under the control and counter-answer rate under a condition. A method that gives as many
counter-answers as the mixture of its own accuracy has added nothing.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ..core.tables import Row
from .comparisons import BASE, COMPARISONS
from .intervals import variances
from .metrics import accuracy_strict, counter_rate
from .series import Answers, Key
from .series_columns import CLOSED_BOOK, SERIES
from .significance import mean_p, mean_reach

MIXTURE = "mixture"  # what differs, and the name of the other side
LEAST_APART = 0.05  # of the two accuracies: nearer together, w is not known


def against_mixture(
    series: Mapping[Key, Answers], control: str, reference: str, controls: Mapping[str, str]
) -> list[Row]:
    """Return rows of COMPARISONS: the counter-answer rate of each method minus that of the mixture of its accuracy.

    Below 0 a method resists more than mixing could. Only questions count that the method, the reference and the base
    model's closed-book pass answered, under the condition and under its control. With a method's accuracy A, the
    reference's R and closed-book's B, w = (A - B) / (R - B); it is below 0 or above 1 where the method is less or more
    accurate than both. `value_b` is the mixture's counter-answer rate w r + (1 - w) b, of which the difference is a
    smooth function of means: its interval and p are those of its linearization (the delta method), with Student's t,
    questions about one entity counted together, and seeds where there are several. No row where R and B are less than
    LEAST_APART apart.
    """
    rows = []
    for key in series:
        about = dict(zip(SERIES, key, strict=True))
        own = controls.get(str(about["condition"]), control)
        is_end = about["method"] == CLOSED_BOOK or (about["checkpoint"], about["method"]) == (BASE, reference)
        if is_end or about["condition"] == own:
            continue
        sides = list(_sides(about, own, reference, series))
        if len(sides) == 6 and (figures := _figures(sides)):
            rows.append(_row(about, figures))
    return rows


def _sides(about: Row, control: str, reference: str, series: Mapping[Key, Answers]) -> Iterator[Answers]:
    """Yield the method, the reference and closed-book, each under the control and under the condition, where known."""
    who = [{}, {"checkpoint": BASE, "method": reference}, {"checkpoint": BASE, "method": CLOSED_BOOK}]
    for one in who:
        for condition in (control, about["condition"]):
            key = tuple({**about, **one, "condition": condition}.values())
            if key in series:
                yield series[key]


def _figures(sides: Sequence[Answers]) -> Row | None:
    """Return value_a, value_b, difference, low, high, p and n of six series; None where w cannot be told."""
    shared = sides[0].asked
    for one in sides[1:]:
        shared = np.intersect1d(shared, one.asked, assume_unique=True)
    if not len(shared):
        return None
    taken = [one.take(np.argsort(one.asked)[np.isin(np.sort(one.asked), shared)]) for one in sides]
    right = [accuracy_strict(one.columns)[0].astype(float) for one in taken[::2]]
    wrong = [counter_rate(one.columns)[0].astype(float) for one in taken[1::2]]
    a, r, b = map(_mean, right)
    if abs(r - b) < LEAST_APART:
        return None
    w = (a - b) / (r - b)
    mixed = w * wrong[1] + (1 - w) * wrong[2]
    slope = (_mean(wrong[1]) - _mean(wrong[2])) / (r - b)  # of the mixture's rate in the method's accuracy
    moved = (right[0] - a) - w * (right[1] - r) - (1 - w) * (right[2] - b)
    influence = wrong[0] - mixed - slope * moved
    difference, low, high, p = _t(influence, taken[0])
    value = _mean(wrong[0])
    figures = {"value_a": value, "value_b": value - difference, "difference": difference}
    return figures | {"low": low, "high": high, "p": p, "n": len(np.unique(taken[0].questions))}


def _mean(values: NDArray[np.float64]) -> float:
    """Return a mean that does not depend on the order of the values."""
    return float(np.sort(values).mean())


def _t(values: NDArray[np.float64], asked: Answers) -> tuple[float, float | None, float | None, float | None]:
    """Return a mean, the ends of its 95 % interval and p of no difference; None with a single cluster."""
    mean = _mean(values)
    if len(np.unique(asked.clusters)) < 2:
        return mean, None, None, None
    spread = variances(values, asked.clusters, asked.seeds)
    reach = mean_reach(spread)
    return mean, mean - reach, mean + reach, mean_p(mean, spread) if reach else None


def _row(about: Row, figures: Row) -> Row:
    row: Row = dict.fromkeys(COMPARISONS.names)
    row |= {name: about[name] for name in ("dataset", "model", "prompt_set", "order", "seed", "condition")}
    row |= {"compare": MIXTURE, "metric": "counter_rate", "primary": False, "within": about["condition"]}
    return row | {"a": f"{about['checkpoint']}/{about['method']}", "b": MIXTURE} | figures
