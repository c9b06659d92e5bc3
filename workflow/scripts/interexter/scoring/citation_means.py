"""Means of citation recall and precision with their intervals, apart from the model that judges citations."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.identity import canonical_json, row_seed
from ..core.tables import Row
from .citation_tables import NAMES
from .intervals import mean_interval
from .series_columns import SERIES


def summarize(table: Sequence[Row], seed: int) -> list[Row]:
    """Return the METRIC_VALUES rows of CITATIONS rows: the mean over the answers of a series that have a statement."""
    series: dict[tuple[Any, ...], list[Row]] = {}
    for row in sorted(table, key=lambda row: str(row["question_id"])):
        series.setdefault(tuple(row[name] for name in SERIES), []).append(row)
    found = []
    for key, members in series.items():
        for metric in NAMES:
            what = dict(zip(SERIES, key, strict=True)) | {"slice": "all", "metric": metric}
            values = np.array([row[metric] for row in members])
            low, high = mean_interval(values, row_seed(seed, "bootstrap", canonical_json(what)))
            found.append(what | {"value": float(values.mean()), "low": low, "high": high, "n": len(members)})
    return found
