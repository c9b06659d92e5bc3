"""Upload a checkpoint with its card to a model hub. Nothing asks for it but `snakemake publish`."""

import argparse
import json
from pathlib import Path

from interexter.core import tables
from interexter.core.json_files import read_json, write_json
from interexter.core.program import run
from interexter.models import weights
from interexter.scoring.metrics import METRIC_VALUES, METRICS
from interexter.training import model_card, publishing

# What hubs index of the results; the card's table has all metrics.
INDEXED = ("accuracy_strict", "counter_rate", "accuracy_official", "exact_match", "f1")


def main() -> None:
    """Make the card with the results, upload, and write where the checkpoint is now."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--checkpoint", type=Path, required=True, help="below results: checkpoints/DATASET/seed-S/MODEL/RECIPE"
    )
    parser.add_argument("--manifest", type=Path, required=True)
    parser.add_argument("--data-card", type=Path, required=True)
    parser.add_argument("--metrics", type=Path, required=True)
    parser.add_argument("--owner", default="", help="hub account or organisation")
    parser.add_argument("--private", type=json.loads, default=True)
    parser.add_argument("--data", type=Path, help="JSON: where examples and rationales were published, if they were")
    parser.add_argument("--out", type=Path, required=True, help="JSON: repository and commit")
    args = parser.parse_args()
    import huggingface_hub.errors

    dataset, seed, model, recipe = args.checkpoint.parts[-4:]
    name = publishing.repository(args.owner, dataset, model, recipe, seed)
    about = {"dataset": dataset, "model": model, "checkpoint": recipe, "slice": "all"}
    about["seed"] = int(seed.removeprefix("seed-"))
    measured = tables.read_table(args.metrics, METRIC_VALUES, where=about).to_pylist()
    manifest = read_json(args.manifest, "weights_id")
    weights.check(args.checkpoint, manifest["weights_id"])
    if "adapter_id" in manifest:
        weights.check(args.checkpoint / "adapter", manifest["adapter_id"])
    data = {what: at["repository"] for what, at in read_json(args.data).items()} if args.data else {}
    titles = {metric: METRICS[metric].title for metric in INDEXED}
    card = publishing.indexed(
        model_card.card(name, manifest, model_card.data_of(dataset, read_json(args.data_card)), measured),
        name,
        publishing.base_model(manifest["base"]["source"]),
        list(data.values()),
        publishing.measured(measured, titles, data.get("examples", dataset)),
    )
    try:
        found = publishing.publish(huggingface_hub.HfApi(), args.checkpoint, card, name, args.private)
    except (huggingface_hub.errors.HfHubHTTPError, OSError) as error:
        raise publishing.refused(name, error) from error
    write_json(args.out, found)
    print(f"publish: {found['repository']} at {found['commit']}")


if __name__ == "__main__":
    run(main)
