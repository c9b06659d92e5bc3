"""Make a model's folder (safetensors, tokenizer, chat template) and its manifest from a source in the config."""

import argparse
import json
from pathlib import Path

from interexter.core import environment, program
from interexter.core.identity import content_id
from interexter.core.json_files import write_json
from interexter.models import sources


def main() -> None:
    """Parse, prepare the folder, write the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=json.loads, required=True, help="JSON object: kind and the kind's keys")
    parser.add_argument("--base", type=Path, help="manifest of the model that an adapter is added to")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    parser.add_argument("--manifest", type=Path, required=True, help="JSON file beside the folder")
    parser.add_argument("--made-by", required=True, help="what else decides the folder: code and pins")
    parser.add_argument("--cache", type=Path, required=True, help="folder of converted models, for all studies")
    arguments = parser.parse_args()
    environment.hide_gpus()  # saving a model imports DeepSpeed
    kept = arguments.cache / content_id([arguments.source, arguments.made_by])
    manifest = sources.prepare_once(arguments.source, arguments.out, kept, arguments.base)
    write_json(arguments.manifest, manifest)
    if adapter := manifest.get("adapter"):
        print(f"prepare_model: an adapter that was trained on {adapter['trained_on']}, merged into {arguments.base}")
    print(f"prepare_model: weights_id={manifest['weights_id']} dtype={manifest['dtype']}")


if __name__ == "__main__":
    program.run(main)
