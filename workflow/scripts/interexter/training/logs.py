"""The tables of a training's steps: what is equal between equal runs, and what differs."""

from typing import Any

import pyarrow as pa

from ..core.tables import Row, optional, table_schema

TRAINING_LOG = table_schema(
    step=pa.int32(),
    epoch=pa.float64(),
    examples=pa.int32(),  # of this step
    tokens=pa.int64(),  # of this step, without padding
    padding=pa.float64(),  # share of what was computed
    loss=pa.float64(),
    held_out_loss=optional(pa.float64()),  # after this step, where the held-out rows were evaluated
    learning_rate=pa.float64(),
    gradient_norm=optional(pa.float64()),
)

TRAINING_SPEED = table_schema(
    step=pa.int32(),
    seconds=pa.float64(),
    tokens_per_second=pa.float64(),  # over all ranks
    mfu=optional(pa.float64()),  # null where the device's peak is not known
    memory_gib=pa.float64(),  # the most that the first rank has held so far
)


def log_rows(history: list[dict[str, Any]]) -> list[Row]:
    """Return the rows of TRAINING_LOG, one per optimizer step, from the Trainer's history.

    A step after which the held-out rows were evaluated carries their loss.
    """
    evaluated = {entry["step"]: float(entry["eval_loss"]) for entry in history if "eval_loss" in entry}
    return [
        {
            "step": entry["step"],
            "epoch": float(entry["epoch"]),
            "examples": int(entry["examples"]),
            "tokens": int(entry["tokens"]),
            "padding": float(entry["padding"]),
            "loss": float(entry["loss"]),
            "held_out_loss": evaluated.get(entry["step"]),
            "learning_rate": float(entry["learning_rate"]),
            "gradient_norm": None if entry.get("grad_norm") is None else float(entry["grad_norm"]),
        }
        for entry in history
        if "loss" in entry
    ]


def speed_rows(history: list[dict[str, Any]], peak: float | None) -> list[Row]:
    """Return the rows of TRAINING_SPEED, one per optimizer step: what differs from run to run.

    `peak` is what all ranks' devices can do together, in FLOP per second; without it there is no MFU.
    """
    return [
        {
            "step": entry["step"],
            "seconds": float(entry["seconds"]),
            "tokens_per_second": entry["tokens"] / entry["seconds"],
            "mfu": entry["flops"] / entry["seconds"] / peak if peak else None,
            "memory_gib": float(entry["memory_gib"]),
        }
        for entry in history
        if "loss" in entry
    ]
