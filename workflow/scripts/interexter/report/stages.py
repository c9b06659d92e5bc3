"""What each stage did: evidence, rationales, gates, retrieval, training and costs, as plain values."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ..answers.schemas import RATIONALES, RATIONALES_REJECTED
from ..core.identity import row_random
from ..core.tables import Row, read_rows
from ..scoring.intervals import clustered_interval, mean_interval, share_interval
from ..text.evidence_states import STATES
from ..text.labels import LABELS
from ..text.memory import MEMORIES
from . import charts
from .flow import flows
from .highlight import marked
from .inputs import Config, Inputs
from .numbers import MISSING, Shown, count, estimate, few, share, two_digits
from .studies import Study, names

_STAGES = ("counters", "candidates", "recall", "rationales", "finetune", "generate", "answers", "gate")
_TRAINING_MORE = (
    ("learning_rate", "learning rate"),
    ("gradient_norm", "gradient norm"),
    ("tokens_per_second", "tokens per second"),
    ("mfu", "model FLOPs utilization (MFU)"),
    ("memory_gib", "peak memory of the first rank in GiB"),
)


def evidence(study: Study, inputs: Inputs) -> Shown:
    """Count, over questions, what the base model knows and what memory and passages hold by condition."""
    rows = study.labels(inputs.labels).drop_duplicates(["condition", "question_id"])
    questions = rows.drop_duplicates("question_id")
    n, labels = len(questions), questions["closed_book_label"].value_counts()
    memories = questions["memory"].value_counts()
    hits = int(labels.get("gold", 0))
    known: Row = {"value": None, "low": None, "high": None, "n": n}
    if n:
        asked = questions["closed_book_label"] == "gold"
        low, high = clustered_interval(questions["cluster"].tolist(), asked.tolist())
        known |= {"value": hits / n, "low": low, "high": high}
    shown = []
    for condition in study.conditions:
        members = rows[rows["condition"] == condition]
        ids = list(members["question_id"])
        shown.append(
            {
                "condition": condition,
                "n": len(ids),
                "states": [_share_of_rows(members["cluster"], members["state"] == state) for state in STATES],
                "passages_gold": _share_of_rows(members["cluster"], members["passages_gold"]),
                "passages_counter": _share_of_rows(members["cluster"], members["passages_counter"]),
            }
        )
    return {
        "title": study.title,
        "known": estimate(known),
        "labels": [(label, int(labels.get(label, 0))) for label in LABELS],
        "memories": [(memory, int(memories.get(memory, 0))) for memory in MEMORIES],
        "states": STATES,
        "rows": shown if n else [],
        "flows": flows(study, inputs) if n else [],
    }


def rationales(inputs: Inputs) -> list[Shown]:
    """Give pass rates by style and state, the reasons for rejection, and two accepted rationales."""
    seed = inputs.config["seed"]
    shown = []
    for key, (written, refused) in sorted(inputs.files.rationales.items()):
        accepted, rejected = read_rows(written, RATIONALES), read_rows(refused, RATIONALES_REJECTED)
        styles = sorted({row["style"] for row in [*accepted, *rejected]})
        lines = []
        for style in styles:
            for state in (*STATES, None):
                good = [r for r in accepted if r["style"] == style and state in (r["state"], None)]
                bad = [r for r in rejected if r["style"] == style and state in (r["state"], None)]
                if rows := [*good, *bad]:
                    ids = [row["question_id"] for row in rows]
                    first = [row["attempt"] <= 1 for row in good] + [False] * len(bad)
                    passed = [True] * len(good) + [False] * len(bad)
                    rates = {"first": _share_of_rows(ids, first), "all": _share_of_rows(ids, passed)}
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
    silent = {(gate.dataset, gate.split, gate.stage) for gate in inputs.gates}
    rejected: Counter[tuple[str, str]] = Counter()  # of the test split, by data set and condition
    for gate in inputs.gates:
        if gate.reasons:
            silent.discard((gate.dataset, gate.split, gate.stage))
        for (name, reason), n in gate.reasons.items():
            counts[gate.dataset, gate.split, gate.stage, name, reason] += n
            if gate.split == "test" and gate.stage in ("injected", "entailed"):
                rejected[gate.dataset, name] += n
    kept = [
        {
            "dataset": dataset,
            "condition": condition,
            "kept": shown.questions,
            "uncontested": shown.uncontested,
            "rejected": rejected[dataset, condition],
            "injected_rows": shown.injected_rows,
            "injected_passages": shown.injected_passages,
        }
        for (dataset, condition), shown in sorted(
            inputs.kept.items(), key=lambda item: (item[0][0], _order(inputs.config, item[0][1]))
        )
    ]
    columns = ("dataset", "split", "stage", "name", "reason")
    return {
        "kept": kept,
        "reasons": [{**dict(zip(columns, key, strict=True)), "n": n} for key, n in sorted(counts.items())],
        "silent": [" \u00b7 ".join(about) for about in sorted(silent)],
    }


def retrieval(inputs: Inputs) -> Shown:
    """List recall@k, MRR and nDCG by data set and split."""
    depths = sorted({int(k) for row in inputs.recall_at_k.values() for k in row["recall"]})
    return {
        "depths": depths,
        "rows": [
            {
                "dataset": dataset,
                "split": split,
                "n": row["n"],
                "recall": [_recall(row, k) for k in depths],
                "mrr": _mean(row["mrr"], {_reciprocal(rank): n for rank, n in row["first_ranks"].items()}),
                "ndcg": _mean(row["ndcg"], {float(gain): n for gain, n in row["ndcgs"].items()}),
            }
            for (dataset, split), row in sorted(inputs.recall_at_k.items())
        ],
    }


def training(inputs: Inputs) -> list[Shown]:
    """Draw loss and speed of each data set's and model's recipes; losses of batches are no two of the same rows."""
    groups: dict[tuple[str, str], list[tuple[str, list[Row]]]] = {}
    order = {recipe: index for index, recipe in enumerate(names(inputs.config, "recipes"))}
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
                **_lowest(rows),
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
        held_out = any(line["held_out"] != MISSING for line in lines)
        shown.append(
            {"title": title, "plot": drawn, "held_out": held_out, "more": [p for p in more if p], "rows": lines}
        )
    return shown


def _lowest(rows: Sequence[Row]) -> Shown:
    """Return the lowest held-out loss and its step."""
    found = min(((row["held_out_loss"], row["step"]) for row in rows if row["held_out_loss"] is not None), default=None)
    return {"held_out": f"{found[0]:.3f}" if found else MISSING, "held_out_step": found[1] if found else MISSING}


def costs(inputs: Inputs) -> Shown:
    """List tokens and seconds by stage, in the order of the chain, with totals."""
    rows = sorted(
        inputs.costs,
        key=lambda r: (r["dataset"], r["model"], _stage(r["stage"]), r["stage"], r["checkpoint"], r["method"]),
    )
    figures = ("prompts", "prompt_tokens", "output_tokens")
    whole = [row for row in rows if row["stage"] != "answers"]  # shares of what was generated
    seconds = [row["seconds"] for row in whole if row["seconds"] is not None]
    paid = [row["cost"] for row in whole if row["cost"] is not None]
    total = {name: count(sum(row[name] for row in whole)) for name in figures}
    return {
        "paid": bool(paid),
        "rows": [
            {
                **{name: row[name] or MISSING for name in ("dataset", "model", "checkpoint", "stage", "method")},
                **{name: count(row[name]) for name in figures},
                "seconds": count(row["seconds"], 1),
                "cost": count(row["cost"], 4),
            }
            for row in rows
        ],
        "total": {
            **total,
            "seconds": count(sum(seconds), 1) if seconds else MISSING,
            "cost": count(sum(paid), 4) if paid else MISSING,
        },
    }


def _share_of_rows(names: Iterable[str], hits: Iterable[bool]) -> Shown:
    """Return the share of rows that hit for a cell, with its interval; rows of one name are one cluster."""
    names, hits = list(names), list(hits)
    low, high = clustered_interval(names, hits) if names else (None, None)
    return share(sum(hits), len(hits), low, high)


def _recall(row: Row, k: int) -> Shown:
    """Return recall@k for a cell, with its interval; "-" where a split was not searched that deep."""
    value, n = row["recall"].get(str(k)), row["n"]
    hits = sum(count for rank, count in row["first_ranks"].items() if rank != "none" and int(rank) <= k)
    low, high = (None, None) if value is None else share_interval(hits, n)
    return estimate({"value": value, "low": low, "high": high, "n": n})


def _reciprocal(rank: str) -> float:
    return 0.0 if rank == "none" else 1 / int(rank)


def _mean(value: float | None, counts: Mapping[float, int]) -> Shown:
    """Return a mean over questions for a cell, with its interval, from how often each value came."""
    known = value is not None
    if not known:
        return {"value": MISSING, "interval": "", "n": 0, "known": known, "few": False}
    low, high = mean_interval(np.repeat([*counts], [*counts.values()]))
    row = {"n": sum(counts.values())}
    return {
        "value": two_digits(value),
        "interval": "" if few(row) else f"{two_digits(low)}\u2013{two_digits(high)}",
        "n": row["n"],
        "known": known,
        "few": few(row),
    }


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


def _order(config: Config, condition: str) -> tuple[int, str]:
    known = names(config["test"], "conditions")
    return (known.index(condition) if condition in known else len(known), condition)


def _stage(name: str) -> int:
    return _STAGES.index(name.partition(" (")[0])  # "counters (train)"
