"""What a model's size says before it is loaded: weights, floating-point operations and memory. No heavy imports."""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from . import configuration, lora, weights

# Dense bfloat16 peak of one device in FLOP per second, from the makers' data sheets (tensor cores, no sparsity).
PEAKS = {
    "H200": 989e12,
    "H100 PCIe": 756e12,
    "H100": 989e12,
    "A100": 312e12,
    "L40S": 362e12,
    "L4": 121e12,
    "A10": 125e12,
    "B200": 2250e12,
}
GIB = 2**30


@dataclass(frozen=True)
class Shape:
    """The size of a decoder-only model."""

    weights: int  # all of them, a tied language head once
    embedding: int  # those of the input embedding
    tied: bool  # the language head is the embedding
    layers: int
    hidden: int
    attention: int  # query heads x width of a head
    matrices: dict[str, list[int]]  # the layers' linear maps: name and (out, in)

    @property
    def backbone(self) -> int:
        """Weights that every token is multiplied with: neither embedding nor language head."""
        return self.weights - self.embedding * (1 if self.tied else 2)


def read_shape(folder: Path) -> Shape:
    """Return the size of a model folder, from its configuration and the headers of its safetensors files."""
    numbers = ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads")
    config = configuration.read(folder, *numbers)
    if config.get("head_dim") is not None:  # where it is not the quotient of two of them
        configuration.read(folder, "head_dim")
    tensors = weights.shapes(folder)
    if not tensors:
        raise UserError(f"{folder}: no .safetensors file. Let the workflow prepare the model.")
    return Shape(
        weights=sum(math.prod(shape) for shape in tensors.values()),
        embedding=config["vocab_size"] * config["hidden_size"],
        tied=not any(name.endswith("lm_head.weight") for name in tensors),
        layers=config["num_hidden_layers"],
        hidden=config["hidden_size"],
        attention=config["num_attention_heads"]
        * (config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]),
        matrices={name: shape for name, shape in tensors.items() if ".layers." in name and len(shape) == 2},
    )


def trained_weights(shape: Shape, preset: str) -> int:
    """Return how many weights a recipe trains: all, or those of the adapter (r x (out + in) for each matrix)."""
    if preset == "none":
        return shape.weights
    adapter = lora.PRESETS[preset]
    return sum(
        adapter.r * sum(matrix)
        for name, matrix in shape.matrices.items()
        if name.split(".")[-2] in adapter.target_modules
    )


def flops(shape: Shape, tokens: float, squared_lengths: float, supervised: float, frozen: bool) -> float:
    """Return the floating-point operations of forward and backward over some examples.

    6 for each weight and token and 12 x layers x attention width x length for each token (PaLM, arXiv 2204.02311,
    appendix B), the latter without the discount for causal masks. Two things differ from the paper, to count what is
    really done: the language head runs on the `supervised` tokens only, and a frozen weight needs no gradient of its
    own (4 for 6). Recomputation under gradient checkpointing does not count.
    """
    weight = 4 if frozen else 6
    return (
        weight * shape.backbone * tokens
        + 12 * shape.layers * shape.attention * squared_lengths
        + weight * shape.embedding * supervised
    )


def memory(shape: Shape, recipe: dict[str, Any], ranks: int, tokens: int) -> dict[str, float]:
    """Return what one rank needs, in bytes, by purpose: `state`, and the activations of `tokens` in a micro-batch.

    Activations: 34 bytes x hidden for each token and layer in 16 bits (arXiv 2205.05198, section 4.1, without the
    matrix of attention), or with checkpointing 2 bytes and one layer's 34. An estimate: it counts neither buffers nor
    fragmentation.
    """
    width = 2 if recipe["precision"] == "bfloat16" else 4
    layer = 17 * width * shape.hidden * tokens
    kept = width * shape.hidden * tokens * shape.layers + layer
    return {
        **state(shape.weights, trained_weights(shape, recipe["lora"]), recipe, ranks),
        "activations": float(kept if recipe["gradient_checkpointing"] else layer * shape.layers),
    }


def state(weights: float, trained: float, recipe: dict[str, Any], ranks: int) -> dict[str, float]:
    """Return what the state of a model in training takes of one rank, in bytes, by purpose.

    Weights, gradients and Adam's state by ZeRO stage as in arXiv 1910.02054, section 3: with bfloat16 2 + 2 + 12
    bytes a trained weight, divided by the ranks from stage 1 (optimizer), 2 (gradients), 3 (weights) on; with float32
    4 + 4 + 12, since DeepSpeed keeps its own copy of the weights. `host` is what offloading puts into the host's
    memory.

    Args:
        weights: how many the model has.
        trained: how many of them are trained.
        recipe: its hyper-parameters.
        ranks: processes that train together.
    """
    width = 2 if recipe["precision"] == "bfloat16" else 4
    stage = recipe["zero_stage"]
    optimizer = 12 * trained / ranks
    return {
        "weights": width * weights / (ranks if stage == 3 else 1),
        "gradients": width * trained / (ranks if stage >= 2 else 1),
        "optimizer": 0.0 if recipe["offload"] else optimizer,
        "host": optimizer if recipe["offload"] else 0.0,
    }


def peak_flops(device: str) -> float | None:
    """Return the dense bfloat16 peak of a device by its name, or None where it is not known."""
    return next((peak for name, peak in PEAKS.items() if re.search(rf"\b{name}\b", device)), None)
