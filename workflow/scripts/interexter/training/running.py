"""A training on one rank, from what its files hold to what is kept of it. Heavy imports: finetuning.py comes first."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core import identity
from ..core.tables import Row
from ..models import weights
from . import batches, logs, manifest, model_card, outcome, plan, preflight, resuming, tracking, trainer
from .batches import Unit
from .deepspeed_settings import deepspeed_config
from .job import Inputs, Job
from .preflight import Machine
from .ranks import Ranks


@dataclass(frozen=True)
class _Training:
    """A training whose every number is known."""

    job: Job
    inputs: Inputs
    rank: Ranks
    machine: Machine
    recipe: dict[str, Any]  # the job's, its micro-batch a number
    units: list[Unit]
    steps: dict[str, Any]  # of plan.step_plan
    run_id: str  # a hash of all that decides the weights
    partial: Path  # folder of its checkpoints

    def described(self, weights_id: str, best: dict[str, Any], log: list[Row]) -> dict[str, Any]:
        """Return the checkpoint's manifest."""
        inputs, rows = self.inputs, {"examples": len(self.inputs.rows), "held_out_examples": len(self.inputs.held_out)}
        resolved = {**self.recipe, "ranks": self.rank.together, **rows, **self.steps}
        deepspeed = deepspeed_config(self.recipe, self.job.device)
        return manifest.manifest(inputs.base, inputs.base_manifest_id, weights_id, resolved, deepspeed, best, log)

    def card(self, described: dict[str, Any]) -> str:
        """Return the checkpoint's card."""
        return model_card.card(self.job.out.name, described, self.inputs.data)


def run(job: Job, inputs: Inputs, rank: Ranks, began: float) -> Path:
    """Train, or go on where a killed run of the same training stopped; return the folder that keeps what it gave.

    `began` is when this rank did, by the monotonic clock.
    """
    trainer.quiet()
    if job.device == "cpu":
        trainer.prepare_cpu()
    training = _planned(job, inputs, rank)
    resumed = resuming.last_complete(training.partial)
    _settle(training)
    made = _trainer(training)
    training.card(training.described("", {}, [{"loss": 0.0, "tokens": 0}]))  # fails now, or not at all
    if trainer.agreement(training.run_id, resuming.is_finished(training.partial)):
        if rank.first:
            print("finetune: the training itself had ended before; nothing is trained", flush=True)
    else:
        _train(training, made, resumed, began)
    trainer.end()
    return training.partial


def _planned(job: Job, inputs: Inputs, rank: Ranks) -> _Training:
    """Decide the micro-batch, the steps and the training's id."""
    machine = preflight.look(job.device, job.out.parent)
    recipe, packed = job.recipe, job.recipe["batching"] == "packed"
    units = batches.units(inputs.rows, recipe["max_length"] if packed else None)
    if recipe["micro_batch"] == "auto":
        lengths = [len(unit["input_ids"]) for unit in units]
        fitting = preflight.micro_batch(machine, inputs.shape, recipe, lengths, rank.together, rank.local)
        recipe = {**recipe, "micro_batch": fitting}
    steps = plan.step_plan(len(inputs.rows), recipe, rank.together, len(units) if packed else None)
    if recipe["max_steps"]:  # a bound above what the epochs give binds nothing
        recipe = {**recipe, "max_steps": steps["steps"]}
    run_id = resuming.hyperparameters_id(
        inputs.base["weights_id"],
        identity.file_id(job.data),
        recipe,
        rank.together,
        job.device,
        trainer.versions(),
    )
    partial = resuming.partial_folder(job.out, run_id)
    return _Training(job, inputs, rank, machine, recipe, units, steps, run_id, partial)


def _settle(training: _Training) -> None:
    """Say what is not well of machine and recipe; raise UserError where something cannot work."""
    job, rank, machine = training.job, training.rank, training.machine
    findings = preflight.machine_findings(machine, job.device, rank.local)
    findings += preflight.recipe_findings(machine, training.recipe, training.inputs.shape, rank.together, rank.local)
    preflight.settle(findings, say=rank.first)


def _trainer(training: _Training) -> trainer.RecipeTrainer:
    """Return the library's trainer, watched by whom the config names."""
    job, recipe, held_out = training.job, training.recipe, batches.units(training.inputs.held_out)
    name = "/".join(job.out.parts[-4:])  # data set, seed, model, recipe
    tracking.settle(job.tracking, job.tracking_folder, f"{name}/{training.run_id[:12]}")
    settings = trainer.arguments(
        recipe,
        training.steps["accumulation"],
        job.device,
        training.partial,
        held_out=bool(held_out),
        trackers=job.tracking,
        name=name,
    )
    return trainer.make_trainer(job.model, training.units, held_out, recipe, settings, job.resume_seconds)


def _train(training: _Training, made: trainer.RecipeTrainer, resumed: Path | None, began: float) -> None:
    """Train, save the weights, and keep what goes with them; say when it starts."""
    ready = time.monotonic()
    if training.rank.first:
        _say_start(training, resumed, ready - began)
    made.train(resume_from_checkpoint=str(resumed) if resumed else None)
    trained = time.monotonic()
    planned = training.steps["steps"]
    if made.state.global_step != planned and not training.recipe["patience"]:
        raise RuntimeError(f"The trainer made {made.state.global_step} steps; {planned} were planned.")
    model = resuming.finished_model(training.partial)
    weights_id = trainer.save_model(made, training.job.model, model, _origin(training.inputs.base["source"]))
    if weights_id:  # the first rank
        seconds = {"start_seconds": ready - began, "training_seconds": trained - ready}
        seconds["saving_seconds"] = time.monotonic() - trained
        _keep(training, made.state, weights_id, seconds, resumed)


def _say_start(training: _Training, resumed: Path | None, seconds: float) -> None:
    steps = training.steps
    start = f"resumed from {resumed.name}" if resumed else f"{steps['steps']} steps"
    print(
        f"finetune: {len(training.inputs.rows)} rows, {training.rank.together} ranks, "
        f"{steps['examples_per_step']:g} examples a step, {start}, after {seconds:.0f} s",
        flush=True,
    )


def _origin(source: dict[str, Any]) -> str | None:
    """Return the hub name of a base, which a reader of an adapter can use, or None: a path here means nothing there."""
    return source["repository"] if source["kind"] == "hub" else None


def _keep(training: _Training, state: Any, weights_id: str, seconds: dict[str, float], resumed: Path | None) -> None:
    """Keep what goes with the weights; `seconds` are those of the training's parts."""
    best = {}  # which step's weights were taken, and their loss on the held-out rows
    if training.inputs.held_out:
        best = {"best_step": state.best_global_step, "best_held_out_loss": state.best_metric}
    described = training.described(weights_id, best, logs.log_rows(state.log_history))
    adapter = resuming.finished_model(training.partial) / "adapter"
    if adapter.is_dir():
        described["adapter_id"] = weights.weights_id(adapter)
    cost = outcome.costs(seconds, described["tokens_trained"], int(resumed.name.split("-")[1]) if resumed else 0)
    peak = preflight.peak_flops(training.machine, training.rank.together)
    outcome.keep(training.partial, described, training.card(described), state.log_history, peak, cost)
