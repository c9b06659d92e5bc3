"""transformers without its talk, and its model of a folder of weights: whole, or not at all.

A tensor that no file holds is no error to transformers: it draws the tensor at random, another one in every run.
"""

from pathlib import Path
from typing import Any

from ..core.errors import UserError


def quiet_transformers() -> Any:
    """Return transformers, imported late, because it takes seconds, and without its progress bars."""
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return transformers


def load(kind: Any, model: str | Path, **how: Any) -> Any:
    """Load a model's weights, from safetensors alone; raise UserError where the files lack one of its tensors.

    Args:
        kind: a class of transformers that has `from_pretrained`.
        model: a folder, or a repository of the hub.
        how: further arguments of `from_pretrained`.
    """
    loaded, found = kind.from_pretrained(model, use_safetensors=True, output_loading_info=True, **how)
    if missing := sorted(found["missing_keys"]):
        raise UserError(
            f"{model}: its files lack {len(missing)} of the model's tensors, such as {missing[0]}, which would be "
            "drawn at random. Is config.json that of these weights, and is every file there?"
        )
    return loaded


def load_for_inference(folder: Path, device: str, dtype: str) -> Any:
    """Load a causal model's folder onto a device; nothing from elsewhere. Raises UserError as `load` does."""
    import torch

    causal = quiet_transformers().AutoModelForCausalLM
    return load(causal, folder, dtype=getattr(torch, dtype), local_files_only=True).to(device).eval()
