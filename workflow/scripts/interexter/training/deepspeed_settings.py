"""DeepSpeed's settings: the ZeRO part and "auto" only, so that no figure of a recipe stands in two places.

Optimizer and schedule are the Trainer's own, because DeepSpeed's optimizer block compiles code and its schedules are
other curves (its cosine is not the Trainer's).
"""

from typing import Any


def deepspeed_config(recipe: dict[str, Any], device: str) -> dict[str, Any]:
    """Return DeepSpeed's settings: the ZeRO part and "auto", to be filled from the Trainer's arguments.

    None of them makes DeepSpeed compile an operator: there is no optimizer block, and an offloaded optimizer is
    torch's too.
    """
    zero_stage = recipe["zero_stage"]
    zero: dict[str, Any] = {
        "stage": zero_stage,
        "contiguous_gradients": True,
        "overlap_comm": False,  # had wrong gradients in several releases; on only after a test of equal losses
        "reduce_bucket_size": 50_000_000,  # "auto" is width squared: hundreds of small sums where models are narrow
    }
    if zero_stage == 3:
        zero |= {
            "stage3_prefetch_bucket_size": "auto",
            "stage3_param_persistence_threshold": "auto",
            "stage3_gather_16bit_weights_on_model_save": True,
        }
    if recipe["offload"]:
        zero["offload_optimizer"] = {"device": "cpu", "pin_memory": device == "cuda"}
    return {
        "zero_optimization": zero,
        "zero_force_ds_cpu_optimizer": False,  # else an offloaded optimizer would be DeepSpeed's, which is compiled
        "bf16": {"enabled": "auto"},
        "train_batch_size": "auto",
        "train_micro_batch_size_per_gpu": "auto",
        "gradient_accumulation_steps": "auto",
        "gradient_clipping": "auto",
    }
