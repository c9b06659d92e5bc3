"""Upload a data set's gated examples and rationales to a model hub. Nothing asks for it but `snakemake publish`."""

import argparse
import json
import tempfile
from pathlib import Path

from interexter.core.json_files import read_json, write_json
from interexter.core.program import run
from interexter.study import exports
from interexter.training import publishing


def main() -> None:
    """Write the folders as `make export` does, upload those that have rows, and write where they are now."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--owner", default="", help="hub account or organisation")
    parser.add_argument("--private", type=json.loads, default=True)
    parser.add_argument("--out", type=Path, required=True, help="JSON: repository and commit, of each folder")
    args = parser.parse_args()
    import huggingface_hub.errors

    config, found = read_json(args.config), {}
    for what, write in (("examples", exports.write_examples), ("rationales", exports.write_rationales)):
        name = publishing.repository(args.owner, args.dataset, what)
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            if write(folder, args.results, config, args.dataset, name):
                card = (folder / "README.md").read_text(encoding="utf-8")
                try:
                    found[what] = publishing.publish(
                        huggingface_hub.HfApi(), folder, card, name, args.private, "dataset"
                    )
                except (huggingface_hub.errors.HfHubHTTPError, OSError) as error:
                    raise publishing.refused(name, error) from error
                print(f"publish: {what}: {name} at {found[what]['commit']}")
    write_json(args.out, found)


if __name__ == "__main__":
    run(main)
