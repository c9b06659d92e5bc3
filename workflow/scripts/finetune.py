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

from interexter import errors, identity, tables, training, weights
from interexter.errors import UserError


def parse() -> argparse.Namespace:
    """Return the command line's values."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder of the base model")
    parser.add_argument("--model-manifest", type=Path, required=True, help="its manifest")
    parser.add_argument("--data", type=Path, required=True, help="table of training rows")
    parser.add_argument("--recipe", type=json.loads, required=True, help="JSON object; keys: training.RECIPE_KEYS")
    parser.add_argument("--device", choices=("cpu", "cuda"), required=True)
    parser.add_argument("--threads", type=int, default=0, help="CPU threads of all ranks together; 0: one a rank")
    parser.add_argument("--checkpoint-seconds", type=float, default=300, help="between two checkpoints to resume from")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--manifest", type=Path, required=True, help="JSON: what was trained, on what, how")
    parser.add_argument("--curve", type=Path, required=True, help="table of the loss curve (torchrun claims --log)")
    parser.add_argument("--costs", type=Path, required=True, help="JSON: seconds and tokens per second")
    return parser.parse_args()


def set_environment(device: str, threads: int, ranks: int) -> None:
    """Set what the libraries read while they are imported."""
    os.environ["OMP_NUM_THREADS"] = str(max(1, threads // ranks))
    os.environ.setdefault("TORCH_EXTENSIONS_DIR", str(Path(".cache/torch_extensions").absolute()))
    for name in ("HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "TRL_EXPERIMENTAL_SILENCE"):
        os.environ[name] = "1"
    os.environ.setdefault("HF_HOME", ".cache/huggingface")
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    if device == "cpu":
        os.environ["DS_ACCELERATOR"] = "cpu"
        os.environ["CUDA_VISIBLE_DEVICES"] = ""


def end_with_parent() -> None:
    """Let the kernel end this rank when torchrun is killed; it would train on as an orphan, into the same folder."""
    set_parent_death_signal = 1  # PR_SET_PDEATHSIG of Linux's prctl
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


def main() -> None:
    """Check, train or resume, and let the first rank write the outputs."""
    began = time.monotonic()
    arguments = parse()
    recipe = arguments.recipe
    if "WORLD_SIZE" not in os.environ:
        raise UserError("finetune.py runs under torchrun: torchrun --standalone --nproc_per_node RANKS finetune.py ...")
    end_with_parent()
    ranks, local_ranks = int(os.environ["WORLD_SIZE"]), int(os.environ["LOCAL_WORLD_SIZE"])
    training.check_recipe(recipe)
    rows = tables.read_rows(arguments.data, tables.TRAINING)
    training.check_rows(rows, recipe["max_length"])
    plan = training.step_plan(len(rows), recipe, ranks)
    if recipe["max_steps"]:  # a bound above what the epochs give binds nothing
        recipe = {**recipe, "max_steps": plan["steps"]}
    base = json.loads(arguments.model_manifest.read_text())
    weights.check_whole(arguments.model)

    set_environment(arguments.device, arguments.threads, local_ranks)
    import torch

    if arguments.device == "cuda" and torch.cuda.device_count() < local_ranks:
        raise UserError(f"device is cuda, but {torch.cuda.device_count()} GPUs are visible to {local_ranks} ranks.")
    from interexter import trainer as ours

    ours.quiet()
    if arguments.device == "cpu":
        ours.prepare_cpu()
    run_id = training.hyperparameters_id(
        base["weights_id"], identity.file_id(arguments.data), recipe, ranks, arguments.device, ours.versions()
    )
    partial = training.partial_folder(arguments.out, run_id)
    resumed = training.last_complete(partial)
    trainer = ours.make_trainer(
        arguments.model, rows, recipe, plan["accumulation"], arguments.device, partial, arguments.checkpoint_seconds
    )
    first = trainer.is_world_process_zero()
    if first:
        start = f"resumed from {resumed.name}" if resumed else f"{plan['steps']} steps"
        print(f"finetune: {len(rows)} rows, {ranks} ranks, {start}, after {time.monotonic() - began:.0f} s", flush=True)
    ready = time.monotonic()
    trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
    trained = time.monotonic()
    if trainer.state.global_step != plan["steps"]:
        raise RuntimeError(f"The trainer made {trainer.state.global_step} steps; {plan['steps']} were planned.")
    weights_id = ours.save_model(trainer, arguments.model, arguments.out)
    if first and weights_id:
        log = training.log_rows(trainer.state.log_history)
        tokens = int(trainer.state.num_input_tokens_seen)
        manifest = training.manifest(
            base, identity.file_id(arguments.model_manifest), weights_id, recipe, plan, ranks, len(rows), tokens, log
        )
        costs = {
            "resumed_from_step": int(resumed.name.split("-")[1]) if resumed else 0,
            "start_seconds": round(ready - began, 1),
            "training_seconds": round(trained - ready, 1),
            "seconds": round(time.monotonic() - began, 1),
            "tokens": tokens,
            "tokens_per_second": None if resumed else round(tokens / (trained - ready), 1),
        }
        tables.write_rows(arguments.curve, log, tables.TRAINING_LOG)
        tables.write_text(arguments.costs, json.dumps(costs, indent=2, sort_keys=True) + "\n")
        tables.write_text(arguments.manifest, json.dumps(manifest, indent=2, sort_keys=True) + "\n")
        shutil.rmtree(partial, ignore_errors=True)
        print(
            f"finetune: n_in={len(rows)} n_out={manifest['examples']} n_rejected=0 steps={plan['steps']} "
            f"tokens={tokens} seconds={costs['seconds']} loss={log[0]['loss']:.4f}->{log[-1]['loss']:.4f}"
        )
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    try:
        errors.run(main)
    except SystemExit:
        # All ranks meet the same error. The first one says it; the others give it time, since torchrun ends all
        # ranks as soon as one has failed.
        if os.environ.get("RANK", "0") != "0":
            time.sleep(10)
            sys.exit(1)
        raise
