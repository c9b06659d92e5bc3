"""Dose and response: conditions that differ in one setting only, as the points of one curve.

Conditions are read as the config states them, whatever settings they have: two belong to one family
if all settings but the varied one are equal. The control, where nothing is injected, is dose 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..core.identity import canonical_json
from .inputs import Config
from .studies import Study

ALL = "all"


@dataclass(frozen=True)
class Family:
    """The conditions of one curve: its name, and (value of the varied setting, condition) in order."""

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
    control = config["report"]["control"]
    found = []
    for points in groups.values():
        if setting == "count" and control in conditions:
            points = [("0", control), *points]
        if len({value for value, _ in points}) > 1:
            found.append(Family(_name(points[-1][1], injecting, setting), tuple(sorted(points, key=_rank))))
    return found


def varied(found: Iterable[Family]) -> list[str]:
    """Return the values of the varied setting in all families: numbers by size, then words, "all" last."""
    return sorted({value for family in found for value, _ in family.points}, key=lambda value: _rank((value, "")))


def _settings(config: Config, condition: str) -> dict[str, Any]:
    settings = config.get("conditions", {}).get(condition, {})
    return dict(settings) if isinstance(settings, dict) else {}


def _name(condition: str, injecting: dict[str, dict[str, Any]], setting: str) -> str:
    """Name a family by the settings in which the injecting conditions differ; by the kind where in none."""
    settings = injecting[condition]
    keys = [key for key in settings if key != setting and len({str(s.get(key)) for s in injecting.values()}) > 1]
    return ", ".join(f"{key} {settings[key]}" for key in keys) or str(settings.get("kind", condition))


def _rank(point: tuple[str, str]) -> tuple[int, float, str, str]:
    value, condition = point
    number = value.replace(".", "", 1).isdigit()
    return (0 if number else 2 if value == ALL else 1, float(value) if number else 0.0, value, condition)
