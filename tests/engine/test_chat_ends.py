"""Where generations end, and what of them is thought: both engines, on models whose templates differ from ChatML."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import chat_models
import pytest
from interexter.engine import vllm
from interexter.engine.conversations import Contrast, Generation, Prompt, Sampling
from interexter.engine.logits import Decoded, LogitsEngine, LogitsSettings
from interexter.engine.vllm import Engine, EngineSettings
from interexter.models import sources
from interexter.models.messages import Message
from interexter.models.tokenizer import Tokenizer

CHAT = (Message("system", "Answer."), Message("user", "Which river?"))

ANSWER = Sampling(99, asked="answer")


def prepared(folder: Path, family: str) -> tuple[Path, str]:
    origin = chat_models.make(folder / "origin", family)
    return folder / "m", sources.prepare({"kind": "local", "path": str(origin)}, folder / "m")["weights_id"]


class Writing:
    """What vLLM's engine looks like from outside; it writes these parts of a text, one a step."""

    def __init__(self, parts: list[str], reason: str) -> None:
        self.parts, self.reason, self.text, self.asked, self.parameters = parts, reason, "", "", Any
        self.aborted = False

    def get_num_unfinished_requests(self) -> int:
        return 0

    def add_request(self, name: str, _: Any, parameters: Any) -> None:
        self.asked, self.parameters = name, parameters

    def abort_request(self, _: list[str]) -> None:
        self.aborted = True

    def step(self) -> list[Any]:
        self.text += self.parts.pop(0)
        finished = not self.parts
        written = SimpleNamespace(text=self.text, finish_reason=self.reason, token_ids=list(self.text.encode()))
        return [
            SimpleNamespace(request_id=self.asked, outputs=[written], finished=finished, num_cached_tokens=0),
        ]


def _parameters(prompt: Prompt, _: bool, ends: list[int]) -> Any:
    return SimpleNamespace(ends=ends, stop=prompt.sampling.stop)


def asked_of_vllm(
    folder: Path,
    family: str,
    parts: list[str],
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    sampling: Sampling = ANSWER,
) -> tuple[Generation, Writing, Path]:
    model, weights_id = prepared(folder, family)
    writing = Writing(parts, reason)
    monkeypatch.setattr(vllm, "start_vllm", lambda *_: SimpleNamespace(llm_engine=writing))
    monkeypatch.setattr(vllm, "sampling_params", _parameters)
    engine = Engine(model, weights_id, EngineSettings("cpu", "float32", 2048), folder / "store")
    engine.ask([Prompt(CHAT, sampling)])
    [generation] = engine.finished()
    return generation, writing, model


@pytest.mark.parametrize("family", ["llama", "gemma", "phi", "mistral"])
def test_vllm_is_told_where_a_turn_ends(family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, writing, model = asked_of_vllm(tmp_path, family, ["Osk"], "stop", monkeypatch)
    tokenizer = Tokenizer(model)
    assert writing.parameters.ends == tokenizer.end_tokens()
    assert tokenizer.completion("Osk")[-1] in writing.parameters.ends
    assert len(writing.parameters.ends) == (1 if family == "mistral" else 2)


def test_a_thought_is_no_answer_and_ends_no_generation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = ["Limm?\n", "No.\n</think>\n\n", "Osk\n", "And so on."]
    generation, writing, _ = asked_of_vllm(tmp_path, "thinker", parts, "length", monkeypatch)
    assert (generation.text, generation.said) == ("<think>\nLimm?\nNo.\n</think>\n\nOsk", "Osk")
    assert writing.aborted and generation.finish_reason == "stop"


def test_a_thought_that_is_cut_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generation, *_ = asked_of_vllm(tmp_path, "thinker", ["Limm?\n", "Or Osk\n"], "length", monkeypatch)
    assert (generation.text, generation.said) == ("<think>\nLimm?\nOr Osk\n", "")
    assert generation.finish_reason == "length"


def test_a_text_that_ends_a_generation_does_not_end_a_thought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts, stopped = ["Limm?\n\n", "No.</think>\n\n", "Osk", ".\n\nAnd"], Sampling(99, stop=("\n\n",))
    generation, writing, _ = asked_of_vllm(tmp_path / "1", "thinker", [*parts], "length", monkeypatch, stopped)
    assert (generation.text, generation.said) == ("<think>\nLimm?\n\nNo.</think>\n\nOsk.", "Osk.")
    assert (writing.parameters.stop, generation.finish_reason) == ((), "stop")
    _, writing, _ = asked_of_vllm(tmp_path / "2", "qwen", ["Osk"], "stop", monkeypatch, stopped)
    assert writing.parameters.stop == ("\n\n",)  # vLLM's own, where nothing is thought


def test_without_a_think_block_the_first_line_is_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generation, writing, _ = asked_of_vllm(tmp_path, "qwen", ["Limm.\n", "Or Osk\n"], "length", monkeypatch)
    assert (generation.text, generation.said, writing.aborted) == ("Limm.", "Limm.", True)


@pytest.mark.parametrize(("opened", "text"), [("", "a"), ("<think>\n", "<think>\na\n</think>\nb")])
def test_the_engine_that_sees_logits_waits_for_the_end_of_a_thought(opened: str, text: str) -> None:
    contrast = Contrast(CHAT, "cad", (("alpha", 1.0),))
    prompt = Prompt(CHAT, Sampling(99, asked="answer"), contrast)
    row = Decoded(prompt, {0}, lambda written: "".join(map(chr, written)), opened)
    for letter in "a\n</think>\nb\nc":
        row.write(ord(letter))
    assert (row.stored().text, row.finish_reason) == (text, "stop")


@pytest.mark.parametrize("family", ["gemma", "phi"])
def test_the_engine_that_sees_logits_ends_where_a_turn_ends(family: str, tmp_path: Path) -> None:
    """The random model is made to write the token that ends a turn, which is not its eos."""
    model, weights_id = prepared(tmp_path, family)
    engine = LogitsEngine(model, weights_id, LogitsSettings("cpu", "float32", 2048), tmp_path / "store", 1)
    engine._start()
    engine._running = True
    end = Tokenizer(model).end_tokens()[0]
    assert end != engine._loaded.config.eos_token_id

    def shifted(_: Any, __: Any, output: Any) -> None:
        output.logits[..., end] = 1e6

    engine._loaded.register_forward_hook(shifted)
    engine.ask([Prompt(CHAT, Sampling(9), Contrast(CHAT, "cad", (("alpha", 0.0),)))])
    [generation] = engine.finished()
    assert (generation.text, generation.finish_reason, generation.output_tokens) == ("", "stop", 1)
