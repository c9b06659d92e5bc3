"""Prompts, generations, and conversations that yield the former and receive the latter.

A conversation is a generator: it yields a list of prompts, receives their generations in the same
order, may yield again, and returns its result. Whatever asks a model is written that way, so one
driver advances all of them together on one engine.
"""

import math
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, NamedTuple, Protocol, TypeVar

from ..core.identity import content_id
from ..models.messages import Message
from ..text import thoughts

Result = TypeVar("Result")

REJECTED = {"rejected": "prompt too long", "refused": "refused by the server"}  # why there is no generation, by its end
WINDOW = 4096  # conversations in memory at a time
AHEAD = 1024  # prompts that are asked at a time
MADE_UP = "Final answer: Lima"  # what is said to a prompt where it is tried what a method asks next


@dataclass(frozen=True)
class Sampling:
    """How a prompt is decoded. Temperature 0 is greedy and ignores the seed."""

    max_tokens: int
    temperature: float = 0.0
    seed: int = 0
    stop: tuple[str, ...] = ()  # texts that end the generation and are left out of it
    asked: str = ""  # "answer" | "field": it ends where that is given (answer_ends.answer_end); "" for a whole text


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
    text: str  # all of it; a think block that the prompt opened stands before it
    finish_reason: str  # stop | length, or a key of REJECTED: there is none, and `text` says why
    prompt_tokens: int
    output_tokens: int
    log_probability: float | None = None  # of the final answer's tokens, where the engine tells it
    answer_tokens: int | None = None  # how many they are

    @property
    def said(self) -> str:
        """What is meant for others: the text without what was thought, and nothing where thinking was cut."""
        return thoughts.said(self.text)

    @property
    def token_probability(self) -> float | None:
        """The geometric mean of the probabilities of the final answer's tokens; None where the engine did not tell."""
        if self.log_probability is None or not self.answer_tokens:
            return None
        return math.exp(self.log_probability / self.answer_tokens)


Conversation = Generator[list[Prompt], list[Generation], Result]


class Asked(Protocol):
    """Whatever answers prompts, in any order: engines behind a store."""

    def ask(self, prompts: Sequence[Prompt]) -> None:
        """Queue prompts, each with an id of its own among those that are not finished."""

    def finished(self) -> list[Generation]:
        """Return at least one queued prompt's generation, or raise."""


class Outcome(NamedTuple):
    """A conversation's result, or why it has none, with the tokens that it cost."""

    result: Any
    rejected: str  # "" or the reason, in full
    prompt_tokens: int
    output_tokens: int
    finish_reason: str = ""  # of the generation of the last round that is the result; "" where none is
    asked: str = ""  # what that generation's prompt asked for (see Sampling); "" where none is the result
    log_probability: float | None = None  # of the final answer, where it is the only generation of the last round

    def reason(self) -> str:
        """Return the reason for which it has no result in a few words, to count by."""
        return REJECTED[self.finish_reason]


@dataclass
class _Open:
    """A conversation that waits for generations."""

    conversation: Conversation[Any]
    waiting: list[Prompt] = field(default_factory=list)
    received: dict[str, Generation] = field(default_factory=dict)  # of those that it waits for
    prompt_tokens: int = 0
    output_tokens: int = 0

    def start(self) -> Outcome | None:
        """Run to the first prompts; return the outcome of a conversation that asks nothing."""
        return self._go_on(None)

    def receive(self, generation: Generation) -> Outcome | None:
        """Take a generation, and go on where it was the last that was waited for; return the outcome of an end."""
        self.received[generation.prompt_id] = generation
        if any(prompt.prompt_id not in self.received for prompt in self.waiting):
            return None
        received = [self.received[prompt.prompt_id] for prompt in self.waiting]
        self.received = {}
        self.prompt_tokens += sum(g.prompt_tokens for g in received)
        self.output_tokens += sum(g.output_tokens for g in received)
        if refused := [g for g in received if g.finish_reason in REJECTED]:
            self.conversation.close()
            first = refused[0]
            return Outcome(None, first.text, self.prompt_tokens, self.output_tokens, first.finish_reason)
        return self._go_on(received)

    def _go_on(self, received: list[Generation] | None) -> Outcome | None:
        answered, self.waiting = self.waiting, []
        while not self.waiting:  # it may ask nothing, and then needs nothing to go on
            try:
                self.waiting = next(self.conversation) if received is None else self.conversation.send(received)
            except StopIteration as stop:
                tokens = (self.prompt_tokens, self.output_tokens)
                for prompt, one in zip(answered, received, strict=True) if received else ():
                    if one.text == stop.value:
                        sure = one.log_probability if len(received or ()) == 1 else None  # none of a choice
                        return Outcome(stop.value, "", *tokens, one.finish_reason, prompt.sampling.asked, sure)
                return Outcome(stop.value, "", *tokens)
            received = []
        return None


def drive(
    conversations: Iterable[Conversation[Any]], asked: Asked, window: int = WINDOW, ahead: int = AHEAD
) -> Iterator[Outcome]:
    """Advance conversations together until each has returned; yield their outcomes in their order.

    At most `window` of them are in memory: those that wait for generations, and those whose outcomes wait for the
    outcomes before them. Conversations that wait for the same prompt share one generation.

    Others are opened when no more than half of `ahead` prompts are unfinished, as many as fill it up: the first
    prompt reaches the engine after a few have been built, they are tokenized in batches, and what a conversation asks
    in its second round has never more than about `ahead` prompts before it, so nobody waits long for its outcome.
    """
    numbered = enumerate(conversations)
    opened: dict[int, _Open] = {}
    outcomes: dict[int, Outcome] = {}
    waiters: dict[str, dict[int, None]] = {}  # of every prompt that is asked and not finished
    fresh: list[Prompt] = []
    first = 0  # the conversation whose outcome is yielded next

    def wait(index: int) -> None:
        """Ask for what a conversation waits for and nobody else does yet."""
        for prompt in opened[index].waiting:
            if prompt.prompt_id not in waiters:
                waiters[prompt.prompt_id] = {}
                fresh.append(prompt)
            waiters[prompt.prompt_id][index] = None

    def settle(index: int, outcome: Outcome | None) -> None:
        """Let a conversation wait again, or keep its outcome."""
        if outcome is None:
            wait(index)
        else:
            outcomes[index] = outcome
            del opened[index]

    while True:
        while first in outcomes:
            yield outcomes.pop(first)
            first += 1
        room = min(window - len(opened) - len(outcomes), ahead - len(waiters))
        more = list(islice(numbered, room)) if len(waiters) <= ahead // 2 else []
        for index, conversation in more:
            opened[index] = _Open(conversation)
            settle(index, opened[index].start())
        if not opened and not more:
            return
        if fresh:
            asked.ask(fresh)
            fresh.clear()
        for generation in asked.finished() if opened else []:
            for index in waiters.pop(generation.prompt_id):
                before = opened[index].waiting
                outcome = opened[index].receive(generation)
                if outcome is not None or opened[index].waiting is not before:
                    settle(index, outcome)
