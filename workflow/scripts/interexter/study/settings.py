"""The config of a run: defaults filled in, checked, and refused with one clear line.

The schema (workflow/scripts/interexter/study/config.schema.yaml) is the one source of keys, types, defaults and
descriptions; what a schema cannot say is checked here.
"""

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from importlib.metadata import distributions
from itertools import product
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from ..answers import methods, rationales, recall
from ..core.errors import UserError
from ..data import source_keys
from ..engine import prompts, published_prompts
from ..injection import conditions, injectors
from ..models import sources

SCHEMA = Path(__file__).with_name("config.schema.yaml")

Config = dict[str, Any]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the schema is read at every start; not every PyYAML has C


def read(path: Path) -> Config:
    """Return the config of a file, checked; raise UserError naming the file, and the line or key that is wrong."""
    try:
        config = yaml.safe_load(path.read_text())
    except OSError as error:
        raise UserError(f"{path}: the config cannot be read ({error.strerror}).") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{path}, line {mark.line + 1}" if mark else str(path)
        raise UserError(f"{place}: not YAML ({error.problem}). Look at this line and the one above it.") from error
    if not isinstance(config, dict):
        raise UserError(f"{path}: expected keys and values, as in config/config.yaml.")
    return checked(config)


def checked(config: Config) -> Config:
    """Return the config with defaults filled in; raise UserError naming the key that is wrong."""
    schema = yaml.load(SCHEMA.read_text(), Loader=_LOADER)
    resolved = _filled(_with_grids(config), schema)
    error = best_match(Draft202012Validator(schema).iter_errors(resolved))
    if error is not None:
        raise UserError(f"config: {_explained(error)}")
    for condition in resolved["conditions"].values():
        if conditions.needs_model(condition) and len(resolved["models"]) == 1:
            condition.setdefault("model", *resolved["models"])
    for dataset in resolved["datasets"].values():
        for key in ("order", "prompt_set"):
            dataset.setdefault(key, resolved[key])
    for fault in _faults(resolved):
        raise UserError(f"config: {fault}")
    return resolved


def check_gpus(config: Config, granted: int) -> None:
    """Raise UserError where models are to run on GPUs and the run was granted fewer than one engine takes."""
    needed = max([1, *config["engine"]["tensor_parallel"].values()])
    if config["device"] == "cuda" and granted < needed:
        raise UserError(
            f"config: device is cuda and an engine takes {needed} GPU(s), but the run was granted {granted}. Add "
            f"--resources gpu={needed} or more, or a profile that grants them; or set device: cpu."
        )


def check_builds(config: Config, conda: bool) -> None:
    """Raise UserError where models are to run on GPUs and neither conda nor this Python has builds for them."""
    if config["device"] == "cuda" and not conda and not any(distributions(name="vllm")):
        raise UserError(
            "config: device is cuda, but jobs would run in this Python, which holds builds for CPUs. Add "
            "--software-deployment-method conda (docs/cluster.md); or set device: cpu."
        )


def _with_grids(config: Config) -> Config:
    """Return the config with a condition for every point of its grids, also where conditions are listed.

    What is not as the schema has it is left as it is: the schema names it then.
    """
    grids = config.get("grids")
    if not isinstance(grids, dict) or not isinstance(config.get("conditions"), dict):
        return config
    expanded = {name: _points(name, grid) for name, grid in grids.items() if isinstance(grid, dict)}
    conditions = dict(config["conditions"])
    for name, points in expanded.items():
        if not points:
            raise UserError(f"config: grids.{name}: no combination is a condition; sources must not exceed count")
        for point, condition in points.items():
            there = conditions.setdefault(point, condition)
            if any(there.get(key) != value for key, value in condition.items()):
                raise UserError(f"config: grids.{name}: its condition {point!r} is among the conditions too")
    split_lists = {
        split: {**config[split], "conditions": _listed(config[split]["conditions"], expanded)}
        for split in ("train", "test")
        if isinstance(config.get(split), dict) and isinstance(config[split].get("conditions"), list)
    }
    return {**config, "conditions": conditions, **split_lists}


def _points(name: str, grid: Config) -> dict[str, Config]:
    """Return the conditions of a grid by their names."""
    lists = {key: value if isinstance(value, list) else [value] for key, value in grid.items()}
    points = {}
    for values in product(*lists.values()):
        point = dict(zip(lists, values, strict=True))
        sources, count = point.get("sources"), point.get("count")
        if isinstance(sources, int) and isinstance(count, int) and sources > count:
            continue
        varied = [str(point[key]).replace(".", "-") for key, options in lists.items() if len(options) > 1]
        points["-".join([name, *varied])] = point
    return points


def _listed(names: list[str], grids: dict[str, dict[str, Config]]) -> list[str]:
    """Return a list of conditions with each grid's name replaced by the names of its conditions."""
    return list(dict.fromkeys(one for name in names for one in grids.get(name, [name])))


def _filled(value: Any, schema: dict[str, Any]) -> Any:
    """Return `value` with the schema's defaults where a key is absent."""
    if not isinstance(value, dict):
        return value
    properties = schema.get("properties", {})
    other = schema.get("additionalProperties")
    defaults = {name: part["default"] for name, part in properties.items() if "default" in part}
    filled = {**defaults, **value}
    return {
        name: _filled(item, properties.get(name) or (other if isinstance(other, dict) else {}))
        for name, item in filled.items()
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


def _faults(config: Config) -> Iterator[str]:
    """Yield what the schema cannot check: names that must exist elsewhere."""
    conditions = set(config["conditions"])
    used: dict[str, Iterable[str]] = {
        "train.conditions": config["train"]["conditions"],
        "test.conditions": config["test"]["conditions"],
        "report.control": [config["report"]["control"]],
        "report.strongest": [config["report"]["strongest"]] if "strongest" in config["report"] else [],
    }
    for key, names in used.items():
        for name in names:
            if name not in conditions:
                yield f"{key}: condition {name!r} is unknown; {nearest(name, conditions)}"
    for key in ("control", "strongest"):
        name = config["report"].get(key)
        if name and name not in config["test"]["conditions"]:
            yield f"report.{key}: condition {name!r} is not among test.conditions"
    train = config["train"]["conditions"]
    drawn = {f"rationales.styles.{style}": names for style, names in config["rationales"]["styles"].items()}
    drawn |= {
        f"recipes.{name}.mixture.conditions": list(recipe["mixture"]["conditions"])
        for name, recipe in config["recipes"].items()
        if "mixture" in recipe
    }
    for key, names in drawn.items():
        for name in names:
            if name not in train:
                yield f"{key}: condition {name!r} is not among train.conditions; {nearest(name, train)}"
    for name, condition in config["conditions"].items():
        if (kind := condition["kind"]) not in injectors.names():
            yield f"conditions.{name}.kind: injector {kind!r} is unknown; {nearest(kind, injectors.names())}"
        else:
            yield from _condition_faults(f"conditions.{name}", condition, config["models"])
    served = [("methods", name) for name in config["methods"]]
    served += [(f"recipes.{name}.method", recipe["method"]) for name, recipe in config["recipes"].items()]
    for key, name in served:
        if name not in methods.names():
            yield f"{key}: method {name!r} is unknown; {nearest(name, methods.names())}"
        elif bool(methods.load(name).TARGET) != key.startswith("recipes"):
            kind = (
                "needs a trained checkpoint: name it in a recipe"
                if methods.load(name).TARGET
                else "is for the base model"
            )
            yield f"{key}: method {name!r} {kind}"
    for name, model in config["models"].items():
        yield from _source_faults(f"models.{name}", model)
    for name, recipe in config["recipes"].items():
        yield from _recipe_faults(f"recipes.{name}", recipe, config)
    for name in config["engine"]["tensor_parallel"]:
        if name not in config["models"]:
            yield f"engine.tensor_parallel: model {name!r} is unknown; {nearest(name, config['models'])}"
    yield from _prompt_faults(config)
    for name in config["citations"]["datasets"]:
        if name not in config["datasets"]:
            yield f"citations.datasets: {name!r} is no data set; {nearest(name, config['datasets'])}"
    if config["citations"]["datasets"] and not config["citations"]["model"]:
        yield "citations.model: name a model of natural language inference, a folder or a hub repository"
    if config["report"]["reference"] not in config["methods"]:
        yield f"report.reference: method {config['report']['reference']!r} is not among methods"
    for name, dataset in config["datasets"].items():
        if dataset["depth"] < dataset["passages"]:
            yield f"datasets.{name}.depth: {dataset['depth']} is less than passages ({dataset['passages']})"
        try:
            source_keys.check(dataset["source"], name)
        except UserError as error:
            yield str(error)
        if dataset["retrieval"]["method"] in ("dense", "hybrid") and "model" not in dataset["retrieval"]:
            yield f"datasets.{name}.retrieval: method {dataset['retrieval']['method']} needs a model"


def _source_faults(key: str, source: Config) -> Iterator[str]:
    """Yield what is wrong with where a model comes from."""
    try:
        sources.check_source(source)
    except UserError as error:
        yield f"{key}: {error}"


def _recipe_faults(key: str, recipe: Config, config: Config) -> Iterator[str]:
    """Yield what a recipe lacks, has twice, or cannot have."""
    if "weights" in recipe:
        if "mixture" in recipe:
            yield f"{key}: a recipe with weights is not trained; leave mixture out"
        for dataset in config["datasets"]:
            if dataset not in recipe["weights"]:
                yield f"{key}.weights: there are none for the data set {dataset!r}"
        for dataset, source in recipe["weights"].items():
            yield from _source_faults(f"{key}.weights.{dataset}", source)
    elif "mixture" not in recipe:
        yield f"{key}: a recipe needs a mixture to be trained on, or weights"
    if (source := recipe["rationales"]) in rationales.ONE_STYLE and recipe["method"] == "interexter-ft":
        yield f"{key}.rationales: {source} has none of style interexter"
    for name in recipe["asked"]:
        if name not in methods.names():
            yield f"{key}.asked: method {name!r} is unknown; {nearest(name, methods.names())}"
        elif methods.load(name).TARGET or name == "closed-book":
            yield f"{key}.asked: {name!r} is no further method of the base model"


def _prompt_faults(config: Config) -> Iterator[str]:
    """Yield prompt sets that do not exist, or that lack a prompt that is asked for."""
    of_recipes = (name for recipe in config["recipes"].values() for name in (recipe["method"], *recipe["asked"]))
    asked = {*config["methods"], *of_recipes, "closed-book"}
    asked &= set(methods.names())  # another fault names the others
    general = {*recall.TEMPLATES, *(t for style in config["rationales"]["styles"] for t in rationales.templates(style))}
    used = []
    for dataset, settings in config["datasets"].items():
        own = settings["prompt_set"] != config["prompt_set"]
        where = f"datasets.{dataset}.prompt_set" if own else "prompt_set"
        used.append((where, settings["prompt_set"], general))
        for method in sorted(asked):
            key = f"prompt_sets.{method}" if method in config["prompt_sets"] else where
            name = config["prompt_sets"].get(method, settings["prompt_set"])
            used.append((key, name, {*methods.load(method).TEMPLATES}))
    for method in config["prompt_sets"].keys() - asked:
        yield f"prompt_sets.{method}: no such method is asked; {nearest(method, asked)}"
    sets = {p.name: {t.stem for t in p.glob("*.j2")} for p in prompts.FOLDER.iterdir() if p.is_dir()}
    sets |= {name: published_prompts.available(name) for name in published_prompts.SOURCES}
    for key, name, needed in used:
        if name not in sets:
            yield f"{key}: prompt set {name!r} is unknown; {nearest(name, sets)}"
        elif lacking := sorted(needed - sets[name]):
            why = "" if not key.endswith("prompt_set") else " (choose another set for a method in prompt_sets)"
            yield f"{key}: prompt set {name!r} has no prompt {', '.join(lacking)}{why}"


def _condition_faults(key: str, condition: Config, models: Collection[str]) -> Iterator[str]:
    """Yield what cannot be in one condition together."""
    kind, count, supporting = condition["kind"], condition["count"], condition["supporting"]
    if count == "all" and supporting != "replace":
        yield f"{key}.count: all needs supporting: replace; elsewhere give a number"
    if supporting == "replace" and injectors.free(kind):
        yield f"{key}.supporting: passages of {kind!r} are made from no retrieved one, so they can replace none"
    if injectors.names_gold(kind) and (count == "all" or (supporting == "remove" and count)):
        yield f"{key}: passages of {kind!r} name the gold answer, which this condition promises to leave out"
    if condition["sources"] != "all" and (count == "all" or condition["sources"] > count):
        yield f"{key}.sources: {condition['sources']} sources cannot tell {count} passages"
    if supporting == "replace" and condition["sources"] != "all":
        yield f"{key}.sources: replaced passages are their own sources; leave it out"
    if condition["counter_to"] == "memory" and supporting == "replace" and count != "all":
        yield f"{key}.count: with counter_to: memory, passages are replaced all or none; write count: all"
    if conditions.needs_model(condition) and (model := str(condition.get("model", ""))) not in models:
        yield f"{key}.model: {model!r} is not among models; {nearest(model, models)}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known names are nearest to an unknown one."""
    known = sorted(map(str, known))
    near = get_close_matches(name, known)
    return f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(known)}"


def described() -> str:
    """Return config/README.md: every key of the schema with its type, default and description."""
    schema = yaml.safe_load(SCHEMA.read_text())
    lines = [
        "# The config, key by key",
        "",
        "One YAML file states a study: `make run CONFIG=config/mine.yaml`, or `snakemake --configfile FILE`.",
        "Start from a copy of `config.yaml` (the embedded default), `atlas.yaml` (the study) or `smoke.yaml` (the",
        "tests' two minutes). A key that is not listed here is refused. `NAME` stands for a name of yours. A key that",
        "is required is so where the key above it is there (`recipes: {}` trains nothing).",
        "",
        "Generated from `workflow/scripts/interexter/study/config.schema.yaml` by `python tools/describe_config.py`.",
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
