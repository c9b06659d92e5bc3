"""Make a model's folder (safetensors, tokenizer, chat template) and its manifest from a source in the config."""

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("HF_HOME", ".cache/huggingface")  # read when huggingface_hub is imported
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TQDM_DISABLE", "1")
os.environ.setdefault("DS_ACCELERATOR", "cpu")  # saving imports DeepSpeed, which would warn that there is no GPU

from interexter.core import program
from interexter.core.files import write_text
from interexter.models import sources


def main() -> None:
    """Parse, prepare the folder, write the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=json.loads, required=True, help="JSON object: kind and the kind's keys")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    parser.add_argument("--manifest", type=Path, required=True, help="JSON file beside the folder")
    arguments = parser.parse_args()
    manifest = sources.prepare(arguments.source, arguments.out)
    write_text(arguments.manifest, json.dumps(manifest, indent=2, sort_keys=True) + "\n")
    print(f"prepare_model: weights_id={manifest['weights_id']} dtype={manifest['dtype']}")


if __name__ == "__main__":
    program.run(main)
