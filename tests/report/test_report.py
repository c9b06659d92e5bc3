"""Tests of the report, on synthetic tables of a plausible run."""

import base64
import hashlib
import io
import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from interexter.answers.answering import ANSWERS
from interexter.answers.rationales import RATIONALES, RATIONALES_REJECTED
from interexter.answers.recall import RECALL
from interexter.core import tables
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.injection.compose import EXAMPLES
from interexter.report import analyses, browser, doses, inputs, numbers, sections
from interexter.report.conflict import fired
from interexter.report.headline import show
from interexter.report.highlight import marked, marks
from interexter.report.inputs import Gate, Inputs
from interexter.report.page import CONTENTS, render
from interexter.report.studies import Study, studies
from interexter.retrieval.ranking import measures
from interexter.scoring.comparisons import COMPARISONS
from interexter.scoring.costs import COSTS
from interexter.scoring.judgements import LABELLED
from interexter.scoring.metrics import METRIC_VALUES, summarize
from interexter.scoring.series import by_series
from interexter.training.logs import TRAINING_LOG, TRAINING_SPEED
from rich.console import Console

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
EVIL = "<script>alert(1)</script>"
CONDITIONS = {
    "clean": {"kind": "entity-substitution", "count": 0, "supporting": "keep", "position": "first"},
    "one-added": {"kind": "entity-substitution", "count": 1, "supporting": "keep", "position": "random"},
    "one-replaced": {"kind": "entity-substitution", "count": 1, "supporting": "replace", "position": "first"},
    "all-replaced": {"kind": "entity-substitution", "count": "all", "supporting": "replace", "position": "first"},
    "irrelevant": {"kind": "entity-substitution", "count": 0, "supporting": "remove", "position": "first"},
}
SERIES = [  # checkpoint, method, chance of gold and of the counter-answer under clean, and under all-replaced
    ("base", "closed-book", 0.44, 0.03, 0.44, 0.03),
    ("base", "vanilla-rag", 0.82, 0.02, 0.24, 0.36),
    ("base", "instructrag-icl", 0.74, 0.03, 0.28, 0.30),
    ("base", "interexter-icl", 0.66, 0.04, 0.31, 0.24),
    ("vanilla-sft", "vanilla-sft", 0.85, 0.02, 0.22, 0.50),
    ("instructrag-ft", "instructrag-ft", 0.71, 0.03, 0.30, 0.27),
    ("interexter-ft", "interexter-ft", 0.40, 0.01, 0.36, 0.04),
    ("interexter-ft-even", "interexter-ft", 0.55, 0.01, 0.33, 0.10),
]
CONFIG: dict[str, Any] = {
    "seed": 42,
    "device": "cpu",
    "datasets": {"atlas": {"test": 48}},
    "models": {"smollm2-135m": {"kind": "package"}},
    "conditions": CONDITIONS,
    "train": {"conditions": ["clean", "all-replaced"]},
    "test": {"conditions": list(CONDITIONS)},
    "recipes": {name: {} for name in ("vanilla-sft", "instructrag-ft", "interexter-ft", "interexter-ft-even")},
    "methods": list(dict.fromkeys(method for _, method, *_ in SERIES)),
    "engine": {"dtype": "float32"},
    "report": {"control": "clean", "strongest": "all-replaced", "reference": "vanilla-rag", "case_studies": 8},
}
MANIFEST = {
    "versions": {"torch": "2.9.0", "vllm": "0.32.0"},
    "git_commit": "0123abc",
    "config_id": "ffee",
    "models": {"smollm2-135m": {"weights_id": "abcd1234", "source": {"kind": "package", "version": "0.1.2"}}},
    "hardware": {"cores": 2, "gpus": [], "memory_gib": 7.7},
}
CITIES = ["Paris", "Lyon", "Oslo", "Bergen", "Quito", "Lima", "Accra", "Lomé", "Hanoi", "Delhi", "Rome", "Bern"]


def synthetic(questions: int = 48, seed: int = 7) -> Inputs:
    """Make the tables of a run that never happened, with markup in the data and in what the model writes."""
    rng = random.Random(seed)
    examples: dict[tuple[str, str], list[Row]] = {("atlas", condition): [] for condition in CONDITIONS}
    labels, recall = [], {}
    answers: dict[tuple[str, ...], dict[str, Row]] = {}
    for i in range(questions):
        question_id = f"q{i:03}"
        gold, counter = rng.sample(CITIES, 2)
        known = rng.random() < 0.44
        document = f"The capital of Land {i} is {gold if known else rng.choice(CITIES)}. {EVIL}"
        recall[question_id] = {
            "question_id": question_id,
            "closed_book_answer": gold if known else "I don't know",
            "internal_document": document,
        }
        for condition in CONDITIONS:
            passages = _passages(i, gold, counter, condition)
            examples["atlas", condition].append(
                {
                    "question_id": question_id,
                    "condition": condition,
                    "question": f"What is the capital of Land {i}? {EVIL if i == 0 else ''}".strip(),
                    "answers": [gold, f"City of {gold}"],
                    "counter_answer": counter,
                    "counter_aliases": [counter],
                    "subject": f"Land {i}",
                    "relation": "capital",
                    "popularity": 1.0,
                    "passages": passages,
                }
            )
            text = " ".join(passage["text"] for passage in passages)
            for checkpoint, method, clean, clean_counter, bad, bad_counter in SERIES:
                strong = condition in ("all-replaced", "irrelevant")
                gold_chance, chance = (bad, bad_counter) if strong else (clean, clean_counter)
                draw = rng.random()
                label = "gold" if draw < gold_chance else "counter" if draw < gold_chance + chance else "abstain"
                if label == "abstain" and rng.random() < 0.4:
                    label = "neither"
                final = {"gold": gold, "counter": counter, "abstain": "I don't know", "neither": "Atlantis"}[label]
                said = f"External evidence: Document 1 says {counter}. {EVIL}\nFinal answer: {final}"
                key = ("atlas", "smollm2-135m", checkpoint, method, condition)
                answers.setdefault(key, {})[question_id] = {
                    "question_id": question_id,
                    "condition": condition,
                    "text": said if "inter" in method else final,
                    "final_answer": final,
                    "prompt_tokens": 300,
                    "output_tokens": 20,
                    "log_probability": None,
                }
                labels.append(
                    {
                        "dataset": "atlas",
                        "model": "smollm2-135m",
                        "checkpoint": checkpoint,
                        "condition": condition,
                        "method": method,
                        "prompt_set": "ours",
                        "order": "rank",
                        "seed": 42,
                        "question_id": question_id,
                        "relation": "capital",
                        "popularity": 10.0 ** (i % 3),
                        "official": label == "gold",
                        "str_em": float(label == "gold"),
                        "attacked": label == "counter",
                        "follows": label == "counter",
                        "strict": label == "gold",
                        "exact": label == "gold",
                        "f1": float(label == "gold"),
                        "probability": None,
                        "label": label,
                        "keeps_memory": known and label == "gold",
                        "closed_book_label": "gold" if known else "abstain",
                        "state": ("both" if known else "external")
                        if gold in text
                        else "internal"
                        if known
                        else "neither",
                        "passages_gold": gold in text,
                        "passages_counter": counter in text,
                    }
                )
    rationales, rejected = _rationales(rng)
    key = ("atlas", "smollm2-135m", "self")
    return Inputs(
        config=CONFIG,
        manifest=MANIFEST,
        metrics=summarize(by_series(pa.Table.from_pylist(labels, schema=LABELLED)), 42, "clean"),
        comparisons=_comparisons(labels),
        costs=[_cost("generate", s, m, 240, 71_000, 4_800, 31.25) for s, m, *_ in SERIES]
        + [_cost("finetune", "interexter-ft", "", 0, 0, 0, 74.0), _cost("recall", "base", "", 96, 9_000, 2_300, None)],
        labels=labels,
        answers=answers,
        examples=examples,
        recall_at_k={
            ("atlas", "test"): {
                "depth": 5,
                "n": 48,
                "recall": {"1": 0.71, "3": 0.9, "5": 0.96},
                "mrr": 0.8,
                "ndcg": 0.75,
                "first_ranks": {"none": 2, "1": 34, "3": 9, "5": 3},
                "ndcgs": {"0.000": 2, "0.631": 20, "1.000": 26},
            },
            ("atlas", "train"): measures([], 5),
        },
        recall={("atlas", "smollm2-135m"): recall},
        rationales={key: rationales},
        rationales_rejected={key: rejected},
        training_logs={
            ("atlas", "smollm2-135m", recipe): [
                {
                    "step": step,
                    "epoch": step / 15,
                    "examples": 8,
                    "tokens": 2000,
                    "padding": 0.0,
                    "held_out_loss": 1.5 if step % 10 == 0 else None,
                    "loss": 2.2 / (1 + step / (6 + i)) + rng.random() / 10,
                    "learning_rate": 2e-4 * (1 - step / 31),
                    "gradient_norm": None if step == 1 else 1.0,
                }
                for step in range(1, 31)
            ]
            for i, recipe in enumerate(CONFIG["recipes"])
        },
        training_speed={
            ("atlas", "smollm2-135m", recipe): [
                {"step": step, "seconds": 10.0, "tokens_per_second": 200.0, "mfu": None, "memory_gib": 3.5}
                for step in range(1, 31)
            ]
            for recipe in CONFIG["recipes"]
        },
        gates=[
            Gate("atlas", "both", "as shipped", "prepared", [_no("q104", "gold-leak")]),
            Gate("atlas", "test", "entity-substitution", "counters", [_no("q100", "no-counter-answer")]),
            Gate("atlas", "test", "clean", "gated", []),
            Gate("atlas", "test", "all-replaced", "gated", [_no("q101", "nested"), _no("q102", f"leak {EVIL}")]),
            Gate("atlas", "train", "all-replaced", "gated", [_no("q103", "nested")]),
        ],
        published=[],
    )


def _passages(i: int, gold: str, counter: str, condition: str) -> list[Row]:
    def passage(rank: int, text: str, stance: str, injected: bool = False) -> Row:
        return {
            "passage_id": f"p{i}-{rank}",
            "title": f"Land {i} & its <b>cities</b>",
            "text": text,
            "rank": rank,
            "score": None if injected else 9.0 - rank,
            "origin": "injected" if injected else "retrieved",
            "stance": stance,
            "counter_answer": counter if injected else None,
            "injector": "entity-substitution" if injected else None,
            "seed": 42 if injected else None,
            "parent_id": f"p{i}-1" if injected else None,
            "source_id": f"p{i}-1" if injected else None,
        }

    true = f"Land {i} is a country in the north. Its capital and largest city is {gold}, which lies on a river."
    false = f"Land {i} is a country in the north. Its capital and largest city is {counter}, which lies on a river."
    other = f"The music of Land {i} is known for its long songs <img src=x onerror=alert(1)>."
    if condition == "clean":
        texts = [(true, "supporting", False), (other, "irrelevant", False)]
    elif condition == "irrelevant":
        texts = [(other, "irrelevant", False)]
    elif condition == "one-added":
        texts = [(false, "counter", True), (true, "supporting", False), (other, "irrelevant", False)]
    else:
        texts = [(false, "counter", True), (other, "irrelevant", False)]
    # Stored the wrong way round: what is shown follows the rank.
    return [passage(rank, *text) for rank, text in enumerate(texts, 1)][::-1]


def _rationales(rng: random.Random) -> tuple[list[Row], list[Row]]:
    accepted, rejected = [], []
    for i in range(120):
        row = {
            "question_id": f"t{i:03}",
            "condition": rng.choice(["clean", "all-replaced"]),
            "style": "interexter" if i % 3 else "instructrag",
            "state": rng.choice(["both", "external", "internal", "neither"]),
            "rationale": f"External evidence: Document 1 says Oslo. {EVIL}\nInternal knowledge: I recall Oslo.\n"
            "Comparison: Both sides agree.\nFinal answer: Oslo",
        }
        if rng.random() < 0.8:
            accepted.append(row | {"attempt": rng.choice([1, 1, 1, 2, 3])})
        else:
            rejected.append(row | {"reason": rng.choice(["empty", "endorses the counter-answer"])})
    return accepted, rejected


def _comparisons(labels: list[Row]) -> list[Row]:
    """Compare conditions of vanilla-rag with clean: the differences are real, the intervals are made up."""
    by_condition: dict[str, list[Row]] = {}
    for row in labels:
        if row["method"] == "vanilla-rag":
            by_condition.setdefault(row["condition"], []).append(row)
    rates = {c: sum(row["label"] == "counter" for row in rows) / len(rows) for c, rows in by_condition.items()}
    common = {"dataset": "atlas", "model": "smollm2-135m", "prompt_set": "ours", "order": "rank", "seed": 42}
    nothing = dict.fromkeys(COMPARISONS.names)
    rows = []
    for condition in sorted(set(rates) - {"clean"}):
        difference = rates[condition] - rates["clean"]
        figures = {"difference": difference, "low": difference - 0.14, "high": difference + 0.15}
        about = {"compare": "condition", "metric": "counter_rate", "within": "base/vanilla-rag"}
        tests = {"p": 0.0002, "p_adjusted": 0.0008} if figures["low"] > 0 else {"p": 0.4, "p_adjusted": 0.8}
        tests |= {"fired": figures["low"] > 0}
        rows.append({**nothing, **common, **about, "a": condition, "b": "clean", **figures, **tests, "n": 48})
    about = {"compare": "method", "metric": "accuracy_strict", "within": "clean"}
    rows.append({**nothing, **common, **about, "a": "base/interexter-icl", "b": "base/vanilla-rag", "n": 0})
    return rows


def _cost(
    stage: str, checkpoint: str, method: str, prompts: int, tokens_in: int, tokens_out: int, seconds: float | None
) -> Row:
    about = {"dataset": "atlas", "model": "smollm2-135m", "checkpoint": checkpoint, "stage": stage, "method": method}
    return {**about, "prompts": prompts, "prompt_tokens": tokens_in, "output_tokens": tokens_out, "seconds": seconds}


def _no(question_id: str, reason: str) -> Row:
    return tables.rejection(question_id, reason)


def write_run(run: Inputs, results: Path) -> list[str]:
    """Write a run's tables where the workflow writes them; return the arguments of report.py."""
    report = results / "report"
    report.mkdir(parents=True)
    (report / "config.json").write_text(json.dumps(run.config), encoding="utf-8")
    (report / "manifest.json").write_text(json.dumps(run.manifest), encoding="utf-8")
    arguments = ["--config", f"{report}/config.json", "--manifest", f"{report}/manifest.json"]
    for name, rows, schema in (
        ("metrics", run.metrics, METRIC_VALUES),
        ("comparisons", run.comparisons, COMPARISONS),
        ("costs", run.costs, COSTS),
    ):
        tables.write_rows(report / f"{name}.parquet", rows, schema)
        arguments += [f"--{name}", f"{report}/{name}.parquet"]

    def put(option: str, files: dict[str, tuple[list[Row], Any]]) -> None:
        for name, (rows, schema) in files.items():
            tables.write_rows(results / name, rows, schema)
        arguments.extend([f"--{option}", *(str(results / name) for name in files)])

    labels: dict[str, tuple[list[Row], Any]] = {}
    for row in run.labels:
        place = "/".join(row[k] for k in ("dataset", "model", "checkpoint", "method", "condition"))
        labels.setdefault(f"labels/{place}.parquet", ([], LABELLED))[0].append(row)
    put("labels", labels)
    put("answers", {f"answers/{'/'.join(k)}.parquet": ([*v.values()], ANSWERS) for k, v in run.answers.items()})
    put("examples", {f"examples/{d}/test/{c}/gated.parquet": (v, EXAMPLES) for (d, c), v in run.examples.items()})
    put("recall", {f"recall/{d}/{m}.parquet": ([*v.values()], RECALL) for (d, m), v in run.recall.items()})
    put("rationales", {f"rationales/{'/'.join(k)}.parquet": (v, RATIONALES) for k, v in run.rationales.items()})
    put(
        "rationales-rejected",
        {
            f"rationales/{'/'.join(k)}.rejected.parquet": (v, RATIONALES_REJECTED)
            for k, v in run.rationales_rejected.items()
        },
    )
    put(
        "training-logs",
        {f"checkpoints/{'/'.join(k)}.log.parquet": (v, TRAINING_LOG) for k, v in run.training_logs.items()},
    )
    put(
        "training-speed",
        {f"checkpoints/{'/'.join(k)}.speed.parquet": (v, TRAINING_SPEED) for k, v in run.training_speed.items()},
    )
    put(
        "gates",
        {
            (
                f"counters/{g.dataset}/{g.split}/{g.name}.rejected.parquet"
                if g.stage == "counters"
                else f"data/{g.dataset}/rejected.parquet"
                if g.stage == "prepared"
                else f"examples/{g.dataset}/{g.split}/{g.name}/{g.stage}.rejected.parquet"
            ): (g.rows, tables.REJECTED)
            for g in run.gates
        },
    )
    for (dataset, split), value in run.recall_at_k.items():
        path = results / "retrieved" / dataset / f"{split}.recall.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), encoding="utf-8")
    paths = [f"{results}/retrieved/{d}/{s}.recall.json" for d, s in run.recall_at_k]
    return [*arguments, "--recall-at-k", *paths]


def without_parts(run: Inputs) -> Inputs:
    """Leave out all that a small run may lack."""
    lacking: dict[str, Any] = {name: {} for name in ("recall", "recall_at_k", "rationales", "rationales_rejected")}
    return replace(
        run, **lacking, training_logs={}, training_speed={}, gates=[], costs=[], comparisons=[], answers={}, examples={}
    )


class Elements(HTMLParser):
    """Collects the tags of a page with their attributes, and checks that they close in order."""

    VOID = frozenset({"meta", "br", "img", "link", "input", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> at {self.getpos()} closes nothing"


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Elements()
    parser.feed(html)
    assert not parser.open
    return parser.found


@pytest.fixture(scope="module")
def run() -> Inputs:
    return synthetic()


@pytest.fixture(scope="module")
def html(run: Inputs) -> str:
    return render(run)


def test_every_section_stands_in_order_and_the_contents_lead_to_it(html: str) -> None:
    ids = [attributes["id"] for tag, attributes in elements(html) if tag == "section"]
    assert ids == [name for name, _ in CONTENTS]
    links = [attributes["href"] for tag, attributes in elements(html) if tag == "a"]
    assert set(links) == {*(f"#{name}" for name in ids), "examples.html"}


def test_ids_are_unique(html: str) -> None:
    ids = [attributes["id"] for _, attributes in elements(html) if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_text_of_data_and_model_is_escaped(html: str) -> None:
    assert "<script" not in html and "<img" not in html and "<b>" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 8  # question, internal documents, answers, a reason
    assert "&amp;lt;" not in html  # escaped once
    tags = {tag for tag, _ in elements(html)}
    assert not tags & {"script", "img", "iframe", "object", "link"}
    assert not [name for _, attributes in elements(html) for name in attributes if name.startswith("on")]


def test_markup_in_names_is_escaped_too(run: Inputs) -> None:
    def evil(rows: list[Row]) -> list[Row]:
        return [row | {"method": EVIL if row["method"] == "vanilla-sft" else row["method"]} for row in rows]

    page = render(replace(run, metrics=evil(run.metrics), labels=evil(run.labels)))
    assert "<script" not in page
    elements(page)


def test_nothing_is_loaded_from_elsewhere(html: str) -> None:
    for tag, attributes in elements(html):
        assert not {"src", "srcset", "data", "action"} & attributes.keys(), tag
        for name in ("href", "xlink:href"):
            link = attributes.get(name) or "#"
            assert link.startswith("#") or (tag, link) == ("a", "examples.html")  # the page beside this one
    assert "http://" not in html and "https://" not in html
    assert "@import" not in html and not re.search(r"url\((?!#)", html)


def test_same_inputs_give_same_bytes(run: Inputs, html: str) -> None:
    again = synthetic()
    shuffled = random.Random(1).sample(again.labels, len(again.labels))
    metrics = random.Random(2).sample(again.metrics, len(again.metrics))
    comparisons, costs = again.comparisons[::-1], again.costs[::-1]
    examples = dict(reversed([(k, v[::-1]) for k, v in again.examples.items()]))
    mixed = replace(
        again,
        labels=shuffled,
        metrics=metrics,
        comparisons=comparisons,
        costs=costs,
        examples=examples,
        gates=again.gates[::-1],
    )
    assert render(mixed) == html


def test_the_program_writes_the_page_from_files(run: Inputs, html: str, tmp_path: Path) -> None:
    arguments = write_run(run, tmp_path / "results")
    out = tmp_path / "results" / "report" / "index.html"
    beside = out.with_name("examples.html")
    command = [sys.executable, str(SCRIPTS / "report.py"), *arguments, "--out", str(out), "--examples-out", str(beside)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONHASHSEED": "5"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("report: n_metrics=")
    assert out.read_text(encoding="utf-8") == html
    assert beside.read_text(encoding="utf-8") == browser.render(run)


def test_missing_parts_are_said_and_do_not_stop_the_page(run: Inputs) -> None:
    page = render(without_parts(run))
    assert [a["id"] for tag, a in elements(page) if tag == "section"] == [name for name, _ in CONTENTS]
    assert "This run trains nothing." in page and "This run writes no rationales." in page
    assert "Not known" in page and "nothing to set side by side" in page
    elements(render(replace(without_parts(run), metrics=[], labels=[])))
    empty = replace(
        run, rationales_rejected={("atlas", "smollm2-135m", "self"): []}, training_logs={("a", "b", "c"): []}
    )
    assert "None was rejected." in render(empty)


def test_metrics_without_questions_show_a_dash(run: Inputs) -> None:
    none = {"value": None, "low": None, "high": None, "n": 0}
    page = render(replace(run, metrics=[row | none for row in run.metrics]))
    assert "None" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert numbers.estimate({**none}) == {"value": "-", "interval": "", "n": 0, "known": False}


def test_numbers_by_hand() -> None:
    assert numbers.percent(0.625) == "62.5%"
    assert numbers.points(-0.1) == "\u221210.0" and numbers.points(0.1) == "+10.0" and numbers.points(-1e-9) == "0.0"
    assert numbers.interval({"low": 0.48, "high": 0.751}) == "48.0\u201375.1"
    assert numbers.probability(0.0004) == "<0.001" and numbers.probability(0.04) == "0.040"
    assert numbers.count(1234567) == "1\u202f234\u202f567"


def test_marks_by_hand() -> None:
    text = "<i>Paris's mayor</i>, not Lyon & not Parisian"
    # "Paris" is 3..8, without its possessive; "<i>Paris's mayor</i>" has 20 characters, ", not " 6: "Lyon" is 26..30.
    assert marks(text, ["Paris"], ["Lyon"]) == [((3, 8), "gold"), ((26, 30), "counter")]
    assert marked(text, ["Paris"], ["Lyon"]) == (
        '&lt;i&gt;<mark class="gold" title="names a gold answer">Paris</mark>&#39;s mayor&lt;/i&gt;, not '
        '<mark class="counter" title="names the counter-answer">Lyon</mark> &amp; not Parisian'
    )


def test_marks_that_overlap_keep_the_longer() -> None:
    text = "Equatorial Guinea or Guinea"
    assert marks(text, ["Guinea"], ["Equatorial Guinea"]) == [((0, 17), "counter"), ((21, 27), "gold")]
    assert marks("Oslo", ["Oslo"], ["Oslo"]) == [((0, 4), "gold")]


def test_a_name_with_markup_is_marked_and_escaped() -> None:
    assert marked("say AT&T now", ["AT&T"], []) == (
        'say <mark class="gold" title="names a gold answer">AT&amp;T</mark> now'
    )
    assert marked("a\x00b\x1b[31m", [], []) == "a\ufffdb\ufffd[31m"


@pytest.mark.parametrize(
    ("low", "high", "p", "status", "css"),
    [
        (0.1, 0.5, 0.01, "fired", "verdict fired"),
        (1.0, 1.0, 0.25, "few", "verdict few"),  # three questions that all turned
        (-0.1, 0.5, 0.2, "unclear", "verdict unclear"),
        (0.0, 0.5, 0.06, "unclear", "verdict unclear"),  # an interval that ends at 0 includes it
        (-0.5, -0.1, 0.01, "reversed", "verdict reversed"),
    ],
)
def test_whether_the_conflict_fired(run: Inputs, low: float, high: float, p: float, status: str, css: str) -> None:
    rows = [
        row | ({"difference": (low + high) / 2, "low": low, "high": high, "p": p} if row["a"] == "all-replaced" else {})
        for row in run.comparisons
    ]
    [study] = studies(run.metrics, run.config)
    assert fired(study, rows, run.config).status == status
    assert f'class="{css}"' in render(replace(run, comparisons=rows))


def test_a_comparison_of_another_method_does_not_answer(run: Inputs) -> None:
    rows = [row | {"within": "vanilla-sft/vanilla-sft"} for row in run.comparisons]
    [study] = studies(run.metrics, run.config)
    assert fired(study, rows, run.config).status == "missing"


def test_table_follows_the_order_of_the_config(run: Inputs) -> None:
    [study] = studies(run.metrics, run.config)
    assert study.series == tuple((checkpoint, method) for checkpoint, method, *_ in SERIES)
    assert study.conditions == tuple(CONDITIONS)
    shown = sections.outcome(study, run)
    # Training injects by entity-substitution, so every condition that injects is seen; clean and irrelevant are not.
    assert [c["seen"] for c in shown["conditions"]] == [False, True, True, True, False]
    hits = sum(
        row["label"] == "gold"
        for row in run.labels
        if (row["method"], row["condition"]) == ("vanilla-rag", "all-replaced")
    )
    assert shown["rows"][1]["cells"][3]["strict"]["value"] == f"{100 * hits / 48:.1f}%"


def test_published_figures_stand_beside_ours(run: Inputs) -> None:
    series = {"dataset": "atlas", "model": "smollm2-135m", "checkpoint": "base", "method": "vanilla-rag"}
    about = {"prompt_set": "ours", "order": "rank", "seed": 42, "metric": "accuracy_official", "n": 48}
    figures = {"value": 0.5, "low": 0.4, "high": 0.6, "strict": 0.25, "published_value": 0.638}
    moved = {"difference": -0.138, "difference_low": -0.238, "difference_high": -0.038}
    theirs = {"published_model": "Llama-3-70B-Instruct", "same_model": False, "source": f"table 3 {EVIL}"}
    compared = replace(run, published=[{**series, **about, **figures, **moved, **theirs}])
    [study] = studies(compared.metrics, compared.config)
    [row] = sections.published(study, compared)["rows"]
    assert (row["ours"], row["interval"], row["strict"], row["published"]) == (
        "50.0%",
        "40.0\u201360.0",
        "25.0%",
        "63.8%",
    )
    assert (row["difference"], row["moved"]) == ("\u221213.8", "\u221223.8 to \u22123.8")
    page = render(compared)
    assert "another model" in page
    assert EVIL not in page
    assert "No figure was published" in render(run)


def test_rationale_rates_by_hand() -> None:
    # Four were asked for: two pass at once, one at attempt 3, one never: 2/4 at first, 3/4 overall.
    about = {"question_id": "q", "condition": "clean", "style": "interexter", "state": "both", "rationale": "x"}
    run = replace(
        synthetic(4),
        rationales={("d", "m", "self"): [about | {"attempt": n, "question_id": str(n)} for n in (1, 1, 3)]},
        rationales_rejected={("d", "m", "self"): [about | {"reason": "empty"}]},
    )
    [shown] = sections.rationales(run)
    assert [row["state"] for row in shown["rows"]] == ["both", "all states"]
    # The questions "1", "1", "3" and "q": of three questions drawn none may have passed at first, or all.
    assert shown["rows"][1]["first"] == {"text": "50.0%", "part": 2, "n": 4, "interval": "0.0\u2013100.0"}
    assert shown["rows"][1]["all"] == {"text": "75.0%", "part": 3, "n": 4, "interval": "0.0\u2013100.0"}
    assert shown["reasons"] == [{"style": "interexter", "reason": "empty", "n": 1}]


def test_gates_count_the_test_split_by_condition(run: Inputs) -> None:
    shown = sections.gates(run)
    kept = {row["condition"]: row for row in shown["kept"]}
    assert list(kept) == list(CONDITIONS)
    assert (kept["all-replaced"]["kept"], kept["all-replaced"]["rejected"]) == (
        48,
        2,
    )  # the train split's is not counted
    assert kept["all-replaced"]["injected_rows"] == 48 and kept["clean"]["injected_rows"] == 0
    assert sum(row["n"] for row in shown["reasons"]) == 5
    assert ("as shipped", "prepared", "gold-leak", 1) in [
        tuple(row[name] for name in ("name", "stage", "reason", "n")) for row in shown["reasons"]
    ]


def test_conditions_are_shown_with_what_they_show(run: Inputs) -> None:
    shown = {row["name"]: row for row in sections.conditions(run)}
    assert list(shown) == list(CONDITIONS)
    about = {name: [row[key] for key in ("kind", "count", "supporting", "position")] for name, row in shown.items()}
    assert about["one-added"] == ["entity-substitution", 1, "keep", "random"]
    assert about["all-replaced"] == ["entity-substitution", "all", "replace", "-"]  # there is no place to choose
    assert about["irrelevant"] == ["-", 0, "remove", "-"]
    assert [shown[name]["asked"] for name in ("clean", "one-added")] == ["test and training", "test"]
    grid = {"dose-1": {"kind": "amplification", "count": 1, "sources": 1, "counter_to": "memory", "position": "last"}}
    config = run.config | {"conditions": grid, "test": {"conditions": ["dose-1"]}, "train": {"conditions": ["gone"]}}
    first, second = sections.conditions(replace(run, config=config))
    assert (first["sources"], first["against"], first["position"], first["asked"]) == (1, "memory", "last", "test")
    assert (second["name"], second["kind"], second["asked"]) == ("gone", "-", "training")


def test_retrieval_has_recall_mrr_and_ndcg_and_a_dash_for_what_is_not_there(run: Inputs) -> None:
    test, train = sections.retrieval(run)["rows"]
    measured = [*test["recall"], test["mrr"], test["ndcg"]]
    assert [cell["value"] for cell in measured] == ["71.0%", "90.0%", "96.0%", "0.80", "0.75"]
    for cell in measured:
        low, high = (float(bound) for bound in cell["interval"].split("–"))
        assert low < float(cell["value"].rstrip("%")) < high
        assert cell["n"] == 48
    assert [cell["value"] for cell in [*train["recall"], train["mrr"], train["ndcg"]]] == ["-"] * 5
    assert train["n"] == 0


def test_case_studies_are_many_varied_and_in_shown_order(run: Inputs) -> None:
    [study] = studies(run.metrics, run.config)
    cases = sections.cases(study, run)["cases"]
    assert len(cases) == 8
    assert len({case["question"] for case in cases}) == 8
    assert len({case["heading"] for case in cases}) >= 4
    assert all(case["sides"][0]["method"] == "vanilla-rag" for case in cases)
    misled = next(case for case in cases if case["condition"] == "all-replaced")
    assert [document["injected"] for document in misled["documents"]] == [True, False]  # by rank, not as stored
    assert misled["documents"][0]["stance"] == "counter"
    assert "mark class=" in misled["documents"][0]["text"]
    assert misled["internal_document"] is not None


def test_case_studies_are_fewer_only_where_questions_are(run: Inputs) -> None:
    small = synthetic(5)
    [study] = studies(small.metrics, small.config)
    assert len(sections.cases(study, small)["cases"]) == 5


def test_tables_can_be_reached_by_keyboard(html: str) -> None:
    found = elements(html)
    regions = [attributes for tag, attributes in found if attributes.get("role") == "region"]
    assert len(regions) == sum(tag == "table" for tag, _ in found) > 8
    assert all(region["tabindex"] == "0" and region["aria-label"] for region in regions)
    assert all("scope" in attributes for tag, attributes in found if tag == "th")
    plots = [attributes for tag, attributes in found if tag == "svg"]
    # Five, and of the training loss, held-out loss, rate, gradients, tokens per second, memory; no MFU on a CPU.
    assert len(plots) == 11 and all(plot["role"] == "img" and plot["aria-label"] for plot in plots)


def test_paths_name_what_tables_do_not(tmp_path: Path) -> None:
    assert inputs.place(Path("r/answers/d/m/c/v/clean.parquet"), "answers", 5) == ("d", "m", "c", "v", "clean")
    with pytest.raises(UserError, match="answers/"):
        inputs.place(Path("r/labels/d/m/c/v/clean.parquet"), "answers", 5)
    files = ("counters/d/test/k.rejected.parquet", "data/d/rejected.parquet", "examples/d/test/c/rejected.parquet")
    for name in files:
        tables.write_rows(tmp_path / name, [], tables.REJECTED)
    gates = inputs.read_gates(sorted(tmp_path.rglob("*.parquet")))
    assert [(g.dataset, g.split, g.name, g.stage) for g in gates] == [
        ("d", "test", "k", "counters"),
        ("d", "both", "as shipped", "prepared"),
        ("d", "test", "c", "gate"),
    ]


def test_a_config_without_the_report_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text("{}")
    with pytest.raises(UserError, match=r"report\.control is missing"):
        inputs.read_config(path)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_headline_fits_the_terminal(run: Inputs, width: int) -> None:
    console = Console(width=width, record=True, file=io.StringIO(), highlight=False)
    report = Path("results/report/index.html")
    show(console, run.metrics, run.comparisons, run.config, report)
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= width
    assert str(report) in text and "Did the conflict fire? Yes." in " ".join(text.split())
    row = next(line for line in text.splitlines() if line.startswith("vanilla-rag"))
    [study] = studies(run.metrics, run.config)
    cell = study.cells[("base", "vanilla-rag"), "clean", "accuracy_strict"]
    assert f"{100 * cell['value']:.0f} / " in row
    assert text.isascii() or "\u2500" in text  # lines of the table only; rich draws them in ASCII where it must


def test_the_headline_of_the_program_without_a_terminal(run: Inputs, tmp_path: Path) -> None:
    write_run(run, tmp_path / "results")
    report = tmp_path / "results" / "report"
    command = [sys.executable, str(SCRIPTS.parents[1] / "tools/headline.py"), "--report", str(report / "index.html")]
    command += ["--config", str(report / "config.json"), "--metrics", str(report / "metrics.parquet")]
    command += ["--comparisons", str(report / "comparisons.parquet")]
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "TERM", "FORCE_COLOR")}
    done = subprocess.run(command, capture_output=True, env=environment | {"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode("ascii")
    assert "\x1b" not in text
    assert f"Report: {report / 'index.html'}" in text.splitlines()


@pytest.fixture(scope="module")
def examples(run: Inputs) -> str:
    return browser.render(run)


def embedded(page: str) -> dict[str, Any]:
    """The data of the page of examples, as its script parses them."""
    [text] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(text)


def test_the_page_of_examples_has_one_script_whose_hash_its_policy_names(examples: str) -> None:
    found = elements(examples)
    scripts = [attributes for tag, attributes in found if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "data"}, {}]
    [code] = re.findall(r"<script>(.*?)</script>", examples, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    [policy] = [a["content"] for _, a in found if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    assert not {"src", "srcset", "action"} & {name for _, attributes in found for name in attributes}
    assert not [name for _, attributes in found for name in attributes if name.startswith("on")]
    for name in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("):
        assert name not in code


def test_no_text_of_data_or_model_becomes_markup_in_the_page_of_examples(run: Inputs, examples: str) -> None:
    assert EVIL not in examples and "<img" not in examples
    texts = embedded(examples)["texts"]
    assert sum(EVIL in text for text in texts) > 8  # parsed, they are as they were
    closing = [
        row | {"text": "</script><!--<script> \u2028 & \x00"} for row in run.answers[next(iter(run.answers))].values()
    ]
    changed = replace(run, answers=run.answers | {next(iter(run.answers)): {r["question_id"]: r for r in closing}})
    page = browser.render(changed)
    assert "</script><!--<script> \u2028 & \ufffd" in embedded(page)["texts"]
    elements(page)


def test_the_page_of_examples_holds_every_answer(run: Inputs, examples: str) -> None:
    data = embedded(examples)
    rows = [dict(zip(data["answers"], values, strict=True)) for values in zip(*data["answers"].values(), strict=True)]
    assert len(rows) == len(run.labels) == 48 * len(CONDITIONS) * len(SERIES)
    found = {
        (*data["runs"][row["run"]][:2], data["questions"][row["question"]][0], data["texts"][row["final"]])
        for row in rows
        if data["labels"][row["label"]] == "gold"
    }
    asked = {row["question_id"]: row["question"] for row in run.examples["atlas", "clean"]}
    wanted = {
        (row["method"], row["condition"], asked[row["question_id"]], answer["final_answer"])
        for row in run.labels
        if row["label"] == "gold" and row["method"] != "interexter-ft"
        for answer in [
            run.answers["atlas", "smollm2-135m", row["checkpoint"], row["method"], row["condition"]][row["question_id"]]
        ]
    }
    assert wanted == {key for key in found if not key[0].startswith("interexter-ft")}
    # passages are those of the condition, in the order of their ranks
    places = data["shown"]["atlas all-replaced"]["0"]
    assert [data["passages"][place][2] for place in places] == ["counter", "irrelevant"]
    assert data["passages"][places[0]][3] == "entity-substitution"


def test_data_sets_of_the_same_questions_share_their_numbers(run: Inputs) -> None:
    twice = {(name, condition): rows for name in ("atlas", "atlas-zh") for (_, condition), rows in run.examples.items()}
    asked = browser.data(replace(run, examples=twice))["questions"]
    assert len(asked) == 96
    assert [question[4] for question in asked[:48]] == [question[4] for question in asked[48:]] == [*range(48)]


def test_the_page_of_examples_is_the_same_whatever_the_order(run: Inputs, examples: str) -> None:
    mixed = replace(
        run, labels=run.labels[::-1], examples=dict(reversed([(k, v[::-1]) for k, v in run.examples.items()]))
    )
    assert browser.render(mixed) == examples


def test_a_page_without_answers_or_metrics_stands(run: Inputs) -> None:
    assert embedded(browser.render(without_parts(run)))["answers"]["run"] == []
    assert embedded(browser.render(replace(run, metrics=[])))["runs"][0][0] == "atlas/smollm2-135m/base/closed-book"


def conditions(**settings: dict[str, Any]) -> tuple[Study, dict[str, Any]]:
    """A study of these conditions and a control, and its config."""
    named = {"clean": {"count": 0, "position": "first"}, **{name.replace("_", "-"): s for name, s in settings.items()}}
    config = CONFIG | {"conditions": named, "test": {"conditions": list(named)}}
    return Study(("d", "m", "ours", "rank", 1), "d", (), tuple(named), {}), config


def test_doses_are_conditions_that_differ_in_one_setting_only() -> None:
    study, config = conditions(
        three={"count": 3, "position": "first", "sources": 1},
        ten={"count": 10, "position": "first", "sources": 1},
        one={"count": 1, "position": "first", "sources": 1},
        one_last={"count": 1, "position": "last", "sources": 1},
        all={"count": "all", "position": "first", "sources": 1},
        two_sources={"count": 3, "position": "first", "sources": 2},
        irrelevant={"count": 0, "position": "first", "sources": 1},
    )
    first, last, sources = doses.families(study, config, "count")
    assert first.points == (("0", "clean"), ("1", "one"), ("3", "three"), ("10", "ten"), ("all", "all"))
    assert last.points == (("0", "clean"), ("1", "one-last"))
    assert sources.points == (("0", "clean"), ("3", "two-sources"))
    assert [family.name for family in (first, last, sources)] == [
        "position first, sources 1",
        "position last, sources 1",
        "position first, sources 2",
    ]
    assert doses.varied([first, last, sources]) == ["0", "1", "3", "10", "all"]
    [position] = doses.families(study, config, "position")
    assert position.points == (("first", "one"), ("last", "one-last"))


def test_without_varied_conditions_there_is_no_curve() -> None:
    study, config = conditions(irrelevant={"count": 0, "position": "first"})
    assert doses.families(study, config, "count") == []
    assert doses.families(study, config, "position") == []


def test_the_clean_tax_is_the_reference_minus_the_method(run: Inputs) -> None:
    [study] = studies(run.metrics, run.config)
    about = {"compare": "method", "metric": "accuracy_strict", "within": "clean", "b": "base/vanilla-rag"}
    row = run.comparisons[0] | about | {"a": "base/interexter-icl", "difference": -0.25, "low": -0.4, "high": 0.1}
    shown = analyses.regimes(study, replace(run, comparisons=[row]))
    by_method = {row["method"]: row for row in shown["rows"]}
    assert by_method["interexter-icl"]["tax"] == "+25.0"
    assert by_method["interexter-icl"]["tax_interval"] == "\u221210.0 to +40.0"
    assert by_method["vanilla-rag"]["tax"] == "-"
    cell = study.cells[("base", "vanilla-rag"), "all-replaced", "faithfulness"]
    assert by_method["vanilla-rag"]["wanted"][1]["n"] == cell["n"] > 0


def test_the_confusion_counts_every_answer_by_hand(run: Inputs) -> None:
    [study] = studies(run.metrics, run.config)
    shown = analyses.confusion(study, run)
    matrix = next(m for m in shown["tables"] if (m["method"], m["condition"]) == ("vanilla-rag", "all-replaced"))
    assert matrix["open"] and matrix["n"] == 48
    rows = [r for r in run.labels if (r["method"], r["condition"]) == ("vanilla-rag", "all-replaced")]
    for line in matrix["rows"]:
        members = [r for r in rows if r["closed_book_label"] == line["label"]]
        assert line["n"] == len(members)
        assert [cell["part"] for cell in line["cells"]] == [
            sum(r["label"] == label for r in members) for label in shown["labels"]
        ]
    assert sum(line["n"] for line in matrix["rows"]) == sum(cell["part"] for cell in matrix["total"]) == 48
    for cell in (*matrix["total"], *(cell for line in matrix["rows"] for cell in line["cells"])):
        low, high = map(float, cell["interval"].split("\u2013"))
        assert low <= 100 * cell["part"] / cell["n"] <= high
        assert (low == high) == (cell["part"] in (0, cell["n"]))


def test_the_interval_of_a_confusion_is_that_of_its_rows_questions() -> None:
    """50 of 100: a binomial share with a standard deviation of 5 points."""
    shown = analyses._matrix(Counter({("gold", "gold"): 50, ("gold", "counter"): 50}), 1)
    low, high = map(float, shown["rows"][0]["cells"][0]["interval"].split("\u2013"))
    assert (low, high) == pytest.approx((50 - 1.96 * 5, 50 + 1.96 * 5), abs=1.0)


def test_a_slice_says_the_number_of_a_method_that_has_another(run: Inputs) -> None:
    fewer = [
        row | {"n": 3} if (row["method"], row["slice"]) == ("interexter-icl", "relation=capital") else row
        for row in run.metrics
    ]
    section = re.search(r'<section id="slices">.*?</section>', render(replace(run, metrics=fewer)), re.DOTALL)
    assert section and section.group().count("<small>n&nbsp;3</small>") == 2  # under both conditions


def test_slices_come_by_state_popularity_and_relation(run: Inputs) -> None:
    [study] = studies(run.metrics, run.config)
    shown = analyses.slices(study, run)
    assert [part["condition"] for part in shown["tables"]] == ["all-replaced", "clean"]
    names = [(row["by"], row["value"]) for row in shown["tables"][0]["rows"]]
    assert names[-4:] == [
        ("popularity", "10^0"),
        ("popularity", "10^1"),
        ("popularity", "10^2"),
        ("relation", "capital"),
    ]
    assert {by for by, _ in names[:-4]} == {"state"}


def test_tokens_per_answer_are_set_against_the_reference(run: Inputs) -> None:
    found = studies(run.metrics, run.config)
    costs = [_cost("answers", "base", "vanilla-rag", 10, 1000, 50, 2.5)]
    costs += [_cost("answers", "base", "interexter-icl", 20, 6000, 50, None)]
    rows = analyses.answer_costs(found, replace(run, costs=costs))
    figures = ("method", "prompt", "prompt_times", "output_times", "seconds")
    assert [tuple(row[name] for name in figures) for row in rows] == [
        ("vanilla-rag", "100.0", "1.00\u00d7", "1.00\u00d7", "0.250"),
        ("interexter-icl", "300.0", "3.00\u00d7", "0.50\u00d7", numbers.MISSING),
    ]
    assert (
        sections.costs(replace(run, costs=costs))["total"]["seconds"] == numbers.MISSING
    )  # shares are no seconds more


def test_a_condition_that_did_not_fire_is_marked(run: Inputs) -> None:
    assert "did not fire</span>" not in render(replace(run, comparisons=[]))
    rows = [row | {"fired": row["a"] != "one-added"} for row in run.comparisons if row["compare"] == "condition"]
    [study] = studies(run.metrics, run.config)
    shown = sections.outcome(study, replace(run, comparisons=rows))
    assert {c["name"]: c["fired"] for c in shown["conditions"]} == {
        "clean": None,  # no comparison with closed-book
        "one-added": False,
        "one-replaced": True,
        "all-replaced": True,
        "irrelevant": None,  # injects nothing
    }


if __name__ == "__main__":  # write a page to look at: python tests/test_report.py FOLDER
    folder = Path(sys.argv[1])
    write_run(synthetic(), folder / "results")
    (folder / "index.html").write_text(render(synthetic()), encoding="utf-8")
