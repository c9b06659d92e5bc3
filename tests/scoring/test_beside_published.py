"""Ours beside published figures: what is matched with what, the difference and its interval."""

import csv
import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from interexter.core.errors import UserError
from interexter.core.tables import Row, read_rows, write_rows
from interexter.scoring import published_numbers
from interexter.scoring.metrics import METRIC_VALUES
from interexter.scoring.published_numbers import PUBLISHED_NUMBERS

ROOT = Path(__file__).parents[2]
FIGURES = ROOT / "workflow/scripts/interexter/scoring/published-numbers.csv"
FULL = {"lora": "none"}
CONFIG: dict[str, Any] = {
    "datasets": {
        "mine": {"source": {"folder": "data/PopQA"}, "passages": 5},
        "asqa": {"source": {"kind": "url"}, "passages": 5},
        "two-wiki": {"source": {"folder": "2WikiMultiHopQA"}, "passages": 5},  # published with 10
        "vital": {"source": {"kind": "vital"}, "passages": 3},
    },
    "models": {
        "big": {"kind": "hub", "repository": "meta-llama/Meta-Llama-3-70B-Instruct"},
        "small": {"kind": "local", "path": "models/SmolLM2"},
        "llama-3-8b-instruct": {"kind": "local", "path": "weights/"},
    },
    "methods": ["vanilla-rag", "instructrag-icl", "instructrag-icl-without-documents", "instructrag-zero-shot"],
    "demonstrations": {"source": "self"},
    "recipes": {
        "tuned": {"method": "instructrag-ft", "rationales": "self", "training": FULL, "asked": ["instructrag-icl"]},
        "bare": {"method": "instructrag-ft", "rationales": "without-answers", "training": FULL, "asked": []},
        "filled-in": {"method": "instructrag-ft", "rationales": "template", "training": FULL, "asked": []},
        "adapter": {"method": "instructrag-ft", "rationales": "self", "training": {"lora": "interexter"}, "asked": []},
    },
}


def metric(value: float | None, name: str = "accuracy_official", **about: Any) -> Row:
    series = {"dataset": "mine", "model": "big", "checkpoint": "base", "condition": "clean", "method": "vanilla-rag"}
    more = {"prompt_set": "ours", "order": "given", "seed": 0, "slice": "all", "metric": name, "value": value}
    bounds = {side: None if value is None else value + step for side, step in (("low", -0.02), ("high", 0.03))}
    return {**series, **more, **bounds, "n": 1399, **about}


def beside(*metrics: Row, config: dict[str, Any] = CONFIG) -> list[Row]:
    figures = published_numbers.read(FIGURES)
    return published_numbers.beside(metrics, figures, published_numbers.counterparts(config, figures), "clean")


def test_what_of_a_config_has_a_counterpart() -> None:
    found = published_numbers.counterparts(CONFIG, published_numbers.read(FIGURES))
    assert found["datasets"] == {"mine": "PopQA", "asqa": "ASQA"}
    assert found["models"] == {"big": "Llama-3-70B-Instruct", "llama-3-8b-instruct": "Llama-3-8B-Instruct"}
    assert found["series"] == {
        "base/vanilla-rag": ["none", "vanilla-rag"],
        "base/instructrag-icl": ["none", "instructrag-icl"],
        "base/instructrag-icl-without-documents": ["none", "instructrag-icl/without-documents"],
        "base/instructrag-zero-shot": ["none", "instructrag-icl/without-demonstrations"],
        "tuned/instructrag-ft": ["full", "instructrag-ft"],
        "tuned/instructrag-icl": ["full", "instructrag-ft/with-demonstrations"],
        "bare/instructrag-ft": ["full", "instructrag-ft/without-gold-answers"],
        "filled-in/instructrag-ft": ["full", "instructrag-ft/template-rationales"],
    }


def test_the_difference_and_its_interval() -> None:
    # PopQA, Llama-3-70B-Instruct, vanilla-rag: 63.8 published. Ours 0.66, from 0.64 to 0.69: +2.2, from +0.2 to +5.2.
    [row] = beside(metric(0.66), metric(0.4, "accuracy_strict"))
    assert row["published_value"] == pytest.approx(0.638)
    assert row["difference"] == pytest.approx(0.022)
    assert (row["difference_low"], row["difference_high"]) == (pytest.approx(0.002), pytest.approx(0.052))
    assert (row["strict"], row["same_model"], row["n"]) == (0.4, True, 1399)
    assert (row["published_n"], row["same_n"]) == (1399, True)
    [part] = beside({**metric(0.66), "n": 100})
    assert (part["published_n"], part["same_n"]) == (1399, False)
    assert (row["retriever"], row["passages"], row["source"]) == ("Contriever", 5, "arXiv 2406.13629, table 3")


def test_another_model_stands_beside_every_published_one() -> None:
    rows = beside(metric(0.2, model="small"))
    assert {row["published_model"] for row in rows} == {"ChatGPT", "Llama-3-8B-Instruct", "Llama-3-70B-Instruct"}
    assert not any(row["same_model"] for row in rows)


def test_a_variant_has_its_own_figure() -> None:
    about = {"model": "llama-3-8b-instruct", "method": "instructrag-ft"}
    rows = beside(metric(0.5, checkpoint="tuned", **about), metric(0.5, checkpoint="filled-in", **about))
    assert [row["published_value"] for row in rows] == [pytest.approx(0.596), pytest.approx(0.662)]
    figures = published_numbers.read(FIGURES)
    theirs = {(figure["training"], figure["method"]) for figure in figures}
    assert {tuple(pair) for pair in published_numbers.counterparts(CONFIG, figures)["series"].values()} <= theirs
    template = deepcopy(CONFIG) | {"demonstrations": {"source": "template"}}
    [row] = beside(metric(0.5, method="instructrag-icl", model="llama-3-8b-instruct"), config=template)
    assert row["published_value"] == pytest.approx(0.6)


@pytest.mark.parametrize(
    "row",
    [
        metric(0.5, "accuracy_strict"),  # nobody published it
        metric(0.5, condition="counter-added"),
        metric(0.5, slice="state=both"),
        metric(0.5, dataset="two-wiki"),  # five passages where ten were published
        metric(0.5, dataset="vital"),
        metric(0.5, checkpoint="adapter", method="instructrag-ft"),
        metric(0.5, method="interexter-icl"),
        metric(None),
    ],
)
def test_what_has_none_is_left_out(row: Row) -> None:
    assert beside(row) == []


def test_asqa_is_compared_by_str_em_and_not_by_accuracy() -> None:
    rows = beside(metric(0.5, dataset="asqa"), metric(0.431, "str_em", dataset="asqa"))
    assert [(row["metric"], row["difference"]) for row in rows] == [("str_em", pytest.approx(0.0))]


@pytest.mark.parametrize(
    ("line", "said"),
    [("PopQA,,", "line 2 has no model"), ("PopQA,M,none,m,accuracy,x,r,5,s", "line 2: could not convert")],
)
def test_a_faulty_table_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "figures.csv"
    path.write_text(FIGURES.read_text().splitlines()[0] + f"\n{line}\n")
    with pytest.raises(UserError, match=said):
        published_numbers.read(path)


def test_the_script_writes_both_tables(tmp_path: Path) -> None:
    names = published_numbers.counterparts(CONFIG, published_numbers.read(FIGURES))
    write_rows(tmp_path / "metrics.parquet", [metric(0.66), metric(0.4, "accuracy_strict")], METRIC_VALUES)
    command = [
        sys.executable,
        ROOT / "workflow/scripts/published_numbers.py",
        "--metrics",
        tmp_path / "metrics.parquet",
    ]
    command += ["--names", json.dumps(names), "--control", "clean"]
    command += ["--out", tmp_path / "out.parquet", "--csv", tmp_path / "out.csv"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stdout == "published numbers: n_metrics=2 n_figures=120 n_out=1\n", done.stderr
    [row] = read_rows(tmp_path / "out.parquet", PUBLISHED_NUMBERS)
    with (tmp_path / "out.csv").open() as file:
        [line] = csv.DictReader(file)
    assert line["difference"] == f"{row['difference']:.6f}"
