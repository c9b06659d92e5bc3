"""Studies: the answers that belong on one table, and the order of its rows and columns.

A study is one data set, model, prompt set and order, with one seed or with all of them together; its rows are series
(checkpoint and method), its columns are conditions.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from ..core.tables import Row
from ..scoring.comparisons import BASE
from .inputs import Config

KEY = ("dataset", "model", "prompt_set", "order", "seed")
Series = tuple[str, str]  # checkpoint, method
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Study:
    """One table of the report: its name, its rows and columns in order, its cells."""

    key: Key
    title: str
    series: tuple[Series, ...]
    conditions: tuple[str, ...]
    cells: dict[tuple[Series, str, str], Row]  # series, condition, metric: a METRICS row of the slice "all"
    of_seeds: dict[tuple[Series, str, str], list[Row]] = field(
        default_factory=dict
    )  # as `cells`, of several seeds each

    @property
    def dataset(self) -> str:
        """The data set's name."""
        return str(self.key[0])

    @property
    def model(self) -> str:
        """The model's name."""
        return str(self.key[1])

    def labels(self, every: pd.DataFrame) -> pd.DataFrame:
        """Return the labels of this study among those of all."""
        mine = pd.Series(True, index=every.index)
        for name, value in zip(KEY, self.key, strict=True):
            if value is not None:  # of several seeds, those of the first are read
                mine &= every[name] == value
        return every[mine]


def studies(metrics: Iterable[Row], config: Config) -> list[Study]:
    """Group METRICS rows of the slice "all" into studies, in the config's order; several seeds are one study."""
    rows = [row for row in metrics if row["slice"] == "all"]
    by_key: dict[Key, list[Row]] = {}
    for row in rows:
        by_key.setdefault(key_of(row), []).append(row)
    together = {key[:-1] for key in by_key if key[-1] is None}
    apart: dict[Key, list[Row]] = {}
    for key in by_key:
        if key[-1] is not None and key[:-1] in together:
            apart.setdefault(key[:-1], []).extend(by_key[key])
    shown = [key for key in by_key if key[-1] is None or key[:-1] not in together]
    varied = [len({key[i] for key in shown}) > 1 for i in range(len(KEY))]
    keys = sorted(shown, key=lambda key: (_index(config, "datasets")(key[0]), _index(config, "models")(key[1]), key))
    return [_study(key, _title(key, varied), by_key[key], apart.get(key[:-1], []), config) for key in keys]


def at_most(study: Study, config: Config, limit: int) -> Study:
    """Return a study with no more than so many of its conditions: the control, the strongest, the first of the rest."""
    first = [name for name in (config["report"]["control"], config["report"]["strongest"]) if name in study.conditions]
    kept = {*list(dict.fromkeys((*first, *study.conditions)))[:limit]}
    return replace(study, conditions=tuple(name for name in study.conditions if name in kept))


def is_about(row: Row, conditions: Iterable[str]) -> bool:
    """Tell whether a COMPARISONS row is about one of these conditions: its first side is."""
    return row["condition"] in conditions


def key_of(row: Row) -> Key:
    """Return the study that a METRICS or COMPARISONS row belongs to."""
    return tuple(row[name] for name in KEY)


def series_name(series: Series) -> str:
    """Write a series as COMPARISONS does: checkpoint/method."""
    return "/".join(series)


def is_trained(series: Series, config: Config) -> bool:
    """Tell whether a series' checkpoint was trained by a recipe of this run."""
    return series[0] in names(config, "recipes")


def short_names(series: Sequence[Series]) -> dict[Series, str]:
    """Name each series by its method, with the checkpoint where a method has several and it is not the namesake."""
    methods = [method for _, method in series]
    return {
        (checkpoint, method): f"{method} ({checkpoint})"
        if methods.count(method) > 1 and checkpoint != method
        else method
        for checkpoint, method in series
    }


def control_of(condition: str, config: Config) -> str:
    """Return the condition that a condition is compared with: one that asks about the same counter-answers."""
    return str(config["conditions"].get(condition, {}).get("control", config["report"]["control"]))


def reference(study: Study, config: Config) -> Series | None:
    """Return the series of the reference method, of the base model where there are several."""
    found = [series for series in study.series if series[1] == config["report"]["reference"]]
    return min(found, key=lambda series: series[0] != BASE, default=None)


def rival(study: Study, config: Config) -> Series | None:
    """Return the last series of a trained checkpoint that sees passages, or else the last that is not the reference."""
    others = [s for s in study.series if s != reference(study, config) and s[1] != "closed-book"]
    trained = [series for series in others if is_trained(series, config)]
    return next(reversed(trained or others), None)


def seen_in_training(condition: str, config: Config) -> bool:
    """Tell whether a condition injects passages of a kind that a training condition injects too."""
    conditions = config["conditions"]

    def kind(name: str) -> str | None:
        settings = conditions.get(name, {})
        return settings.get("kind") if settings.get("count") != 0 else None

    trained = names(config["train"], "conditions")
    return kind(condition) is not None and kind(condition) in {kind(name) for name in trained}


def injects(condition: str, config: Config) -> bool:
    """Tell whether a condition adds counter-passages."""
    return config["conditions"].get(condition, {}).get("count", 0) != 0


def names(config: Config, key: str) -> list[str]:
    """Return the names under a key of the config, a list or a mapping, in its order."""
    return [str(name) for name in config.get(key) or []]


def _study(key: Key, title: str, rows: Sequence[Row], of_seeds: Sequence[Row], config: Config) -> Study:
    method, checkpoint = _index(config, "methods"), _index(config, "recipes", before=True)
    condition = _index(config["test"], "conditions")
    series = {(row["checkpoint"], row["method"]) for row in rows}
    cells_of_seeds: dict[tuple[Series, str, str], list[Row]] = {}
    for row in of_seeds:
        cells_of_seeds.setdefault(_cell(row), []).append(row)
    return Study(
        key,
        title,
        tuple(sorted(series, key=lambda s: (method(s[1]), checkpoint(s[0])))),
        tuple(sorted({row["condition"] for row in rows}, key=condition)),
        {_cell(row): row for row in rows},
        cells_of_seeds,
    )


def _cell(row: Row) -> tuple[Series, str, str]:
    return (row["checkpoint"], row["method"]), row["condition"], row["metric"]


def _title(key: Key, varied: Sequence[bool]) -> str:
    """Name a study by data set and model, and by what else tells it from the others."""
    more = [f"{name} {key[i]}" for i, name in enumerate(KEY) if i > 1 and varied[i]]
    return " \u00b7 ".join([str(key[0]), str(key[1]), *more])


def _index(config: Config, key: str, before: bool = False) -> Callable[[str], tuple[int, str]]:
    """Return a sort key: the config's order; names that it lacks go last (or first), by name."""
    order = {name: i for i, name in enumerate(names(config, key))}
    return lambda name: (order.get(name, -1 if before else len(order)), name)
