"""The config of a run: defaults filled in, checked, and refused with one clear line."""

from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from ..injection.conditions import draw_name, needs_model
from ..training import tracking
from . import config_file, grids, paths, schema, values
from .faults import faults

Config = dict[str, Any]
_FORMER_ORDERS = {"given": "best-first", "reversed": "best-last"}

LOGITS_BATCH = 32  # prompts on a GPU: enough that reading the weights no longer takes most of the time
UNCHANGED = "float32"  # where no text was seen to change with its batch; in bfloat16 nearly all did: docs/methods.md


def read(path: Path) -> Config:
    """Return the config of a file, checked; raise UserError naming the file, and the line or key that is wrong."""
    return checked(config_file.read(path))


def checked(config: Config) -> Config:
    """Return the config with grids expanded and defaults filled in; raise UserError naming the key that is wrong."""
    for fault in values.faults(config):  # before anything counts on it
        raise UserError(f"config: {fault}")
    keys = schema.load()
    resolved = schema.filled(grids.expanded(config), keys)
    if fault := schema.fault(resolved, keys):
        raise UserError(f"config: {fault}")
    resolved.setdefault("seeds", [resolved["seed"]])
    engine = resolved["engine"]
    if engine["logits_batch"] == "auto":
        batched = resolved["device"] == "cuda" and engine["dtype"] == UNCHANGED and not engine["strict"]
        engine["logits_batch"] = LOGITS_BATCH if batched else 1
    for condition in resolved["conditions"].values():
        if needs_model(condition) and len(resolved["models"]) == 1:
            condition.setdefault("model", *resolved["models"])
    for dataset in resolved["datasets"].values():
        for key in ("order", "prompt_set", "evidence_states"):
            dataset.setdefault(key, resolved[key])
        dataset["order"] = _FORMER_ORDERS.get(dataset["order"], dataset["order"])
    resolved["order"] = _FORMER_ORDERS.get(resolved["order"], resolved["order"])
    for fault in faults(resolved):
        raise UserError(f"config: {fault}")
    for condition in resolved["conditions"].values():
        condition.setdefault("control", _control(condition, resolved))
    return resolved


def _control(condition: Config, config: Config) -> str:
    """Return the condition of the test that injects nothing and asks about the counter-answers of a condition."""
    for name in config["test"]["conditions"]:
        other = config["conditions"][name]
        if not other["count"] and draw_name(other) == draw_name(condition):
            return str(name)
    return str(config["report"]["control"])


def check_paths(config: Config, folder: Path) -> None:
    """Raise UserError where a file or folder that a checked config names is not there; a run's folder is `folder`."""
    for fault in paths.faults(config, folder):
        raise UserError(f"config: {fault}.")


def check_data(config: Config, folder: Path) -> None:
    """Raise UserError where data are not there of which a checked config says how they are had (`source.obtain`)."""
    for fault in paths.missing_data(config, folder):
        raise UserError(f"config: {fault}")


def check_tracking(config: Config, conda: bool) -> None:
    """Raise UserError where trainings are to be watched by what this Python lacks; conda's is looked at by the job."""
    if not conda and any("weights" not in recipe for recipe in config["recipes"].values()):
        tracking.check(config["tracking"])


def check_builds(config: Config, conda: bool) -> None:
    """Raise UserError where models are to run on GPUs and neither conda nor this Python has builds for them."""
    if config["device"] == "cuda" and not conda and not any(distributions(name="vllm")):
        raise UserError(
            "config: device is cuda, but jobs would run in this Python, which holds builds for CPUs. Add "
            "--software-deployment-method conda (docs/cluster.md); or set device: cpu."
        )
