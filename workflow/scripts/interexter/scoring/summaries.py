"""The table of metrics: each of every series of answers, with its number of questions and a 95 % interval."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.identity import canonical_json, row_seed
from ..core.tables import Row
from . import calibration, selective
from .intervals import percentile_interval, ratio, ratio_interval, ratio_intervals
from .metrics import CERTIFIED, CLASHEVAL, METRICS, OF_ALL, SLICED, Compute, Values
from .series import Answers, Key, joined, sliced, with_control
from .series_columns import SERIES, placed

RESAMPLES = 2000  # of the calibration error and the area under the curve
_FIGURES = ("value", "low", "high", "n")


class Measured(NamedTuple):
    """What a metric makes of answers, and whose they are: arrays of shape (answers,)."""

    hit: Values
    about: Values
    questions: NDArray[np.int64]
    clusters: NDArray[np.int64]
    seeds: NDArray[np.int64]

    def at(self, places: NDArray[np.int64]) -> "Measured":
        """Return what it makes of the answers at these places."""
        return Measured(*(column[places] for column in self))


def summarize(series: Mapping[Key, Answers], seed: int, control: str) -> list[Row]:
    """Return the METRIC_VALUES rows, sorted: every metric of every series of answers, as `by_series` gives them.

    Value and interval are null where n is 0. The result does not depend on the order of the rows.
    """
    rows = []
    for key, answers in series.items():
        about = dict(zip(SERIES, key, strict=True))
        counterpart = series.get(tuple((about | {"condition": control}).values()))
        parts = list(_parts(answers, counterpart))
        found = _estimates([measured for _, measured in parts])
        for (what, _), figures in zip(parts, found, strict=True):
            rows.append(about | what | _times(METRICS[what["metric"]].factor, figures))
        rows += _calibrated(about, answers, seed)
    return ordered(rows)


def ordered(rows: Sequence[Row]) -> list[Row]:
    """Return METRIC_VALUES rows in the order of series, slice and metric; raise KeyError on one that is not in METRICS.

    The report would have no place for it.
    """
    unlisted = sorted({row["metric"] for row in rows} - METRICS.keys())
    if unlisted:
        raise KeyError(f"not in scoring.metrics.METRICS, and so without a title and a group: {', '.join(unlisted)}")
    return sorted(rows, key=lambda row: placed(row, (*SERIES, "slice", "metric")))


def _parts(answers: Answers, control: Answers | None) -> Iterator[tuple[Row, Measured]]:
    """Yield ({slice, metric}, what the metric makes of it): with the control's answers where it wants both.

    Those of votes stand only where there are votes.
    """
    alone = answers if control is None else with_control(answers, control)
    both = answers if control is None or control is answers else _beside(answers, control)
    conflict, clashes = (one.take(one.columns["contested"]) for one in (alone, both))
    voted = not np.isnan(answers.columns["certified"]).all()
    for name, metric in METRICS.items():
        if metric.compute and (voted or metric.group != CERTIFIED):
            whole = clashes if metric.group == CLASHEVAL else conflict
            yield {"slice": "all", "metric": name}, _measured(metric.compute, alone if name in OF_ALL else whole)
    slices = list(sliced(answers))
    for name, compute in SLICED.items():
        measured = _measured(compute, answers)
        if name not in OF_ALL:
            measured = measured._replace(about=measured.about & answers.columns["contested"])
        for part, places in slices:
            yield {"slice": part, "metric": name}, measured.at(places)


def _beside(answers: Answers, control: Answers) -> Answers:
    """Return the answers of a series and its control, which count their questions apart."""
    return joined([replace(one, questions=2 * one.questions + i) for i, one in enumerate((answers, control))])


def _measured(compute: Compute, answers: Answers) -> Measured:
    return Measured(*compute(answers.columns), answers.questions, answers.clusters, answers.seeds)


def _calibrated(about: Row, answers: Answers, seed: int) -> list[Row]:
    """Return the METRIC_VALUES rows on calibration, of the answers whose probability is known; none where none is.

    The probability is rounded to three digits: beyond them it depends on how prompts were batched. Over several seeds
    the calibration error and the area under the curve have no interval: their resamples are of questions alone.
    """
    known = ~np.isnan(answers.columns["probability"])
    if not known.any():
        return []
    probability = answers.columns["probability"][known].round(3)
    right = answers.columns["gold"][known]
    clusters = answers.clusters[known]
    shared = about | {"slice": "all", "n": len(np.unique(answers.questions[known]))}
    brier = ratio_interval((probability - right) ** 2, np.ones(len(right)), clusters, answers.seeds[known])
    error = calibration.expected_calibration_error(probability, right)
    area = selective.area_under_risk(probability, right)
    ends: dict[str, tuple[float | None, float | None]] = dict.fromkeys(("ece", "aurc"), (None, None))
    if about["seed"] is not None:
        drawn = {name: row_seed(seed, "bootstrap", canonical_json(about | {"metric": name})) for name in ends}
        errors = calibration.resampled_error(probability, right, clusters, RESAMPLES, drawn["ece"])
        areas = selective.resampled_area(probability, right, clusters, RESAMPLES, drawn["aurc"])
        ends = {"ece": percentile_interval(errors), "aurc": percentile_interval(areas)}
    estimates = {"brier": brier, "ece": (error, *ends["ece"]), "aurc": (area, *ends["aurc"])}
    figures = ("value", "low", "high")
    return [shared | {"metric": name} | dict(zip(figures, found, strict=True)) for name, found in estimates.items()]


def _times(factor: float, figures: Row) -> Row:
    """Return a multiple of a value and of its interval; of how many it is stays."""
    return {name: one if name == "n" or one is None else factor * one for name, one in figures.items()}


def _estimates(measured: Sequence[Measured]) -> list[Row]:
    """Return value, interval and n of each ratio; a question that is asked with several seeds is one."""
    counts = [len(np.unique(one.questions[one.about > 0])) for one in measured]
    asked = [one for one, n in zip(measured, counts, strict=True) if n]
    found = iter(ratio_intervals([ratio(one.hit, one.about, one.clusters, one.seeds) for one in asked]))
    nothing = (None, None, None)
    return [dict(zip(_FIGURES, (*(next(found) if n else nothing), n), strict=True)) for n in counts]
