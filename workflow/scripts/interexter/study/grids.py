"""Grids of the config: one entry that stands for conditions of every combination of its values."""

import math
from itertools import product
from typing import Any

from ..core.errors import UserError

Config = dict[str, Any]

MOST = 10_000  # conditions of a grid


def expanded(config: Config) -> Config:
    """Return the config with a condition for every point of its grids, also where conditions are listed.

    What is not as the schema has it is left as it is: the schema names it then.
    """
    grids = config.get("grids")
    if not isinstance(grids, dict) or not isinstance(config.get("conditions"), dict):
        return config
    points_of = {name: _points(name, grid) for name, grid in grids.items() if isinstance(grid, dict)}
    conditions = dict(config["conditions"])
    for name, points in points_of.items():
        if not points:
            raise UserError(f"config: grids.{name}: no combination is a condition; sources must not exceed count")
        for point, condition in points.items():
            there = conditions.setdefault(point, condition)
            if any(there.get(key) != value for key, value in condition.items()):
                raise UserError(f"config: grids.{name}: its condition {point!r} is among the conditions too")
    split_lists = {
        split: {**config[split], "conditions": _listed(config[split]["conditions"], points_of)}
        for split in ("train", "test")
        if isinstance(config.get(split), dict) and isinstance(config[split].get("conditions"), list)
    }
    return {**config, "conditions": conditions, **split_lists}


def _points(name: str, grid: Config) -> dict[str, Config]:
    """Return the conditions of a grid by their names."""
    lists = {key: value if isinstance(value, list) else [value] for key, value in grid.items()}
    if (size := math.prod(map(len, lists.values()))) > MOST:
        raise UserError(f"config: grids.{name}: {size:,} combinations; {MOST:,} at most")
    points = {}
    for values in product(*lists.values()):
        point = dict(zip(lists, values, strict=True))
        sources, count = point.get("sources"), point.get("count")
        if isinstance(sources, int) and isinstance(count, int) and sources > count:
            continue
        varied = [str(point[key]).replace(".", "-") for key, options in lists.items() if len(options) > 1]
        points["-".join([name, *varied])] = point
    return points


def _listed(names: list[Any], grids: dict[str, dict[str, Config]]) -> list[Any]:
    """Return a list of conditions with each grid's name replaced by the names of its conditions."""
    if not all(isinstance(name, str) for name in names):
        return names
    return list(dict.fromkeys(one for name in names for one in grids.get(name, [name])))
