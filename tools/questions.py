"""Write what another system needs to answer the prompts of a method: `make export-questions CONFIG=... METHOD=...`.

Runs the chain as far as that needs: data, injection, what the model remembers, demonstrations. The answers come back by
the key `answers` of the config (docs/own-answers.md).
"""

import argparse
import subprocess
import sys
from pathlib import Path

from interexter.answers import methods
from interexter.core.program import run
from interexter.study import layout, places, settings

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Run Snakemake as far as the questions, and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--configfile", type=Path, required=True)
    parser.add_argument("--method", default="vanilla-rag", help="whose prompts are written")
    args, more = parser.parse_known_args()
    config = settings.read(ROOT / args.configfile)
    methods.load(args.method)  # which says what a misspelt one should be
    files = [
        str(layout.questions_for(Path("results"), dataset, seed, model, args.method))
        for dataset, seed, model in layout.seeded_runs(config)
    ]
    command = [sys.executable, str(ROOT / "tools/run.py"), "--configfile", str(args.configfile), *files, *more]
    if status := subprocess.call(command):
        sys.exit(status)
    study = places.folder(ROOT, ROOT / args.configfile, config)
    if written := [study / file for file in files if (study / file).exists()]:  # a dry run writes none
        print("The questions are in:", *(file.relative_to(ROOT) for file in written), sep="\n")


if __name__ == "__main__":
    run(main, job=False)
