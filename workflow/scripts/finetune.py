"""Fine-tune a model on tokenized rows; torchrun starts one of this program for each rank.

torchrun --standalone --nproc_per_node 2 workflow/scripts/finetune.py --model DIR --data FILE --recipe JSON ...
"""

import argparse
import json
from pathlib import Path

from interexter.core import program
from interexter.training import ranks
from interexter.training.finetuning import finetune
from interexter.training.job import Job


def main() -> None:
    """Parse, and do this rank's part of the training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder of the base model")
    parser.add_argument("--model-manifest", type=Path, required=True, help="its manifest")
    parser.add_argument("--data", type=Path, required=True, help="table of training rows")
    parser.add_argument("--data-card", type=Path, required=True, help="JSON: what the data set's rows come from")
    parser.add_argument(
        "--recipe", type=json.loads, required=True, help="JSON object: recipes.*.training of a checked config, and seed"
    )
    parser.add_argument("--device", choices=("cpu", "cuda"), required=True)
    parser.add_argument("--threads", type=int, default=0, help="CPU threads of all ranks together; 0: one a rank")
    parser.add_argument(
        "--resume-seconds", type=_seconds, required=True, help="between two states to resume from, or auto"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--manifest", type=Path, required=True, help="JSON: what was trained, on what, how")
    parser.add_argument("--curve", type=Path, required=True, help="table of the loss curve (torchrun claims --log)")
    parser.add_argument("--speed", type=Path, required=True, help="table of each step's seconds, MFU and memory")
    parser.add_argument("--costs", type=Path, required=True, help="JSON: seconds and tokens per second")
    parser.add_argument("--tracking", type=_names, default=(), help="where it is watched: tensorboard,wandb,mlflow")
    parser.add_argument(
        "--tracking-folder", type=Path, default=Path("results/tracking"), help="below which these write"
    )
    finetune(Job(**vars(parser.parse_args())))


def _seconds(told: str) -> float | None:
    return None if told == "auto" else float(told)


def _names(told: str) -> tuple[str, ...]:
    return tuple(filter(None, told.split(",")))


if __name__ == "__main__":
    try:
        program.run(main)
    except SystemExit:
        ranks.end_after_the_first()
        raise
