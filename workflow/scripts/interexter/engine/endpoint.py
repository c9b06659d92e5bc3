"""An OpenAI-compatible server behind the store: prompts go out as chat messages, several requests at a time.

It gives neither token ids nor logits, so what needs those is refused. A text is cut where its answer is given, as that
of vLLM is. The server has written and counted what follows: tokens are those of its `usage`.
"""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from pathlib import Path

from ..core.errors import UserError
from ..core.identity import content_id
from ..core.tables import Row
from ..models.endpoints import KIND, Endpoint
from ..text.answer_ends import answer_end
from .chat import Client, Refused, Reply, Stopped
from .conversations import Prompt
from .store import COUNTED_BY_SERVER, Stored
from .store_first import Pending, StoreFirst

_NO_BOUND = 2**31 - 1  # tokens: the server knows what fits


class Untokenized(Pending):
    """A prompt that is asked as messages; only the server counts its tokens."""

    def key(self) -> str:
        """Return the key of the generation in the store: the messages stand for their tokens."""
        return content_id([[list(message) for message in self.prompt.messages], asdict(self.prompt.sampling)])


class EndpointEngine(StoreFirst):
    """A model of a server, for prompts without a contrast."""

    NAME = KIND

    def __init__(self, model: Path, weights_id: str, endpoint: Endpoint, store: Path, store_every: int) -> None:
        """Open the store for a model of a server, which is asked nothing yet."""
        super().__init__(model, weights_id, COUNTED_BY_SERVER, store, _NO_BOUND, store_every)
        self._endpoint = endpoint
        self._sent: dict[Future[Reply], str] = {}  # ids of the prompts that wait for the server

    def ask(self, prompts: Sequence[Prompt]) -> None:
        """As StoreFirst.ask; raise UserError for a prompt that needs logits."""
        if contrasted := [prompt for prompt in prompts if prompt.contrast is not None]:
            raise UserError(f"{self._endpoint.url}: a server gives no logits to decode {contrasted[0].contrast} by.")
        super().ask(prompts)

    def costs(self) -> Row:
        """As StoreFirst.costs, and by the config's prices what was paid now, and what is in the store was worth."""
        prices = [self._endpoint.prices.get(name, 0.0) / 1e6 for name in ("input", "output")]
        if not any(prices):
            return super().costs()
        now, before = (
            sum(price * n for price, n in zip(prices, tokens, strict=True))
            for tokens in (
                (self.prompt_tokens, self.output_tokens),
                (self.found_prompt_tokens, self.found_output_tokens),
            )
        )
        return {**super().costs(), "cost": round(now, 6), "cost_of_found": round(before, 6)}

    def close(self) -> None:
        """Take what has come, ask nothing more, and close as StoreFirst does."""
        if self._running:
            self._end()
        super().close()

    def _check_weights(self) -> None:
        """The server has them: what is known of it stands in the store's key."""

    def _pend(self, prompts: Sequence[Prompt]) -> list[Pending]:
        return [Untokenized(prompt, [], []) for prompt in prompts]

    def _start(self) -> None:
        self._client = Client(self._endpoint)
        self._threads = ThreadPoolExecutor(self._endpoint.concurrency)

    def _advance(self) -> None:
        """Keep as many requests under way as may be, and take what has come."""
        while self._queue and len(self._sent) < self._endpoint.concurrency:
            pending = self._next()
            self._sent[self._threads.submit(self._client.complete, pending.prompt)] = pending.prompt.prompt_id
        done, _ = wait(self._sent, return_when=FIRST_COMPLETED)
        faults = [fault for future in done if (fault := self._received(future))]
        if faults:
            self._end()
            raise faults[0]

    def _received(self, future: Future[Reply]) -> UserError | None:
        """Take what came for a prompt; return a fault that concerns all."""
        prompt_id = self._sent.pop(future)
        try:
            reply = future.result()
        except Refused as refusal:
            self._refuse(prompt_id, refusal.finish_reason, f"{self._endpoint.url}: {refusal}")
        except Stopped:
            pass  # it stays pending, and is asked by the next run
        except UserError as fault:
            return fault
        else:
            asked = self._pending[prompt_id].prompt.sampling.asked
            end = answer_end(reply.text, asked) if asked else None
            reason = reply.finish_reason if end is None else "stop"
            stored = Stored(reply.text[:end], reason, reply.output_tokens, prompt_tokens=reply.prompt_tokens)
            self._take(prompt_id, stored, 0)
        return None

    def _end(self) -> None:
        """Take the answers of the requests that are under way, which are paid for, and send no others."""
        self._client.stop()
        wait(self._sent)
        for future in list(self._sent):
            self._received(future)
        self._threads.shutdown()
        self._client.close()
        self._running = False
