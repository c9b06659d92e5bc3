"""Means of citation recall and precision with their intervals, apart from the model that judges citations."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..core.tables import Row
from .citation_tables import NAMES
from .intervals import ratio_interval
from .series_columns import SERIES


def summarize(table: Sequence[Row], clusters: Mapping[str, str]) -> list[Row]:
    """Return the METRIC_VALUES rows of CITATIONS rows: the mean over the answers of a series that have a statement.

    `clusters` names the cluster of each question, by question_id.
    """
    series: dict[tuple[Any, ...], list[Row]] = {}
    for row in sorted(table, key=lambda row: str(row["question_id"])):
        series.setdefault(tuple(row[name] for name in SERIES), []).append(row)
    found = []
    for key, members in series.items():
        about = dict(zip(SERIES, key, strict=True)) | {"slice": "all", "n": len(members)}
        names = np.unique([clusters[row["question_id"]] for row in members], return_inverse=True)[1]
        for metric in NAMES:
            values = np.array([row[metric] for row in members])
            estimate = dict(
                zip(("value", "low", "high"), ratio_interval(values, np.ones(len(values)), names), strict=True)
            )
            found.append(about | {"metric": metric} | estimate)
    return found
