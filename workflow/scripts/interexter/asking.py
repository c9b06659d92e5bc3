"""What the programs that ask a model share: their arguments, and one engine for all conversations."""

import argparse
import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .engine import Engine, EngineSettings
from .errors import UserError
from .generation import Conversation, Outcome, drive
from .identity import canonical_json
from .tables import Row, write_text


def add_engine_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say which model is asked, on what, and where generations are kept."""
    parser.add_argument("--model", type=Path, required=True, help="folder of the weights")
    parser.add_argument("--manifest", type=Path, required=True, help="the checkpoint's manifest")
    parser.add_argument("--engine", type=json.loads, required=True, help="engine settings as JSON")
    parser.add_argument("--gpus", type=int, required=True, help="GPUs granted to this job")
    parser.add_argument("--store", type=Path, required=True, help="folder of the store of generations")
    parser.add_argument("--costs", type=Path, required=True, help="JSON file for tokens and seconds")


def open_engine(args: argparse.Namespace) -> Engine:
    """Open the engine that the arguments name; raise UserError if it asks for GPUs that were not granted."""
    os.environ.pop("OMP_NUM_THREADS", None)  # Snakemake's; vLLM binds its own threads, and torch's would compete
    settings = EngineSettings(**args.engine)
    if settings.device == "cuda" and args.gpus < settings.tensor_parallel:
        raise UserError(
            f"device is cuda and the engine takes {settings.tensor_parallel} GPU(s), but {args.gpus} were granted: "
            "run with --resources gpu=N, or set device: cpu."
        )
    if settings.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if not args.manifest.is_file():
        raise UserError(f"{args.manifest}: the manifest of the checkpoint is missing.")
    weights_id = json.loads(args.manifest.read_text())["weights_id"]
    return Engine(args.model, weights_id, settings, args.store)


def ask_all(
    conversations: Sequence[Conversation[Any]],
    args: argparse.Namespace,
    stage: str,
    finished: dict[str, Row] | None = None,
) -> list[Outcome]:
    """Drive conversations to their ends on one engine; write its costs, and fill `finished` by prompt id."""
    logging.basicConfig(level=logging.INFO, format=f"{stage}: %(message)s", force=True)
    for noisy in ("vllm", "transformers", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    engine = open_engine(args)
    try:
        outcomes = drive(conversations, engine, finished)
    finally:
        engine.close()
    write_text(args.costs, canonical_json({"stage": stage, **engine.costs()}) + "\n")
    return outcomes
