"""The config of a run: defaults filled in, checked, and refused with one clear line."""

from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import yaml

from ..core.errors import UserError
from ..injection.conditions import needs_model
from . import grids, schema
from .faults import faults

Config = dict[str, Any]
_FORMER_ORDERS = {"given": "best-first", "reversed": "best-last"}


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
    """Return the config with grids expanded and defaults filled in; raise UserError naming the key that is wrong."""
    keys = schema.load()
    resolved = schema.filled(grids.expanded(config), keys)
    if fault := schema.fault(resolved, keys):
        raise UserError(f"config: {fault}")
    resolved.setdefault("seeds", [resolved["seed"]])
    for condition in resolved["conditions"].values():
        if needs_model(condition) and len(resolved["models"]) == 1:
            condition.setdefault("model", *resolved["models"])
    for dataset in resolved["datasets"].values():
        for key in ("order", "prompt_set"):
            dataset.setdefault(key, resolved[key])
        dataset["order"] = _FORMER_ORDERS.get(dataset["order"], dataset["order"])
    resolved["order"] = _FORMER_ORDERS.get(resolved["order"], resolved["order"])
    for fault in faults(resolved):
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
