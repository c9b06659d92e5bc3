"""How much memory of the host a job with a model takes: the config alone says it, as with GPUs."""

from typing import Any

from ..models import sizes
from . import gpu_plan

Config = dict[str, Any]

ASKING = 8e9  # bytes of a process that asks a model, beside its weights: libraries, prompts, an engine's cache on a CPU
LEAST = 16e9  # bytes of a training, which has libraries and rows besides
# Both as in estimate_zero2_model_states_mem_needs of DeepSpeed 0.19.
_BESIDE = 1.5  # buffers beside what is counted
_OFFLOADED = 16  # bytes a trained weight: Adam's state as in sizes.state, and its gradient in float32
_MERGED = 4 + 2  # bytes a weight: a base is merged in float32, and its copy in 16 bits is saved


def of_asking(config: Config, model: str) -> float:
    """Return the most bytes of a job that asks a model.

    The weights count once: on a CPU they stay here, on their way to GPUs they pass through. Each GPU of an engine has a
    process of its own.
    """
    processes = max(1, gpu_plan.of_engine(config, model))
    return ASKING * processes + gpu_plan.engine_weights(config, model)


def of_training(config: Config, recipe: str, model: str) -> float:
    """Return the most bytes that the processes of a training hold together on one machine.

    On GPUs that is the most of three phases: each process reads the weights before its GPU has them; an offloaded
    optimizer lies here; at the end an adapter is merged. On a CPU the whole state of each process is here.
    """
    training = config["recipes"][recipe]["training"]
    weights = gpu_plan.model_weights(config["models"][model]) or 0.0
    trained = gpu_plan.trained_weights(training, weights)
    ranks = gpu_plan.of_training(config, recipe, model) or training["ranks"]
    width = 2 if training["precision"] == "bfloat16" else 4
    read = ranks * width * weights
    if config["device"] == "cpu":
        read = ranks * sum(sizes.state(weights, trained, training, ranks).values())
    offloaded = _OFFLOADED * trained if training["offload"] else 0.0
    merged = 0.0 if training["lora"] == "none" else _MERGED * weights
    return max(LEAST, _BESIDE * max(read, offloaded, merged))


def of_merging(config: Config, model: str) -> float:
    """Return the bytes that it takes to merge an adapter into a model."""
    weights = gpu_plan.model_weights(config["models"][model]) or 0.0
    return max(LEAST, _BESIDE * _MERGED * weights)
