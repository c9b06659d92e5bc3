"""TRL's SFTTrainer under DeepSpeed, on one rank of torchrun. Heavy imports: finetune.py sets the environment first."""

import itertools
import json
import logging
import resource
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import datasets
import deepspeed
import deepspeed.ops
import peft
import torch
import torch.distributed
import transformers
import trl
import trl.trainer.utils
from accelerate import DistributedType
from transformers.integrations.deepspeed import unset_hf_deepspeed_config
from trl import SFTConfig, SFTTrainer

from ..core.files import folder_beside
from ..models import lora, merging, sizes, weights
from ..models.loading import load, quiet_transformers
from . import attention, callbacks
from .batches import FIGURES, Collator, Unit
from .deepspeed_settings import deepspeed_config


def quiet() -> None:
    """Silence the libraries' notes; their errors stay."""
    datasets.disable_progress_bars()
    quiet_transformers()
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


class RecipeTrainer(SFTTrainer):
    """SFTTrainer whose loss weighs tokens or examples over the whole step, and which measures each step.

    A micro-batch comes from batches.Collator; its weights and figures are read here and not by the model.
    """

    def __init__(self, *args: Any, shape: sizes.Shape, frozen: bool, **more: Any) -> None:
        """Take the model's size beside SFTTrainer's arguments; `frozen` where only an adapter is trained."""
        super().__init__(*args, **more)
        self.shape, self.frozen = shape, frozen
        self.loss_is_scaled_for_ga = True  # get_batch_samples looks at all micro-batches of a step
        self._began = time.monotonic()
        self._step: dict[str, float] = {}

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """As the library's, begun at its second step: at the first a schedule with a warm-up has the rate 0."""
        scheduler = super().create_scheduler(num_training_steps + 1, optimizer)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the optimizer has made no step yet
            scheduler.step()
        return scheduler

    def get_batch_samples(
        self, epoch_iterator: Any, num_batches: int, device: torch.device
    ) -> tuple[list[dict[str, Any]], torch.Tensor]:
        """Return a step's micro-batches on this rank and the sum of the weights on all of them."""
        self._began = time.monotonic()
        found = list(itertools.islice(epoch_iterator, num_batches))
        figures = torch.stack([batch["figures"] for batch in found]).sum(0)
        torch.distributed.all_reduce(figures)
        self._step = dict(zip(FIGURES, figures.tolist(), strict=True))
        return found, figures[FIGURES.index("weight")]

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return this micro-batch's part of the step's loss, times the ranks, which DeepSpeed averages over."""
        losses, _ = self._losses(model, inputs)
        assert num_items_in_batch is not None
        return losses / num_items_in_batch.to(losses.dtype) * self.accelerator.num_processes

    def _losses(self, model: Any, inputs: dict[str, Any]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the weighted sum of a micro-batch's negative log-likelihoods, and its weight."""
        asked = {name: value for name, value in inputs.items() if name not in ("weights", "figures")}
        # The fused head of the library runs on the positions that the loss counts, and keeps no logits.
        outputs = model(**asked, use_cache=False, fused_lm_head=True)
        losses = -(outputs.log_probs * inputs["weights"][:, 1:]).sum()
        return losses, inputs["figures"][FIGURES.index("weight")]

    def evaluate(self, *_: Any, metric_key_prefix: str = "eval", **__: Any) -> dict[str, float]:
        """Return the exact weighted loss of the held-out rows: the same on any number of ranks."""
        held_out = self.eval_dataset
        ranks, rank, size = self.args.world_size, self.args.process_index, self.args.per_device_train_batch_size
        total = torch.zeros(2, dtype=torch.float64, device=self.args.device)
        self.model.eval()
        with torch.no_grad():
            for begin in range(0, len(held_out), ranks * size):
                mine = held_out[begin + rank * size : min(begin + (rank + 1) * size, len(held_out))]
                # Every rank computes as often as the others: under ZeRO-3 each forward pass gathers weights.
                batch = self._prepare_inputs(self.data_collator(mine or held_out[:1]))
                part = torch.stack([value.double() for value in self._losses(self.model_wrapped, batch)])
                total += part * bool(mine)
        self.model.train()
        torch.distributed.all_reduce(total)
        metrics = {f"{metric_key_prefix}_loss": (total[0] / total[1]).item()}
        self.log(metrics)
        self.control: Any = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add the step's figures, its seconds and the first rank's memory to what is logged of a step."""
        if "loss" in logs:
            step = self._step
            done = sizes.flops(self.shape, step["tokens"], step["squared_lengths"], step["supervised"], self.frozen)
            logs |= {"examples": step["examples"], "tokens": step["tokens"], "flops": done}
            logs["padding"] = 1 - step["tokens"] / step["cells"]
            logs |= {"seconds": time.monotonic() - self._began, "memory_gib": memory_gib(self.args.device)}
        super().log(logs, start_time)


def memory_gib(device: torch.device) -> float:
    """Return the most memory that this rank has held so far: of its GPU, or resident on a CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / sizes.GIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / sizes.GIB


def arguments(
    recipe: dict[str, Any],
    accumulation: int,
    device: str,
    partial: Path,
    held_out: bool,
    trackers: Sequence[str] = (),
    name: str | None = None,
) -> SFTConfig:
    """Return the library's arguments for a recipe whose micro-batch is a number.

    `partial` is the folder of its checkpoints. `trackers` are shown its figures (tracking.py), under a name.
    """
    return SFTConfig(
        output_dir=str(partial),
        deepspeed=deepspeed_config(recipe, device),
        use_cpu=device == "cpu",  # without it DeepSpeed on CPU ranks miscounts the batch and refuses bfloat16
        bf16=recipe["precision"] == "bfloat16",
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
        gradient_checkpointing=recipe["gradient_checkpointing"],
        dataset_kwargs={"skip_prepare_dataset": True},  # rows come as they are to be: the library changes none
        remove_unused_columns=False,
        max_length=None,  # check_rows has refused long rows; the library would truncate them
        logging_steps=1,
        logging_first_step=True,
        logging_nan_inf_filter=False,  # the library's default hides a loss that is not a number
        disable_tqdm=True,
        report_to=list(trackers) or "none",
        run_name=name,
        save_total_limit=2,
        dataloader_num_workers=0,
        dataloader_pin_memory=device == "cuda",
        ddp_timeout=1800,
        **(_comparing(recipe["evaluate_every"]) if held_out else {"save_strategy": "no"}),  # callbacks.py has a clock
    )


def _comparing(every: int) -> dict[str, Any]:
    """Return the arguments that keep the step whose loss on the held-out rows is the lowest."""
    strategies = {f"{what}_strategy": "steps" for what in ("eval", "save")}
    steps = {f"{what}_steps": every for what in ("eval", "save")}
    best = {"load_best_model_at_end": True, "metric_for_best_model": "loss", "greater_is_better": False}
    return {**strategies, **steps, **best}


def make_trainer(
    model_folder: Path,
    train: list[Unit],
    held_out: list[Unit],
    recipe: dict[str, Any],
    settings: SFTConfig,
    resume_seconds: float | None,
) -> RecipeTrainer:
    """Return a trainer that holds exactly the given units and runs under DeepSpeed; raise RuntimeError otherwise.

    `settings` are those of `arguments`: under ZeRO-3 they decide how the weights are loaded.
    """
    device = "cpu" if settings.use_cpu else "cuda"
    # On CPU ranks nobody has told DeepSpeed of the ranks yet, and ZeRO-3 would count one while it loads the model.
    deepspeed.init_distributed("gloo" if device == "cpu" else "nccl")
    tokenizer = transformers.AutoTokenizer.from_pretrained(model_folder, local_files_only=True)
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    trainer = RecipeTrainer(
        model=_loaded(model_folder, recipe["precision"], device),
        args=settings,
        data_collator=Collator(pad, recipe["batching"] == "padded", recipe["weighting"]),
        train_dataset=datasets.Dataset.from_list(train),
        eval_dataset=held_out or None,
        processing_class=tokenizer,
        peft_config=None if recipe["lora"] == "none" else peft.LoraConfig(**lora.settings(recipe["lora"])),
        callbacks=callbacks.chosen(resume_seconds, bool(held_out), recipe["patience"]),
        shape=sizes.read_shape(model_folder),
        frozen=recipe["lora"] != "none",
    )
    trainer.remove_callback(transformers.PrinterCallback)
    _assert_deepspeed(trainer)
    _assert_units(trainer, train)
    return trainer


def _loaded(folder: Path, precision: str, device: str) -> Any:
    """Return the model of a folder in a recipe's precision."""
    return load(
        transformers.AutoModelForCausalLM,
        folder,
        dtype=torch.bfloat16 if precision == "bfloat16" else torch.float32,
        attn_implementation=attention.implementation(device),
        local_files_only=True,
    )


def agreement(run_id: str, is_finished: bool) -> bool:
    """Return whether the training has ended already, as the first rank sees it; call it when a trainer has been made.

    Raises RuntimeError unless all ranks would train the same.
    """
    found: list[Any] = [None] * torch.distributed.get_world_size()
    torch.distributed.all_gather_object(found, (run_id, is_finished))
    if {one for one, _ in found} != {run_id}:
        raise RuntimeError("The ranks differ in recipe, data, base model or versions. Are all nodes alike?")
    return bool(found[0][1])


def end() -> None:
    """Take leave of the other ranks."""
    torch.distributed.destroy_process_group()


def _assert_deepspeed(trainer: SFTTrainer) -> None:
    if not trainer.is_deepspeed_enabled or trainer.accelerator.distributed_type != DistributedType.DEEPSPEED:
        raise RuntimeError("DeepSpeed is not enabled. Start this program with torchrun, not with accelerate.")


def _assert_units(trainer: SFTTrainer, units: list[Unit]) -> None:
    """Compare what the trainer holds with what it was given, token by token."""
    inside = trainer.train_dataset
    if len(inside) != len(units):
        raise RuntimeError(f"The trainer holds {len(inside)} rows of the {len(units)} that it was given.")
    for place, (held, unit) in enumerate(zip(inside, units, strict=True)):
        if held != unit:
            raise RuntimeError(f"The trainer changed the tokens or labels of unit {place}.")


def save_model(trainer: SFTTrainer, base: Path, out: Path, origin: str | None) -> str | None:
    """Write the trained weights, in the base's dtype, with the base's configuration and tokenizer; return the hash.

    An adapter is merged into the base, so that every checkpoint loads in the same way, and kept in the folder
    `adapter` too; `origin` is the name of the base that it states. Every rank takes part; the first one writes, and
    it alone returns weights_id.
    """
    state = trainer.accelerator.get_state_dict(trainer.model_wrapped)
    if not trainer.is_world_process_zero():
        return None
    model = trainer.accelerator.unwrap_model(trainer.model)
    with folder_beside(out) as folder:
        if isinstance(model, peft.PeftModel):
            _save_adapter(model, state, folder / "adapter", origin)
            unset_hf_deepspeed_config()  # under ZeRO-3 what is loaded would be spread over ranks that take no part
            model = merging.merged(base, folder / "adapter")
            state = model.state_dict()
        merging.save(model, state, base, folder)
        return weights.weights_id(folder)


def _save_adapter(model: Any, state: dict[str, torch.Tensor], folder: Path, origin: str | None) -> None:
    """Write an adapter without the path of this machine's base and without the order of a set."""
    model.save_pretrained(str(folder), state_dict=state)
    (folder / "README.md").unlink(missing_ok=True)  # the library's empty form
    path = folder / "adapter_config.json"
    settings = json.loads(path.read_text())
    settings |= {"base_model_name_or_path": origin, "target_modules": sorted(settings["target_modules"])}
    path.write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n")


def versions() -> dict[str, str]:
    """Return the versions of the libraries that decide a trained weight."""
    modules = {"torch": torch, "transformers": transformers, "trl": trl, "deepspeed": deepspeed, "peft": peft}
    return {name: module.__version__ for name, module in modules.items()}
