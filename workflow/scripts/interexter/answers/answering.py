"""From examples to answers: every method of a checkpoint is asked every example of every condition, one stream."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ..core import tables
from ..core.errors import UserError
from ..core.tables import Row
from ..engine.conversations import Conversation, Outcome, Prompt
from ..engine.published_prompts import open_prompts
from ..engine.shards import Shard
from ..injection.compose import EXAMPLES
from . import kept_prompts
from .demonstrations import Demonstrations
from .methods import Ask, Elected, Method, load, needs_logits, shown_by, visible
from .schemas import EVIDENCE

NO_RECALL = "the question was rejected when the model was asked what it remembers"


class Caps(NamedTuple):
    """How much a method may write."""

    answer_tokens: int
    rationale_tokens: int
    rationale_stop: Sequence[str] = ()  # texts that end a rationale


def asked_methods(
    prompt_sets: Mapping[str, str], demonstrations: Demonstrations, caps: Caps
) -> dict[str, tuple[Method, Ask]]:
    """Return the methods by name, each with what it builds its prompts with.

    `prompt_sets` names a prompt set for each method (see published_prompts.open_prompts). Raises UserError for a
    method whose demonstrations are not there.
    """
    opened = {name: open_prompts(name) for name in dict.fromkeys(prompt_sets.values())}
    found = {}
    for name, prompts in prompt_sets.items():
        style = shown_by(name)
        if style and style not in demonstrations:
            raise UserError(
                f"method {name!r} shows demonstrations of style {style!r}; there are {list(demonstrations)}."
            )
        shown = demonstrations[style] if style else []
        ask = Ask(opened[prompts], caps.answer_tokens, caps.rationale_tokens, tuple(caps.rationale_stop), shown)
        found[name] = load(name), ask
    return found


@dataclass
class Interview:
    """What one checkpoint is asked: conversations in the order of conditions, questions, methods.

    Conditions come one after the other, read batch by batch; the outcomes are to come in the same order.
    """

    examples: Path  # of all conditions, a row group for each at least
    evidence: Path
    memories: Mapping[str, str]  # internal documents by question
    methods: Mapping[str, tuple[Method, Ask]]
    shard: Shard
    note: Callable[[Row], None] | None = None  # takes a row of PROMPTS with each outcome, where prompts are kept
    rejected: list[Row] = field(default_factory=list)  # rows of REJECTED_ANSWERS that could not be asked
    _asked: deque[tuple[Row, list[Prompt]]] = field(default_factory=deque)  # what waits for its outcome, in order

    def check(self) -> None:
        """Raise UserError where conditions have no example that can be asked, all of them at once."""
        known = set(tables.values(self.evidence, "condition"))
        if empty := [name for name in tables.values(self.examples, "condition") if name not in known]:
            raise UserError(
                f"{self.evidence}: no question is left under {', '.join(empty)}: {NO_RECALL}. Take these out of "
                "`test: conditions` of the config, or raise engine.max_model_len."
            )

    def conversations(self) -> Iterator[Conversation[str | Elected]]:
        """Yield the conversation of each answer, whose result is its text, or an elected one."""
        for task, fault in self.tasks():
            for name, (method, ask) in self.methods.items():
                if fault:
                    self.rejected.append({**_identity(name, task), "reason": "no recall", "detail": fault})
                else:
                    prompts: list[Prompt] = []
                    self._asked.append((_identity(name, task), prompts))
                    conversation = method.answer(visible(task, method), ask)
                    yield kept_prompts.noted(conversation, prompts) if self.note else conversation

    def contrasted(self) -> Iterator[Conversation[str | Elected]]:
        """Yield the conversations of those methods whose prompts have a contrast; no outcome is taken of them.

        They are to be driven before all others, since the engine of theirs and vLLM do not fit on one GPU together.
        """
        methods = [self.methods[name] for name in self.methods if needs_logits(name)]
        for task, fault in self.tasks() if methods else ():
            if not fault:
                yield from (method.answer(visible(task, method), ask) for method, ask in methods)

    def answer(self, outcome: Outcome) -> Row | None:
        """Return the row of ANSWERS of the next outcome; None where it was rejected, which is kept with its reason."""
        identity, prompts = self._asked.popleft()
        if self.note:
            self.note(kept_prompts.row(identity, prompts))
        if outcome.rejected:
            self.rejected.append({**identity, "reason": outcome.reason(), "detail": outcome.rejected})
            return None
        elected = outcome.result if isinstance(outcome.result, Elected) else None
        return {
            **identity,
            "text": elected.text if elected else outcome.result,
            "finish_reason": elected.finish_reason if elected else outcome.finish_reason,
            "asked": _asked(outcome),
            "prompt_tokens": outcome.prompt_tokens,
            "output_tokens": outcome.output_tokens,
            "log_probability": outcome.log_probability,
            "votes": elected.votes if elected else None,
        }

    def tasks(self) -> Iterator[tuple[Row, str]]:
        """Yield the shard's examples with what the model remembers, and why one cannot be asked, "" if it can."""
        for condition in tables.values(self.examples, "condition"):
            where = {"condition": condition}
            known = set(tables.read_table(self.evidence, EVIDENCE, ["question_id"], where)["question_id"].to_pylist())
            known &= self.memories.keys()
            for examples in tables.batches(self.examples, EXAMPLES, where=where):
                for example in filter(self.shard.holds, examples):
                    question_id = example["question_id"]
                    fault = "" if question_id in known else NO_RECALL
                    yield {**example, "internal_document": self.memories.get(question_id, "")}, fault


def _asked(outcome: Outcome) -> str:
    """Return how the final answer of a result is found; one that was put together from several is the answer alone."""
    return outcome.asked or ("field" if outcome.finish_reason else "answer")


def _identity(method: str, task: Row) -> Row:
    return {"method": method, "condition": task["condition"], "question_id": task["question_id"]}
