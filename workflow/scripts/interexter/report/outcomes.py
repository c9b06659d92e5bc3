"""What came out: the table of methods and conditions, published figures, plots and comparisons, as plain values."""

from collections.abc import Mapping

from ..core.tables import Row
from ..scoring.metrics import METRICS
from ..scoring.significance import LEVEL
from ..text.labels import LABELS
from . import charts
from .analyses import every_metric, metric_name
from .inputs import Inputs
from .numbers import (
    MISSING,
    Shown,
    estimate,
    few,
    heading,
    interval,
    percent,
    points,
    points_interval,
    probability,
    two_digits,
)
from .studies import Series, Study, control_of, is_about, is_trained, key_of, seen_in_training, short_names

_SILENT = {
    False: "{reference} does not give more counter-answers here than under {control}: the interval includes 0",
    True: "{reference} is not right more often here than closed-book: the interval includes 0",
}
_BETWEEN = {  # in the order of the page
    "method": "between methods",
    "mixture": "against the mixture of closed-book and the reference",
    "series": "between series",
    "model": "between models",
    "prompt_set": "between prompt sets",
    "condition": "between conditions",
}
_RATES = {  # the metric that is the share of a label; of "neither", which has none, it is what is left
    "gold": "accuracy_strict",
    "counter": "counter_rate",
    "both": "both_rate",
    "abstain": "abstention_rate",
    "unfinished": "unfinished_rate",
}
OFTEN_CUT = 0.05  # a share of texts cut at the cap above which a cell is marked


def outcome(study: Study, inputs: Inputs) -> Shown:
    """Lay out the method by condition table of a study, and the tables of its other metrics."""
    config = inputs.config
    verdicts = {
        row["condition"]: row["fired"]
        for row in inputs.comparisons
        if key_of(row) == study.key and row["fired"] is not None
    }
    # What a placebo injects speaks for no counter-answer, so it is not meant to fire.
    meant = {
        name for (dataset, name), kept in inputs.kept.items() if dataset == study.dataset and kept.counter_passages
    }
    meant.add(config["report"]["control"])
    conditions = [
        {
            "name": name,
            "seen": seen_in_training(name, config),
            "fired": verdicts.get(name) if name in meant else None,
            "silent": _SILENT[name == config["report"]["control"]].format(**config["report"]),
        }
        for name in study.conditions
    ]
    rows: list[Shown] = []
    for series in study.series:
        named = {"method": series[1], "checkpoint": series[0], "trained": is_trained(series, config)}
        cells = []
        for condition in study.conditions:
            found = {name: study.cells.get((series, condition, name)) for name in ("truncation_rate", *_RATES.values())}
            cut = found["truncation_rate"]
            of_seeds = study.of_seeds.get((series, condition, "accuracy_strict"), [])
            cells.append(
                {
                    "strict": estimate(found["accuracy_strict"]),
                    "counter": estimate(found["counter_rate"]),
                    "bar": _bar(found),
                    "cut": estimate(cut),
                    "often_cut": bool(cut and cut["value"] and cut["value"] > OFTEN_CUT),
                    "seeds": [percent(row["value"]) for row in of_seeds],
                }
            )
        rows.append({**named, "cells": cells})
    return {
        "title": study.title,
        "conditions": conditions,
        "rows": rows,
        "often_cut": sum(cell["often_cut"] for row in rows for cell in row["cells"]),
        "labels": LABELS,
        "every": every_metric(study),
    }


def in_short(study: Study, pages: Mapping[str, str]) -> Shown:
    """Lay out strict accuracy and counter-answer rate of all conditions, a row and a page for each."""
    names = short_names(study.series)

    def cell(series: Series, condition: str) -> str:
        found = [study.cells.get((series, condition, metric)) for metric in ("accuracy_strict", "counter_rate")]
        return " / ".join(percent(row["value"] if row else None).rstrip("%") for row in found)

    return {
        "title": study.title,
        "methods": [names[series] for series in study.series],
        "rows": [
            {"condition": name, "page": pages[name], "cells": [cell(series, name) for series in study.series]}
            for name in study.conditions
        ],
    }


def published(study: Study, inputs: Inputs) -> Shown:
    """List our figures beside published ones of the same data set, method and metric."""
    rows = [row for row in inputs.published if key_of(row) == study.key]
    order = {series: number for number, series in enumerate(study.series)}
    shown = ("checkpoint", "method", "n", "published_n", "same_n", "same_model", "source", "published_model")
    rows.sort(key=lambda row: (not row["same_model"], order[row["checkpoint"], row["method"]], row["metric"]))
    return {
        "title": study.title,
        "rows": [
            {
                **{name: row[name] for name in shown},
                "metric": metric_name(row["metric"]),
                "ours": percent(row["value"]),
                "interval": interval(row),
                "strict": percent(row["strict"]),
                "published": percent(row["published_value"]),
                "difference": points(row["difference"]),
                "moved": points_interval({"low": row["difference_low"], "high": row["difference_high"], "n": row["n"]}),
            }
            for row in rows
        ],
    }


def trade_off(study: Study, inputs: Inputs) -> Shown:
    """Draw who is right without conflict against who is not misled by it, and measure methods against mixing."""
    strongest = inputs.config["report"]["strongest"]
    control = control_of(strongest, inputs.config)
    title = f"Resistance under {strongest} against accuracy under {control}, {study.title}"
    return {
        "title": study.title,
        "plot": charts.trade_off(study, inputs.config, title),
        "control": control,
        "strongest": strongest,
        "mixtures": _mixtures(study, inputs, strongest),
    }


def plots(study: Study, inputs: Inputs) -> Shown:
    """Draw the two metrics of the methods' table by condition."""
    drawn = []
    for metric in ("accuracy_strict", "counter_rate"):
        name = heading(metric_name(metric))
        plot = charts.by_condition(study, inputs.config, metric, f"{name} by condition and method, {study.title}")
        drawn += [(name, plot)] if plot else []
    return {"title": study.title, "drawn": drawn}


def _mixtures(study: Study, inputs: Inputs, condition: str) -> list[Shown]:
    """Say of each method whether it gives fewer counter-answers under a condition than mixing could."""
    rows = [
        row
        for row in inputs.comparisons
        if key_of(row) == study.key and (row["compare"], row["condition"]) == ("mixture", condition)
    ]
    return [
        {
            "method": row["a"],
            "rate": percent(row["value_a"]),
            "n": row["n"],
            "few": few(row),
            **_against_mixture(row),
        }
        for row in rows
    ]


def _against_mixture(row: Row) -> Shown:
    """Say where a method lies; the line goes on past its ends, but where it is no share nothing is to be had."""
    if row["value_b"] is not None and not 0 <= row["value_b"] <= 1:
        nothing = dict.fromkeys(("mixture", "difference", "interval"), MISSING)
        return {**nothing, "side": "no mixture has its accuracy"}
    if row["low"] is None or row["low"] <= 0 <= row["high"]:
        side = "not told apart"
    else:
        side = "above the line" if row["difference"] < 0 else "below the line"
    figures = {"mixture": percent(row["value_b"]), "difference": points(row["difference"])}
    return {**figures, "interval": points_interval(row), "side": side}


def comparisons(study: Study, inputs: Inputs) -> list[Shown]:
    """List the exploratory comparisons of a study, one table for what is compared and each metric."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in inputs.comparisons:
        if key_of(row) == study.key and is_about(row, study.conditions) and not row["primary"]:
            groups.setdefault((row["compare"], row["metric"]), []).append(row)
    shown = []
    for (compare, metric), rows in sorted(groups.items(), key=lambda group: _placed(*group[0])):
        lines = [
            {
                **{name: row[name] for name in ("within", "a", "b", "n")},
                "difference": points(row["difference"]),
                "interval": points_interval(row),
                "p": probability(row["p"]),
                "p_adjusted": probability(row["p_adjusted"]),
                "counts": MISSING
                if row["both"] is None
                else " / ".join(str(row[name]) for name in ("both", "only_a", "only_b", "neither")),
                "cohens_h": two_digits(row["cohens_h"]),
                "odds_ratio": two_digits(row["odds_ratio"]),
                "detectable": MISSING if row["detectable"] is None else f"{100 * row['detectable']:.1f}",
                "fired": row["fired"],
                "few": few(row),
                "holds": row["p_adjusted"] is not None and row["p_adjusted"] <= LEVEL,
            }
            for row in sorted(rows, key=lambda row: (row["within"], row["a"], row["b"]))
        ]
        hold = sum(line["holds"] for line in lines)
        name = heading(metric_name(metric))
        shown.append({"title": study.title, "between": _BETWEEN[compare], "metric": name, "rows": lines, "hold": hold})
    return shown


def _placed(compare: str, metric: str) -> tuple[int, int, str]:
    """Order tables of comparisons: as _BETWEEN has what is compared, and as the page has metrics."""
    metrics = list(METRICS)
    return list(_BETWEEN).index(compare), metrics.index(metric) if metric in METRICS else len(metrics), metric


def _bar(found: dict[str, Row | None]) -> list[Shown]:
    """Return the labels of a cell's answers as shares of one bar, in per cent; empty where nothing is known."""
    rates = {label: row["value"] for label, name in _RATES.items() if (row := found[name]) and row["value"] is not None}
    if len(rates) < len(_RATES):
        return []
    [other] = [label for label in LABELS if label not in rates]  # none of those that have a rate of their own
    shares = rates | {other: max(0.0, 1 - sum(rates.values()))}
    return [
        {"label": label, "width": f"{100 * shares[label]:.2f}", "text": percent(shares[label])}
        for label in LABELS
        if shares[label] > 0
    ]
