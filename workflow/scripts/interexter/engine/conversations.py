"""Prompts, generations, and conversations that yield the former and receive the latter.

A conversation is a generator: it yields a list of prompts, receives their generations in the same
order, may yield again, and returns its result. Whatever asks a model is written that way, so one
driver advances all of them together on one engine, and a replay needs no engine at all.
"""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple, Protocol, TypeVar

import pyarrow as pa

from ..core.errors import UserError
from ..core.identity import content_id
from ..core.tables import Row, optional, table_schema
from ..models.tokenizer import Message

GENERATIONS = table_schema(
    prompt_id=pa.string(),  # content hash of messages and sampling parameters
    text=pa.string(),
    finish_reason=pa.string(),  # stop | length | rejected
    prompt_tokens=pa.int32(),
    output_tokens=pa.int32(),
    log_probability=optional(pa.float64()),  # of the final answer's tokens; null where the engine does not tell it
)


Result = TypeVar("Result")


@dataclass(frozen=True)
class Sampling:
    """How a prompt is decoded. Temperature 0 is greedy and ignores the seed."""

    max_tokens: int
    temperature: float = 0.0
    seed: int = 0
    stop: tuple[str, ...] = ()  # texts that end the generation and are left out of it


@dataclass(frozen=True)
class Contrast:
    """A second prompt that is read beside the first, and the decoding that weighs one against the other."""

    messages: tuple[Message, ...]
    decoding: str  # a key of contrastive.DECODINGS
    weights: tuple[tuple[str, float], ...] = ()  # the decoding's parameters by name


@dataclass(frozen=True)
class Prompt:
    """Chat messages and how to decode what follows them; with a contrast, only an engine that sees logits can."""

    messages: tuple[Message, ...]
    sampling: Sampling
    contrast: Contrast | None = None
    prompt_id: str = field(init=False)  # content hash of messages, sampling and contrast

    def __post_init__(self) -> None:
        """Compute the id once: it is looked up often."""
        content: list[Any] = [list(self.messages), asdict(self.sampling)]
        if self.contrast is not None:
            content.append(asdict(self.contrast))
        object.__setattr__(self, "prompt_id", content_id(content))


class Generation(NamedTuple):
    """What a model wrote after a prompt."""

    prompt_id: str
    text: str
    finish_reason: str  # stop | length | rejected: the prompt does not fit, and `text` says why
    prompt_tokens: int
    output_tokens: int
    log_probability: float | None = None  # of the final answer's tokens, where the engine tells it


Conversation = Generator[list[Prompt], list[Generation], Result]


class Asked(Protocol):
    """Whatever answers prompts, in any order: an engine behind a store, or finished generations."""

    def ask(self, prompts: Sequence[Prompt]) -> None:
        """Queue prompts; each id is asked once."""

    def finished(self) -> list[Generation]:
        """Return at least one queued prompt's generation, or raise."""


class Outcome(NamedTuple):
    """A conversation's result, or why it has none, with the tokens that it cost."""

    result: Any
    rejected: str  # "" or the reason
    prompt_tokens: int
    output_tokens: int
    log_probability: float | None = None  # of the final answer, where one generation of the last round is the result


@dataclass
class _Open:
    """A conversation that waits for generations."""

    conversation: Conversation[Any]
    waiting: list[Prompt]
    prompt_tokens: int = 0
    output_tokens: int = 0


def drive(
    conversations: Iterable[Conversation[Any]], asked: Asked, finished: dict[str, Row] | None = None
) -> list[Outcome]:
    """Advance all conversations together until each has returned; outcomes keep their order.

    `finished`, where given, is filled with a row of tables.GENERATIONS for every prompt asked.
    """
    outcomes: dict[int, Outcome] = {}
    opened: dict[int, _Open] = {}
    known: dict[str, Generation] = {}
    waiters: defaultdict[str, dict[int, None]] = defaultdict(dict)  # of every prompt that is asked and not finished
    fresh: dict[str, Prompt] = {}

    def advance(index: int, state: _Open) -> None:
        """Run one conversation until it waits for a generation that is not known yet."""
        while True:
            missing = [p for p in state.waiting if p.prompt_id not in known]
            if missing:
                for prompt in missing:
                    if prompt.prompt_id not in waiters:
                        fresh[prompt.prompt_id] = prompt
                    waiters[prompt.prompt_id][index] = None
                return
            received = [known[p.prompt_id] for p in state.waiting]
            if (outcome := step(state, received)) is not None:
                outcomes[index] = outcome
                del opened[index]
                return

    for index, conversation in enumerate(conversations):
        state = _Open(conversation, waiting=[])
        opened[index] = state
        try:
            state.waiting = next(conversation)
        except StopIteration as stop:
            outcomes[index] = Outcome(stop.value, "", 0, 0)
            del opened[index]
        else:
            advance(index, state)
    while opened:
        if fresh:
            asked.ask(list(fresh.values()))
            fresh.clear()
        for generation in asked.finished():
            known[generation.prompt_id] = generation
            if finished is not None:
                finished[generation.prompt_id] = generation._asdict()
            for index in waiters.pop(generation.prompt_id, {}):
                advance(index, opened[index])
    return [outcomes[i] for i in range(len(outcomes))]


def step(state: _Open, received: list[Generation]) -> Outcome | None:
    """Hand a conversation its generations; return its outcome if that ends it."""
    state.prompt_tokens += sum(g.prompt_tokens for g in received)
    state.output_tokens += sum(g.output_tokens for g in received)
    refused = [g for g in received if g.finish_reason == "rejected"]
    if refused:
        state.conversation.close()
        return Outcome(None, refused[0].text, state.prompt_tokens, state.output_tokens)
    try:
        state.waiting = state.conversation.send(received)
    except StopIteration as stop:
        said = received[0].log_probability if len(received) == 1 and received[0].text == stop.value else None
        return Outcome(stop.value, "", state.prompt_tokens, state.output_tokens, said)
    return None


class Finished:
    """Finished generations as something to ask: replays conversations without an engine."""

    def __init__(self, generations: Callable[[str], Generation | None], source: str) -> None:
        """Take a look-up by prompt id, and the name of the file that it comes from."""
        self._generations = generations
        self._source = source
        self._queue: list[Generation] = []

    def ask(self, prompts: Sequence[Prompt]) -> None:
        """Look prompts up; raise UserError for one that was never asked."""
        for prompt in prompts:
            generation = self._generations(prompt.prompt_id)
            if generation is None:
                raise UserError(
                    f"{self._source}: prompt {prompt.prompt_id} is missing, which begins "
                    f"{prompt.messages[-1].content[:80]!r}. Delete that file and run again."
                )
            self._queue.append(generation)

    def finished(self) -> list[Generation]:
        """Return everything that was looked up."""
        found, self._queue = self._queue, []
        return found
