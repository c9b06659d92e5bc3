"""Memory of the host by the config alone: what a job asks for is enough to read a model, to offload and to merge."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from interexter.study import host_memory, settings

CONFIG = Path(__file__).parents[2] / "config"


def study(name: str, **changes: Any) -> dict[str, Any]:
    config = yaml.safe_load((CONFIG / f"{name}.yaml").read_text(encoding="utf-8"))
    return settings.checked(deepcopy(config) | changes)


@pytest.mark.parametrize(
    ("name", "recipe", "gigabytes"),
    [
        ("instructrag", "instructrag-ft", 1.5 * 4 * 2 * 8),  # each of four ranks reads 2 bytes a weight
        (
            "interexter",
            "interexter-ft",
            1.5 * 6 * 8,
        ),  # one rank reads 16 GB; merging the adapter takes 4 + 2 bytes a weight
        ("llama-3-8b", "instructrag-ft", 1.5 * 4 * 2 * 8),
        ("llama-3-8b", "interexter-ft-lora", 1.5 * 6 * 8),
        ("smoke", "interexter-ft", 16),  # the least
    ],
)
def test_a_training_asks_for_what_its_model_takes(name: str, recipe: str, gigabytes: float) -> None:
    config = study(name)
    [model] = config["models"]
    assert host_memory.of_training(config, recipe, model) == pytest.approx(gigabytes * 1e9)


@pytest.mark.parametrize(
    ("name", "changes", "gigabytes"),
    [
        ("instructrag-70b", {}, 4 * 8 + 2 * 70),  # a process for each of four GPUs; bfloat16
        ("llama-3-8b", {}, 8 + 2 * 8),
        ("llama-3-8b", {"device": "cpu", "engine": {"dtype": "float32"}}, 8 + 4 * 8),
        ("smoke", {}, 8),  # a model of a package is a small one
        ("smoke", {"models": {"tiny": {"kind": "endpoint", "url": "http://localhost:1/v1", "model": "m"}}}, 8),
    ],
)
def test_a_job_that_asks_a_model_holds_its_weights_once(name: str, changes: dict[str, Any], gigabytes: float) -> None:
    if "models" in changes:
        changes = changes | {"recipes": {}}
    config = study(name, **changes)
    [model] = config["models"]
    assert host_memory.of_asking(config, model) == pytest.approx(gigabytes * 1e9)


def test_an_optimizer_that_is_offloaded_lies_in_the_hosts_memory() -> None:
    config = study("instructrag")
    [model] = config["models"]
    config["recipes"]["instructrag-ft"]["training"]["offload"] = True
    assert host_memory.of_training(config, "instructrag-ft", model) == pytest.approx(1.5 * 16 * 8e9)


def test_on_a_cpu_the_state_of_every_rank_is_in_the_hosts_memory() -> None:
    """Float32: 4 bytes of weights and 4 of gradients in each of two ranks; of the optimizer's 12, half in each."""
    config = study("instructrag", device="cpu")
    [model] = config["models"]
    training = config["recipes"]["instructrag-ft"]["training"]
    training |= {"precision": "float32", "zero_stage": 1, "ranks": 2}
    assert host_memory.of_training(config, "instructrag-ft", model) == pytest.approx(1.5 * 2 * (4 + 4 + 6) * 8e9)


def test_an_adapter_that_is_there_is_merged_as_one_that_was_trained() -> None:
    config = study("interexter")
    [model] = config["models"]
    assert host_memory.of_merging(config, model) == host_memory.of_training(config, "interexter-ft", model)
