"""What a condition takes its counter-passages from."""

from collections.abc import Mapping
from typing import Any

from . import injectors

Condition = Mapping[str, Any]


def draw_name(condition: Condition) -> str:
    """Return the name of the draw of counter-passages that a condition takes its own from."""
    kind, parts = condition["kind"], [condition["kind"]]
    if injectors.written(kind):
        parts.append(condition["model"])
    if condition["counter_to"] == "memory":
        parts.append(f"memory-{condition['model']}")
    return "@".join(parts)


def needs_model(condition: Condition) -> bool:
    """Tell whether a condition's counter-passages depend on a model."""
    known = condition["kind"] in injectors.names()  # an unknown kind is named as a fault of its own
    return condition["counter_to"] == "memory" or (known and injectors.written(condition["kind"]))
