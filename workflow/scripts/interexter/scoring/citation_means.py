"""Means of citation recall and precision with their intervals, apart from the model that judges citations."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..core.tables import Row
from .citation_tables import NAMES
from .intervals import ratio_interval
from .series_columns import SERIES


def summarize(table: Sequence[Row], clusters: Mapping[str, str]) -> list[Row]:
    """Return the METRIC_VALUES rows of CITATIONS rows: the mean over the answers of a series that have a statement.

    Series of several seeds also have rows of all together, whose seed is None. `clusters` names the cluster of each
    question, by question_id.
    """
    series: dict[tuple[Any, ...], list[Row]] = {}
    seeds: dict[tuple[Any, ...], list[Row]] = {}  # of all together
    for row in sorted(table, key=lambda row: str(row["question_id"])):
        series.setdefault(tuple(row[name] for name in SERIES), []).append(row)
        seeds.setdefault(tuple({**row, "seed": None}[name] for name in SERIES), []).append(row)
    whole = {key: members for key, members in seeds.items() if len({row["seed"] for row in members}) > 1}
    return [row for key, members in {**series, **whole}.items() for row in _means(key, members, clusters)]


def _means(key: tuple[Any, ...], members: Sequence[Row], clusters: Mapping[str, str]) -> Iterator[Row]:
    questions = [row["question_id"] for row in members]
    about = dict(zip(SERIES, key, strict=True)) | {"slice": "all", "n": len(set(questions))}
    names = [[clusters[question] for question in questions], [row["seed"] for row in members]]
    numbers = [np.unique(one, return_inverse=True)[1] for one in names]
    for metric in NAMES:
        values = np.array([row[metric] for row in members])
        value, low, high = ratio_interval(values, np.ones(len(values)), *numbers)
        yield about | {"metric": metric, "value": value, "low": low, "high": high}
