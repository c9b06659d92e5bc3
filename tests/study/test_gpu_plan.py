"""GPUs by the config alone: how many a recipe takes, and what is refused before the first job because it cannot fit."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy
import pytest
import yaml
from interexter.core.errors import UserError
from interexter.study import gpu_plan, settings
from safetensors.numpy import save_file

CONFIG = Path(__file__).parents[2] / "config"
STUDY: dict[str, Any] = yaml.safe_load((CONFIG / "llama-3-8b.yaml").read_text(encoding="utf-8"))
[MODEL] = STUDY["models"]


def study(repository: str = "", gpu_memory: float = 80, engine: int = 1, **training: Any) -> dict[str, Any]:
    """Return the study of Llama-3-8B with one recipe, changed and checked; `engine` is the GPUs of an engine."""
    config = deepcopy(STUDY) | {"gpu_memory": gpu_memory}
    recipe = config["recipes"]["instructrag-ft"]
    config["recipes"] = {"mine": recipe | {"training": recipe["training"] | training}}
    config["engine"]["tensor_parallel"] = {MODEL: engine}
    if repository:
        config["models"][MODEL]["repository"] = repository
    return settings.checked(config)


@pytest.mark.parametrize(
    ("repository", "weights"),
    [
        ("meta-llama/Meta-Llama-3-8B-Instruct", 8e9),
        ("mistralai/Mixtral-8x7B-Instruct-v0.1", 56e9),
        ("Qwen/Qwen2.5-7B-Instruct-1M", 7e9),
        ("Qwen/Qwen3-30B-A3B", 30e9),
        ("HuggingFaceTB/SmolLM2-1.7B-Instruct", 1.7e9),
        ("HuggingFaceTB/SmolLM2_135M", 135e6),
        ("microsoft/Phi-3-mini-4k-instruct", None),
        ("8b-owner/model", None),
    ],
)
def test_a_repositorys_name_tells_its_size(repository: str, weights: float | None) -> None:
    assert gpu_plan.model_weights({"kind": "hub", "repository": repository}) == weights


@pytest.mark.parametrize(
    ("changes", "gpus"),
    [
        # 2 bytes x 8e9, and 14 bytes x 8e9 over the ranks: 128, 72 and 44 GB of 60.
        ({}, 4),
        ({"gpu_memory": 141}, 2),
        ({"gpu_memory": 24, "zero_stage": 3}, 8),  # 16 bytes x 8e9 / 8 = 16 of 18
        ({"offload": True}, 1),  # 2 + 2 bytes x 8e9 = 32 GB
        ({"lora": "interexter"}, 1),
        ({"global_batch": 126}, 3),  # 16 + 37 GB
        ({"gpus": 8}, 8),
        ({"repository": "meta-llama/Meta-Llama-3-70B", "lora": "interexter", "zero_stage": 3, "engine": 4}, 4),
    ],
)
def test_a_recipe_takes_the_fewest_gpus_that_hold_it(changes: dict[str, Any], gpus: int) -> None:
    config = study(**changes)
    gpu_plan.check(config)
    assert gpu_plan.of_training(config, "mine", MODEL) == gpus
    assert gpu_plan.of_training(config | {"device": "cpu"}, "mine", MODEL) == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"gpus": 1},
            "recipes.mine.training.gpus: weights, gradients and optimizer of llama-3-8b take 128 GB of each of 1",
        ),
        ({"gpus": 1}, "it needs 2"),
        ({"gpus": 3}, "128 examples cannot be made of 3 ranks"),
        ({"gpu_memory": 16}, "engine.tensor_parallel: llama-3-8b has 16 GB of weights in bfloat16, and 1 GPU(s) of 16"),
        ({"gpu_memory": 20}, "held by no number of GPUs of 20 GB at zero_stage 2"),
        ({"repository": "meta-llama/Meta-Llama-3-70B"}, "write llama-3-8b: 4"),
        ({"repository": "microsoft/Phi-3-mini-4k-instruct"}, "recipes.mine.training.gpus: the name of llama-3-8b's"),
    ],
)
def test_what_cannot_fit_is_refused_in_one_line(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError) as caught:
        gpu_plan.check(study(**changes))
    assert said in str(caught.value) and "\n" not in str(caught.value)
    gpu_plan.check(study(**changes) | {"device": "cpu"})


def test_a_run_is_granted_what_its_largest_job_takes() -> None:
    gpu_plan.check_granted(study(), 4)
    with pytest.raises(
        UserError, match=r"the training of mine on llama-3-8b takes 4 GPU\(s\), but the run was granted 2"
    ):
        gpu_plan.check_granted(study(), 2)
    with pytest.raises(
        UserError, match=r"an engine takes 8 GPU\(s\), but the run was granted 4. Add --resources gpu=8"
    ):
        gpu_plan.check_granted(study(engine=8), 4)
    with pytest.raises(UserError, match="was granted 0"):
        gpu_plan.check_granted(study(lora="interexter"), 0)
    gpu_plan.check_granted(study() | {"device": "cpu"}, 0)


def test_a_folders_weights_are_counted(tmp_path: Path) -> None:
    save_file({"a": numpy.zeros((3, 5), "float32"), "b": numpy.zeros(7, "float32")}, tmp_path / "model.safetensors")
    assert gpu_plan.model_weights({"kind": "local", "path": str(tmp_path)}) == 22
    assert gpu_plan.model_weights({"kind": "local", "path": str(tmp_path / "none")}) is None


def test_a_global_batch_that_no_number_of_ranks_makes_up_is_refused_on_a_cpu_too() -> None:
    config = study(global_batch=4, micro_batch=4, ranks=2) | {"device": "cpu"}
    with pytest.raises(UserError, match=r"recipes\.mine\.training\.ranks: A global batch of 4 examples cannot be made"):
        gpu_plan.check(config)
    gpu_plan.check(study(global_batch=8, micro_batch=4, ranks=2) | {"device": "cpu"})
