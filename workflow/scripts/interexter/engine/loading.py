"""transformers' model of a folder of weights, for inference."""

from pathlib import Path
from typing import Any


def load_for_inference(folder: Path, device: str, dtype: str) -> Any:
    """Load a model folder's weights onto a device; only safetensors, and nothing from elsewhere."""
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=getattr(torch, dtype), local_files_only=True, use_safetensors=True
    )
    return model.to(device).eval()
