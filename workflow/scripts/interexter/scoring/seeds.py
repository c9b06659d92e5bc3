"""Several seeds: the mean and the spread of each metric over runs that differ in nothing but their seed."""

import statistics
from collections.abc import Iterable

from ..core.errors import UserError
from ..core.tables import Row
from .metrics import METRIC_VALUES

ABOUT = tuple(name for name in METRIC_VALUES.names[: METRIC_VALUES.names.index("value")] if name != "seed")
COLUMNS = (*ABOUT, "seeds", "mean", "deviation", "lowest", "highest", "n")


def over_seeds(metrics: Iterable[Row]) -> list[Row]:
    """Return a row for each metric of each series, over the seeds of METRIC_VALUES rows, sorted.

    `deviation` is the sample standard deviation between seeds, null for one seed; n is the least n of
    the seeds. A seed whose n is 0 does not count. Raises UserError where a seed comes twice.
    """
    groups: dict[tuple[str, ...], dict[int, Row]] = {}
    for row in metrics:
        found = groups.setdefault(tuple(row[name] for name in ABOUT), {})
        if row["seed"] in found:
            raise UserError(
                f"{row['dataset']}/{row['model']}/{row['method']}: seed {row['seed']} comes twice. Give the metrics of "
                "runs that differ in `seed`."
            )
        found[row["seed"]] = row
    return [dict(zip(ABOUT, about, strict=True)) | _spread(rows) for about, rows in sorted(groups.items())]


def _spread(rows: dict[int, Row]) -> Row:
    values = [rows[seed]["value"] for seed in sorted(rows) if rows[seed]["n"]]
    return {
        "seeds": len(values),
        "mean": statistics.fmean(values) if values else None,
        "deviation": statistics.stdev(values) if len(values) > 1 else None,
        "lowest": min(values, default=None),
        "highest": max(values, default=None),
        "n": min((row["n"] for row in rows.values() if row["n"]), default=0),
    }
