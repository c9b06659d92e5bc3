"""The page that describes every key of the config, from its schema."""

from collections.abc import Iterator
from typing import Any

from . import schema as schemas


def described() -> str:
    """Return config/README.md: every key of the schema with its type, default and description."""
    schema = schemas.load()
    lines = [
        "# The config, key by key",
        "",
        "One YAML file states a study: `make run CONFIG=config/mine.yaml` runs it in `studies/mine`, and",
        "`snakemake --cores all --configfile FILE` where you are.",
        "Start from a copy of `config.yaml` (the embedded default), `vital.yaml` (the study) or `smoke.yaml` (the",
        "tests' two minutes).",
        "",
        "`NAME` is a name that you choose. A key that is not listed here is refused. A key is *required* only if the",
        "key above it is there: `recipes: {}` trains nothing, and then needs no `method`.",
        "",
        "Two equal keys, and what YAML reads otherwise than people do, are refused with their line: keys such as",
        "`no:` and `2024:` (put them in quotes), `010` (eight), `1:30` (ninety), dates, `.inf`. So are files and",
        "folders that do not exist. `make run` says the line of every fault; plain `snakemake` reads the file first",
        "itself, and says none where it is no YAML at all.",
        "",
        "Made from `workflow/scripts/interexter/study/config.schema.yaml` by",
        "`PYTHONPATH=workflow/scripts .venv/bin/python tools/describe_config.py`.",
        "",
        "| key | type | default | meaning |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{key}` | {kind} | {default} | {meaning} |" for key, kind, default, meaning in _keys(schema, "")]
    return "\n".join(lines) + "\n"


def _keys(schema: dict[str, Any], prefix: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield (key, type, default, description) of every key below a schema."""
    parts = {f"{prefix}{name}": part for name, part in schema.get("properties", {}).items()}
    if isinstance(other := schema.get("additionalProperties"), dict):
        parts[f"{prefix}NAME"] = other
    for key, part in parts.items():
        choices = part.get("enum") or [option.get("const", option.get("type")) for option in part.get("oneOf", [])]
        kind = " or ".join(f"`{choice}`" for choice in choices) or str(part.get("type", ""))
        default = f"`{part['default']}`" if part.get("default") not in (None, {}) else ""
        if key.removeprefix(prefix) in schema.get("required", ()):
            default = "required"
        if "description" in part:
            yield key, kind, default, " ".join(str(part["description"]).split())
        yield from _keys(part, f"{key}.")
