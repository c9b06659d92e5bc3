"""What all engines share: the store is asked first, and an engine starts for what it lacks, never otherwise.

What an engine finishes goes to the store every few generations.
"""

import logging
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import ClassVar, NamedTuple

from ..core.tables import Row
from ..models import weights
from ..models.tokenizer import Tokenizer
from .conversations import Generation, Prompt
from .store import Store, Stored, key

log = logging.getLogger(__name__)


class Pending(NamedTuple):
    """A prompt that is asked and not finished."""

    prompt: Prompt
    token_ids: list[int]
    contrast_ids: list[int]  # empty where the prompt has no contrast

    def tokens(self) -> int:
        """Count the prompt's tokens, those of its contrast included."""
        return len(self.token_ids) + len(self.contrast_ids)

    def key(self) -> str:
        """Return the key of the generation in the store."""
        decoded = asdict(self.prompt.sampling)
        if (contrast := self.prompt.contrast) is not None:
            decoded |= {"contrast": self.contrast_ids, "decoding": contrast.decoding, "weights": contrast.weights}
        return key(self.token_ids, decoded)


class StoreFirst(ABC):
    """Something to ask (see conversations.Asked): the store first, an engine for what it lacks."""

    NAME: ClassVar[str]  # of the engine, in the log

    def __init__(
        self, model: Path, weights_id: str, identity: Row, store: Path, max_model_len: int, store_every: int
    ) -> None:
        """Open the part of the store that belongs to these weights and this engine, which is not started yet.

        `max_model_len` bounds the tokens of a prompt and its output, `store_every` the finished
        generations that a kill can lose.
        """
        self._model = model
        self._weights_id = weights_id
        self._max_model_len = max_model_len
        self._store_every = store_every
        self._store = Store(store, weights_id, identity)
        self._ready: list[Generation] = []
        self._queue: deque[str] = deque()  # ids of the prompts that the engine has not been given yet
        self._pending: dict[str, Pending] = {}
        self._unsaved: dict[str, Stored] = {}
        self._running = False
        self.starts = 0
        self.asked = 0
        self.found = 0
        self._counted: set[str] = set()  # keys of what was found
        self.found_prompt_tokens = 0
        self.found_output_tokens = 0
        self.rejected = 0
        self.prompt_tokens = 0
        self.cached_tokens = 0
        self.output_tokens = 0
        self.seconds_starting = 0.0
        self.seconds_generating = 0.0

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return Tokenizer(self._model)

    def ask(self, prompts: Sequence[Prompt]) -> None:
        """Answer prompts from the store, and queue the others."""
        for pending in self._pend(prompts):
            prompt = pending.prompt
            longest = max(len(pending.token_ids), len(pending.contrast_ids))
            key = pending.key()
            stored = self._unsaved.get(key) or self._store.get(key)
            if longest + prompt.sampling.max_tokens > self._max_model_len:
                self.rejected += 1
                reason = (
                    f"prompt of {longest} tokens and {prompt.sampling.max_tokens} to generate exceed "
                    f"engine.max_model_len {self._max_model_len}"
                )
                self._ready.append(Generation(prompt.prompt_id, reason, "rejected", pending.tokens(), 0))
            elif stored is not None:
                self._ready.append(generation := _generation(pending, stored))
                if self._store.was_there(key):
                    self.found += 1
                    if key not in self._counted:  # one that is asked for again was paid for once
                        self._counted.add(key)
                        self.found_prompt_tokens += generation.prompt_tokens
                        self.found_output_tokens += generation.output_tokens
            else:
                self.asked += 1
                self._pending[prompt.prompt_id] = pending
                self._queue.append(prompt.prompt_id)

    def waiting(self) -> bool:
        """Tell whether something was asked that `finished` has not returned yet."""
        return bool(self._ready or self._pending)

    def finished(self) -> list[Generation]:
        """Return what is ready, or run the engine until something is."""
        if not self._ready:
            self._run()
        ready, self._ready = self._ready, []
        return ready

    def close(self) -> None:
        """Write what is not in the store yet, and say what was done."""
        self._save()
        self._store.close()
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

    def _pend(self, prompts: Sequence[Prompt]) -> list[Pending]:
        """Return prompts with what the engine reads of them: their token ids."""
        contrasts = [prompt.contrast.messages for prompt in prompts if prompt.contrast]
        tokenized = self._tokenizer.prompts([prompt.messages for prompt in prompts])
        contrasted = iter(self._tokenizer.prompts(contrasts))
        return [
            Pending(prompt, token_ids, next(contrasted) if prompt.contrast else [])
            for prompt, token_ids in zip(prompts, tokenized, strict=True)
        ]

    @abstractmethod
    def _start(self) -> None:
        """Start the engine."""

    @abstractmethod
    def _advance(self) -> None:
        """Take prompts from the queue and go one step further, with `_take` for what that finishes."""

    def _run(self) -> None:
        """Start the engine if it does not run, and advance it until a generation is finished."""
        if not self._running:
            began = time.monotonic()
            self._check_weights()
            log.info("engine start: %s on %s", self.NAME, self._model)
            self._start()
            self._running = True
            self.starts += 1
            self.seconds_starting += time.monotonic() - began
        began = time.monotonic()
        while not self._ready:
            self._advance()
        self.seconds_generating += time.monotonic() - began

    def _check_weights(self) -> None:
        """Raise UserError unless the weights are those whose generations the store keeps."""
        began = time.monotonic()
        weights.check(self._model, self._weights_id)
        log.info("weights: %s is what its manifest says, %.1f s", self._model, time.monotonic() - began)

    def _next(self) -> Pending:
        """Take the next prompt from the queue; it stays pending."""
        return self._pending[self._queue.popleft()]

    def _take(self, prompt_id: str, stored: Stored, cached_tokens: int) -> None:
        """Turn what an engine finished into a generation, and keep it for the store."""
        pending = self._pending.pop(prompt_id)
        self._unsaved[pending.key()] = stored
        self._ready.append(generation := _generation(pending, stored))
        self.prompt_tokens += generation.prompt_tokens
        self.cached_tokens += cached_tokens
        self.output_tokens += stored.output_tokens
        if len(self._unsaved) >= self._store_every:
            self._save()

    def _refuse(self, prompt_id: str, finish_reason: str, detail: str) -> None:
        """Give up on a prompt that the engine will not answer; nothing of it is stored."""
        pending = self._pending.pop(prompt_id)
        self.rejected += 1
        self._ready.append(Generation(prompt_id, detail, finish_reason, pending.tokens(), 0))

    def _save(self) -> None:
        self._store.add(list(self._unsaved.items()))
        self._unsaved = {}
        if self.starts:
            log.info("generated %d, %d to go", self.asked - len(self._pending), len(self._pending))


def _generation(pending: Pending, stored: Stored) -> Generation:
    return Generation(
        pending.prompt.prompt_id,
        stored.text,
        stored.finish_reason,
        pending.tokens() if stored.prompt_tokens is None else stored.prompt_tokens,
        stored.output_tokens,
        stored.log_probability,
        stored.answer_tokens,
    )
