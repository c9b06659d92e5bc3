"""Series of two studies side by side: paired by their questions, whatever else tells the studies apart."""

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from ..core.errors import UserError
from ..core.tables import Row
from .comparisons import Pair, compared, corrected
from .series import Answers, Key, by_series, over_seeds
from .series_columns import SERIES

SIDES = ("a", "b")
METRICS = ("accuracy_strict", "counter_rate", "f1", "resistance")
FIGURES = ("value_a", "value_b", "difference", "low", "high", "p", "p_adjusted", "only_a", "only_b", "n")
_NAMES = [name for name in SERIES if name != "seed"]
COLUMNS = (
    "metric",
    *(f"{name}_{side}" for side in SIDES for name in _NAMES),
    *FIGURES,
    "questions_a",
    "questions_b",
)


def side_by_side(
    a: pa.Table,
    b: pa.Table,
    only: Mapping[str, Mapping[str, str]],
    seed: int,
    metrics: Sequence[str] = METRICS,
) -> list[Row]:
    """Return a row of COLUMNS for each pair of series and metric; the difference is a minus b.

    Two series are a pair if they have the same values of all that names a series, but for what each study has one value
    of alone, such as the model, and for what `only` chooses. The questions that both have count; where a study has
    several seeds, by the seeds that both have. p values are corrected over all rows by Benjamini and Hochberg.

    Args:
        a: the LABELLED table of a study.
        b: that of the other.
        only: by side, the values of SERIES that are wanted: {"a": {"method": "vanilla-rag"}}.
        seed: of permutations.
        metrics: keys of COMPARED.

    Raises:
        UserError: no series of one is of the other, or none of a pair share a question.
    """
    tables = [_marked(table, side) for table, side in zip((a, b), SIDES, strict=True)]
    found = by_series(pa.concat_tables(tables))
    series = over_seeds(found, least=1) if over_seeds(found) else found
    pairs = list(_pairs(series, only))
    if not pairs:
        there = "; ".join(f"{side} has {_listed(series, side)}" for side in SIDES)
        raise UserError(f"no series of one study is one of the other's: {there}. Say which are meant.")
    rows = []
    for first, second in pairs:
        sides = list(zip(SIDES, (first, second), strict=True))
        about: Row = {f"{name}_{side}": value for side, key in sides for name, value in _named(key).items()}
        about |= {f"questions_{side}": len(set(series[key].questions.tolist())) for side, key in sides}
        rows += [row | about for row in compared(series, Pair(first, second, metrics), seed) if row["n"]]
    if not rows:
        raise UserError("the studies have no question in common: their data sets or `seed` differ.")
    return [{name: row[name] for name in COLUMNS} for row in corrected(rows)]


def _marked(labels: pa.Table, side: str) -> pa.Table:
    """Return labels whose model says which study they are of: everything else may be the same in both."""
    place = labels.schema.get_field_index("model")
    marked = pa.array([f"{side}:{name}" for name in labels["model"].to_pylist()], pa.string())
    return labels.set_column(place, labels.schema.field(place), marked)


def _named(key: Key) -> dict[str, str]:
    """Return what names a series, by column, without the mark of its study and without its seed."""
    named = dict(zip(SERIES, map(str, key), strict=True))
    return {**{name: named[name] for name in _NAMES}, "model": named["model"].partition(":")[2]}


def _side(key: Key) -> str:
    return str(key[list(SERIES).index("model")])[0]


def _pairs(series: Mapping[Key, Answers], only: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[Key, Key]]:
    sides = {side: [key for key in series if _side(key) == side] for side in SIDES}
    values = {side: {name: {_named(key)[name] for key in keys} for name in _NAMES} for side, keys in sides.items()}
    apart = {name for name in _NAMES if all(len(values[side][name]) == 1 for side in SIDES)}
    chosen = {name for side in SIDES for name in only.get(side, {})}
    same = [name for name in _NAMES if name not in apart | chosen]
    wanted = {
        side: [key for key in keys if only.get(side, {}).items() <= _named(key).items()] for side, keys in sides.items()
    }
    for first in wanted["a"]:
        for second in wanted["b"]:
            if all(_named(first)[name] == _named(second)[name] for name in same):
                yield first, second


def _listed(series: Mapping[Key, Answers], side: str) -> str:
    found = {tuple(_named(key)[name] for name in ("checkpoint", "method")) for key in series if _side(key) == side}
    return ", ".join("/".join(one) for one in sorted(found))
