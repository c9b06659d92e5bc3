"""What can be known before a model loads: does the machine suit the recipe, and what is to be done where it does not.

`look` reads the machine; everything else is decided on what it saw, so that it can be tested without that machine.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core import memory
from ..core.errors import UserError
from ..models import sizes
from ..models.sizes import GIB, Shape
from . import plan

ENOUGH_TOKENS = 16384  # in a micro-batch: more of them make a step no faster
_USABLE = 0.9  # of a device's memory; the rest goes to its context, buffers and fragmentation


@dataclass(frozen=True)
class Gpu:
    """A visible GPU; memory in bytes."""

    name: str
    total: int
    free: int
    bfloat16: bool


@dataclass(frozen=True)
class Machine:
    """What was seen on a machine; memory and disk in bytes, versions as texts."""

    torch: str
    torch_cuda: str | None  # that torch was built with
    toolkit_cuda: str | None  # of nvcc on the path
    gpus: tuple[Gpu, ...]
    memory_total: int
    disk_free: int
    cpu_bfloat16: bool
    compiler: str | None
    flash_attention: bool


@dataclass(frozen=True)
class Finding:
    """A line of the preflight: level is ok, warning or error."""

    level: str
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        """Return the line."""
        return f"{self.level:8}{self.text}" + (f" Remedy: {self.remedy}" if self.remedy else "")


def look(device: str, folder: Path) -> Machine:
    """Return what this machine has; `folder`, or what exists above it, names the disk that is looked at."""
    import torch

    existing = next(part for part in (folder.absolute(), *folder.absolute().parents) if part.exists())
    return Machine(
        torch=torch.__version__,
        torch_cuda=torch.version.cuda,
        toolkit_cuda=_toolkit(),
        gpus=_gpus(_nvidia_smi()) if device == "cuda" else (),
        memory_total=memory.of_machine()["MemTotal"],
        disk_free=shutil.disk_usage(existing).free,
        cpu_bfloat16="avx512_bf16" in Path("/proc/cpuinfo").read_text(),
        compiler=shutil.which("cc") or shutil.which("gcc"),
        flash_attention=importlib.util.find_spec("flash_attn") is not None,
    )


def _nvidia_smi() -> str:
    """Ask about the visible GPUs without CUDA: every rank that asked it would hold memory on each of them."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    query = ["nvidia-smi", "--query-gpu=name,memory.total,memory.free,compute_cap", "--format=csv,noheader,nounits"]
    try:
        command = query if chosen is None else [*query, "-i", chosen]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    except (FileNotFoundError, subprocess.SubprocessError):
        return ""


def _gpus(said: str) -> tuple[Gpu, ...]:
    """Return the GPUs of nvidia-smi's lines: name, total and free MiB, compute capability."""
    found = []
    for line in said.splitlines():
        name, total, free, capability = (part.strip() for part in line.rsplit(",", 3))
        # Before compute capability 8.0 bfloat16 is emulated.
        found.append(Gpu(name, int(total) * 2**20, int(free) * 2**20, float(capability) >= 8.0))
    return tuple(found)


def _toolkit() -> str | None:
    """Return the CUDA version of the toolkit on the path, or None."""
    try:
        said = subprocess.run(["nvcc", "--version"], capture_output=True, text=True, check=True, timeout=20).stdout
    except (FileNotFoundError, subprocess.SubprocessError):
        return None
    found = re.search(r"release (\d+\.\d+)", said)
    return found[1] if found else None


def machine_findings(machine: Machine, device: str, gpus: int) -> list[Finding]:
    """Return what holds for every recipe; `gpus` were asked for on this machine."""
    compiled = "DeepSpeed compiles nothing (optimizer and offload are torch's): neither ninja nor a toolkit is needed."
    if device == "cpu":
        return [
            Finding("ok", f"torch {machine.torch} trains on the CPU; no GPU is looked for."),
            Finding("ok", f"{compiled} A compiler is not needed either."),
        ]
    if machine.torch_cuda is None:
        remedy = "add --software-deployment-method conda, which takes envs/train-cuda.yaml; or set device: cpu."
        return [Finding("error", f"device is cuda, but torch {machine.torch} is a CPU build.", remedy)]
    found = [Finding("ok", f"torch {machine.torch} was built with CUDA {machine.torch_cuda}.")]
    if machine.toolkit_cuda not in (None, machine.torch_cuda):
        compiled += f" That the toolkit's CUDA is {machine.toolkit_cuda} does no harm."
    found.append(Finding("ok", compiled))
    if machine.compiler is None:
        remedy = "apt install gcc, or load a module that brings one."
        found.append(Finding("error", "No C compiler: Triton compiles the launchers of its kernels with one.", remedy))
    if len(machine.gpus) < max(gpus, 1):
        remedy = "ask for fewer (--resources gpu=N), or look at CUDA_VISIBLE_DEVICES and nvidia-smi."
        found.append(Finding("error", f"{max(gpus, 1)} GPUs are asked for, {len(machine.gpus)} are visible.", remedy))
    for place, gpu in enumerate(machine.gpus):
        text = f"GPU {place} is {gpu.name}, {gpu.free / GIB:.1f} of {gpu.total / GIB:.1f} GiB free."
        busy = gpu.free < _USABLE * gpu.total
        remedy = "somebody else computes there: choose another by CUDA_VISIBLE_DEVICES."
        found.append(Finding("warning", text, remedy) if busy else Finding("ok", text))
    if not machine.flash_attention:
        text = "flash-attn is not installed: attention is computed one example after the other, which takes longer."
        found.append(Finding("warning", text, "pip install flash-attn in the rule's environment."))
    return found


def recipe_findings(
    machine: Machine, recipe: dict[str, Any], shape: Shape, ranks: int, local_ranks: int
) -> list[Finding]:
    """Return what holds for one recipe: precision, memory and disk. `micro_batch` is a number here."""
    found = []
    if recipe["precision"] == "bfloat16":
        if any(not gpu.bfloat16 for gpu in machine.gpus):
            found.append(Finding("error", "A GPU does not compute in bfloat16.", "precision: float32."))
        if not machine.gpus and not machine.cpu_bfloat16:
            text = "This CPU has no instructions for bfloat16: training is slower than in float32."
            found.append(Finding("warning", text, "precision: float32."))
    found.append(_memory(machine, recipe, shape, ranks, local_ranks))
    width = 2 if recipe["precision"] == "bfloat16" else 4
    trained = sizes.trained_weights(shape, recipe["lora"])
    # Two checkpoints to resume from, a third before the first is deleted, and the outcome: weights and Adam's state.
    disk = 3 * (12 * trained + 2 * width * shape.weights) + 4 * shape.weights
    text = f"The disk has {machine.disk_free / GIB:.1f} GiB free; checkpoints take up to {disk / GIB:.1f} GiB."
    enough = machine.disk_free > disk
    found.append(Finding("ok", text) if enough else Finding("error", text, "free some, or work on another disk."))
    return found


def length_finding(max_length: int, context_length: int) -> Finding:
    """Return whether a recipe lets rows be longer than the model reads: one that is will be refused."""
    text = f"max_length is {max_length}; the model reads {context_length} tokens at most."
    if max_length <= context_length:
        return Finding("ok", text)
    remedy = f"max_length: {context_length}, or none: a row that is longer stops the training before it begins."
    return Finding("warning", text, remedy)


def _memory(machine: Machine, recipe: dict[str, Any], shape: Shape, ranks: int, local_ranks: int) -> Finding:
    """Compare the estimate of memory.  Only what is certain, the state of the model, can refuse a recipe."""
    tokens = recipe["micro_batch"] * recipe["max_length"]
    need = sizes.memory(shape, recipe, ranks, tokens)
    device = sum(need[part] for part in ("weights", "gradients", "optimizer"))
    parts = " + ".join(f"{need[part] / GIB:.1f} {part}" for part in ("weights", "gradients", "optimizer"))
    have = _available(machine, local_ranks)
    text = (
        f"ZeRO-{recipe['zero_stage']} on {ranks} ranks needs {parts} = {device / GIB:.1f} GiB a rank, and activations "
        f"of up to {need['activations'] / GIB:.1f} GiB for {tokens} tokens; a rank has {have / GIB:.1f} GiB."
    )
    remedy = (
        "a higher zero_stage, offload: true, lora, gradient_checkpointing: true, a smaller micro_batch, or more GPUs."
    )
    if device > have or need["host"] * local_ranks > machine.memory_total:
        return Finding("error", text, remedy)
    return Finding("warning", text, remedy) if device + need["activations"] > have else Finding("ok", text)


def _available(machine: Machine, local_ranks: int) -> float:
    """Return the bytes that a rank may count on: its GPU's, or its share of the host's memory."""
    if machine.gpus:
        return _USABLE * min(gpu.total for gpu in machine.gpus)
    return _USABLE * machine.memory_total / local_ranks


def micro_batch(
    machine: Machine, shape: Shape, recipe: dict[str, Any], lengths: Sequence[int], ranks: int, local_ranks: int
) -> int:
    """Return the micro-batch that `auto` stands for: the first that holds enough tokens, or the largest that fits.

    `lengths` are those of the units in tokens. Where even one unit may not fit, it is 1, and the findings say more.
    """
    plan.batch_plan(recipe["global_batch"], ranks, 1)
    longest = sorted(lengths, reverse=True)
    have = _available(machine, local_ranks)
    chosen = 1
    for size in plan.fitting_micro_batches(recipe["global_batch"], ranks):
        tokens = size * longest[0] if recipe["batching"] == "padded" else sum(longest[:size])
        need = sizes.memory(shape, recipe, ranks, tokens)
        if sum(need.values()) - need["host"] > have:
            break
        chosen = size
        if tokens >= ENOUGH_TOKENS or size >= len(longest):
            break
    return chosen


def peak_flops(machine: Machine, ranks: int) -> float | None:
    """Return the peak of all ranks' GPUs together in FLOP per second, or None where it is not known."""
    peak = sizes.peak_flops(machine.gpus[0].name) if machine.gpus else None
    return peak * ranks if peak else None


def settle(findings: Sequence[Finding], say: bool) -> None:
    """Print what is not well, if `say`, and raise UserError where something cannot work."""
    if say:
        for finding in findings:
            if finding.level == "warning":
                print(f"preflight: {finding}", flush=True)
    if errors := [finding for finding in findings if finding.level == "error"]:
        raise UserError("preflight: " + " ".join(f"{finding.text} Remedy: {finding.remedy}" for finding in errors))
