"""transformers behind the store, for prompts with a contrast: two passes over the logits of every token.

Decoding is greedy. What is decoded together shares its matrix products, and their last bits depend on
how many rows there are: with a batch of 1 (the default) a generation depends on its own prompt alone,
whatever else is asked and whatever the store held before.
"""

import gc
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from ..core.tables import Row
from ..models.loading import load_for_inference
from ..text.answer_ends import answer_end
from .contrastive import DECODINGS
from .conversations import Prompt
from .store import Stored
from .store_first import StoreFirst

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LogitsSettings:
    """How transformers runs; all of it but the model's length can change what it writes."""

    device: str  # cpu | cuda
    dtype: str  # float32 | bfloat16 | float16; scores are always computed in float32
    max_model_len: int  # tokens of prompt and output
    batch: int = 1  # prompts decoded together

    def identity(self) -> Row:
        """Return what of the engine a generation depends on."""
        identity = asdict(self)
        del identity["max_model_len"]
        return {"engine": "transformers", "version": version("transformers"), "torch": version("torch"), **identity}


class LogitsEngine(StoreFirst):
    """transformers: greedy, one forward pass per prompt and token, for prompts with a contrast."""

    NAME = "transformers"

    def __init__(self, model: Path, weights_id: str, settings: LogitsSettings, store: Path, store_every: int) -> None:
        """Open the store for a model folder; the model is not loaded yet."""
        super().__init__(model, weights_id, settings.identity(), store, settings.max_model_len, store_every)
        self._settings = settings
        self._loaded: Any = None

    def ask(self, prompts: Sequence[Prompt]) -> None:
        """As StoreFirst.ask; raise UserError for a prompt that this engine cannot decode."""
        for prompt in prompts:
            if prompt.contrast is None or prompt.contrast.decoding not in DECODINGS:
                raise UserError(f"a prompt with a contrast names one of the decodings {sorted(DECODINGS)}: {prompt}")
            if prompt.sampling.temperature or prompt.sampling.stop:
                raise UserError(f"decoding with a contrast is greedy and has no texts that end it: {prompt.sampling}")
            if prompt.sampling.max_tokens < 1:
                raise UserError(f"decoding with a contrast writes a token at least: {prompt.sampling}")
        super().ask(prompts)

    def release(self) -> None:
        """Give the memory of the weights back; the next prompt loads them again."""
        if self._running:
            import torch

            self._loaded = None
            self._running = False
            gc.collect()
            torch.cuda.empty_cache()  # does nothing without a GPU; vLLM counts what torch keeps as taken

    def _start(self) -> None:
        if self._settings.batch > 1:
            log.warning(
                "%s: %d prompts are decoded together, so a text may depend on which; engine.logits_batch: 1 decodes "
                "each by itself",
                self.NAME,
                self._settings.batch,
            )
        self._loaded = load_for_inference(self._model, self._settings.device, self._settings.dtype)

    def _advance(self) -> None:
        """Decode the next batch to its end."""
        batch = [self._next() for _ in range(min(self._settings.batch, len(self._queue)))]
        ends = _end_tokens(self._loaded, self._tokenizer.end_tokens())
        told, opened = self._tokenizer.plain_text, self._tokenizer.chat.opened
        rows = [Decoded(pending.prompt, ends, told, opened) for pending in batch]
        decode(self._loaded, [p.token_ids for p in batch], [p.contrast_ids for p in batch], rows)
        for pending, row in zip(batch, rows, strict=True):
            self._take(pending.prompt.prompt_id, row.stored(), 0)


class Decoded:
    """One row of a batch: how it is decoded, and what was written so far."""

    def __init__(
        self, prompt: Prompt, ends: set[int], plain_text: Callable[[Sequence[int]], str], opened: str = ""
    ) -> None:
        """Begin with nothing written; `ends` are the tokens that end a text, `plain_text` reads tokens.

        What the prompt `opened`, a think block, belongs to the text.
        """
        assert prompt.contrast is not None
        self.scores = partial(DECODINGS[prompt.contrast.decoding], **dict(prompt.contrast.weights))
        self.finish_reason = ""  # as long as there is more to write
        self._sampling = prompt.sampling
        self._ends = ends
        self._plain_text = plain_text
        self._opened = opened
        self._written: list[int] = []
        self._stop: int | None = None  # where the text is cut, once its answer is given

    @property
    def tokens(self) -> list[int]:
        """Return what was written so far, an end token among it."""
        return list(self._written)

    def write(self, token: int) -> None:
        """Add a token, unless this row has ended."""
        if self.finish_reason:
            return
        self._written.append(token)
        if self._sampling.asked and "\n" in self._plain_text([token]):
            self._stop = answer_end(self._opened + self._plain_text(self._written), self._sampling.asked)
        if token in self._ends or self._stop is not None:
            self.finish_reason = "stop"
        elif len(self._written) >= self._sampling.max_tokens:
            self.finish_reason = "length"

    def stored(self) -> Stored:
        """Return what was written, without the end token."""
        told = self._written[:-1] if self._written[-1] in self._ends else self._written
        text = self._opened + self._plain_text(told)
        return Stored(text[: self._stop], self.finish_reason, len(self._written))


def decode(model: Any, prompts: Sequence[list[int]], contrasts: Sequence[list[int]], rows: Sequence[Decoded]) -> None:
    """Write the next tokens of a batch greedily, until each row has ended."""
    import torch

    with torch.inference_mode():
        reading = _Pass(model, prompts), _Pass(model, contrasts)
        while not all(row.finish_reason for row in rows):
            with_context, without = (one.logits() for one in reading)
            tokens = []
            for i, row in enumerate(rows):
                scores = row.scores(with_context[i : i + 1], without[i : i + 1])
                if scores.isnan().any():
                    raise UserError(
                        "the model's logits are no numbers: its weights are damaged, or too large for engine.dtype "
                        "(float16 ends at 65504; take bfloat16 or float32)."
                    )
                token = int(scores.argmax())
                row.write(token)
                tokens.append(token)  # a row that has ended is decoded on until the longest has, and not looked at
            for one in reading:
                one.append(tokens)


class _Pass:
    """One model reading one batch of prompts, and then the same tokens as they are written."""

    def __init__(self, model: Any, prompts: Sequence[list[int]]) -> None:
        import torch

        longest = max(map(len, prompts))
        padding = [longest - len(prompt) for prompt in prompts]
        self._model = model
        self._ids = torch.tensor([[0] * n + p for n, p in zip(padding, prompts, strict=True)], device=model.device)
        self._mask = torch.tensor([[0] * n + [1] * (longest - n) for n in padding], device=model.device)
        self._cache: Any = None

    def logits(self) -> Any:
        """Read what is new; return the logits of the next token in float32, shape (rows, vocabulary)."""
        positions = (self._mask.cumsum(-1) - 1).clamp(min=0)[:, -self._ids.shape[1] :]
        read = self._model(
            input_ids=self._ids,
            attention_mask=self._mask,
            position_ids=positions,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        )
        self._cache = read.past_key_values
        return read.logits[:, -1].float()

    def append(self, tokens: Sequence[int]) -> None:
        """Add one token to each row."""
        import torch

        self._ids = self._ids.new_tensor(tokens).unsqueeze(-1)
        self._mask = torch.cat([self._mask, self._mask.new_ones(len(tokens), 1)], dim=-1)


def _end_tokens(model: Any, ends: Sequence[int]) -> set[int]:
    """Return the tokens that end a generation: those of the chat, and those that the model names."""
    named = model.generation_config.eos_token_id
    return {*ends, *(named if isinstance(named, list) else [] if named is None else [named])}
