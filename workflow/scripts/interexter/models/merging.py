"""Adapters (LoRA, arXiv 2106.09685) become checkpoints: what they add to their base's weights is added and saved.

A checkpoint that is merged is a model like any other: every engine reads it, and its content hash covers what answers.
Heavy imports: whoever needs none of this imports it late.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import peft
import torch
import transformers

from ..core.errors import UserError
from ..core.json_files import read_json
from . import weights
from .loading import load

SETTINGS = "adapter_config.json"
_TENSORS = "adapter_model.safetensors"


def merged(base: Path, adapter: Path) -> Any:
    """Return the base, in float32 on the CPU, with an adapter added to its weights: W + alpha / r * B A.

    Raises UserError where the adapter's tensors are not those that its settings and the base ask for: what a library
    leaves out would be missing in the answers alone.
    """
    whole = load(transformers.AutoModelForCausalLM, base, dtype=torch.float32, local_files_only=True)
    try:
        both = peft.PeftModel.from_pretrained(whole, adapter)
    except (RuntimeError, ValueError) as error:  # a matrix of another shape, a module that is not there
        raise UserError(f"{adapter}: it does not fit its base: {' '.join(str(error).split())[:300]}") from error
    held, asked = set(weights.shapes(adapter)), set(peft.get_peft_model_state_dict(both))
    if odd := sorted(held ^ asked):
        raise UserError(
            f"{adapter}: it does not fit its base: {len(held - asked)} of its tensors belong to none of the base's, "
            f"{len(asked - held)} are missing, such as {odd[0]}."
        )
    return both.merge_and_unload()


def save(model: Any, state: Mapping[str, torch.Tensor], base: Path, folder: Path) -> None:
    """Write weights in the dtype of their base, with its configuration, tokenizer and way of being spoken to."""
    dtype = getattr(torch, weights.dtype_of(base))
    # A tied weight is stored once, under its own name; gathered copies share no memory.
    tied = set(model.all_tied_weights_keys)
    model.save_pretrained(folder, state_dict={name: one.to(dtype) for name, one in state.items() if name not in tied})
    # A training sets a padding token and other settings of its own: a checkpoint differs from its base in weights.
    for path in weights.model_files(base):
        if ".safetensors" not in path.name:
            shutil.copyfile(path, folder / path.name)


def check(adapter: Path) -> dict[str, Any]:
    """Return an adapter's settings; raise UserError unless it is a LoRA adapter of whole safetensors."""
    if not (adapter / SETTINGS).is_file():
        raise UserError(f"{adapter}: no {SETTINGS}; expected a folder that peft's save_pretrained wrote.")
    if not (adapter / _TENSORS).is_file():
        raise UserError(
            f"{adapter}: no {_TENSORS}. Pickled weights are refused, because loading them runs code; save the adapter "
            "again as safetensors."
        )
    settings = read_json(adapter / SETTINGS, "peft_type", "r", "lora_alpha")
    if settings["peft_type"] != "LORA":
        raise UserError(f"{adapter}: an adapter of type {settings['peft_type']}; only LORA is merged here.")
    weights.check_whole(adapter)
    return settings


def write(base: Path, adapter: Path, folder: Path) -> dict[str, Any]:
    """Write a base with an adapter merged into it; return what the manifest says of the adapter."""
    settings = check(adapter)
    model = merged(base, adapter)
    save(model, model.state_dict(), base, folder)
    return {
        "weights_id": weights.weights_id(adapter),
        "trained_on": settings.get("base_model_name_or_path"),
        **{key: settings[key] for key in ("r", "lora_alpha")},
    }
