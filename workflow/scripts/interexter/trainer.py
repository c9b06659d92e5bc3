"""TRL's SFTTrainer under DeepSpeed, on one rank of torchrun. Heavy imports: finetune.py sets the environment first."""

import logging
import math
import shutil
import time
import warnings
from pathlib import Path
from typing import Any

import datasets
import deepspeed
import deepspeed.ops
import torch
import torch.distributed
import transformers
import trl
import trl.trainer.utils
from accelerate import DistributedType
from transformers import TrainerCallback
from trl import SFTConfig, SFTTrainer

from . import models, training
from .errors import UserError
from .tables import Row


def quiet() -> None:
    """Silence the libraries' notes; their errors stay."""
    datasets.disable_progress_bars()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for name in ("DeepSpeed", "trl", "accelerate", "torch.distributed"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=FutureWarning)
    warnings.filterwarnings("ignore", category=UserWarning)


def prepare_cpu() -> None:
    """Adapt the libraries to CPU ranks; call it before a trainer is made. Each line saves time or a compiler.

    DeepSpeed would compile a shared-memory operator at its start, a minute or two, on which a killed build leaves a
    lock; only its inference uses that operator. TRL would run the language head on every position, where on GPUs it
    runs it on those that the loss counts.
    """
    deepspeed.ops.__compatible_ops__ = {}
    trl.trainer.utils._use_triton = lambda device: True  # asked there for this choice of positions alone


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
    """Ask for a checkpoint every so many seconds, on all ranks at once, and mark it when all have written it."""

    def __init__(self, every: float) -> None:
        self.every, self.last = every, time.monotonic()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.last = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        # The first rank's clock decides for all: ranks that disagreed would wait for each other for ever.
        due = torch.tensor([float(time.monotonic() - self.last >= self.every)], device=args.device)
        torch.distributed.broadcast(due, src=0)
        if due.item() and state.global_step < state.max_steps:
            control.should_save = True

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        torch.distributed.barrier()
        if state.is_world_process_zero:
            training.mark_complete(Path(args.output_dir) / f"checkpoint-{state.global_step}")
        self.last = time.monotonic()


def make_trainer(
    model_folder: Path,
    rows: list[Row],
    recipe: dict[str, Any],
    accumulation: int,
    device: str,
    partial: Path,
    checkpoint_seconds: float,
) -> SFTTrainer:
    """Return a trainer that holds exactly the given rows and runs under DeepSpeed; raise RuntimeError otherwise."""
    bfloat16 = recipe["precision"] == "bfloat16"
    arguments = SFTConfig(
        output_dir=str(partial),
        deepspeed=training.deepspeed_config(recipe["zero_stage"]),
        use_cpu=device == "cpu",  # without it DeepSpeed on CPU ranks miscounts the batch and refuses bfloat16
        bf16=bfloat16,
        num_train_epochs=recipe["epochs"],
        max_steps=recipe["max_steps"] or -1,
        learning_rate=recipe["learning_rate"],
        lr_scheduler_type=recipe["schedule"] if recipe["schedule"] != "constant" else "constant_with_warmup",
        warmup_steps=recipe["warmup"],  # transformers 5 reads a number below 1 as a share of the steps
        per_device_train_batch_size=recipe["micro_batch"],
        gradient_accumulation_steps=accumulation,
        weight_decay=recipe["weight_decay"],
        max_grad_norm=recipe["max_grad_norm"],
        seed=recipe["seed"],
        data_seed=recipe["seed"],
        # On GPUs full determinism also blocks every kernel launch; there only the seeds are set.
        full_determinism=device == "cpu",
        optim="adamw_torch_fused",
        gradient_checkpointing=False,
        completion_only_loss=True,
        padding_free=True,  # the examples of a micro-batch lie end to end; attention never crosses them
        max_length=None,  # check_rows has refused long rows; the library would truncate them
        logging_steps=1,
        logging_first_step=True,
        logging_nan_inf_filter=False,  # the library's default hides a loss that is not a number
        include_num_input_tokens_seen="all",  # nothing is padding
        disable_tqdm=True,
        report_to="none",
        save_strategy="no",  # _Checkpoints asks by the clock
        save_total_limit=2,
        dataloader_num_workers=0,
        dataloader_pin_memory=device == "cuda",
        ddp_timeout=1800,
    )
    # After the arguments: under ZeRO-3 they decide how the weights are loaded.
    model = transformers.AutoModelForCausalLM.from_pretrained(
        model_folder,
        dtype=torch.bfloat16 if bfloat16 else torch.float32,
        attn_implementation="sdpa",
        local_files_only=True,
    )
    tokenizer = transformers.AutoTokenizer.from_pretrained(model_folder, local_files_only=True)
    data = datasets.Dataset.from_dict({name: [row[name] for row in rows] for name in ("input_ids", "completion_mask")})
    trainer = SFTTrainer(
        model=model,
        args=arguments,
        train_dataset=data,
        processing_class=tokenizer,
        callbacks=[_Progress(every=10), _Checkpoints(checkpoint_seconds)],
    )
    trainer.remove_callback(transformers.PrinterCallback)
    _assert_deepspeed(trainer)
    _assert_rows(trainer, rows)
    return trainer


def _assert_deepspeed(trainer: SFTTrainer) -> None:
    if not trainer.is_deepspeed_enabled or trainer.accelerator.distributed_type != DistributedType.DEEPSPEED:
        raise RuntimeError("DeepSpeed is not enabled. Start this program with torchrun, not with accelerate.")


def _assert_rows(trainer: SFTTrainer, rows: list[Row]) -> None:
    """Compare what the trainer holds with what it was given, token by token."""
    inside = trainer.train_dataset
    if len(inside) != len(rows):
        raise RuntimeError(f"The trainer holds {len(inside)} rows of the {len(rows)} that it was given.")
    for held, row in zip(inside, rows, strict=True):
        if held["input_ids"] != row["input_ids"] or held["labels"] != training.labels_of(row):
            raise RuntimeError(f"The trainer changed the tokens or labels of row {row['question_id']}.")


def save_model(trainer: SFTTrainer, base: Path, out: Path) -> str | None:
    """Write the trained weights, in the base's dtype, with the base's configuration and tokenizer; return the hash.

    Every rank takes part; the first one writes, and it alone returns weights_id.
    """
    state = trainer.accelerator.get_state_dict(trainer.model_wrapped)
    if not trainer.is_world_process_zero():
        return None
    dtype = getattr(torch, models.dtype_of(base))
    model = trainer.accelerator.unwrap_model(trainer.model)
    # A tied weight is stored once, under its own name; the gathered copies no longer share memory, which would tell.
    tied = set(model.all_tied_weights_keys)
    state = {name: weight.to(dtype) for name, weight in state.items() if name not in tied}
    with models.whole_folder(out) as folder:
        model.save_pretrained(folder, state_dict=state)
        # Training set a padding token and other settings of its own: a checkpoint differs from its base in weights.
        for path in models.model_files(base):
            if ".safetensors" not in path.name:
                shutil.copyfile(path, folder / path.name)
        return models.weights_id(folder)


def versions() -> dict[str, str]:
    """Return the versions of the libraries that decide a trained weight."""
    modules = {"torch": torch, "transformers": transformers, "trl": trl, "deepspeed": deepspeed}
    return {name: module.__version__ for name, module in modules.items()}
