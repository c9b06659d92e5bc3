"""What a training is asked for, and what its inputs hold: all of it is read before anything heavy is imported."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core import identity, tables
from ..core.json_files import read_json
from ..models import sizes
from . import examples, manifest, model_card
from .rows import TRAINING


@dataclass(frozen=True)
class Job:
    """What is trained on what, and the files that it gives."""

    model: Path  # folder of the base model
    model_manifest: Path
    data: Path  # table of training rows
    data_card: Path
    recipe: dict[str, Any]  # as the config's schema has it, without `ranks`, with `seed`
    device: str
    threads: int
    resume_seconds: float | None  # between two states to resume from; None: as long as writing one asks for
    out: Path  # folder of the checkpoint
    manifest: Path
    curve: Path
    speed: Path
    costs: Path
    tracking: tuple[str, ...]  # names as in the config
    tracking_folder: Path


@dataclass(frozen=True)
class Inputs:
    """What the files of a job hold."""

    rows: list[tables.Row]  # to train on
    held_out: list[tables.Row]
    base: dict[str, Any]  # manifest of the base model
    base_manifest_id: str
    data: dict[str, Any]  # name and licences of the data set, for the model card
    shape: sizes.Shape


def read(job: Job) -> Inputs:
    """Return what a job's files hold; raise UserError on rows that cannot be trained."""
    recipe = job.recipe
    base = read_json(job.model_manifest, *manifest.OF_BASE)
    rows = tables.read_rows(job.data, TRAINING)
    examples.check_rows(rows, recipe["max_length"], base["context_length"])
    kept, held_out = examples.held_out(rows, recipe["held_out"], recipe["seed"])
    return Inputs(
        rows=kept,
        held_out=held_out,
        base=base,
        base_manifest_id=identity.file_id(job.model_manifest),
        data=model_card.data_of(job.data_card.parent.name, read_json(job.data_card)),
        shape=sizes.read_shape(job.model),
    )
