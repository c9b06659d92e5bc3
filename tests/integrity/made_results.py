"""A small finished `results/`, made by the programs of the workflow themselves, with an engine that answers at once."""

import importlib
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from interexter.core.identity import canonical_json
from interexter.core.json_files import read_json, write_json
from interexter.data.schemas import SPLITS
from interexter.engine import asking, published_prompts
from interexter.engine.asking import Engines
from interexter.engine.store import Stored
from interexter.engine.vllm import Engine, EngineSettings
from interexter.models.weights import weights_id
from interexter.retrieval import dense
from interexter.study import layout, settings
from interexter.text.evidence_states import STATES

SMOKE = Path(__file__).parents[2] / "config/smoke.yaml"
DATASET, MODEL, SEED, LENGTH = "vital", "tiny", 0, 4096
ENGINE = {"device": "cpu", "dtype": "float32", "max_model_len": LENGTH}
Words = list[Any]


class Answering(Engine):
    """An engine that answers every prompt with what it asks for most."""

    def _start(self) -> None:
        pass

    def _advance(self) -> None:
        pending = self._next()
        text = "External evidence: none.\nInternal knowledge: none.\nComparison: none.\nFinal answer: Paris"
        self._take(pending.prompt.prompt_id, Stored(text, "stop", 9), 0)


@dataclass
class Study:
    """The folder of a study, and the command of each of its jobs, in their order."""

    results: Path
    config: dict[str, Any]
    jobs: list[tuple[str, Words]] = field(default_factory=list)

    def job(self, program: str, *words: Any) -> None:
        """Run a program of the workflow, and write its command down."""
        self.jobs.append((program, list(words)))
        run(program, list(words))


def run(program: str, words: Words) -> None:
    """Run a program of the workflow in this process, with the engine above; its errors are raised."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", os.environ.copy())  # a program settles its own
        patch.setattr(sys, "argv", [f"{program}.py", *map(str, words)])
        patch.setattr(asking, "open_engines", _opened)
        importlib.import_module(program).main()


def _opened(args: Any) -> tuple[Engines, int]:
    weights, settings = read_json(args.manifest, "weights_id")["weights_id"], EngineSettings(**args.engine)
    engine = Answering(args.model, weights, settings, args.store)
    return Engines(engine, lambda: None), settings.max_num_seqs  # type: ignore[arg-type, return-value]


def make(folder: Path) -> Study:
    """Make the results of a study of two conditions and three methods below a folder."""
    config = yaml.safe_load(SMOKE.read_text())
    config["methods"], config["recipes"] = ["closed-book", "vanilla-rag", "interexter-icl"], {}
    config = settings.checked(config)
    results = folder / "results"
    study = Study(results, config)
    write_json(results / "config.json", config)
    for split in SPLITS:
        write_json(results / "conditions" / f"{split}.json", layout.conditions_of(config, split))
    model = results / "models" / MODEL
    manifest = results / f"models/{MODEL}.manifest.json"
    study.job(
        *("prepare_model", "--source", canonical_json(config["models"][MODEL]), "--out", model, "--manifest", manifest),
        *("--made-by", "this", "--cache", folder / "kept"),
    )
    _data(study)
    engine = ["--model", model, "--manifest", manifest, "--engine", canonical_json(ENGINE), "--gpus", 0]
    _asked(study, [*engine, "--store", results / "store"], model, manifest)
    _told(study)
    _rest(results)
    return study


def _data(study: Study) -> None:
    results, data = study.results, study.results / "data" / DATASET
    words: Words = ["--dataset", DATASET, "--source", canonical_json(study.config["datasets"][DATASET]["source"])]
    for name in ("questions", "corpus", "passages", "counters", "parts", "rationales", "others", "rejected"):
        words += [f"--{name}", data / f"{name}.parquet"]
    study.job("prepare_dataset", *words, "--demonstrations", data / "demonstrations.json", "--card", data / "card.json")
    train, test = ["--train", data / "train.parquet"], ["--test", data / "test.parquet"]
    sizes = ["--train-size", 8, "--test-size", 8, "--seed", SEED, "--rejected", data / "sampled.rejected.parquet"]
    study.job("sample", "--questions", data / "questions.parquet", *sizes, *train, *test)
    found = results / "retrieved" / DATASET
    outs = [
        w for s in SPLITS for w in (f"--{s}-out", found / f"{s}.parquet", f"--{s}-recall", found / f"{s}.recall.json")
    ]
    places = ["--corpus", data / "corpus.parquet", "--shipped", data / "passages.parquet"]
    study.job("retrieve", *train, *test, *places, "--method", "auto", "--depth", 20, *outs)
    for split in SPLITS:
        shared: Words = ["--questions", data / f"{split}.parquet", "--all-questions", data / "questions.parquet"]
        shared += ["--retrieved", found / f"{split}.parquet", "--conditions", results / f"conditions/{split}.json"]
        counters = layout.of_seed(results, "counters", DATASET, SEED) / split / "rules.parquet"
        examples = layout.examples(results, study.config, DATASET, SEED, split)
        study.job("counters", *shared, "--seed", SEED, *_outs(counters))
        how = ["--split", split, "--passages", 2, "--order", "best-first", "--seed", SEED]
        study.job("inject", *shared, "--counters", counters, *how, *_outs(examples))


def _asked(study: Study, engine: Words, model: Path, manifest: Path) -> None:
    results, config, data = study.results, study.config, study.results / "data" / DATASET
    run_ = (DATASET, SEED, MODEL)
    recall = layout.recall(results, DATASET, MODEL)
    splits: Words = ["--train", data / "train.parquet", "--test", data / "test.parquet"]
    how: Words = ["--answer-tokens", 16, "--document-tokens", 16, "--samples", 1, "--temperature", 0.7, "--shots", 0]
    study.job("recall", *splits, "--ask", "all", "--prompt-set", "ours", *how, *engine, *_outs(recall), *_costs(recall))
    examples = {split: layout.examples(results, config, DATASET, SEED, split) for split in SPLITS}
    evidence = {split: layout.evidence(results, DATASET, SEED, MODEL, split) for split in SPLITS}
    for split in SPLITS:
        words: Words = ["--examples", examples[split], "--recall", recall, "--asked", "yes"]
        study.job("evidence", *words, *_outs(evidence[split]))
    shown: Words = ["--examples", examples["train"], "--evidence", evidence["train"], "--recall", recall]
    styles = ["--styles", canonical_json(config["rationales"]["styles"])]
    written, filled = (layout.rationales(results, *run_, source) for source in ("self", "template"))
    keys = ("max_tokens", "stop", "check", "max_attempts", "temperature")
    writing = canonical_json({**{key: config["rationales"][key] for key in keys}, "seed": SEED})
    parts: Words = ["--parts", data / "parts.parquet"]
    how = ["--source", "self", *parts, "--minimum-accepted", 0]
    how += ["--prompt-set", "ours", "--writing", writing]
    study.job("rationales", *shown, *styles, *how, *engine, *_outs(written), *_costs(written))
    study.job("template_rationales", *shown, *styles, *_outs(filled))
    demonstrations = layout.of_seed(results, "demonstrations", DATASET, SEED) / f"{MODEL}.json"
    study.job("demonstrations", "--rationales", filled, written, *splits, "--seed", SEED, "--out", demonstrations)
    mixture = canonical_json({"conditions": {"clean": 1}, "states": dict.fromkeys(STATES, 1), "examples": 8})
    how = ["--method", "interexter-ft", "--mixture", mixture, "--seed", SEED, "--prompt-set", "ours", "--model", model]
    rows = layout.of_seed(results, "training", DATASET, SEED) / MODEL / "interexter-ft.parquet"
    study.job("training_rows", *shown, "--rationales", filled, *parts, *how, "--manifest", manifest, "--out", rows)
    [answers] = layout.answers(results, config, *run_, layout.BASE)
    shown = ["--examples", examples["test"], "--evidence", evidence["test"], "--recall", recall]
    sets = canonical_json(dict.fromkeys(config["methods"], "ours"))
    caps = ["--answer-tokens", 16, "--rationale-tokens", 16, "--rationale-stop", "[]", "--prompt-sets", sets]
    asked: Words = [*shown, "--demonstrations", demonstrations, *caps]
    study.job("generate", *asked, *engine, *_outs(answers), *_costs(answers))
    about = ["--dataset", DATASET, "--model", MODEL, "--checkpoint", layout.BASE, "--prompt-sets", sets]
    out = layout.labels(results, *run_, layout.BASE)
    words = [*splits, *parts, *about, "--order", "best-first", "--seed", SEED, "--out", out]
    study.job("label", "--answers", answers, *shown, *words)


def _told(study: Study) -> None:
    results, report = study.results, study.results / "report"
    metrics, comparisons = (f(results, DATASET, MODEL) for f in (layout.metrics, layout.comparisons))
    how: Words = ["--seed", SEED, "--control", "clean", "--reference", "vanilla-rag", "--named", "{}"]
    labels = layout.labels(results, DATASET, SEED, MODEL, layout.BASE)
    study.job("aggregate", "--labels", labels, *how, "--metrics", metrics, "--comparisons", comparisons)
    whole: Words = ["--results", results, "--config", results / "config.json"]
    outs = ["--metrics", report / "metrics.parquet", "--comparisons", report / "comparisons.parquet"]
    study.job("summarize", *whole, "--metrics-csv", report / "metrics.csv", *outs)
    study.job("costs", *whole, "--out", report / "costs.parquet")
    study.job("manifest", *whole, "--pins", "numpy==2", "--out", report / "manifest.json")
    page = ["--out", report / "index.html", "--examples-out", report / "examples.html"]
    study.job("report", *whole, *page, "--examples-folder", report / "examples")


def _rest(results: Path) -> None:
    """Write what such a study has none of: vectors, published prompts, a trained checkpoint's weights."""
    vectors = np.random.default_rng(0).random((8, 16), np.float32)
    dense.write_vectors(results / f"embeddings/{DATASET}/test.npy", vectors)
    dense.write_shard(results / f"embeddings/{DATASET}/corpus-0.faiss", iter([vectors]), 16)
    texts = {"a": "Answer {question}", "b": "From {documents}"}
    published_prompts.write("instructrag", texts, "", results / f"prompts/instructrag/{DATASET}.json")
    source = canonical_json({"kind": "local", "path": str(results / "models" / MODEL)})
    taken = results / f"taken/{DATASET}/{MODEL}/ours"
    kept: Words = ["--made-by", "this", "--cache", taken.with_name("kept")]
    run("prepare_model", ["--source", source, "--out", taken, "--manifest", f"{taken}.manifest.json", *kept])
    assert weights_id(taken) == weights_id(results / "models" / MODEL)


def _outs(path: Path) -> Words:
    return ["--out", path, "--rejected", layout.beside(path, ".rejected.parquet")]


def _costs(path: Path) -> Words:
    return ["--costs", layout.beside(path, ".costs.json")]
