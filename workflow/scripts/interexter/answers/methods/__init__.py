"""Methods: how an answer is asked for. One file, one method.

The method `closed-book` is the module closed_book of this folder. It has:
- `answer(task, ask)`, a conversation (see engine/conversations.py) that yields prompts and returns the text of
  the answer, or an `Elected` one; `task` is what `visible` shows of an example, `ask` an `Ask`;
- `TEMPLATES`, the prompt templates that it uses;
- `DEMONSTRATIONS`, the style of the rationales that it shows as demonstrations, or "";
- `TARGET`, what a checkpoint that serves it is trained to write: "answer", a style of rationales,
  or "" for a method of the base model.
It may have:
- `SOURCE`, the source of its demonstrations (see rationales.SOURCES), whatever the config says;
- `CONFIDENCE = True`, if it compares how sure the engine was of its answers, which `engine.confidence` keeps;
- `LOGITS = True`, if its prompts have a contrast, which an engine that sees logits decodes;
- `STANCE = True`, if it sees the stance of the passages, which is the truth that all others are to find.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast

from ...core.errors import UserError, nearest
from ...core.tables import Row
from ...engine.conversations import Contrast, Conversation, Prompt, Sampling
from ...engine.prompts import PromptSet


class Elected(NamedTuple):
    """The most frequent vote of passages that were asked one by one (see robustrag_majority.majority)."""

    text: str
    votes: tuple[str, ...]  # of each passage in the order of ranks, "" for an abstention or an answer that was cut
    finish_reason: str = ""  # "length" where only answers that were cut could be elected


@dataclass(frozen=True)
class Ask:
    """What a method builds its prompts with."""

    prompts: PromptSet
    answer_tokens: int  # cap of a short answer
    rationale_tokens: int  # cap of an answer with its rationale
    rationale_stop: tuple[str, ...] = ()  # texts that end it
    demonstrations: Sequence[Row] = ()

    def short(self, template: str, task: Row, **values: Any) -> Prompt:
        """Ask greedily for a short answer; the template sees the question and the documents."""
        return self._ask(template, Sampling(self.answer_tokens, asked="answer"), task, values)

    def rationale(self, template: str, task: Row, **values: Any) -> Prompt:
        """Ask greedily for a rationale and its answer; the template also sees the demonstrations."""
        sampling = Sampling(self.rationale_tokens, stop=self.rationale_stop, asked="field")
        return self._ask(template, sampling, task, {**values, "demonstrations": self.demonstrations})

    def text(self, template: str, task: Row, **values: Any) -> Prompt:
        """Ask greedily for a text that is no answer, as long as a rationale may be."""
        return self._ask(template, Sampling(self.rationale_tokens, stop=self.rationale_stop), task, values)

    def contrasted(self, decoding: str, template: str, without: str, task: Row, **weights: float) -> Prompt:
        """Ask for a short answer, decoded by weighing `template` against `without`, which sees no documents.

        `decoding` is a key of contrastive.DECODINGS, `weights` are its parameters.
        """
        prompt = self.short(template, task)
        bare = self.short(without, {**task, "passages": []})
        return replace(prompt, contrast=Contrast(bare.messages, decoding, tuple(sorted(weights.items()))))

    def _ask(self, template: str, sampling: Sampling, task: Row, values: dict[str, Any]) -> Prompt:
        documents = self.prompts.documents(task["passages"]) if task["passages"] else ""
        return self.prompts.ask(template, sampling, question=task["question"], documents=documents, **values)


class Method(Protocol):
    """A module of this folder."""

    TEMPLATES: tuple[str, ...]
    DEMONSTRATIONS: str
    TARGET: str

    def answer(self, task: Row, ask: Ask) -> Conversation[str | Elected]:
        """Yield prompts, receive their generations, return the text of the answer, with its votes where it has any."""


def names() -> list[str]:
    """Return the names of all methods."""
    return sorted(p.stem.replace("_", "-") for p in Path(__file__).parent.glob("[a-z]*.py"))


def load(name: str) -> Method:
    """Return a method; raise UserError, with the nearest names, if there is none of that name."""
    if name not in names():
        raise UserError(f"method {name!r} is unknown; {nearest(name, names())}")
    return cast(Method, import_module(f".{name.replace('-', '_')}", __name__))


def shown_by(name: str) -> str:
    """Return the key of a method's demonstrations: their style, and their source if it is fixed; "" for none."""
    method = load(name)
    source = getattr(method, "SOURCE", "")
    return f"{method.DEMONSTRATIONS}/{source}" if source else method.DEMONSTRATIONS


def sources(asked: Iterable[str]) -> list[str]:
    """Return the sources of demonstrations that methods ask for by name."""
    return sorted({str(source) for name in asked if (source := getattr(load(name), "SOURCE", ""))})


def needs_logits(name: str) -> bool:
    """Tell whether a method's prompts have a contrast."""
    return bool(getattr(load(name), "LOGITS", False))


def needs_confidence(name: str) -> bool:
    """Tell whether a method compares how sure the engine was of its answers."""
    return bool(getattr(load(name), "CONFIDENCE", False))


def visible(task: Row, method: Method) -> Row:
    """Return what a method sees of a task or an example: question, internal document, and of each passage its words.

    The stance of the passages is shown to a method that declares STANCE, and to no other.
    """
    shown = ("title", "text", "rank", "stance") if getattr(method, "STANCE", False) else ("title", "text", "rank")
    passages = [{name: passage[name] for name in shown} for passage in task["passages"]]
    return {"question": task["question"], "internal_document": task["internal_document"], "passages": passages}
