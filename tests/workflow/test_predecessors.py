"""The predecessors' studies, scaled down, for real: their configs on small files of their format, with SmolLM2.

The published prompts are used where an earlier run left them in `.cache/prompts`, ours where not; real demonstrations
where they lie beside the project, made-up ones where not.
"""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from interexter.answers.schemas import RATIONALES
from interexter.core.tables import Row, read_rows
from interexter.data.schemas import PARTS
from interexter.engine.published_prompts import SOURCES
from interexter.scoring.metrics import METRIC_VALUES
from interexter.scoring.published_numbers import PUBLISHED_NUMBERS

from .conftest import ROOT, Study

sys.path.insert(0, str(ROOT / "tests"))

import entailment_models
from data_sets import REAL, embedded, write_array

pytestmark = [pytest.mark.slow, pytest.mark.studies]

PROMPTS = ROOT / ".cache/prompts"
MODEL = yaml.safe_load((ROOT / "config/config.yaml").read_text())["models"]["smollm2-135m"]
SEED = "seed-42"  # of their configs
SMALL = {"epochs": 1, "max_steps": 1, "global_batch": 2, "micro_batch": 1, "precision": "float32", "max_length": 2048}


def record(row: Row, passages: list[Row], **other: Any) -> Row:
    """A question of the embedded data set in InstructRAG's format: its passages with scores that are texts."""
    held = [p for p in passages if row["answers"][0] in p["text"] and row["subject"] in p["text"]][:1]
    shown = [*[p for p in passages if p not in held][:5], *held]  # the best last, as in the published files
    contexts = [
        {"id": str(i), "title": p["title"], "text": p["text"], "score": str(1.5 + i)} for i, p in enumerate(shown)
    ]
    return {"question": row["question"], "answers": row["answers"], "qa_pairs": None, "ctxs": contexts, **other}


def write_data(folder: Path) -> None:
    """Write PopQA and ASQA as InstructRAG lays them out: train, test and demonstrations."""
    rows, passages = embedded().questions[::5], embedded().corpus
    for name in ("PopQA", "ASQA"):
        found = {
            "train": [record(row, passages, rationale="Document 1 says so.") for row in rows[:12]],
            "test": [record(row, passages) for row in rows[12:24]],
            "demos": [record(row, passages, rationale=f"Document 1 says {row['answers'][0]}.") for row in rows[24:26]],
        }
        if name == "ASQA":  # a paragraph as the answer; what is asked for are two parts
            for row in (row for split in ("train", "test") for row in found[split]):
                parts = [{"question": row["question"], "short_answers": row["answers"]}]
                parts.append({"question": "What is it about?", "short_answers": [row["ctxs"][-1]["title"]]})
                row |= {"qa_pairs": parts, "answers": ["A long paragraph about " + row["question"]]}
        real = REAL / f"instructrag-{name.lower()}-demos.json"
        if real.is_file():
            found["demos"] = json.loads(real.read_text())
        for split, records in found.items():
            write_array(folder / name / f"{split}.json", records)


def scaled(name: str, datasets: list[str], recipes: list[str]) -> dict[str, Any]:
    """A study's config with these of its data sets and recipes, on a CPU, small enough for minutes."""
    config = yaml.safe_load((ROOT / f"config/{name}.yaml").read_text())
    config |= {"device": "cpu", "models": {"smollm2-135m": MODEL}}
    config["datasets"] = {key: config["datasets"][key] for key in datasets}
    for dataset in config["datasets"].values():
        dataset["source"].pop("sizes", None)
        dataset |= {"train": min(12, 99 if dataset["train"] == "all" else dataset["train"]), "test": 4}
    config["recipes"] = {key: config["recipes"][key] for key in recipes}
    for recipe in config["recipes"].values():
        recipe["training"] = {k: v for k, v in recipe["training"].items() if k in ("lora", "offload", "zero_stage")}
        recipe["training"] |= SMALL
    config["test"]["conditions"] = ["clean", "counter-added"]
    config["rationales"] |= {"max_tokens": 40, "max_attempts": 3, "minimum_accepted": 0}
    config["recall"] = {"answer_tokens": 8, "document_tokens": 8}
    config["generate"] = {"answer_tokens": 8, "rationale_tokens": 24}
    config["engine"] = {"max_model_len": 4096}
    if not all((PROMPTS / f"{source.sha256}.json").is_file() for source in SOURCES.values()):
        config["prompt_set"] = "ours"
        for dataset in config["datasets"].values():
            dataset.pop("prompt_set", None)
    return dict(config)


def run(folder: Path, config: dict[str, Any]) -> Study:
    study = Study(folder / "project")
    write_data(study.folder / "data/instructrag")
    if PROMPTS.is_dir():
        shutil.copytree(PROMPTS, study.folder / ".cache/prompts")
    (study.folder / "config/scaled.yaml").write_text(yaml.safe_dump(config))
    done = study.snakemake(config="config/scaled.yaml")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    assert study.planned("config/scaled.yaml") == {}
    return study


def metrics(study: Study) -> dict[tuple[str, ...], Row]:
    rows = read_rows(study.folder / "results/report/metrics.parquet", METRIC_VALUES)
    names = ("dataset", "checkpoint", "method", "condition", "metric")
    return {tuple(row[name] for name in names): row for row in rows if row["slice"] == "all"}


@pytest.fixture(scope="module")
def instructrag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """InstructRAG on ASQA, with a checkpoint that was there before beside those that are trained."""
    config = scaled("instructrag", ["asqa"], ["instructrag-ft", "instructrag-ft-without-answers"])
    config["recipes"]["instructrag-ft-shipped"] = {**config["recipes"]["instructrag-ft"], "rationales": "shipped"}
    config["recipes"]["instructrag-ft-published"] = {"method": "instructrag-ft", "weights": {"asqa": MODEL}}
    judge = entailment_models.classifier(tmp_path_factory.mktemp("judge"), longest=512)
    config["citations"] = {"datasets": ["asqa"], "model": str(judge)}
    yield run(tmp_path_factory.mktemp("instructrag"), config)


def test_instructrag_reaches_the_report_with_every_method_and_ablation(instructrag: Study) -> None:
    found = metrics(instructrag)
    series = {(checkpoint, method) for _, checkpoint, method, _, _ in found}
    config = yaml.safe_load((ROOT / "config/instructrag.yaml").read_text())
    assert {("base", method) for method in config["methods"]} <= series
    assert {("instructrag-ft", "instructrag-icl"), ("instructrag-ft-published", "instructrag-ft")} <= series
    results = instructrag.folder / "results"
    assert not [*(results / "checkpoints").rglob("instructrag-ft-published*")]  # it was trained nowhere
    base = json.loads((results / "models/smollm2-135m.manifest.json").read_text())
    taken = json.loads((results / "taken/asqa/smollm2-135m/instructrag-ft-published.manifest.json").read_text())
    assert taken["weights_id"] == base["weights_id"]


def test_asqa_is_scored_by_its_parts_beside_the_strict_metrics(instructrag: Study) -> None:
    parts = read_rows(instructrag.folder / "results/data/asqa/parts.parquet", PARTS)
    assert len(parts) == 24
    assert all(len(row["parts"]) == 2 for row in parts)
    found = metrics(instructrag)
    where = ("asqa", "base", "vanilla-rag", "clean")
    assert found[(*where, "str_em")]["n"] == found[(*where, "accuracy_strict")]["n"] == 4
    assert found[(*where, "str_hit")]["value"] <= found[(*where, "str_em")]["value"]
    assert (found[(*where, "str_em")]["value"] * 8) % 1 == 0  # four questions of two parts


def test_published_figures_stand_beside_ours(instructrag: Study) -> None:
    report = instructrag.folder / "results/report"
    rows = read_rows(report / "published.parquet", PUBLISHED_NUMBERS)
    of = {(row["checkpoint"], row["method"], row["metric"], row["published_model"]): row for row in rows}
    row = of["base", "vanilla-rag", "str_em", "Llama-3-8B-Instruct"]
    assert (row["published_value"], row["same_model"]) == (0.4, False)
    assert ("base", "vanilla-rag", "citation_recall", "Llama-3-8B-Instruct") in of
    variant = of["instructrag-ft-without-answers", "instructrag-ft", "str_em", "Llama-3-8B-Instruct"]
    assert variant["published_method"] == "instructrag-ft/without-gold-answers"
    with (report / "published.csv").open() as file:
        assert len(list(csv.DictReader(file))) == len(rows)
    assert "another model" in (report / "index.html").read_text()


def test_citations_are_judged_for_every_method_that_sees_passages(instructrag: Study) -> None:
    found = metrics(instructrag)
    cited = {method for _, _, method, _, metric in found if metric == "citation_recall"}
    assert cited >= {"vanilla-rag", "few-shot", "instructrag-icl", "instructrag-ft"}
    assert "closed-book" not in cited


def test_shipped_demonstrations_and_rationales_are_used(instructrag: Study) -> None:
    results = instructrag.folder / "results"
    shown = json.loads((results / f"demonstrations/asqa/{SEED}/smollm2-135m.json").read_text())
    given = json.loads((instructrag.folder / "data/instructrag/ASQA/demos.json").read_text())
    assert [d["rationale"] for d in shown["instructrag"]] == [d["rationale"].strip() for d in given]
    assert set(shown) >= {"answer", "instructrag/template", "instructrag/without-documents"}
    accepted = read_rows(results / f"rationales/asqa/{SEED}/smollm2-135m/shipped.parquet", RATIONALES)
    assert {row["rationale"] for row in accepted} == {"Document 1 says so."}


def test_interexter_in_two_languages(tmp_path: Path) -> None:
    study = run(tmp_path, scaled("interexter", ["popqa", "popqa-zh"], ["interexter-ft"]))
    found = read_rows(study.folder / "results/report/metrics.parquet", METRIC_VALUES)
    sets = {row["dataset"]: (row["prompt_set"], row["order"]) for row in found}
    if (PROMPTS / f"{SOURCES['interexter-zh'].sha256}.json").is_file():
        assert sets == {"popqa": ("interexter", "as-published"), "popqa-zh": ("interexter-zh", "as-published")}
    assert {row["method"] for row in found} >= {"interexter-icl", "interexter-ft"}
    command = [sys.executable, "tools/compare_runs.py", "--out", "compared.csv"]
    command += ["--questions", "results/data/popqa/questions.parquet", "--by", "official"]
    for side, dataset in (("a", "popqa"), ("b", "popqa-zh")):
        for kind in ("labels", "answers"):
            command += [f"--{kind}-{side}", f"results/{kind}/{dataset}/{SEED}/smollm2-135m/base.parquet"]
        command += [f"--method-{side}", "interexter-icl", f"--condition-{side}", "clean"]
    done = subprocess.run(command, cwd=study.folder, capture_output=True, text=True)
    assert done.stdout.startswith("compare: n_out=4 "), done.stderr  # the same questions in both languages
    manifest = json.loads(
        (study.folder / f"results/checkpoints/popqa/{SEED}/smollm2-135m/interexter-ft.manifest.json").read_text()
    )
    assert manifest["recipe"]["lora"] == "interexter"


def test_a_sweep_over_passages_needs_no_training_questions(tmp_path: Path) -> None:
    study = run(tmp_path, scaled("instructrag-passages", ["popqa-1", "popqa-2"], []))
    found = metrics(study)
    assert {key[0] for key in found} == {"popqa-1", "popqa-2"}
    assert {key[2] for key in found} == {"closed-book", "vanilla-rag", "few-shot", "instructrag-icl"}
    assert not read_rows(study.folder / f"results/rationales/popqa-1/{SEED}/smollm2-135m/self.parquet", RATIONALES)
