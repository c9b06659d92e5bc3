"""The study's tables from those of each data set and model: joined, sorted, and corrected over the whole study."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from interexter.core.tables import Row, read_rows, write_rows
from interexter.scoring.comparisons import COMPARISONS
from interexter.scoring.metrics import METRIC_VALUES
from interexter.study import layout

SCRIPT = Path(__file__).parents[2] / "workflow/scripts/summarize.py"
STUDY = [(dataset, model) for dataset in ("nq", "vital") for model in ("n", "m")]


def metric(dataset: str, model: str) -> Row:
    texts = {"checkpoint": "base", "condition": "clean", "method": "vanilla-rag", "prompt_set": "ours"}
    about = {"dataset": dataset, "model": model, **texts, "order": "given", "seed": 1, "slice": "all"}
    figures = {"value": 0.25, "low": None, "high": None, "n": 4}
    return about | {"metric": "accuracy_strict"} | figures


def comparison(dataset: str, model: str, compare: str, p: float | None) -> Row:
    texts = {
        "prompt_set": "ours",
        "order": "given",
        "metric": "f1",
        "within": "w",
        "a": "a",
        "b": "b",
        "condition": "c",
    }
    about = {"dataset": dataset, "model": model, "compare": compare, **texts, "seed": 1}
    return (
        dict.fromkeys(COMPARISONS.names)
        | about
        | {"p": p, "n": 0 if p is None else 9, "primary": compare == "condition"}
    )


def test_p_values_are_corrected_over_all_data_sets_and_models(tmp_path: Path) -> None:
    results = tmp_path / "results"
    found = dict(zip(STUDY, (0.03, 0.01, None, 0.02), strict=True))
    for (dataset, model), p in found.items():
        rows = [comparison(dataset, model, "condition", p), comparison(dataset, model, "method", 0.5)]
        write_rows(layout.comparisons(results, dataset, model), rows, COMPARISONS)
        write_rows(layout.metrics(results, dataset, model), [metric(dataset, model)], METRIC_VALUES)
    (tmp_path / "config.json").write_text(
        json.dumps({"datasets": {"nq": {}, "vital": {}}, "models": {"n": {}, "m": {}}})
    )
    command = [sys.executable, SCRIPT, "--results", results, "--config", tmp_path / "config.json"]
    command += ["--metrics", tmp_path / "metrics.parquet", "--metrics-csv", tmp_path / "metrics.csv"]
    command += ["--comparisons", tmp_path / "comparisons.parquet"]
    done = subprocess.run(list(map(str, command)), check=False, capture_output=True, text=True)
    assert done.stdout == "summarize: n_in=4 n_metrics=4 n_comparisons=8\n", done.stderr
    rows = read_rows(tmp_path / "comparisons.parquet", COMPARISONS)
    assert [(row["dataset"], row["model"], row["compare"]) for row in rows] == [
        (dataset, model, compare) for dataset, model in sorted(STUDY) for compare in ("condition", "method")
    ]
    corrected = {(row["dataset"], row["model"], row["compare"]): row["p_adjusted"] for row in rows}
    # The primary ones, Holm of 0.01 0.02 0.03: 3 x 0.01, 2 x 0.02, and 0.03, not below the one before; a pair
    # without p is no member
    assert corrected["nq", "m", "condition"] == pytest.approx(0.03)
    assert corrected["vital", "m", "condition"] == pytest.approx(0.04)
    assert corrected["nq", "n", "condition"] == pytest.approx(0.04)
    assert corrected["vital", "n", "condition"] is None
    # Benjamini and Hochberg of all others: 4 x 0.5 / 4
    assert {corrected[dataset, model, "method"] for dataset, model in STUDY} == {0.5}
    with (tmp_path / "metrics.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert list(lines[0]) == METRIC_VALUES.names
    assert [(line["dataset"], line["model"]) for line in lines] == sorted(STUDY)
    assert {(line["value"], line["low"], line["n"]) for line in lines} == {("0.250000", "", "4")}
