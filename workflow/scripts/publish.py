"""Upload a checkpoint with its card to a model hub. Nothing asks for it but `snakemake publish`."""

import argparse
import json
from pathlib import Path

from interexter.core import tables
from interexter.core.errors import UserError
from interexter.core.json_files import read_json, write_json
from interexter.core.program import run
from interexter.models import weights
from interexter.scoring.metrics import METRIC_VALUES
from interexter.training import model_card, publishing


def main() -> None:
    """Make the card with the results, upload, and write where the checkpoint is now."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True, help="results/checkpoints/DATASET/MODEL/RECIPE")
    parser.add_argument("--manifest", type=Path, required=True)
    parser.add_argument("--data-card", type=Path, required=True)
    parser.add_argument("--metrics", type=Path, required=True)
    parser.add_argument("--owner", default="", help="hub account or organisation")
    parser.add_argument("--private", type=json.loads, default=True)
    parser.add_argument("--out", type=Path, required=True, help="JSON: repository and commit")
    args = parser.parse_args()
    dataset, model, recipe = args.checkpoint.parts[-3:]
    name = publishing.repository(args.owner, dataset, model, recipe)
    measured = [
        row
        for row in tables.read_rows(args.metrics, METRIC_VALUES)
        if (row["dataset"], row["model"], row["checkpoint"], row["slice"]) == (dataset, model, recipe, "all")
    ]
    data = model_card.data_of(dataset, read_json(args.data_card))
    manifest = read_json(args.manifest, "weights_id")
    weights.check(args.checkpoint, manifest["weights_id"])
    if "adapter_id" in manifest:
        weights.check(args.checkpoint / "adapter", manifest["adapter_id"])
    card = model_card.card(name, manifest, data, measured)
    import huggingface_hub
    import huggingface_hub.errors

    try:
        found = publishing.publish(huggingface_hub.HfApi(), args.checkpoint, card, name, args.private)
    except (huggingface_hub.errors.HfHubHTTPError, OSError) as error:
        first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(
            f"{name} could not be published ({first_line}). Check the network, HF_TOKEN and its right to write."
        ) from error
    write_json(args.out, found)
    print(f"publish: {found['repository']} at {found['commit']}")


if __name__ == "__main__":
    run(main)
