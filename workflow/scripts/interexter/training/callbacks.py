"""What is done between the steps of a training: it is told, kept to resume from, and compared on held-out rows."""

import math
import time
from pathlib import Path
from typing import Any

import torch
import torch.distributed
from transformers import EarlyStoppingCallback, TrainerCallback

from ..core.errors import UserError
from . import resuming

_USUAL = 300.0  # seconds between two checkpoints, where no number is given
_RARER = 20  # times what writing one took lies between two then


def chosen(resume_seconds: float | None, held_out: bool, patience: int) -> list[TrainerCallback]:
    """Return what a training calls between its steps.

    Args:
        resume_seconds: between two checkpoints to resume from; None: as long as writing one asks for.
        held_out: whether there are rows to compare on.
        patience: evaluations without a lower loss after which a training ends; 0: none ends it.
    """
    found: list[TrainerCallback] = [_Progress(every=10), _Checkpoints(resume_seconds)]
    if held_out:
        found.append(_Evaluations())
    if patience:
        found.append(EarlyStoppingCallback(patience))
    return found


class _Progress(TrainerCallback):
    """Print a line every few seconds on the first rank, and stop a training whose loss is no number."""

    def __init__(self, every: float) -> None:
        self.every, self.start, self.first_step, self.said = every, 0.0, 0, 0.0

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.start = self.said = time.monotonic()
        self.first_step = state.global_step

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        if not logs or "loss" not in logs:
            return
        if not math.isfinite(logs["loss"]):
            raise UserError(f"The loss of step {state.global_step} is {logs['loss']}. Lower the learning_rate.")
        now = time.monotonic()
        if state.is_world_process_zero and (now - self.said >= self.every or state.global_step == state.max_steps):
            done = state.global_step - self.first_step
            left = (now - self.start) / done * (state.max_steps - state.global_step)
            self.said = now
            print(
                f"finetune: step {state.global_step}/{state.max_steps} loss {logs['loss']:.4f} "
                f"after {now - self.start:.0f} s, about {left:.0f} s left",
                flush=True,
            )


class _Checkpoints(TrainerCallback):
    """Ask for a checkpoint every so many seconds, on all ranks at once, and mark it when all have written it.

    With None they are rarer where one takes long to write, as that of a large model on a slow disk does.
    """

    def __init__(self, every: float | None) -> None:
        self.every, self.last = _USUAL if every is None else every, time.monotonic()
        self.adapts, self.asked = every is None, self.last

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.last = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        # The first rank's clock decides for all: ranks that disagreed would wait for each other for ever.
        self.asked = time.monotonic()
        due = torch.tensor([float(time.monotonic() - self.last >= self.every)], device=args.device)
        torch.distributed.broadcast(due, src=0)
        if due.item() and state.global_step < state.max_steps:
            control.should_save = True

    def on_evaluate(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.asked = time.monotonic()  # what is asked for at the end of a step comes after its evaluation

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        torch.distributed.barrier()
        if state.is_world_process_zero:
            resuming.mark_complete(Path(args.output_dir) / f"checkpoint-{state.global_step}")
        self.last = time.monotonic()
        if self.adapts:
            self.every = max(_USUAL, _RARER * (self.last - self.asked))


class _Evaluations(TrainerCallback):
    """Evaluate after the last step too, whose weights would otherwise never be compared."""

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == state.max_steps:
            control.should_evaluate = True
