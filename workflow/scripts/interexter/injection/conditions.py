"""Conditions: named settings of the injection, as the config has them, and the draws that they take passages from.

A draw is a list of counter-passages for each question, made once by one kind of injection. Conditions that differ in
nothing but how they show them share it.
"""

from pathlib import Path
from typing import Any

from ..core.errors import UserError
from ..core.json_files import read_json
from . import injectors

# kind, count, supporting, position, sources, counter_to, counter_answer, and model where one is needed
Condition = dict[str, Any]

RULES = "rules"  # the file of counter-passages that are made by rule; others are named after the model that writes them


def read(path: Path) -> dict[str, Condition]:
    """Return the conditions of a split by name, in the file's order; raise UserError where it holds none."""
    found: dict[str, Condition] = read_json(path)
    if not found:
        raise UserError(f"{path}: there are no conditions.")
    return found


def draw_name(condition: Condition) -> str:
    """Return the name of the draw of counter-passages that a condition takes its own from."""
    kind, parts = condition["kind"], [condition["kind"]]
    if injectors.written(kind):
        parts.append(condition["model"])
    if condition["counter_to"] == "memory":
        parts.append(f"memory-{condition['model']}")
    if condition["counter_answer"] == "plausible":
        parts.append(f"plausible-{condition['model']}")
    return "@".join(parts)


def draws(conditions: dict[str, Condition], writer: str = RULES) -> dict[str, Condition]:
    """Return the draws that a model writes, or that are made by rule, each with a condition that takes it."""
    return {draw_name(condition): condition for condition in conditions.values() if writer_of(condition) == writer}


def writer_of(condition: Condition) -> str:
    """Return the model that writes the counter-passages of a condition, or RULES."""
    return str(condition["model"]) if injectors.written(condition["kind"]) else RULES


def needs_model(condition: Condition) -> bool:
    """Tell whether a condition's counter-passages depend on a model."""
    known = condition["kind"] in injectors.names()  # the config's check names an unknown kind as a fault of its own
    about_model = condition["counter_to"] == "memory" or condition["counter_answer"] == "plausible"
    return about_model or (known and injectors.written(condition["kind"]))
