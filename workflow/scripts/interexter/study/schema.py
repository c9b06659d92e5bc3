"""The schema of configs: the one source of keys, types, choices, ranges, defaults and descriptions."""

from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend

from ..core.errors import nearest

SCHEMA = Path(__file__).with_name("config.schema.yaml")

Config = dict[str, Any]

_LONGEST = 300  # characters of what is said of a value
_NAMES = (
    "lower-case letters and digits, with hyphens (in a model's name, dots too) after the first, at most 64 together, "
    "and no .json, .rejected or .comparisons at the end"
)
# 2.0 is an integer to JSON Schema, and none to a program that counts with it.
_Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int),
)

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the schema is read at every start; not every PyYAML has C


def load() -> dict[str, Any]:
    """Return the schema."""
    return dict(yaml.load(SCHEMA.read_text(encoding="utf-8"), Loader=_LOADER))


def fault(config: Config, schema: dict[str, Any]) -> str:
    """Return in one line which key does not fit the schema and what was expected, or ""."""
    error = best_match(_Validator(schema).iter_errors(config))
    return shortened(" ".join(_explained(error).split())) if error else ""


def shortened(text: str, longest: int = _LONGEST) -> str:
    """Return a text without its middle where it is long: a value may be of any length, and a message is read."""
    half = longest // 2
    return text if len(text) <= longest else f"{text[:half]} ... {text[-half:]}"


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
        return f"{where}: unknown key {shortened(repr(odd[0]))}; {nearest(odd[0], known)}"
    if error.validator == "type" and isinstance(error.instance, str) and error.validator_value in ("number", "integer"):
        return f"{where}: {error.instance!r} is a text, a {error.validator_value} is expected (write 1.0e-5, not 1e-5)"
    if error.validator == "enum":
        choices = cast(list[str], error.validator_value)
        return f"{where}: {error.instance!r} is unknown; {nearest(str(error.instance), choices)}"
    if error.validator == "oneOf":
        choices = [_choice(option, error.instance) for option in cast(list[Config], error.validator_value)]
        return f"{where}: {error.instance!r} is unknown; expected {', or '.join(choices)}"
    if "propertyNames" in error.schema_path:
        why = "is the name of the model that is not trained" if error.validator == "not" else f"is no name: {_NAMES}"
        return f"{where}: {shortened(repr(error.instance), 64)} {why}"
    if error.validator == "minLength":
        return f"{where}: an empty text"
    return f"{where}: {error.message}"


def _choice(option: Config, instance: Any) -> str:
    """Say one of several things that a value may be; of a number, within which range."""
    if "const" in option:
        return str(option["const"])
    if not isinstance(instance, int | float):
        return "a number"
    least, most = option.get("minimum"), option.get("maximum")
    return "a number" + (f" from {least}" if least is not None else "") + (f" to {most}" if most is not None else "")
