"""Fine-tune a model on tokenized rows; torchrun starts one of this program for each rank.

torchrun --standalone --nproc_per_node 2 workflow/scripts/finetune.py --model DIR --data FILE --recipe JSON ...
"""

import argparse
import ctypes
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

from interexter.core import identity, program, tables
from interexter.core.errors import UserError

# Snakemake gives each of them the threads of the whole job: ranks that all took them made a first step of 40 s from 14.
from interexter.core.files import write_text
from interexter.models import sizes, weights
from interexter.training import model_card, recipes
from interexter.training.recipes import TRAINING_LOG, TRAINING_SPEED
from interexter.training.rows import TRAINING

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def parse() -> argparse.Namespace:
    """Return the command line's values."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder of the base model")
    parser.add_argument("--model-manifest", type=Path, required=True, help="its manifest")
    parser.add_argument("--data", type=Path, required=True, help="table of training rows")
    parser.add_argument("--data-card", type=Path, required=True, help="JSON: what the data set's rows come from")
    parser.add_argument("--recipe", type=json.loads, required=True, help="JSON object; keys: recipes.RECIPE_KEYS")
    parser.add_argument("--device", choices=("cpu", "cuda"), required=True)
    parser.add_argument("--threads", type=int, default=0, help="CPU threads of all ranks together; 0: one a rank")
    parser.add_argument("--checkpoint-seconds", type=float, default=300, help="between two checkpoints to resume from")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--manifest", type=Path, required=True, help="JSON: what was trained, on what, how")
    parser.add_argument("--curve", type=Path, required=True, help="table of the loss curve (torchrun claims --log)")
    parser.add_argument("--speed", type=Path, required=True, help="table of each step's seconds, MFU and memory")
    parser.add_argument("--costs", type=Path, required=True, help="JSON: seconds and tokens per second")
    return parser.parse_args()


def set_environment(device: str, threads: int, ranks: int) -> None:
    """Set what the libraries read while they are imported."""
    for name in THREADS:
        os.environ[name] = str(max(1, threads // ranks))
    os.environ.setdefault("TORCH_EXTENSIONS_DIR", str(Path(".cache/torch_extensions").absolute()))
    for name in ("HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "TRL_EXPERIMENTAL_SILENCE"):
        os.environ[name] = "1"
    os.environ.setdefault("HF_HOME", ".cache/huggingface")
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    if device == "cpu":
        os.environ["DS_ACCELERATOR"] = "cpu"
        os.environ["CUDA_VISIBLE_DEVICES"] = ""


def origin(source: dict[str, Any]) -> str | None:
    """Return the hub name of a base, which a reader of an adapter can use, or None: a path here means nothing there."""
    return source["repository"] if source["kind"] == "hub" else None


def end_with_parent() -> None:
    """Let the kernel end this rank when torchrun is killed; it would train on as an orphan, into the same folder."""
    set_parent_death_signal = 1  # PR_SET_PDEATHSIG of Linux's prctl
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
    if os.getppid() == 1:  # it was killed before the kernel knew
        sys.exit("error: torchrun was killed while this rank started.")


def write(
    arguments: argparse.Namespace,
    base: dict[str, Any],
    weights_id: str,
    resolved: dict[str, Any],
    state: Any,
    peak: float | None,
    resumed_from: int,
    seconds: dict[str, float],
) -> None:
    """Write what stands beside the weights: card, curve, speed, costs and last the manifest; say it in one line."""
    log = recipes.log_rows(state.log_history)
    held_out = resolved["held_out_examples"]
    best = {"best_step": state.best_global_step, "best_held_out_loss": state.best_metric} if held_out else {}
    manifest = recipes.manifest(
        base,
        identity.file_id(arguments.model_manifest),
        weights_id,
        resolved,
        recipes.deepspeed_config(resolved, arguments.device),
        best,
        log,
    )
    tokens = manifest["tokens_trained"]
    costs = {
        **{name: round(value, 1) for name, value in seconds.items()},
        "resumed_from_step": resumed_from,
        "seconds": round(sum(seconds.values()), 1),
        "tokens": tokens,
        "tokens_per_second": None if resumed_from else round(tokens / seconds["training_seconds"], 1),
    }
    dataset = arguments.data_card.parent.name
    data = model_card.data_of(dataset, json.loads(arguments.data_card.read_text()))
    write_text(arguments.out / "README.md", model_card.card(arguments.out.name, manifest, data))
    tables.write_rows(arguments.curve, log, TRAINING_LOG)
    tables.write_rows(arguments.speed, recipes.speed_rows(state.log_history, peak), TRAINING_SPEED)
    write_text(arguments.costs, json.dumps(costs, indent=2, sort_keys=True) + "\n")
    write_text(arguments.manifest, json.dumps(manifest, indent=2, sort_keys=True) + "\n")
    print(
        f"finetune: n_in={resolved['examples'] + held_out} n_out={resolved['examples']} n_held_out={held_out} "
        f"n_rejected=0 steps={state.global_step} tokens={tokens} seconds={costs['seconds']} "
        f"loss={log[0]['loss']:.4f}->{log[-1]['loss']:.4f}"
    )


def main() -> None:
    """Check, train or resume, and let the first rank write the outputs."""
    began = time.monotonic()
    arguments = parse()
    recipe = arguments.recipe
    if "WORLD_SIZE" not in os.environ:
        raise UserError("finetune.py runs under torchrun: torchrun --standalone --nproc_per_node RANKS finetune.py ...")
    end_with_parent()
    ranks, local_ranks = int(os.environ["WORLD_SIZE"]), int(os.environ["LOCAL_WORLD_SIZE"])
    recipes.check_recipe(recipe)
    rows = tables.read_rows(arguments.data, TRAINING)
    recipes.check_rows(rows, recipe["max_length"])
    rows, held_out = recipes.held_out(rows, recipe["held_out"], recipe["seed"])
    base = json.loads(arguments.model_manifest.read_text())
    weights.check_whole(arguments.model)

    set_environment(arguments.device, arguments.threads, local_ranks)
    from interexter.training import batches, preflight
    from interexter.training import trainer as ours

    ours.quiet()
    if arguments.device == "cpu":
        ours.prepare_cpu()
    machine = preflight.look(arguments.device, arguments.out.parent)
    shape = sizes.read_shape(arguments.model)
    units = batches.units(rows, recipe["max_length"] if recipe["batching"] == "packed" else None)
    packs = len(units) if recipe["batching"] == "packed" else None
    if recipe["micro_batch"] == "auto":
        lengths = [len(unit["input_ids"]) for unit in units]
        recipe = {**recipe, "micro_batch": preflight.micro_batch(machine, shape, recipe, lengths, ranks, local_ranks)}
    plan = recipes.step_plan(len(rows), recipe, ranks, packs)
    if recipe["max_steps"]:  # a bound above what the epochs give binds nothing
        recipe = {**recipe, "max_steps": plan["steps"]}
    run_id = recipes.hyperparameters_id(
        base["weights_id"], identity.file_id(arguments.data), recipe, ranks, arguments.device, ours.versions()
    )
    partial = recipes.partial_folder(arguments.out, run_id)
    resumed = recipes.last_complete(partial)
    first = os.environ["RANK"] == "0"
    findings = preflight.machine_findings(machine, arguments.device, local_ranks)
    findings += preflight.recipe_findings(machine, recipe, shape, ranks, local_ranks)
    preflight.settle(findings, say=first)
    trainer = ours.make_trainer(
        arguments.model,
        units,
        batches.units(held_out),
        recipe,
        plan["accumulation"],
        arguments.device,
        partial,
        arguments.checkpoint_seconds,
        tensorboard="TENSORBOARD_LOGGING_DIR" in os.environ,
    )
    ours.assert_agreement(run_id)
    if first:
        start = f"resumed from {resumed.name}" if resumed else f"{plan['steps']} steps"
        per_step = f"{plan['examples_per_step']:g} examples a step"
        print(
            f"finetune: {len(rows)} rows, {ranks} ranks, {per_step}, {start}, after {time.monotonic() - began:.0f} s",
            flush=True,
        )
    ready = time.monotonic()
    trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
    trained = time.monotonic()
    state = trainer.state
    if state.global_step != plan["steps"] and not recipe["patience"]:
        raise RuntimeError(f"The trainer made {state.global_step} steps; {plan['steps']} were planned.")
    weights_id = ours.save_model(trainer, arguments.model, arguments.out, origin(base["source"]))
    if first and weights_id:
        resolved = {**recipe, "ranks": ranks, "examples": len(rows), "held_out_examples": len(held_out), **plan}
        seconds = {"start_seconds": ready - began, "training_seconds": trained - ready}
        seconds["saving_seconds"] = time.monotonic() - trained
        resumed_from = int(resumed.name.split("-")[1]) if resumed else 0
        write(arguments, base, weights_id, resolved, state, preflight.peak_flops(machine, ranks), resumed_from, seconds)
        shutil.rmtree(partial, ignore_errors=True)
    ours.end()


if __name__ == "__main__":
    try:
        program.run(main)
    except SystemExit:
        # All ranks meet the same error. The first one says it; the others give it time, since torchrun ends all
        # ranks as soon as one has failed.
        if os.environ.get("RANK", "0") != "0":
            time.sleep(10)
            sys.exit(1)
        raise
