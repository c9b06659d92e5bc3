"""Dose and response: conditions that differ in one setting only, as the points of one curve.

Conditions are read as the config states them, whatever settings they have: two belong to one family
if all settings but the varied one are equal. Their control, where nothing is injected, is dose 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..core.identity import canonical_json
from .inputs import Config
from .studies import Study, control_of

ALL = "all"


@dataclass(frozen=True)
class Family:
    """The conditions of one curve: a title of a line or two, and (value of the varied setting, condition) in order."""

    name: str
    points: tuple[tuple[str, str], ...]


def families(study: Study, config: Config, setting: str) -> list[Family]:
    """Return the families of a study's conditions that vary in `setting`, each with two values or more."""
    conditions = {name: _settings(config, name) for name in study.conditions}
    injecting = {name: settings for name, settings in conditions.items() if settings.get("count", 0) != 0}
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, settings in injecting.items():
        rest = {key: value for key, value in settings.items() if key not in (setting, "control")}
        groups.setdefault(canonical_json(rest), []).append((str(settings.get(setting)), name))
    found = []
    for points in groups.values():
        control = control_of(points[0][1], config)
        if setting == "count" and control in conditions:
            points = [("0", control), *points]
        if len({value for value, _ in points}) > 1:
            ordered = tuple(sorted(points, key=_rank))
            found.append(Family(_name([name for _, name in ordered if name in injecting]), ordered))
    return found


def varied(found: Iterable[Family]) -> list[str]:
    """Return the values of the varied setting in all families: numbers by size, then words, "all" last."""
    return sorted({value for family in found for value, _ in family.points}, key=lambda value: _rank((value, "")))


def _settings(config: Config, condition: str) -> dict[str, Any]:
    settings = config["conditions"].get(condition, {})
    return dict(settings) if isinstance(settings, dict) else {}


def _name(conditions: list[str]) -> str:
    """Name a family by its first and its last condition: what they show, the page says of each by its name."""
    first, *others = conditions
    return "\n".join([f"{first} to", others[-1]] if others else [first])


def _rank(point: tuple[str, str]) -> tuple[int, float, str, str]:
    value, condition = point
    number = value.replace(".", "", 1).isdigit()
    return (0 if number else 2 if value == ALL else 1, float(value) if number else 0.0, value, condition)
