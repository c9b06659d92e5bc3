"""The checkpoints of a running training, from which a killed one goes on.

They lie in a folder that no rule declares, keyed by a hash of all that decides the training. What a training has
finished lies there too, until everything that goes with it is written: Snakemake deletes what a failed job declares.
"""

import glob
import re
import shutil
from pathlib import Path
from typing import Any

from ..core import identity

_COMPLETE = "complete"


def hyperparameters_id(
    base: str, data: str, recipe: dict[str, Any], ranks: int, device: str, versions: dict[str, str]
) -> str:
    """Return the content hash of all that decides a training run; another hash never resumes its checkpoints.

    `base` is the weights_id of the base model, `data` the file_id of the training table.
    """
    return identity.content_id([base, data, recipe, ranks, device, versions])


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


def finished_model(partial: Path) -> Path:
    """Return the folder of the weights of a training that has ended."""
    return partial / "model"


def outcome(partial: Path) -> Path:
    """Return the file that says what a training came to; it is written when the weights are."""
    return partial / "outcome.json"


def is_finished(partial: Path) -> bool:
    """Tell whether a training has ended and what it gave is not in its place yet."""
    return outcome(partial).is_file() and finished_model(partial).is_dir()


def drop_checkpoints(partial: Path) -> None:
    """Remove the checkpoints of a training that has ended: from the last one on nothing is lost any more."""
    for checkpoint in partial.glob("checkpoint-*"):
        shutil.rmtree(checkpoint, ignore_errors=True)


def forget(out: Path) -> None:
    """Remove the checkpoints of every running training of `out`, those with other hyper-parameters too."""
    for partial in out.parent.glob(f".{glob.escape(out.name)}.*.partial"):
        shutil.rmtree(partial, ignore_errors=True)
