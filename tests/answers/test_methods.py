"""Methods: which templates each asks with, and what a prompt holds and does not hold."""

from typing import Any

import pytest
from interexter.answers import methods
from interexter.answers.methods import Ask
from interexter.answers.schemas import STYLES
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.engine.conversations import Generation, Prompt, Sampling
from interexter.engine.prompts import PromptSet
from interexter.models.messages import Message

TARGETS = {  # what a checkpoint that serves the method is trained to write
    "closed-book": "",
    "instructrag-ft": "instructrag",
    "instructrag-icl": "",
    "interexter-ft": "interexter",
    "interexter-icl": "",
    "vanilla-rag": "",
    "vanilla-rag-memory": "",
    "vanilla-sft": "answer",
    "vanilla-sft-memory": "answer",
}
ABLATIONS = ("template", "without-answers", "without-documents")  # of the demonstrations of instructrag-icl
TARGETS |= {"instructrag-zero-shot": "", **{f"instructrag-icl-{source}": "" for source in ABLATIONS}}
SHOWN = {"instructrag-icl": "instructrag", "interexter-icl": "interexter"}
SHOWN |= {f"instructrag-icl-{source}": "instructrag" for source in ABLATIONS}
ROBUST = (  # tested in test_robust_methods.py
    "adacad",
    "astute-rag",
    "attributed",
    "cad",
    "clasheval-choice",
    "coiecd",
    "few-shot",
    "opinion",
    "oracle",
    "robustrag-keyword",
    "robustrag-majority",
)
TASK: Row = {
    "question_id": "ID-OF-THE-QUESTION",
    "condition": "NAME-OF-THE-CONDITION",
    "method": "",
    "question": "Which river is the longest?",
    "passages": [
        {
            "title": "Limm",
            "text": "The Limm is long.",
            "rank": 2,
            "stance": "STANCE",
            "origin": "ORIGIN",
            "score": 0.75,
        },
        {
            "title": "Osk",
            "text": "The Osk is longer.",
            "rank": 1,
            "stance": "STANCE",
            "origin": "ORIGIN",
            "score": 0.75,
        },
    ],
    "internal_document": "I remember the Osk.",
    "state": "STATE-OF-THE-EVIDENCE",
}
DEMONSTRATIONS = [{"question": f"Shown question {i}?", "rationale": f"Shown rationale {i}."} for i in (1, 2)]


class Recording(PromptSet):
    """A prompt set that remembers what was rendered."""

    def __init__(self) -> None:
        super().__init__("ours")
        self.rendered: list[str] = []

    def messages(self, template: str, **values: Any) -> tuple[Message, ...]:
        self.rendered.append(template)
        return super().messages(template, **values)


def asked(name: str, demonstrations: list[Row], task: Row = TASK, prompts: PromptSet | None = None) -> Prompt:
    """The prompt of a method, after checking that its answer is what the model writes to it."""
    ask = Ask(prompts or PromptSet("ours"), 11, 222, ("\n\n",), demonstrations)
    conversation = methods.load(name).answer(task, ask)
    [prompt] = next(conversation)
    with pytest.raises(StopIteration) as stop:
        conversation.send([Generation(prompt.prompt_id, "what it wrote", "stop", 1, 1)])
    assert stop.value.value == "what it wrote"
    return prompt


def text(prompt: Prompt) -> str:
    return "\n".join(f"[{m.role}] {m.content}" for m in prompt.messages)


def shown(name: str) -> list[Row]:
    """What answering.conversations hands to a method."""
    return DEMONSTRATIONS if methods.load(name).DEMONSTRATIONS else []


def test_names() -> None:
    assert methods.names() == sorted([*TARGETS, *ROBUST])


def test_ablations_name_the_source_of_their_demonstrations() -> None:
    keys = [methods.shown_by(name) for name in methods.names()]
    assert [key for key in keys if "/" in key] == [f"instructrag/{source}" for source in ABLATIONS]
    assert methods.shown_by("instructrag-icl") == "instructrag"
    assert methods.shown_by("instructrag-zero-shot") == ""
    assert methods.sources(["few-shot", "instructrag-icl-template", "vanilla-rag"]) == ["template"]


@pytest.mark.parametrize("name", TARGETS)
def test_what_a_method_declares(name: str) -> None:
    method = methods.load(name)
    assert TARGETS[name] == method.TARGET
    assert SHOWN.get(name, "") == method.DEMONSTRATIONS
    assert {method.TARGET, method.DEMONSTRATIONS} <= {"", "answer", *STYLES}


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("closed_book", "did you mean .*closed-book"),
        ("vanila-rag", "did you mean .*vanilla-rag"),
        ("interexter", "did you mean .*interexter-"),
        ("zzz", "known are .*closed-book"),  # all, where none is near
    ],
)
def test_an_unknown_method_is_answered_with_the_nearest_names(name: str, near: str) -> None:
    with pytest.raises(UserError, match=rf"method '{name}' is unknown; {near}"):
        methods.load(name)


def test_no_other_module_is_loaded_by_a_methods_name() -> None:
    for name in ("__init__", "", "..prompts", "Ask"):
        with pytest.raises(UserError):
            methods.load(name)


@pytest.mark.parametrize("name", TARGETS)
def test_a_method_renders_just_the_templates_that_it_declares(name: str) -> None:
    prompts = Recording()
    asked(name, shown(name), prompts=prompts)
    assert sorted(prompts.rendered) == sorted(methods.load(name).TEMPLATES)


@pytest.mark.parametrize("name", TARGETS)
def test_how_a_method_decodes(name: str) -> None:
    long = name.startswith(tuple(STYLES))
    field = Sampling(222, stop=("\n\n",), asked="field")
    assert asked(name, shown(name)).sampling == (field if long else Sampling(11, asked="answer"))


@pytest.mark.parametrize("name", TARGETS)
def test_what_a_prompt_holds(name: str) -> None:
    prompt = text(asked(name, shown(name)))
    assert "Question: Which river is the longest?" in prompt
    documents = "Document 1 (Osk): The Osk is longer.\nDocument 2 (Limm): The Limm is long."
    assert (documents in prompt) == (name != "closed-book")
    assert ("I remember the Osk." in prompt) == (name.startswith("interexter") or name.endswith("-memory"))
    for i in (1, 2):
        both = f"Example {i}\nQuestion: Shown question {i}?\nShown rationale {i}."
        assert (both in prompt) == (name in SHOWN)


@pytest.mark.parametrize("name", TARGETS)
def test_what_a_prompt_does_not_hold(name: str) -> None:
    prompt = text(asked(name, shown(name)))
    for secret in ("STANCE", "ORIGIN", "STATE-OF", "NAME-OF", "ID-OF", "0.75"):
        assert secret not in prompt
    if name == "closed-book":
        assert "Document" not in prompt
        assert "Osk" not in prompt


@pytest.mark.parametrize("style", STYLES)
def test_a_trained_checkpoint_is_asked_as_in_context_but_for_the_demonstrations(style: str) -> None:
    trained = asked(f"{style}-ft", [])
    assert "Example" not in text(trained)
    assert trained == asked(f"{style}-icl", [])
    assert trained != asked(f"{style}-icl", DEMONSTRATIONS)


def test_a_trained_short_answer_is_asked_as_vanilla() -> None:
    assert asked("vanilla-sft", []) == asked("vanilla-rag", [])
    assert asked("vanilla-sft-memory", []) == asked("vanilla-rag-memory", [])


@pytest.mark.parametrize("name", TARGETS)
def test_asking_leaves_the_task_as_it_was(name: str) -> None:
    before = repr(TASK)
    asked(name, shown(name))
    assert repr(TASK) == before


@pytest.mark.parametrize("name", TARGETS)
def test_no_passages_are_no_error(name: str) -> None:
    assert "Document 1" not in text(asked(name, [], {**TASK, "passages": []}))
