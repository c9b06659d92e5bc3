"""How a recipe's global batch becomes micro-batches and optimizer steps, on any number of ranks."""

import math
from typing import Any

from ..core.errors import UserError


def batch_plan(global_batch: int, ranks: int, micro_batch: int) -> int:
    """Return the micro-batches that each rank accumulates, so that one step holds `global_batch` examples.

    Raises UserError, with the arithmetic, where no whole number does.
    """
    if min(global_batch, ranks, micro_batch) < 1:
        raise UserError(f"global batch {global_batch}, ranks {ranks} and micro-batch {micro_batch} must be 1 or more.")
    together = ranks * micro_batch
    if global_batch % together == 0:
        return global_batch // together
    below, above = global_batch // together * together, -(-global_batch // together) * together
    nearest = f"{below} or {above}" if below else f"{above}"
    if fitting := fitting_micro_batches(global_batch, ranks):
        remedy = f"with {ranks} ranks micro_batch can be {', '.join(map(str, fitting))}; or take"
    else:
        remedy = "take"
    raise UserError(
        f"A global batch of {global_batch} examples cannot be made of {ranks} ranks x {micro_batch} examples = "
        f"{together} at a time ({global_batch} / {together} = {global_batch / together:.2f} micro-batches): "
        f"{remedy} a global_batch of {nearest}."
    )


def step_plan(rows: int, recipe: dict[str, Any], ranks: int, packs: int | None = None) -> dict[str, Any]:
    """Return accumulation, optimizer steps, examples of a full step, and how many units each epoch shows twice.

    A unit is an example, or where `packs` is given one of so many packs of examples: then a step holds the whole
    number of micro-batches that comes nearest to the global batch, and `examples_per_step` says what that is on
    average. The last global batch of an epoch may be short. Ranks must stay in step, so its last micro-batches are
    filled up with the epoch's first units: at most ranks x micro-batch - 1 of them.
    """
    if rows < 1:
        raise UserError("There are no training rows. Look at the pass rates of the rationales.")
    together = ranks * recipe["micro_batch"]
    units = packs or rows
    if packs is None:
        accumulation = batch_plan(recipe["global_batch"], ranks, recipe["micro_batch"])
    else:
        accumulation = max(1, round(recipe["global_batch"] / (rows / packs * together)))
    micro_batches = -(-units // together)
    steps = math.ceil(-(-micro_batches // accumulation) * recipe["epochs"])
    return {
        "accumulation": accumulation,
        "steps": min(steps, recipe["max_steps"]) if recipe["max_steps"] else steps,
        "examples_per_step": round(accumulation * together * rows / units, 2),
        "repeated_per_epoch": micro_batches * together - units,
    }


def fitting_micro_batches(global_batch: int, ranks: int) -> list[int]:
    """Return the micro-batches that make up a global batch on so many ranks, the smallest first."""
    share = global_batch // ranks
    return [size for size in range(1, share + 1) if share % size == 0] if global_batch % ranks == 0 else []
