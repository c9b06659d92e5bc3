"""A training from its files to its files, on one rank: check, train or resume; the first rank writes the outputs."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core import identity, tables
from ..core.files import write_text
from ..core.json_files import read_json, write_json
from ..models import sizes, weights
from . import examples, logs, manifest, model_card, plan, ranks, resuming, tracking
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
    resume_seconds: float | None  # between two states to resume from; None: as long as writing one asks for
    out: Path  # folder of the checkpoint
    manifest: Path
    curve: Path
    speed: Path
    costs: Path
    tracking: tuple[str, ...]  # names as in the config
    tracking_folder: Path


def finetune(job: Job) -> None:
    """Train, or go on where a killed run of the same training stopped; raise UserError on what cannot be trained."""
    began = time.monotonic()
    rank = ranks.joined()
    recipe = job.recipe
    rows = tables.read_rows(job.data, TRAINING)
    base = read_json(job.model_manifest, *manifest.OF_BASE)
    examples.check_rows(rows, recipe["max_length"], base["context_length"])
    rows, held_out = examples.held_out(rows, recipe["held_out"], recipe["seed"])
    base_id, origin = identity.file_id(job.model_manifest), _origin(base["source"])
    data = model_card.data_of(job.data_card.parent.name, read_json(job.data_card))
    shape = sizes.read_shape(job.model)
    tracking.check(job.tracking)
    if rank.first:
        weights.check(job.model, base["weights_id"])

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
    name = "/".join(job.out.parts[-4:])  # data set, seed, model, recipe
    tracking.settle(job.tracking, job.tracking_folder, f"{name}/{run_id[:12]}")
    trainer = ours.make_trainer(
        job.model,
        units,
        batches.units(held_out),
        recipe,
        steps["accumulation"],
        job.device,
        partial,
        job.resume_seconds,
        job.tracking,
        name,
    )
    used = {"ranks": rank.together, "examples": len(rows), "held_out_examples": len(held_out)}

    def described(weights_id: str, best: dict[str, Any], log: list[tables.Row]) -> dict[str, Any]:
        deepspeed = deepspeed_config(recipe, job.device)
        return manifest.manifest(base, base_id, weights_id, {**recipe, **used, **steps}, deepspeed, best, log)

    model_card.card(job.out.name, described("", {}, [{"loss": 0.0, "tokens": 0}]), data)  # fails now, or not at all
    if ours.agreement(run_id, resuming.is_finished(partial)):
        if rank.first:
            print("finetune: the training itself had ended before; nothing is trained", flush=True)
    else:
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
        weights_id = ours.save_model(trainer, job.model, resuming.finished_model(partial), origin)
        if rank.first and weights_id:
            seconds = {"start_seconds": ready - began, "training_seconds": trained - ready}
            seconds["saving_seconds"] = time.monotonic() - trained
            about = described(
                weights_id, _best(trainer.state) if held_out else {}, logs.log_rows(trainer.state.log_history)
            )
            if (adapter := resuming.finished_model(partial) / "adapter").is_dir():
                about["adapter_id"] = weights.weights_id(adapter)
            costs = _costs(seconds, about["tokens_trained"], int(resumed.name.split("-")[1]) if resumed else 0)
            card = model_card.card(job.out.name, about, data)
            _keep(partial, about, card, trainer.state, preflight.peak_flops(machine, rank.together), costs)
    ours.end()
    if rank.first:
        _deliver(job, partial)


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


def _keep(
    partial: Path, described: dict[str, Any], card: str, state: Any, peak: float | None, costs: dict[str, Any]
) -> None:
    """Write what goes with the weights beside them, last the manifest, which says that all is there."""
    write_text(resuming.finished_model(partial) / "README.md", card)
    tables.write_rows(partial / "curve.parquet", logs.log_rows(state.log_history), logs.TRAINING_LOG)
    tables.write_rows(partial / "speed.parquet", logs.speed_rows(state.log_history, peak), logs.TRAINING_SPEED)
    write_json(partial / "costs.json", costs)
    write_json(resuming.outcome(partial), described)


def _deliver(job: Job, partial: Path) -> None:
    """Put what a training gave into its place, the weights last: until then all of it is kept. Say it in one line."""
    described, costs = read_json(resuming.outcome(partial)), read_json(partial / "costs.json")
    log = tables.read_rows(partial / "curve.parquet", logs.TRAINING_LOG)
    model = resuming.finished_model(partial)
    weights.check(model, described["weights_id"])
    tables.write_rows(job.curve, log, logs.TRAINING_LOG)
    tables.write_rows(job.speed, tables.read_rows(partial / "speed.parquet", logs.TRAINING_SPEED), logs.TRAINING_SPEED)
    write_json(job.costs, costs)
    write_json(job.manifest, described)
    resuming.drop_checkpoints(partial)
    shutil.rmtree(job.out, ignore_errors=True)
    model.rename(job.out)
    resuming.forget(job.out)
    n, held_out = described["examples"], described["recipe"]["held_out_examples"]
    print(
        f"finetune: n_in={n + held_out} n_out={n} n_held_out={held_out} n_rejected=0 steps={log[-1]['step']} "
        f"tokens={costs['tokens']} seconds={costs['seconds']} loss={log[0]['loss']:.4f}->{log[-1]['loss']:.4f}"
    )
