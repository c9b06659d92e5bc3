"""A training from its files to its files, on one rank: check, train or resume; the first rank writes the outputs."""

import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core import identity, tables
from ..core.files import write_text
from ..models import sizes
from . import examples, logs, manifest, model_card, plan, ranks, resuming
from .deepspeed_settings import deepspeed_config
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
    checkpoint_seconds: float
    out: Path  # folder of the checkpoint
    manifest: Path
    curve: Path
    speed: Path
    costs: Path


def finetune(job: Job) -> None:
    """Train, or go on where a killed run of the same training stopped; raise UserError on what cannot be trained."""
    began = time.monotonic()
    rank = ranks.joined()
    recipe = job.recipe
    rows = tables.read_rows(job.data, TRAINING)
    examples.check_rows(rows, recipe["max_length"])
    rows, held_out = examples.held_out(rows, recipe["held_out"], recipe["seed"])
    base = json.loads(job.model_manifest.read_text())
    data = model_card.data_of(job.data_card.parent.name, json.loads(job.data_card.read_text()))
    shape = sizes.read_shape(job.model)

    ranks.set_environment(job.device, job.threads, rank.local)
    from . import batches, preflight
    from . import trainer as ours

    ours.quiet()
    if job.device == "cpu":
        ours.prepare_cpu()
    machine = preflight.look(job.device, job.out.parent)
    packed = recipe["batching"] == "packed"
    units = batches.units(rows, recipe["max_length"] if packed else None)
    if recipe["micro_batch"] == "auto":
        lengths = [len(unit["input_ids"]) for unit in units]
        fitting = preflight.micro_batch(machine, shape, recipe, lengths, rank.together, rank.local)
        recipe = {**recipe, "micro_batch": fitting}
    steps = plan.step_plan(len(rows), recipe, rank.together, len(units) if packed else None)
    if recipe["max_steps"]:  # a bound above what the epochs give binds nothing
        recipe = {**recipe, "max_steps": steps["steps"]}
    run_id = resuming.hyperparameters_id(
        base["weights_id"], identity.file_id(job.data), recipe, rank.together, job.device, ours.versions()
    )
    partial = resuming.partial_folder(job.out, run_id)
    resumed = resuming.last_complete(partial)
    findings = preflight.machine_findings(machine, job.device, rank.local)
    findings += preflight.recipe_findings(machine, recipe, shape, rank.together, rank.local)
    preflight.settle(findings, say=rank.first)
    trainer = ours.make_trainer(
        job.model,
        units,
        batches.units(held_out),
        recipe,
        steps["accumulation"],
        job.device,
        partial,
        job.checkpoint_seconds,
        tensorboard="TENSORBOARD_LOGGING_DIR" in os.environ,
    )
    ours.assert_agreement(run_id)
    if rank.first:
        start = f"resumed from {resumed.name}" if resumed else f"{steps['steps']} steps"
        per_step = f"{steps['examples_per_step']:g} examples a step"
        print(
            f"finetune: {len(rows)} rows, {rank.together} ranks, {per_step}, {start}, after "
            f"{time.monotonic() - began:.0f} s",
            flush=True,
        )
    ready = time.monotonic()
    trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
    trained = time.monotonic()
    if trainer.state.global_step != steps["steps"] and not recipe["patience"]:
        raise RuntimeError(f"The trainer made {trainer.state.global_step} steps; {steps['steps']} were planned.")
    weights_id = ours.save_model(trainer, job.model, job.out, _origin(base["source"]))
    if rank.first and weights_id:
        seconds = {"start_seconds": ready - began, "training_seconds": trained - ready}
        seconds["saving_seconds"] = time.monotonic() - trained
        used = {"ranks": rank.together, "examples": len(rows), "held_out_examples": len(held_out)}
        described = manifest.manifest(
            base,
            identity.file_id(job.model_manifest),
            weights_id,
            {**recipe, **used, **steps},
            deepspeed_config(recipe, job.device),
            _best(trainer.state) if held_out else {},
            logs.log_rows(trainer.state.log_history),
        )
        card = model_card.card(job.out.name, described, data)
        peak = preflight.peak_flops(machine, rank.together)
        resumed_from = int(resumed.name.split("-")[1]) if resumed else 0
        _write(job, described, card, trainer.state, peak, _costs(seconds, described["tokens_trained"], resumed_from))
        shutil.rmtree(partial, ignore_errors=True)
    ours.end()


def _origin(source: dict[str, Any]) -> str | None:
    """Return the hub name of a base, which a reader of an adapter can use, or None: a path here means nothing there."""
    return source["repository"] if source["kind"] == "hub" else None


def _best(state: Any) -> dict[str, Any]:
    """Return which step's weights were taken, and their loss on the held-out rows."""
    return {"best_step": state.best_global_step, "best_held_out_loss": state.best_metric}


def _costs(seconds: dict[str, float], tokens: int, resumed_from: int) -> dict[str, Any]:
    return {
        **{name: round(value, 1) for name, value in seconds.items()},
        "resumed_from_step": resumed_from,
        "seconds": round(sum(seconds.values()), 1),
        "tokens": tokens,
        "tokens_per_second": None if resumed_from else round(tokens / seconds["training_seconds"], 1),
    }


def _write(
    job: Job, described: dict[str, Any], card: str, state: Any, peak: float | None, costs: dict[str, Any]
) -> None:
    """Write what stands beside the weights, last the manifest, which rules depend on; say it in one line."""
    log = logs.log_rows(state.log_history)
    write_text(job.out / "README.md", card)
    tables.write_rows(job.curve, log, logs.TRAINING_LOG)
    tables.write_rows(job.speed, logs.speed_rows(state.log_history, peak), logs.TRAINING_SPEED)
    write_text(job.costs, json.dumps(costs, indent=2, sort_keys=True) + "\n")
    write_text(job.manifest, json.dumps(described, indent=2, sort_keys=True) + "\n")
    n, held_out = described["examples"], described["recipe"]["held_out_examples"]
    print(
        f"finetune: n_in={n + held_out} n_out={n} n_held_out={held_out} n_rejected=0 steps={state.global_step} "
        f"tokens={costs['tokens']} seconds={costs['seconds']} loss={log[0]['loss']:.4f}->{log[-1]['loss']:.4f}"
    )
