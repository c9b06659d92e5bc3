"""What a training has given: kept beside its checkpoints until all of it is written, then put into its place."""

import shutil
from pathlib import Path
from typing import Any

from ..core import tables
from ..core.files import write_text
from ..core.json_files import read_json, write_json
from ..models import weights
from . import logs, resuming
from .job import Job


def costs(seconds: dict[str, float], tokens: int, resumed_from: int) -> dict[str, Any]:
    """Return what a training cost; `resumed_from` is the step that it went on from, or 0."""
    return {
        **{name: round(value, 1) for name, value in seconds.items()},
        "resumed_from_step": resumed_from,
        "seconds": round(sum(seconds.values()), 1),
        "tokens": tokens,
        "tokens_per_second": None if resumed_from else round(tokens / seconds["training_seconds"], 1),
    }


def keep(
    partial: Path,
    described: dict[str, Any],
    card: str,
    history: list[dict[str, Any]],
    peak: float | None,
    cost: dict[str, Any],
) -> None:
    """Write what goes with the weights beside them, last the manifest, which says that all is there.

    `history` is the Trainer's, `peak` what all ranks' devices can do together in FLOP per second, or None.
    """
    write_text(resuming.finished_model(partial) / "README.md", card)
    tables.write_rows(partial / "curve.parquet", logs.log_rows(history), logs.TRAINING_LOG)
    tables.write_rows(partial / "speed.parquet", logs.speed_rows(history, peak), logs.TRAINING_SPEED)
    write_json(partial / "costs.json", cost)
    write_json(resuming.outcome(partial), described)


def deliver(job: Job, partial: Path) -> None:
    """Put what a training gave into its place, the weights last: until then all of it is kept. Say it in one line."""
    described, cost = read_json(resuming.outcome(partial)), read_json(partial / "costs.json")
    log = tables.read_rows(partial / "curve.parquet", logs.TRAINING_LOG)
    model = resuming.finished_model(partial)
    weights.check(model, described["weights_id"])
    tables.write_rows(job.curve, log, logs.TRAINING_LOG)
    tables.write_rows(job.speed, tables.read_rows(partial / "speed.parquet", logs.TRAINING_SPEED), logs.TRAINING_SPEED)
    write_json(job.costs, cost)
    write_json(job.manifest, described)
    resuming.drop_checkpoints(partial)
    shutil.rmtree(job.out, ignore_errors=True)
    model.rename(job.out)
    resuming.forget(job.out)
    n, held_out = described["examples"], described["recipe"]["held_out_examples"]
    print(
        f"finetune: n_in={n + held_out} n_out={n} n_held_out={held_out} n_rejected=0 steps={log[-1]['step']} "
        f"tokens={cost['tokens']} seconds={cost['seconds']} loss={log[0]['loss']:.4f}->{log[-1]['loss']:.4f}"
    )
