"""What is decided before training starts and recorded after it: batches, DeepSpeed's settings, rows, manifests.

The recipe is the one source of truth. DeepSpeed's settings hold the ZeRO part and "auto" only, so that no figure
stands in two places; optimizer and schedule are the Trainer's own, because DeepSpeed's optimizer block compiles code
and its schedules are other curves (its cosine is not the Trainer's).
"""

import math
import re
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..core import identity
from ..core.errors import UserError
from ..core.tables import Row, optional, table_schema
from ..models import lora

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


RECIPE_KEYS: dict[str, type] = {
    "epochs": float,
    "max_steps": int,  # 0: no bound but the epochs
    "learning_rate": float,
    "schedule": str,
    "warmup": float,  # share of the steps, in [0, 1)
    "global_batch": int,  # examples of one optimizer step, over all ranks
    "micro_batch": int,  # examples of one forward pass on one rank; packs of examples where batching is packed
    "batching": str,  # how the rows of a micro-batch lie in memory
    "weighting": str,  # what weighs one in the loss
    "weight_decay": float,
    "max_grad_norm": float,
    "precision": str,
    "zero_stage": int,
    "offload": bool,  # the optimizer's state lives in the host's memory
    "gradient_checkpointing": bool,
    "lora": str,  # a preset of lora.PRESETS, or none: all weights are trained
    "max_length": int,  # tokens
    "held_out": float,  # share of the questions that training does not see, in [0, 1)
    "evaluate_every": int,  # optimizer steps between two evaluations of the held-out rows
    "patience": int,  # evaluations without a better one that stop the training; 0: it goes on
    "seed": int,
}
CHOICES: dict[str, tuple[Any, ...]] = {
    "schedule": ("cosine", "linear", "constant"),
    "precision": ("bfloat16", "float32"),
    "zero_stage": (1, 2, 3),
    "batching": ("unpadded", "padded", "packed"),
    "weighting": ("token", "example"),
    "lora": ("none", *lora.PRESETS),
}
_POSITIVE = ("epochs", "learning_rate", "global_batch", "micro_batch", "max_grad_norm", "max_length", "evaluate_every")
_COMPLETE = "complete"


def check_recipe(recipe: dict[str, Any]) -> None:
    """Raise UserError unless the recipe has exactly the keys of RECIPE_KEYS, with values that make sense."""
    missing, odd = sorted(RECIPE_KEYS.keys() - recipe.keys()), sorted(recipe.keys() - RECIPE_KEYS.keys())
    if missing or odd:
        raise UserError(f"recipe: missing keys {missing}, unknown keys {odd}.")
    for key, kind in RECIPE_KEYS.items():
        value = recipe[key]
        if key == "micro_batch" and value == "auto":
            continue
        fits = isinstance(value, (int, float) if kind is float else kind)
        if not fits or (isinstance(value, bool) and kind is not bool):
            raise UserError(f"recipe: {key} is {value!r}; expected {kind.__name__}.")
        if key in CHOICES and value not in CHOICES[key]:
            raise UserError(f"recipe: {key} is {value!r}; expected one of {', '.join(map(str, CHOICES[key]))}.")
        if key in _POSITIVE and not value > 0:
            raise UserError(f"recipe: {key} is {value}; expected more than 0.")
    for key, of in (("warmup", "steps"), ("held_out", "questions")):
        if not 0 <= recipe[key] < 1:
            raise UserError(f"recipe: {key} is {recipe[key]}; expected a share of the {of}, from 0 to below 1.")
    if min(recipe[key] for key in ("max_steps", "weight_decay", "patience")) < 0:
        raise UserError("recipe: max_steps, weight_decay and patience cannot be negative.")
    if recipe["patience"] and not recipe["held_out"]:
        raise UserError("recipe: patience looks at the held-out rows; give held_out a share, or leave patience at 0.")


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


def held_out(rows: list[Row], share: float, seed: int) -> tuple[list[Row], list[Row]]:
    """Return the rows that are trained on and those that are held out, both in the given order.

    Whole questions are held out, because the same question under another condition would give the answer away.
    Which ones depends on the seed and the question alone.
    """
    if not share:
        return rows, []
    questions = sorted({row["question_id"] for row in rows}, key=lambda name: identity.row_seed(seed, "held-out", name))
    away = set(questions[: max(1, round(share * len(questions)))])
    if len(away) == len(questions):
        raise UserError(f"held_out = {share} of {len(questions)} questions leaves none to train on.")
    kept = [row for row in rows if row["question_id"] not in away]
    return kept, [row for row in rows if row["question_id"] in away]


def hyperparameters_id(
    base: str, data: str, recipe: dict[str, Any], ranks: int, device: str, versions: dict[str, str]
) -> str:
    """Return the content hash of all that decides a training run; another hash never resumes its checkpoints.

    `base` is the weights_id of the base model, `data` the file_id of the training table.
    """
    return identity.content_id([base, data, recipe, ranks, device, versions])


def check_rows(rows: list[Row], max_length: int) -> None:
    """Raise UserError, naming question ids, if a row is too long, has no completion or a mask that does not fit.

    Nothing is ever truncated, because what a truncated row loses is its completion.
    """
    long = [row for row in rows if len(row["input_ids"]) > max_length]
    if long:
        longest = max(len(row["input_ids"]) for row in long)
        raise UserError(
            f"{len(long)} training rows are longer than max_length = {max_length} tokens (the longest has {longest}): "
            f"{_named(long)}. Raise max_length in the recipe, or show fewer passages."
        )
    odd = [row for row in rows if len(row["input_ids"]) != len(row["completion_mask"])]
    if odd:
        raise UserError(f"{len(odd)} training rows have a completion_mask of another length: {_named(odd)}.")
    # A token's loss needs a token before it, so a completion cannot start a row.
    empty = [row for row in rows if not any(row["completion_mask"]) or row["completion_mask"][0]]
    if empty:
        raise UserError(f"{len(empty)} training rows have no prompt or no completion: {_named(empty)}.")


def _named(rows: list[Row], most: int = 5) -> str:
    names = ", ".join(f"{row['question_id']} ({row['condition']})" for row in rows[:most])
    return names + (f" and {len(rows) - most} more" if len(rows) > most else "")


def labels_of(row: Row) -> list[int]:
    """Return a row's labels: the token where the loss counts, -100 elsewhere."""
    return [token if bit else -100 for token, bit in zip(row["input_ids"], row["completion_mask"], strict=True)]


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


def mark_complete(checkpoint: Path) -> None:
    """Mark a checkpoint as written in full by every rank."""
    (checkpoint / _COMPLETE).touch()


def last_complete(partial: Path) -> Path | None:
    """Return the newest complete checkpoint below a running training's folder, or None."""
    found = [
        (int(match.group(1)), path)
        for path in partial.glob("checkpoint-*")
        if (match := re.fullmatch(r"checkpoint-(\d+)", path.name)) and (path / _COMPLETE).is_file()
    ]
    return max(found)[1] if found else None


def partial_folder(out: Path, run_id: str) -> Path:
    """Return the folder of a running training's checkpoints, which no rule declares and so survives a failed job."""
    return out.with_name(f".{out.name}.{run_id}.partial")


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
