"""The schema of configs: the one source of keys, types, choices, ranges, defaults and descriptions."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

SCHEMA = Path(__file__).with_name("config.schema.yaml")

Config = dict[str, Any]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the schema is read at every start; not every PyYAML has C


def load() -> dict[str, Any]:
    """Return the schema."""
    return dict(yaml.load(SCHEMA.read_text(), Loader=_LOADER))


def fault(config: Config, schema: dict[str, Any]) -> str:
    """Return in one line which key does not fit the schema and what was expected, or ""."""
    error = best_match(Draft202012Validator(schema).iter_errors(config))
    return _explained(error) if error else ""


def filled(value: Any, schema: dict[str, Any]) -> Any:
    """Return `value` with the schema's defaults where a key is absent."""
    if not isinstance(value, dict):
        return value
    properties = schema.get("properties", {})
    other = schema.get("additionalProperties")
    defaults = {name: part["default"] for name, part in properties.items() if "default" in part}
    there = {**defaults, **value}
    return {
        name: filled(item, properties.get(name) or (other if isinstance(other, dict) else {}))
        for name, item in there.items()
    }


def _explained(error: ValidationError) -> str:
    """Say in one line which key is wrong, and what was expected."""
    where = ".".join(str(part) for part in error.absolute_path) or "top level"
    if error.validator == "additionalProperties":
        known = list(cast(dict[str, Any], error.schema).get("properties", {}))
        odd = sorted(set(cast(Config, error.instance)) - set(known))
        return f"{where}: unknown key {odd[0]!r}; {nearest(odd[0], known)}"
    if error.validator == "type" and isinstance(error.instance, str) and error.validator_value in ("number", "integer"):
        return f"{where}: {error.instance!r} is a text, a {error.validator_value} is expected (write 1.0e-5, not 1e-5)"
    if error.validator == "enum":
        choices = cast(list[str], error.validator_value)
        return f"{where}: {error.instance!r} is unknown; {nearest(str(error.instance), choices)}"
    if error.validator == "oneOf":
        choices = [option.get("const") or "a number" for option in cast(list[Config], error.validator_value)]
        return f"{where}: {error.instance!r} is unknown; expected {', or '.join(map(str, choices))}"
    if error.validator == "required":
        return f"{where}: {error.message}"
    return f"{where}: {error.message}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known names are nearest to an unknown one."""
    known = sorted(map(str, known))
    near = get_close_matches(name, known)
    return f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(known)}"
