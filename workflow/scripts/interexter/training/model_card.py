"""The model card of a checkpoint: a README.md as model hubs read it, made from manifests alone."""

from collections.abc import Sequence
from typing import Any

from ..core.tables import Row
from .card_text import card_text

_SHOWN = (
    *("epochs", "steps", "learning_rate", "schedule", "warmup", "global_batch", "examples_per_step", "weighting"),
    *("batching", "max_length", "precision", "lora", "zero_stage", "offload", "gradient_checkpointing"),
    *("ranks", "seed"),
)


def data_of(name: str, card: dict[str, Any]) -> dict[str, Any]:
    """Return name and licences of a data set from its card.json; None where it states none."""
    licences = sorted({source["licence"] for source in card.get("sources", {}).values()})
    return {"name": name, "licence": ", ".join(licences) or card.get("licence")}


def card(name: str, manifest: dict[str, Any], data: dict[str, Any] | None = None, metrics: Sequence[Row] = ()) -> str:
    """Return the card of the checkpoint `name`.

    `data` says from what it learned (`name`, `licence`), where that is known; `metrics` are rows of METRICS of this
    checkpoint, of the slice "all".
    """
    source, recipe = manifest["base"]["source"], manifest["recipe"]
    base = source.get("repository") or source.get("package") or "a model of this machine"  # no path: it says nothing
    head: dict[str, Any] = {"library_name": "transformers", "pipeline_tag": "text-generation"}
    if source["kind"] == "hub":
        head["base_model"] = base
    if manifest["licence"]:
        head["license"] = str(manifest["licence"]).lower()
    head["tags"] = ["trl", "sft", *(["lora"] if recipe["lora"] != "none" else [])]
    revision = source.get("revision") or source.get("version")
    lines = [
        f"# {name}",
        "",
        f"Fine-tuned from {base}{f' at {revision}' if revision else ''} on {manifest['examples']} examples with "
        "TRL and DeepSpeed.",
        "",
        "| | |",
        "|---|---|",
        f"| licence of the base | {manifest['licence'] or 'not stated by it'} |",
    ]
    if data:
        lines.append(f"| training data | {data['name']} |")
        lines.append(f"| licence of the data | {data['licence'] or 'not stated by it'} |")
    lines += [f"| {key} | {recipe[key]} |" for key in _SHOWN]
    lines.append(f"| tokens trained | {manifest['tokens_trained']} |")
    lines.append(f"| training loss, first and last step | {manifest['first_loss']:.4f}, {manifest['last_loss']:.4f} |")
    if "best_step" in manifest:
        lines.append(
            f"| held-out loss, at the step that was kept | {manifest['best_held_out_loss']:.4f}, "
            f"{manifest['best_step']} |"
        )
    lines.append(f"| content hash of the weights | `{manifest['weights_id']}` |")
    if metrics:
        lines += ["", "## Results", "", "| condition | method | metric | value | 95 % interval | n |"]
        lines.append("|---|---|---|--:|--:|--:|")
        lines += [_result(row) for row in metrics]
    if recipe["lora"] != "none":
        lines += ["", "The adapter is merged into these weights, and stands by itself in the folder `adapter`."]
    return card_text(head, lines)


def _result(row: Row) -> str:
    interval = "" if row["low"] is None else f"{row['low']:.3f} to {row['high']:.3f}"
    value = "" if row["value"] is None else f"{row['value']:.3f}"
    return f"| {row['condition']} | {row['method']} | {row['metric']} | {value} | {interval} | {row['n']} |"
