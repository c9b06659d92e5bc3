"""Methods: which templates each asks with, and what a prompt holds and does not hold; of all, and of our own."""

from typing import Any

import pytest
from interexter.answers import methods
from interexter.answers.methods import Ask, Elected, visible
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
FURTHER = {  # what others propose, tested in test_robust_methods.py: prompts of each round, with two passages
    "adacad": [1],
    "astute-rag": [1, 1, 1],
    "attributed": [1],
    "cad": [1],
    "clasheval-choice": [2],
    "coiecd": [1],
    "few-shot": [1],
    "opinion": [1],
    "oracle": [1],
    "robustrag-keyword": [2, 1],
    "robustrag-majority": [2],
}
ROUNDS = {name: [1] for name in TARGETS} | FURTHER


def passage(title: str, text: str, rank: int, stance: str) -> Row:
    return {"title": title, "text": text, "rank": rank, "stance": stance, "origin": "ORIGIN", "counter_answer": "LIMM!"}


TASK: Row = {
    "question_id": "ID-OF-THE-QUESTION",
    "condition": "NAME-OF-THE-CONDITION",
    "method": "",
    "question": "Which river is the longest?",
    "passages": [
        passage("Limm", 'The "Limm" is long.', 2, "counter"),
        passage("Osk", "The Osk is longer.", 1, "supporting"),
    ],
    "internal_document": "I remember the Osk.",
    "state": "STATE-OF-THE-EVIDENCE",
}
DEMONSTRATIONS = [{"question": f"Shown question {i}?", "rationale": f"Shown answer {i}"} for i in (1, 2)]
OSK, LIMM = "Document 1 (Osk): The Osk is longer.", 'Document 2 (Limm): The "Limm" is long.'


class Recording(PromptSet):
    """A prompt set that remembers what was rendered."""

    def __init__(self) -> None:
        super().__init__("ours")
        self.rendered: set[str] = set()

    def messages(self, template: str, **values: Any) -> tuple[Message, ...]:
        self.rendered.add(template)
        return super().messages(template, **values)


def run(
    name: str,
    *replies: list[str],
    task: Row = TASK,
    prompts: PromptSet | None = None,
    demonstrations: list[Row] = DEMONSTRATIONS,
) -> tuple[list[list[Prompt]], str]:
    """Return the rounds of prompts of a method, and its answer, given what the model writes in each round."""
    method = methods.load(name)
    shown = demonstrations if method.DEMONSTRATIONS else []
    conversation = method.answer(visible(task, method), Ask(prompts or PromptSet("ours"), 11, 222, ("\n\n",), shown))
    rounds = []
    try:
        asked = next(conversation)
        for texts in replies:
            rounds.append(asked)
            pairs = zip(asked, texts, strict=True)
            asked = conversation.send([Generation(p.prompt_id, text, "stop", 1, 1) for p, text in pairs])
    except StopIteration as stop:
        assert len(rounds) == len(replies)
        return rounds, stop.value.text if isinstance(stop.value, Elected) else stop.value
    raise AssertionError("it asks on")


def text(prompt: Prompt) -> str:
    return "\n".join(f"[{m.role}] {m.content}" for m in prompt.messages)


def any_run(name: str, **arguments: Any) -> tuple[list[list[Prompt]], str]:
    return run(name, *([f"What was {i}"] * n for i, n in enumerate(ROUNDS[name])), **arguments)


def asked(name: str, demonstrations: list[Row] = DEMONSTRATIONS) -> Prompt:
    """The one prompt of a method, after checking that its answer is what the model writes to it."""
    [[prompt]], answer = run(name, ["what it wrote"], demonstrations=demonstrations)
    assert answer == "what it wrote"
    return prompt


def test_names() -> None:
    assert methods.names() == sorted(ROUNDS)


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


@pytest.mark.parametrize("name", ROUNDS)
def test_a_method_renders_just_the_templates_that_it_declares(name: str) -> None:
    prompts = Recording()
    any_run(name, prompts=prompts)
    any_run(name, prompts=prompts, task={**TASK, "passages": [{**p, "stance": "counter"} for p in TASK["passages"]]})
    assert prompts.rendered == set(methods.load(name).TEMPLATES)


@pytest.mark.parametrize("name", TARGETS)
def test_how_a_method_decodes(name: str) -> None:
    long = name.startswith(tuple(STYLES))
    field = Sampling(222, stop=("\n\n",), asked="field")
    assert asked(name).sampling == (field if long else Sampling(11, asked="answer"))


@pytest.mark.parametrize("name", TARGETS)
def test_what_a_prompt_holds(name: str) -> None:
    prompt = text(asked(name))
    assert "Question: Which river is the longest?" in prompt
    assert (f"{OSK}\n{LIMM}" in prompt) == (name != "closed-book")
    assert ("I remember the Osk." in prompt) == (name.startswith("interexter") or name.endswith("-memory"))
    for i in (1, 2):
        both = f"Example {i}\nQuestion: Shown question {i}?\nShown answer {i}"
        assert (both in prompt) == (name in SHOWN)


@pytest.mark.parametrize("name", ROUNDS)
def test_no_prompt_holds_what_no_model_may_see(name: str) -> None:
    rounds, _ = any_run(name)
    for prompt in (p for prompts in rounds for p in prompts):
        for secret in ("counter", "supporting", "ORIGIN", "STATE-OF", "NAME-OF", "ID-OF", "LIMM!"):
            assert secret not in text(prompt)


def test_closed_book_sees_no_passage() -> None:
    assert "Document" not in text(asked("closed-book")) and "Osk" not in text(asked("closed-book"))


@pytest.mark.parametrize("name", ROUNDS)
def test_a_method_is_not_even_shown_it_but_the_oracle_the_stance(name: str) -> None:
    seen = visible(TASK, methods.load(name))
    assert seen.keys() == {"question", "internal_document", "passages"}
    words = {"title", "text", "rank"}
    assert all(p.keys() == (words | {"stance"} if name == "oracle" else words) for p in seen["passages"])


@pytest.mark.parametrize("style", STYLES)
def test_a_trained_checkpoint_is_asked_as_in_context_but_for_the_demonstrations(style: str) -> None:
    trained = asked(f"{style}-ft")
    assert "Example" not in text(trained)
    assert trained == asked(f"{style}-icl", [])
    assert trained != asked(f"{style}-icl")


def test_a_trained_short_answer_is_asked_as_vanilla() -> None:
    assert asked("vanilla-sft") == asked("vanilla-rag")
    assert asked("vanilla-sft-memory") == asked("vanilla-rag-memory")


@pytest.mark.parametrize("name", ROUNDS)
def test_asking_leaves_the_task_as_it_was(name: str) -> None:
    before = repr(TASK)
    any_run(name)
    assert repr(TASK) == before


@pytest.mark.parametrize("name", sorted(set(ROUNDS) - {"robustrag-keyword", "robustrag-majority"}))
def test_no_passages_are_no_error(name: str) -> None:
    rounds, _ = any_run(name, task={**TASK, "passages": []})
    assert "Document 1" not in text(rounds[0][0])
