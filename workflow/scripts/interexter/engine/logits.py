"""transformers behind the store, for prompts with a contrast: two passes over the logits of every token.

Decoding is greedy. What is decoded together shares its matrix products, and their last bits depend on
how many rows there are: with a batch of 1 (the default) a generation depends on its own prompt alone,
whatever else is asked and whatever the store held before.
"""

import gc
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from ..core.errors import UserError
from ..core.tables import Row
from .contrastive import DECODINGS
from .conversations import Prompt
from .store import Stored
from .store_first import StoreFirst


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
                raise UserError(f"decoding with a contrast is greedy and ends at an end token alone: {prompt.sampling}")
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
        self._loaded = _load(self._model, self._settings)

    def _advance(self) -> None:
        """Decode the next batch to its end."""
        batch = [self._next() for _ in range(min(self._settings.batch, len(self._queue)))]
        rows = [
            _Decoded(
                DECODINGS[contrast.decoding], dict(contrast.weights), pending.prompt.sampling.max_tokens, written=[]
            )
            for pending in batch
            if (contrast := pending.prompt.contrast) is not None
        ]
        ends = _end_tokens(self._loaded, self._tokenizer.end_token())
        decode(self._loaded, [p.token_ids for p in batch], [p.contrast_ids for p in batch], rows, ends)
        for pending, row in zip(batch, rows, strict=True):
            ended = row.written[-1] in ends
            text = self._tokenizer.plain_text(row.written[:-1] if ended else row.written)
            stored = Stored(text, "stop" if ended else "length", len(row.written))
            self._take(pending.prompt.prompt_id, stored, 0)


class _Decoded(NamedTuple):
    """One row of a batch: how it is decoded, and the token ids that were written so far."""

    decoding: Any
    weights: dict[str, float]
    max_tokens: int
    written: list[int]

    def done(self, ends: set[int]) -> bool:
        return len(self.written) == self.max_tokens or (bool(self.written) and self.written[-1] in ends)


def decode(
    model: Any, prompts: Sequence[list[int]], contrasts: Sequence[list[int]], rows: Sequence[_Decoded], ends: set[int]
) -> None:
    """Write the next tokens of a batch greedily, until each row has an end token or its number of tokens."""
    import torch

    with torch.inference_mode():
        reading = _Pass(model, prompts), _Pass(model, contrasts)
        while not all(row.done(ends) for row in rows):
            with_context, without = (one.logits() for one in reading)
            tokens = []
            for i, row in enumerate(rows):
                scores = row.decoding(with_context[i : i + 1], without[i : i + 1], **row.weights)
                token = int(scores.argmax())
                if not row.done(ends):
                    row.written.append(token)
                tokens.append(token)  # a row that is done is decoded on until the longest is, and not looked at
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


def _load(folder: Path, settings: LogitsSettings) -> Any:
    """Load a model folder's weights for inference."""
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=getattr(torch, settings.dtype), local_files_only=True, use_safetensors=True
    )
    return model.to(settings.device).eval()


def _end_tokens(model: Any, end_token: int) -> set[int]:
    """Return the tokens that end a generation: the tokenizer's, and those that the model names."""
    named = model.generation_config.eos_token_id
    return {end_token, *(named if isinstance(named, list) else [] if named is None else [named])}
