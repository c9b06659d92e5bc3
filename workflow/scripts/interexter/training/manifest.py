"""What a checkpoint's manifest says."""

from typing import Any

from ..core.tables import Row

# What is read of the base's manifest: the reader asks for it before a training begins.
OF_BASE = ("source", "weights_id", "architecture", "dtype", "vocabulary_size", "context_length", "licence")


def manifest(
    base: dict[str, Any],
    base_manifest_id: str,
    weights_id: str,
    resolved: dict[str, Any],
    deepspeed: dict[str, Any],
    best: dict[str, Any],
    log: list[Row],
) -> dict[str, Any]:
    """Describe a checkpoint, without times: equal runs give equal bytes.

    `resolved` is the recipe with all that followed from it; `best` says which step's weights were taken.
    """
    return {
        "base": {"manifest_id": base_manifest_id, "weights_id": base["weights_id"], "source": base["source"]},
        "weights_id": weights_id,
        "architecture": base["architecture"],
        "dtype": base["dtype"],
        "vocabulary_size": base["vocabulary_size"],
        "context_length": base["context_length"],
        "licence": base["licence"],
        "recipe": resolved,
        "deepspeed": deepspeed,
        "examples": resolved["examples"],
        "tokens_trained": sum(row["tokens"] for row in log),
        "first_loss": log[0]["loss"],
        "last_loss": log[-1]["loss"],
        **best,
    }
