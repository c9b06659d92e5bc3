"""The sections that look into the scores: regimes, every metric, slices, confusion, doses, costs per answer."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from ..core.tables import Row
from ..scoring.intervals import clustered_interval
from ..scoring.metrics import METRICS, SLICED
from ..scoring.series import THIRDS
from ..text.labels import LABELS
from . import charts
from .doses import families
from .inputs import Inputs
from .numbers import MISSING, Shown, count, estimate, few, heading, points, points_interval, share
from .studies import Series, Study, is_trained, key_of, reference, rival, series_name, short_names

# What answers are sliced by, in the order of the report: its name in metrics.csv, and in the report.
SLICES = {
    "state": "evidence state",
    "memory": "memory",
    "memory_agreement": "sampled closed-book answers with the greedy one's label",
    "memory_probability": "token probability of the closed-book answer",
    "gold_position": "position of the first passage with a gold answer",
    "answer": "gold answer among those of training questions",
    "answer_kind": "kind of answer",
    "popularity": "third of its relation by popularity",
    "coverage": "the surest answers, by probability",
    "relation": "relation",
}


def metric_name(metric: str) -> str:
    """Return what a metric is called in text."""
    return METRICS[metric].title if metric in METRICS else metric.replace("_", " ")  # the clean tax


def regimes(study: Study, inputs: Inputs) -> Shown:
    """Set side by side what is wanted of a method, truth or the passages' word, and its cost without conflict."""
    settings = inputs.config["report"]
    taxes = {
        row["a"]: row
        for row in inputs.comparisons
        if key_of(row) == study.key
        and (row["compare"], row["metric"], row["within"]) == ("method", "clean_tax", settings["control"])
    }

    def cell(series: Series, condition: str, metric: str) -> Shown:
        return estimate(study.cells.get((series, condition, metric)))

    rows = []
    for series in study.series:
        tax = taxes.get(series_name(series))
        rows.append(
            {
                "method": series[1],
                "checkpoint": series[0],
                "clean": cell(series, settings["control"], "accuracy_strict"),
                "tax": points(tax["difference"]) if tax else MISSING,
                "tax_interval": points_interval(tax) if tax and tax["low"] is not None else "",
                "tax_n": tax["n"] if tax else 0,
                "tax_few": bool(tax and few(tax)),
                "wanted": [
                    cell(series, settings["strongest"], metric)
                    for metric in ("robustness", "faithfulness", "abstention_rate")
                ],
            }
        )
    return {"title": study.title, "rows": rows}


def every_metric(study: Study) -> Shown:
    """Lay out all other metrics, a table for each group that there is, a row for each method and condition."""
    measured = {metric for (_, _, metric), row in study.cells.items() if row["value"] is not None}
    groups = []
    for name in dict.fromkeys(metric.group for metric in METRICS.values() if metric.group):
        metrics = [metric for metric, about in METRICS.items() if about.group == name and metric in measured]
        rows = [
            {
                "method": series[1],
                "checkpoint": series[0],
                "condition": condition,
                "metrics": [estimate(study.cells.get((series, condition, metric))) for metric in metrics],
            }
            for series in study.series
            for condition in study.conditions
            if any(study.cells.get((series, condition, metric)) for metric in metrics)
        ]
        if rows:
            groups.append({"name": name, "metrics": [metric_name(metric) for metric in metrics], "rows": rows})
    return {"title": study.title, "groups": groups}


def dose_response(study: Study, inputs: Inputs) -> Shown:
    """Draw the answers over the number of counter-passages and over their position, where conditions vary in them.

    A placebo has none, whatever it injects, and is the point of no curve.
    """
    placebos = {
        name
        for (dataset, name), kept in inputs.kept.items()
        if dataset == study.dataset and kept.injected_passages and not kept.counter_passages
    }
    study = replace(study, conditions=tuple(name for name in study.conditions if name not in placebos))
    curves = []
    for setting, axis in (("count", "counter-passages"), ("position", "position of the counter-passages")):
        found = families(study, inputs.config, setting)
        for metric in SLICED:
            title = f"{heading(metric_name(metric))} by {axis}, {study.title}"
            if drawn := charts.curves(study, found, metric, axis, title):
                curves.append({"title": f"{heading(metric_name(metric))} by {axis}", "plot": drawn})
    return {"title": study.title, "curves": curves}


def confusion(study: Study, inputs: Inputs) -> Shown:
    """Count how closed-book labels turn into labels under each condition, for the reference and its rival."""
    labels = study.labels(inputs.labels)
    answers = dict(iter(labels.groupby(["checkpoint", "method", "condition"], observed=True)))
    first, second = reference(study, inputs.config), rival(study, inputs.config)
    shown = short_names(study.series)
    strongest = inputs.config["report"]["strongest"]
    tables = [
        {
            "method": shown[series],
            "condition": condition,
            "open": series == first and (condition == strongest or len(study.conditions) == 1),
            **_matrix(answers[key]),
        }
        for condition in sorted(study.conditions, key=lambda name: name != strongest)
        for series in (first, second)
        if series is not None and (key := (*series, condition)) in answers
    ]
    return {"title": study.title, "labels": LABELS, "tables": tables}


def slices(study: Study, inputs: Inputs) -> Shown:
    """Lay out strict accuracy and counter-answer rate by what a question is like, and by how sure the model is."""
    cells = {
        ((row["checkpoint"], row["method"]), row["condition"], row["slice"], row["metric"]): row
        for row in inputs.metrics
        if key_of(row) == study.key and row["slice"] != "all"
    }
    names = sorted({key[2] for key in cells}, key=_slice_rank)
    settings = inputs.config["report"]
    tables = []
    for condition in dict.fromkeys((settings["strongest"], settings["control"])):
        rows = [
            {
                "by": SLICES[name.split("=", 1)[0]],
                "value": name.split("=", 1)[1],
                "cells": [
                    [estimate(cells.get((series, condition, name, metric))) for metric in SLICED]
                    for series in study.series
                ],
            }
            for name in names
            if any((series, condition, name, metric) in cells for series in study.series for metric in SLICED)
        ]
        values = Counter(row["by"] for row in rows)
        rows = [row for row in rows if values[row["by"]] > 1]  # all answers in one slice are the methods' table again
        if rows:
            tables.append({"condition": condition, "rows": rows})
    shown = short_names(study.series)
    return {
        "title": study.title,
        "methods": [shown[s] for s in study.series],
        "surest": any(name.startswith("coverage=") for name in names),
        "tables": tables,
    }


def answer_costs(studies: Sequence[Study], inputs: Inputs) -> list[Shown]:
    """Give tokens and seconds per answer by method, and how many times the reference's the tokens are."""
    rows = []
    for study in {(study.dataset, study.model): study for study in studies}.values():
        asked = {
            (row["checkpoint"], row["method"]): row
            for row in inputs.costs
            if (row["dataset"], row["model"], row["stage"]) == (study.dataset, study.model, "answers")
            and row["prompts"]
        }
        base = asked.get(reference(study, inputs.config) or ("", ""))
        for series in study.series:
            if row := asked.get(series):
                rows.append(
                    {
                        "study": study.title,
                        "method": series[1],
                        "checkpoint": series[0],
                        "trained": is_trained(series, inputs.config),
                        "answers": count(row["prompts"]),
                        "prompt": count(row["prompt_tokens"] / row["prompts"], 1),
                        "output": count(row["output_tokens"] / row["prompts"], 1),
                        "prompt_times": _times(row, base, "prompt_tokens"),
                        "output_times": _times(row, base, "output_tokens"),
                        "seconds": MISSING if row["seconds"] is None else f"{row['seconds'] / row['prompts']:.3f}",
                    }
                )
    return rows


def _times(row: Row, base: Row | None, figure: str) -> str:
    """Write how many times the reference's tokens per answer a method takes."""
    if base is None or not base[figure]:
        return MISSING
    return f"{(row[figure] / row['prompts']) / (base[figure] / base['prompts']):.2f}\u00d7"


def _matrix(answers: pd.DataFrame) -> Shown:
    """Turn answers into rows by closed-book label, each with the share of its answers by label, and its interval."""

    def cell(part: pd.DataFrame, after: str) -> Shown:
        hits, clusters = part["label"] == after, part["cluster"].cat.codes.to_numpy()
        low, high = clustered_interval(clusters, hits.tolist()) if len(part) else (None, None)
        return share(int(hits.sum()), len(part), low, high)

    rows = []
    for before in LABELS:
        part = answers[answers["closed_book_label"] == before]
        if len(part):
            cells = [{**cell(part, after), "same": before == after} for after in LABELS]
            rows.append({"label": before, "n": len(part), "cells": cells})
    return {"rows": rows, "n": len(answers), "total": [cell(answers, after) for after in LABELS]}


def _slice_rank(name: str) -> tuple[int, float, str]:
    """Order slices by what they slice by; thirds and shares by size, everything else by name."""
    by, value = name.split("=", 1)
    size = THIRDS.index(value) if by == "popularity" else float(value.rstrip("%")) if by == "coverage" else 0.0
    return (list(SLICES).index(by), size, value)
