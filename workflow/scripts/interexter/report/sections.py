"""The sections of the page: what each shows, as plain values for the template."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ..core.identity import row_random, row_seed
from ..core.tables import Row
from ..scoring.metrics import clustered_interval, mean_interval, share_interval
from ..text.evidence_states import STATES
from ..text.stance import is_injected
from . import charts
from .analyses import every_metric, metric_name
from .cases import case_studies
from .conflict import fired
from .highlight import marked
from .inputs import Config, Inputs
from .numbers import MISSING, Shown, count, estimate, interval, percent, points, points_interval, probability, share
from .studies import Study, injects, is_trained, key_of, names, reference, seen_in_training

HOLM = 0.05  # the family-wise error that an adjusted p is held against
_STAGES = ("recall", "rationales", "finetune", "train", "generate")


def overview(studies: Sequence[Study], inputs: Inputs) -> list[Shown]:
    """Say what was run, one sentence for each study."""
    shown = []
    for study in studies:
        revision = _revision(inputs.manifest.get("models", {}).get(study.model))
        questions = set(study.labels(inputs.labels)["question_id"])
        shown.append(
            {
                "dataset": study.dataset,
                "model": study.model,
                "revision": revision,
                "questions": len(questions) or max((row["n"] for row in study.cells.values()), default=0),
                "conditions": study.conditions,
                "methods": list(dict.fromkeys(method for _, method in study.series)),
                "checkpoints": list(dict.fromkeys(s[0] for s in study.series if is_trained(s, inputs.config))),
                "prompt_set": study.key[2],
                "seed": study.key[4],
            }
        )
    return shown


def conditions(inputs: Inputs) -> list[Shown]:
    """Say what each condition of the test, and of training, shows; "-" for what has no meaning under it."""
    config = inputs.config
    trained, tested = (names(config.get(split, {}), "conditions") for split in ("train", "test"))
    shown = []
    for name in dict.fromkeys((*tested, *trained)):
        settings = config.get("conditions", {}).get(name, {})
        injected = injects(name, config)
        placed = injected and settings.get("supporting") != "replace"
        shown.append(
            {
                "name": name,
                "kind": settings.get("kind", MISSING) if injected else MISSING,
                "count": settings.get("count", 0),
                "supporting": settings.get("supporting", MISSING),
                "position": settings.get("position", MISSING) if placed else MISSING,
                "sources": settings.get("sources", MISSING) if placed else MISSING,
                "against": settings.get("counter_to", MISSING) if injected else MISSING,
                "asked": " and ".join(split for split, its in (("test", tested), ("training", trained)) if name in its),
            }
        )
    return shown


def verdicts(studies: Sequence[Study], inputs: Inputs) -> list[Shown]:
    """Say for each study whether the conflict fired."""
    settings = inputs.config["report"]
    shown = []
    for study in studies:
        verdict = fired(study, inputs.comparisons, inputs.config)
        series = reference(study, inputs.config)
        rates = {
            condition: estimate(study.cells.get((series, condition, "counter_rate")) if series else None)
            for condition in (settings["control"], settings["strongest"])
        }
        row = verdict.row
        shown.append(
            {
                "title": study.title,
                "status": verdict.status,
                "sentence": verdict.sentence,
                "difference": points(row["difference"]) if row else MISSING,
                "interval": points_interval(row) if row else MISSING,
                "n": row["n"] if row else 0,
                "rates": rates,
            }
        )
    return shown


def outcome(study: Study, inputs: Inputs) -> Shown:
    """Lay out the method by condition table of a study, and the tables of its other metrics."""
    config = inputs.config
    verdicts = {
        row["a"] if row["compare"] == "condition" else row["within"]: row["fired"]
        for row in inputs.comparisons
        if key_of(row) == study.key and row["fired"] is not None
    }
    conditions = [
        {
            "name": name,
            "seen": seen_in_training(name, config),
            "fired": verdicts.get(name) if name == config["report"]["control"] or injects(name, config) else None,
            "silent": _SILENT[name == config["report"]["control"]].format(**config["report"]),
        }
        for name in study.conditions
    ]
    rows = []
    for series in study.series:
        about = {"method": series[1], "checkpoint": series[0], "trained": is_trained(series, config)}
        cells = []
        for condition in study.conditions:
            found = {
                name: study.cells.get((series, condition, name)) for name in ("counter_rate", *dict(_BAR).values())
            }
            cells.append(
                {
                    "strict": estimate(found["accuracy_strict"]),
                    "counter": estimate(found["counter_rate"]),
                    "bar": _bar(found),
                }
            )
        rows.append({**about, "cells": cells})
    return {"title": study.title, "conditions": conditions, "rows": rows, "every": every_metric(study)}


def published(study: Study, inputs: Inputs) -> Shown:
    """List our figures beside published ones of the same data set, method and metric."""
    rows = [row for row in inputs.published if key_of(row) == study.key]
    place = {series: number for number, series in enumerate(study.series)}
    about = ("checkpoint", "method", "n", "same_model", "source", "published_model")
    rows.sort(key=lambda row: (not row["same_model"], place[row["checkpoint"], row["method"]], row["metric"]))
    return {
        "title": study.title,
        "rows": [
            {
                **{name: row[name] for name in about},
                "metric": metric_name(row["metric"]),
                "ours": percent(row["value"]),
                "interval": interval(row),
                "strict": percent(row["strict"]),
                "published": percent(row["published_value"]),
                "difference": points(row["difference"]),
                "moved": points_interval({"low": row["difference_low"], "high": row["difference_high"]}),
            }
            for row in rows
        ],
    }


def plots(study: Study, config: Config) -> Shown:
    """Draw accuracy, counter-answer rate and their trade-off."""
    control, strongest = config["report"]["control"], config["report"]["strongest"]
    return {
        "title": study.title,
        "accuracy": charts.by_condition(
            study, config, "accuracy_strict", f"Strict accuracy by condition and method, {study.title}"
        ),
        "counter": charts.by_condition(
            study, config, "counter_rate", f"Counter-answer rate by condition and method, {study.title}"
        ),
        "trade_off": charts.trade_off(
            study, config, f"Resistance under {strongest} against accuracy under {control}, {study.title}"
        ),
        "control": control,
        "strongest": strongest,
    }


def comparisons(study: Study, inputs: Inputs) -> list[Shown]:
    """List the paired comparisons of a study, one table for what is compared and each metric."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in inputs.comparisons:
        if key_of(row) == study.key:
            groups.setdefault((row["compare"], row["metric"]), []).append(row)
    shown = []
    for (compare, metric), rows in sorted(groups.items()):
        lines = [
            {
                **{name: row[name] for name in ("within", "a", "b", "n")},
                "difference": points(row["difference"]),
                "interval": points_interval(row),
                "p": probability(row["p"]),
                "p_adjusted": probability(row["p_adjusted"]),
                "p_bh": probability(row["p_bh"]),
                "counts": MISSING
                if row["both"] is None
                else " / ".join(str(row[name]) for name in ("both", "only_a", "only_b", "neither")),
                "cohens_h": _plain(row["cohens_h"]),
                "odds_ratio": _plain(row["odds_ratio"]),
                "detectable": MISSING if row["detectable"] is None else f"{100 * row['detectable']:.1f}",
                "fired": row["fired"],
                "holds": row["p_adjusted"] is not None and row["p_adjusted"] <= HOLM,
            }
            for row in sorted(rows, key=lambda row: (row["within"], row["a"], row["b"]))
        ]
        hold = sum(line["holds"] for line in lines)
        name = metric_name(metric)
        shown.append({"title": study.title, "compare": compare, "metric": name, "rows": lines, "hold": hold})
    return shown


def evidence(study: Study, inputs: Inputs) -> Shown:
    """Count, over questions, what the base model knows and what memory and passages hold by condition."""
    seen = study.labels(inputs.labels).drop_duplicates(["condition", "question_id"])
    questions = seen.drop_duplicates("question_id", keep="last")
    n, hits = len(questions), int((questions["closed_book_label"] == "gold").sum())
    known: Row = {"value": None, "low": None, "high": None, "n": n}
    seed = row_seed(inputs.config.get("seed", 0), "report closed-book", study.title)
    if n:
        low, high = share_interval(hits, n, n, seed)
        known |= {"value": hits / n, "low": low, "high": high}
    labels = Counter(questions["closed_book_label"])
    rows = []
    for condition in study.conditions:
        members = seen[seen["condition"] == condition].to_dict("records")
        rows.append(
            {
                "condition": condition,
                "n": len(members),
                "states": [_share(members, [row["state"] == state for row in members], seed) for state in STATES],
                "passages_gold": _share(members, [row["passages_gold"] for row in members], seed),
                "passages_counter": _share(members, [row["passages_counter"] for row in members], seed),
            }
        )
    return {
        "title": study.title,
        "known": estimate(known),
        "labels": [(label, labels[label]) for label in ("gold", "counter", "both", "neither", "abstain")],
        "states": STATES,
        "rows": rows if n else [],
    }


def rationales(inputs: Inputs) -> list[Shown]:
    """Give pass rates by style and state, the reasons for rejection, and two accepted rationales."""
    seed = inputs.config.get("seed", 0)
    drawn = row_seed(seed, "report", "rationales")
    shown = []
    for key in sorted({*inputs.rationales, *inputs.rationales_rejected}):
        accepted, rejected = inputs.rationales.get(key, []), inputs.rationales_rejected.get(key, [])
        styles = sorted({row["style"] for row in [*accepted, *rejected]})
        lines = []
        for style in styles:
            for state in (*STATES, None):
                good = [r for r in accepted if r["style"] == style and state in (r["state"], None)]
                bad = [r for r in rejected if r["style"] == style and state in (r["state"], None)]
                if rows := [*good, *bad]:
                    first = [row["attempt"] <= 1 for row in good] + [False] * len(bad)
                    passed = [True] * len(good) + [False] * len(bad)
                    rates = {"first": _share(rows, first, drawn), "all": _share(rows, passed, drawn)}
                    lines.append({"style": style, "state": state or "all states", "total": state is None, **rates})
        reasons = Counter((row["style"], row["reason"]) for row in rejected)
        shown.append(
            {
                "title": " \u00b7 ".join(key),
                "rows": lines,
                "reasons": [
                    {"style": style, "reason": reason, "n": n}
                    for (style, reason), n in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
                ],
                "examples": _accepted(accepted, styles, seed),
            }
        )
    return shown


def gates(inputs: Inputs) -> Shown:
    """Count rejected rows by stage and reason, and the injected rows that the gates of the test conditions kept."""
    counts: Counter[tuple[str, ...]] = Counter()
    silent = []
    for gate in inputs.gates:
        about = (gate.dataset, gate.split, gate.stage, gate.name)
        counts.update({(*about, reason): n for reason, n in gate.reasons.items()})
        if not gate.reasons:
            silent.append(about)
    kept = []
    every = [(dataset, condition) for dataset in inputs.example_files for condition in inputs.conditions(dataset)]
    for dataset, condition in sorted(every, key=lambda key: (key[0], _order(inputs.config, key[1]))):
        rejected = sum(
            gate.reasons.total()
            for gate in inputs.gates
            if (gate.dataset, gate.split, gate.name) == (dataset, "test", condition) and gate.stage != "counters"
        )
        injected = [sum(map(is_injected, row["passages"])) for row in inputs.examples(dataset, condition)]
        kept.append(
            {
                "dataset": dataset,
                "condition": condition,
                "kept": len(injected),
                "rejected": rejected,
                "injected_rows": sum(map(bool, injected)),
                "injected_passages": sum(injected),
            }
        )
    columns = ("dataset", "split", "stage", "name", "reason")
    return {
        "kept": kept,
        "reasons": [{**dict(zip(columns, key, strict=True)), "n": n} for key, n in sorted(counts.items())],
        "silent": [" \u00b7 ".join(about) for about in sorted(silent)],
    }


def retrieval(inputs: Inputs) -> Shown:
    """List recall@k, MRR and nDCG by data set and split."""
    depths = sorted({int(k) for row in inputs.recall_at_k.values() for k in row["recall"]})
    seed = row_seed(inputs.config.get("seed", 0), "report", "retrieval")
    return {
        "depths": depths,
        "rows": [
            {
                "dataset": dataset,
                "split": split,
                "n": row["n"],
                "recall": [_recall(row, k, seed) for k in depths],
                "mrr": _mean(row["mrr"], {_reciprocal(rank): n for rank, n in row["first_ranks"].items()}, seed),
                "ndcg": _mean(row["ndcg"], {float(gain): n for gain, n in row["ndcgs"].items()}, seed),
            }
            for (dataset, split), row in sorted(inputs.recall_at_k.items())
        ],
    }


_TRAINING_MORE = (
    ("held_out_loss", "held-out loss"),
    ("learning_rate", "learning rate"),
    ("gradient_norm", "gradient norm"),
    ("tokens_per_second", "tokens per second"),
    ("mfu", "model FLOPs utilization (MFU)"),
    ("memory_gib", "peak memory of the first rank in GiB"),
)


def training(inputs: Inputs) -> list[Shown]:
    """Draw loss and speed of each data set's and model's recipes, and give the first and last loss."""
    groups: dict[tuple[str, str], list[tuple[str, list[Row]]]] = {}
    order = {recipe: place for place, recipe in enumerate(names(inputs.config, "recipes"))}
    keys = sorted(inputs.training_logs, key=lambda key: (*key[:2], order.get(key[2], len(order)), key[2]))
    for dataset, model, recipe in keys:
        speed = {row["step"]: row for row in inputs.training_speed.get((dataset, model, recipe), [])}
        logged = sorted(inputs.training_logs[dataset, model, recipe], key=lambda row: row["step"])
        logged = [{**speed.get(row["step"], {}), **row} for row in logged]
        groups.setdefault((dataset, model), []).append((recipe, logged))
    shown = []
    for key, logs in sorted(groups.items()):
        title = " \u00b7 ".join(key)
        lines = [
            {
                "recipe": recipe,
                "steps": rows[-1]["step"],
                "epochs": f"{rows[-1]['epoch']:.2f}",
                "first": f"{rows[0]['loss']:.3f}",
                "last": f"{rows[-1]['loss']:.3f}",
                "rate": f"{max(row['learning_rate'] for row in rows):.1e}",
            }
            for recipe, rows in logs
            if rows
        ]
        filled = [log for log in logs if log[1]]
        drawn = charts.training_curves(filled, "loss", "training loss", f"Training loss by recipe, {title}")
        more = [
            charts.training_curves(filled, column, label, f"{label[:1].upper()}{label[1:]} by recipe, {title}")
            for column, label in _TRAINING_MORE
        ]
        shown.append({"title": title, "plot": drawn, "more": [plot for plot in more if plot], "rows": lines})
    return shown


def cases(study: Study, inputs: Inputs) -> Shown:
    """Lay out the case studies of a study."""
    return {"title": study.title, "cases": case_studies(study, inputs)}


def costs(inputs: Inputs) -> Shown:
    """List tokens and seconds by stage, in the order of the chain, with totals."""
    rows = sorted(
        inputs.costs,
        key=lambda r: (r["dataset"], r["model"], _stage(r["stage"]), r["stage"], r["checkpoint"], r["method"]),
    )
    figures = ("prompts", "prompt_tokens", "output_tokens")
    whole = [row for row in rows if row["stage"] != "answers"]  # shares of what was generated
    seconds = [row["seconds"] for row in whole if row["seconds"] is not None]
    total = {name: count(sum(row[name] for row in whole)) for name in figures}
    return {
        "rows": [
            {
                **{name: row[name] or MISSING for name in ("dataset", "model", "checkpoint", "stage", "method")},
                **{name: count(row[name]) for name in figures},
                "seconds": count(row["seconds"], 1),
            }
            for row in rows
        ],
        "total": {**total, "seconds": count(sum(seconds), 1) if seconds else MISSING},
    }


def reproduce(inputs: Inputs) -> Shown:
    """Give the config as text and the manifest, whatever it holds."""
    return {
        "config": json.dumps(inputs.config, indent=2, sort_keys=True, ensure_ascii=False),
        "manifest": inputs.manifest,
    }


_SILENT = {
    False: "{reference} does not give more counter-answers here than under {control}: the interval includes 0",
    True: "{reference} is not right more often here than closed-book: the interval includes 0",
}


def _share(rows: Sequence[Row], hits: Sequence[bool], seed: int) -> Shown:
    """Return the share of rows that hit for a cell, with its interval, resampled by question."""
    low, high = clustered_interval([row["question_id"] for row in rows], hits, seed) if hits else (None, None)
    return share(sum(hits), len(hits), low, high)


def _recall(row: Row, k: int, seed: int) -> Shown:
    """Return recall@k for a cell, with its interval; "-" where a split was not searched that deep."""
    value, n = row["recall"].get(str(k)), row["n"]
    hits = sum(count for rank, count in row["first_ranks"].items() if rank != "none" and int(rank) <= k)
    low, high = (None, None) if value is None else share_interval(hits, n, n, seed)
    return estimate({"value": value, "low": low, "high": high, "n": n})


def _reciprocal(rank: str) -> float:
    return 0.0 if rank == "none" else 1 / int(rank)


def _mean(value: float | None, counts: Mapping[float, int], seed: int) -> Shown:
    """Return a mean over questions for a cell, with its interval, from how often each value came."""
    known = value is not None
    if not known:
        return {"value": MISSING, "interval": "", "n": 0, "known": known}
    low, high = mean_interval(np.repeat([*counts], [*counts.values()]), seed)
    return {
        "value": _plain(value),
        "interval": f"{_plain(low)}\u2013{_plain(high)}",
        "n": sum(counts.values()),
        "known": known,
    }


def _plain(value: float | None) -> str:
    return MISSING if value is None else f"{value:.2f}".replace("-", "\u2212")


def _bar(found: dict[str, Row | None]) -> list[Shown]:
    """Return the labels of a cell's answers as shares of one bar, in per cent; empty where nothing is known."""
    rows = [(label, found[name]) for label, name in _BAR if found[name]]
    values = {label: row["value"] for label, row in rows if row and row["value"] is not None}
    if len(values) < len(_BAR):
        return []
    values["neither"] = max(0.0, 1 - sum(values.values()))
    return [{"label": label, "width": f"{100 * v:.2f}", "text": percent(v, 0)} for label, v in values.items() if v > 0]


_BAR = (
    ("gold", "accuracy_strict"),
    ("both", "both_rate"),
    ("counter", "counter_rate"),
    ("abstain", "abstention_rate"),
)


def _accepted(rows: Sequence[Row], styles: Iterable[str], seed: int) -> list[Shown]:
    """Draw two accepted rationales by seed, of different styles and states where there are such."""

    def draw(row: Row) -> float:
        name = f"{row['question_id']} {row['condition']} {row['style']}"
        return row_random(seed, "rationale examples", name).random()

    chosen: list[Row] = []
    for style in reversed(list(styles)):  # interexter before instructrag
        states = {row["state"] for row in chosen}
        members = [row for row in rows if row["style"] == style]
        chosen += sorted(members, key=lambda row: (row["state"] in states, draw(row)))[:1]
    left = [row for row in rows if row not in chosen]
    chosen = [*chosen, *sorted(left, key=lambda row: (row["state"] in {c["state"] for c in chosen}, draw(row)))][:2]
    about = ("question_id", "condition", "style", "state", "attempt")
    return [{**{k: row[k] for k in about}, "text": marked(row["rationale"], [], [])} for row in chosen]


def _revision(manifest: object) -> str:
    """Return what pins a model: its revision, its version, or the hash of its weights."""
    if not isinstance(manifest, dict):
        return ""
    flat = {**manifest, **(manifest["source"] if isinstance(manifest.get("source"), dict) else {})}
    return next((f"{name} {flat[name]}" for name in ("revision", "version", "weights_id") if flat.get(name)), "")


def _order(config: Config, condition: str) -> tuple[int, str]:
    known = names(config.get("test", {}), "conditions")
    return (known.index(condition) if condition in known else len(known), condition)


def _stage(name: str) -> int:
    return _STAGES.index(name) if name in _STAGES else len(_STAGES)
