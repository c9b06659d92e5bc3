"""What the programs that ask a model share: their arguments, and one engine for all conversations.

Prompts with a contrast go to a second engine, which sees logits.
"""

import argparse
import json
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from ..core.json_files import read_json, write_json
from ..core.tables import Row
from ..models.endpoints import KIND, Endpoint
from .conversations import Conversation, Generation, Outcome, Prompt, drive
from .endpoint import EndpointEngine
from .logits import LogitsEngine, LogitsSettings
from .store_first import StoreFirst
from .vllm import Engine, EngineSettings


def add_engine_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say which model is asked, on what, and where generations are kept."""
    parser.add_argument("--model", type=Path, required=True, help="folder of the weights")
    parser.add_argument("--manifest", type=Path, required=True, help="the checkpoint's manifest")
    parser.add_argument("--engine", type=json.loads, required=True, help="engine settings as JSON")
    parser.add_argument("--gpus", type=int, required=True, help="GPUs granted to this job")
    parser.add_argument("--logits-batch", type=int, default=1, help="prompts with a contrast decoded together")
    parser.add_argument("--store", type=Path, required=True, help="folder of the store of generations")
    parser.add_argument("--costs", type=Path, required=True, help="JSON file for tokens and seconds")


class Engines:
    """Something to ask (see conversations.Asked): vLLM or a server, and the engine that sees logits for contrasts.

    The latter is opened by the first prompt with a contrast. It gives its memory back when it has nothing left, so that
    vLLM finds a GPU free. vLLM never gives it back: what has a contrast is to be asked before (see `ask_all`).
    """

    def __init__(self, plain: StoreFirst, open_logits: Callable[[], LogitsEngine]) -> None:
        """Take the engine of prompts without a contrast, and how to open the other."""
        self._plain = plain
        self._open_logits = open_logits

    @cached_property
    def _logits(self) -> LogitsEngine:
        return self._open_logits()

    def ask(self, prompts: Sequence[Prompt]) -> None:
        """Queue prompts with the engine that can answer them."""
        self._plain.ask([prompt for prompt in prompts if prompt.contrast is None])
        if contrasted := [prompt for prompt in prompts if prompt.contrast is not None]:
            self._logits.ask(contrasted)

    def finished(self) -> list[Generation]:
        """Return what is ready of either, that with a contrast first."""
        if "_logits" in vars(self):
            if self._logits.waiting():
                return self._logits.finished()
            self._logits.release()
        return self._plain.finished()

    def count_again(self) -> None:
        """Forget how many prompts were found or rejected: all of them are asked once more."""
        for engine in self._opened():
            engine.found = engine.rejected = 0

    def close(self) -> None:
        """Close the engines that were opened."""
        for engine in self._opened():
            engine.close()

    def costs(self) -> Row:
        """Return the sums of the engines' costs, and each engine's own."""
        each = {engine.NAME: engine.costs() for engine in self._opened()}
        total: Counter[str] = Counter()
        for costs in each.values():
            total.update(costs)
        return {**total, "engines": each}

    def _opened(self) -> list[StoreFirst]:
        return [self._plain, *([self._logits] if "_logits" in vars(self) else [])]


def open_engines(args: argparse.Namespace) -> tuple[Engines, int]:
    """Open the engines that the arguments name; return them, and how many prompts they take at a time.

    Raises UserError if the engines ask for GPUs that were not granted.
    """
    if not args.manifest.is_file():
        raise UserError(f"{args.manifest}: the manifest of the checkpoint is missing.")
    manifest = read_json(args.manifest, "weights_id")
    weights_id = manifest["weights_id"]
    if KIND in args.engine:
        return _endpoint(args, weights_id)
    os.environ.pop("OMP_NUM_THREADS", None)  # Snakemake's; vLLM binds its own threads, and torch's would compete
    settings = EngineSettings(**args.engine)
    check_context(manifest, settings.max_model_len)
    if settings.device == "cuda" and args.gpus < settings.tensor_parallel:
        raise UserError(
            f"device is cuda and the engine takes {settings.tensor_parallel} GPU(s), but {args.gpus} were granted: "
            "run with --resources gpu=N, or set device: cpu."
        )
    if settings.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""

    def open_logits() -> LogitsEngine:
        own = LogitsSettings(settings.device, settings.dtype, settings.max_model_len, args.logits_batch)
        return LogitsEngine(args.model, weights_id, own, args.store, settings.store_every)

    return Engines(Engine(args.model, weights_id, settings, args.store), open_logits), settings.max_num_seqs


def _endpoint(args: argparse.Namespace, weights_id: str) -> tuple[Engines, int]:
    endpoint = Endpoint(**args.engine[KIND])

    def no_logits() -> LogitsEngine:
        raise UserError(f"{endpoint.url}: a server gives no logits, which this method needs.")

    engine = EndpointEngine(args.model, weights_id, endpoint, args.store, args.engine["store_every"])
    return Engines(engine, no_logits), endpoint.concurrency


def check_context(manifest: Row, max_model_len: int) -> None:
    """Raise UserError where engines are to read more tokens than the model was made for (`context_length`)."""
    most = manifest["context_length"]
    if max_model_len > most:
        raise UserError(
            f"engine.max_model_len is {max_model_len}, but the model reads {most} tokens at most (its manifest's "
            f"context_length). Set engine.max_model_len to {most} or less."
        )


def ask_all(
    conversations: Iterable[Conversation[Any]],
    args: argparse.Namespace,
    stage: str,
    contrasted: Iterable[Conversation[Any]] = (),
) -> Iterator[Outcome]:
    """Drive conversations to their ends, one start an engine; yield their outcomes in order, then write the costs.

    `contrasted` are those of `conversations` whose prompts have a contrast, once more. They are driven before all
    others, so that their engine has finished when vLLM starts; afterwards the store has their generations.
    """
    logging.basicConfig(level=logging.INFO, format=f"{stage}: %(message)s", force=True)
    for noisy in ("vllm", "transformers", "httpx", "httpx2", "httpcore2"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    engines, at_a_time = open_engines(args)
    ahead = 4 * at_a_time  # twice what vLLM is given at a time
    try:
        for _ in drive(contrasted, engines, ahead=ahead):
            pass
        engines.count_again()
        yield from drive(conversations, engines, ahead=ahead)
    finally:
        engines.close()
    write_json(args.costs, {"stage": stage, **engines.costs()})
