"""Presets of low-rank adapters (LoRA, arXiv 2106.09685): which matrices get one, and how large it is."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Preset:
    """An adapter adds alpha / r * B @ A to a matrix, with B of shape (out, r) and A of shape (r, in)."""

    r: int
    lora_alpha: int
    lora_dropout: float
    target_modules: list[str]


_ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
PRESETS = {
    "interexter": Preset(8, 16, 0.05, ["q_proj", "v_proj"]),  # what InterExter-Research trains
    "all-linear": Preset(16, 32, 0.05, [*_ATTENTION, "gate_proj", "up_proj", "down_proj"]),
}


def settings(preset: str) -> dict[str, Any]:
    """Return the keyword arguments of peft.LoraConfig for a preset's name."""
    return {**asdict(PRESETS[preset]), "bias": "none", "task_type": "CAUSAL_LM"}
