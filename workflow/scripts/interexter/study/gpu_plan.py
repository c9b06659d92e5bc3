"""How many GPUs the jobs of a study take: its config alone says it, so the plan is the same wherever it is made.

A model's size is known before it is here: its repository's name says it, or the headers of a folder's weights do.
"""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from ..models import sizes
from ..models import weights as weight_files
from ..training import plan
from . import layout

Config = dict[str, Any]

_ROOMY = 0.75  # of a GPU's memory for what is certain, where a number is chosen: activations and buffers want some too
_USABLE = 0.9  # of a GPU's memory, at most
_ADAPTER = 0.01  # of a model's weights, at most, are those of an adapter where the model is a large one
_MOST = 1024  # GPUs
_PUBLISHED = 8.03e9  # weights of Llama-3-8B, of which all published checkpoints are
_UNITS = {"m": 1e6, "b": 1e9}
_WIDTHS = {"float32": 4, "bfloat16": 2, "float16": 2}


def model_weights(source: Config) -> float | None:
    """Return about how many weights a model has, None where nothing tells; those of a Python package count as none."""
    if source["kind"] == "hub":
        return _named(source["repository"])
    if source["kind"] == "published":
        return _PUBLISHED
    if source["kind"] != "local":
        return 0.0
    folder = Path(source["path"]).expanduser()
    if not folder.is_dir():
        return None
    return float(sum(math.prod(shape) for shape in weight_files.shapes(folder).values()))


def _named(repository: str) -> float | None:
    """Return the number of weights that a name states: 8e9 of `Meta-Llama-3-8B-Instruct`, 56e9 of `Mixtral-8x7B`."""
    stated = [
        int(experts or 1) * float(number) * _UNITS[unit]
        for word in re.split(r"[-_]", repository.rpartition("/")[2].lower())
        for experts, number, unit in re.findall(r"^(?:(\d+)x)?(\d+(?:\.\d+)?)([mb])$", word)
    ]
    return max(stated, default=None)


def engine_weights(config: Config, model: str) -> float:
    """Return about how many bytes an engine's weights take, 0 where nothing tells or a server has them."""
    return (model_weights(config["models"][model]) or 0.0) * _WIDTHS[config["engine"]["dtype"]]


def of_engine(config: Config, model: str) -> int:
    """Return the GPUs that share one engine of a model: none on a CPU, or where a server has its own."""
    if config["device"] != "cuda" or model in layout.of_servers(config):
        return 0
    return int(config["engine"]["tensor_parallel"].get(model, 1))


def of_training(config: Config, recipe: str, model: str) -> int:
    """Return the GPUs that a recipe trains a model on, 0 on a CPU.

    `gpus: auto` is the fewest that hold the model's state with room for activations, and divide the global batch.
    Where nothing tells the model's size it is 1. Raises UserError where no number is enough.
    """
    training = config["recipes"][recipe]["training"]
    if config["device"] != "cuda":
        return 0
    if training["gpus"] != "auto":
        return int(training["gpus"])
    weights = model_weights(config["models"][model]) or 0.0
    found = _fewest(training, weights, _ROOMY * 1e9 * config["gpu_memory"])
    if found is None:
        raise UserError(
            f"config: recipes.{recipe}.training: {model} with its {weights:.1e} weights is held by no number of GPUs "
            f"of {config['gpu_memory']} GB at zero_stage {training['zero_stage']}. Take a higher zero_stage, lora, "
            "offload: true, or larger GPUs (gpu_memory)."
        )
    return found


def trained_weights(training: Config, weights: float) -> float:
    """Return about how many of a model's weights a recipe trains."""
    return weights if training["lora"] == "none" else _ADAPTER * weights


def _fewest(training: Config, weights: float, room: float) -> int | None:
    """Return the least number of ranks that make up the global batch and have `room` bytes each for the state."""
    whole = training["batching"] != "packed"  # a step of packed rows is about the global batch, on any number
    for ranks in range(1, _MOST + 1):
        if (not whole or training["global_batch"] % ranks == 0) and _state(training, weights, ranks) <= room:
            return ranks
    return None


def _state(training: Config, weights: float, ranks: int) -> float:
    """Return the bytes that are certain to lie on one GPU."""
    need = sizes.state(weights, trained_weights(training, weights), training, ranks)
    return need["weights"] + need["gradients"] + need["optimizer"]


def check(config: Config) -> None:
    """Raise UserError where a global batch cannot be made, or a model does not fit the GPUs of its engine or training.

    On GPUs that nothing tells a model's size is a fault too.
    """
    for fault in _faults_on_gpus(config) if config["device"] == "cuda" else _faults_on_cpu(config):
        raise UserError(f"config: {fault}")


def _faults_on_cpu(config: Config) -> Iterator[str]:
    for recipe in layout.trained(config):
        yield from _batch_faults(config, recipe, "ranks", config["recipes"][recipe]["training"]["ranks"])


def _batch_faults(config: Config, recipe: str, key: str, ranks: int) -> Iterator[str]:
    training = config["recipes"][recipe]["training"]
    if training["batching"] != "packed":
        try:
            plan.batch_plan(
                training["global_batch"], ranks, 1 if training["micro_batch"] == "auto" else training["micro_batch"]
            )
        except UserError as error:
            yield f"recipes.{recipe}.training.{key}: {error}"


def _faults_on_gpus(config: Config) -> Iterator[str]:
    memory = 1e9 * config["gpu_memory"]
    for model, source in config["models"].items():
        weights = model_weights(source)
        held = engine_weights(config, model)
        if (gpus := of_engine(config, model)) and held / gpus > _USABLE * memory:
            enough = next(2**n for n in range(1, _MOST) if held / 2**n <= _ROOMY * memory)
            yield (
                f"engine.tensor_parallel: {model} has {held / 1e9:.0f} GB of weights in {config['engine']['dtype']}, "
                f"and {gpus} GPU(s) of {config['gpu_memory']} GB do not hold them; write {model}: {enough}"
            )
        for recipe in layout.trained(config):
            yield from _training_faults(config, recipe, model, weights)


def _training_faults(config: Config, recipe: str, model: str, weights: float | None) -> Iterator[str]:
    training = config["recipes"][recipe]["training"]
    key = f"recipes.{recipe}.training"
    if weights is None and config["models"][model]["kind"] == "hub" and training["gpus"] == "auto":
        yield f"{key}.gpus: the name of {model}'s repository does not tell its size; say how many GPUs train it"
    gpus = of_training(config, recipe, model)
    yield from _batch_faults(config, recipe, "gpus", gpus)
    room = _USABLE * 1e9 * config["gpu_memory"]
    if weights and (state := _state(training, weights, gpus)) > room:
        enough = _fewest(training, weights, room)
        remedy = f"it needs {enough}" if enough else "no number is enough at this zero_stage"
        yield (
            f"{key}.gpus: weights, gradients and optimizer of {model} take {state / 1e9:.0f} GB of each of {gpus} "
            f"GPU(s), which have {config['gpu_memory']} GB: {remedy}"
        )


def check_granted(config: Config, granted: int) -> None:
    """Raise UserError where models are to run on GPUs and the run was granted fewer than one of its jobs takes."""
    jobs = [(of_engine(config, model), "an engine") for model in config["models"]]
    jobs += [
        (of_training(config, recipe, model), f"the training of {recipe} on {model}")
        for recipe in layout.trained(config)
        for model in config["models"]
    ]
    jobs.append((1, "a job with a model"))  # such as a judge or an encoder, where servers have the engines
    needed, job = max(jobs, key=lambda one: one[0])
    if config["device"] == "cuda" and granted < needed:
        raise UserError(
            f"config: device is cuda and {job} takes {needed} GPU(s), but the run was granted {granted}. Add "
            f"--resources gpu={needed} or more, or a profile that grants them; or set device: cpu. GPUs are taken to "
            f"have {config['gpu_memory']} GB (gpu_memory)."
        )
