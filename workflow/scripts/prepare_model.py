"""Make a model's folder (safetensors, tokenizer, chat template) and its manifest from a source in the config."""

import argparse
import json
from pathlib import Path

from interexter.core import environment, program
from interexter.core.json_files import write_json
from interexter.models import sources


def main() -> None:
    """Parse, prepare the folder, write the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=json.loads, required=True, help="JSON object: kind and the kind's keys")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    parser.add_argument("--manifest", type=Path, required=True, help="JSON file beside the folder")
    arguments = parser.parse_args()
    environment.hide_gpus()  # saving a model imports DeepSpeed
    manifest = sources.prepare(arguments.source, arguments.out)
    write_json(arguments.manifest, manifest)
    print(f"prepare_model: weights_id={manifest['weights_id']} dtype={manifest['dtype']}")


if __name__ == "__main__":
    program.run(main)
