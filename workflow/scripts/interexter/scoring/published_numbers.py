"""Published figures beside ours: the same data set, method and metric, with the difference and its interval.

The condition without injection is asked every readable question of the test set, so that `n` is as published, or
`same_n` says that it is not. published-numbers.csv has the figures, in per cent, each with its source. Nothing is
published of their intervals, so a figure is taken as it stands: the interval of a difference is ours alone, moved.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..core.errors import UserError
from ..core.tables import Row, TableError, optional, table_schema
from ..data.layouts.instructrag import PUBLISHED

PUBLISHED_NUMBERS = table_schema(  # ours beside published ones; shares, not per cent
    dataset=pa.string(),
    model=pa.string(),
    checkpoint=pa.string(),
    method=pa.string(),
    prompt_set=pa.string(),
    order=pa.string(),
    seed=pa.int64(),
    metric=pa.string(),  # an official one
    value=pa.float64(),
    low=pa.float64(),
    high=pa.float64(),
    n=pa.int64(),
    strict=optional(pa.float64()),  # strict accuracy of the same answers
    published_dataset=pa.string(),
    published_model=pa.string(),
    published_training=pa.string(),  # none | full
    published_method=pa.string(),
    published_value=pa.float64(),
    difference=pa.float64(),  # value - published_value
    difference_low=pa.float64(),  # of ours alone: published figures have no interval
    difference_high=pa.float64(),
    same_model=pa.bool_(),
    retriever=pa.string(),  # of the published figure
    passages=pa.int64(),
    published_n=optional(pa.int64()),  # questions of the published test set; null where its size is not known
    same_n=pa.bool_(),  # ours are as many
    source=pa.string(),
)


METRICS = {  # their name of a metric: ours
    "accuracy": "accuracy_official",
    "str_em": "str_em",
    "citation_precision": "citation_precision",
    "citation_recall": "citation_recall",
}
STRICT = "accuracy_strict"  # what stands beside every published metric
_VARIANTS = {  # where rationales are from: what the variant is called there
    "template": "template-rationales",
    "without-answers": "without-gold-answers",
    "without-documents": "without-documents",
}
_ABLATIONS = {f"instructrag-icl-{source}": f"instructrag-icl/{variant}" for source, variant in _VARIANTS.items()}
_ABLATIONS |= {"instructrag-zero-shot": "instructrag-icl/without-demonstrations"}
_KEYS = ("dataset", "model", "training", "method", "metric", "value", "retriever", "passages", "source")


FIGURES = Path(__file__).with_name("published-numbers.csv")


def read(path: Path = FIGURES) -> list[Row]:
    """Read the table of published figures; raise UserError on a missing column or a figure that is no share."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows, start=2):
        if missing := [key for key in _KEYS if not row.get(key)]:
            raise TableError(f"{path}: line {number} has no {', '.join(missing)}.")
        try:
            row |= {"value": float(row["value"]) / 100, "passages": int(row["passages"])}
        except ValueError as error:
            raise UserError(f"{path}: line {number}: {error}.") from error
    return [dict(row) for row in rows]


def counterparts(config: Mapping[str, Any], figures: Iterable[Row]) -> Row:
    """Return what of a run's config has a published counterpart, as {datasets, models, series}: our names: theirs.

    A data set is the one that its `source.folder` or its own name says, if as many passages are shown as there;
    a model is the one that its repository, folder or own name says. Case, punctuation and "Meta-" do not count.
    A series is "checkpoint/method": training and method; a recipe that trains adapters has no counterpart.
    """
    figures = list(figures)
    datasets = _matched(
        {name: _names_of_dataset(name, d) for name, d in config["datasets"].items()}, figures, "dataset"
    )
    shown = {(figure["dataset"], figure["passages"]) for figure in figures}
    datasets = {n: theirs for n, theirs in datasets.items() if (theirs, config["datasets"][n]["passages"]) in shown}
    models = _matched({name: _names_of_model(name, m) for name, m in config["models"].items()}, figures, "model")
    source = config["demonstrations"]["source"]
    series = {
        f"base/{method}": ["none", _ABLATIONS.get(method) or _variant(method, source)] for method in config["methods"]
    }
    for name, recipe in config["recipes"].items():
        if recipe["training"]["lora"] == "none":
            series[f"{name}/{recipe['method']}"] = ["full", _variant(recipe["method"], recipe["rationales"])]
            shown = recipe["method"] == "instructrag-ft" and recipe["rationales"] == "self"
            if shown and "instructrag-icl" in recipe["asked"]:
                series[f"{name}/instructrag-icl"] = ["full", "instructrag-ft/with-demonstrations"]
    return {"datasets": datasets, "models": models, "series": series}


def beside(metrics: Iterable[Row], figures: Iterable[Row], names: Row, control: str) -> list[Row]:
    """Return a row of tables.PUBLISHED_NUMBERS for each of our figures and each published one of the same thing.

    `metrics` are rows of METRICS, of which those under `control` count; `names` is what `counterparts`
    returned. A model that is among the published ones is compared with itself alone, another with all.
    """
    metrics = list(metrics)
    strict = {_series(row): row["value"] for row in metrics if row["metric"] == STRICT and row["slice"] == "all"}
    theirs: dict[tuple[str, ...], list[Row]] = {}
    for figure in figures:
        key = (figure["dataset"], figure["training"], figure["method"], METRICS[figure["metric"]])
        theirs.setdefault(key, []).append(figure)
    rows = []
    for row in metrics:
        dataset = names["datasets"].get(row["dataset"])
        training, method = names["series"].get(f"{row['checkpoint']}/{row['method']}", ("", ""))
        if row["slice"] == "all" and row["condition"] == control and row["value"] is not None:
            found = theirs.get((dataset, training, method, row["metric"]), [])
            own = names["models"].get(row["model"])
            rows += [_row(row, figure, own, strict.get(_series(row))) for figure in _comparable(found, own)]
    return sorted(rows, key=lambda row: [str(row[name]) for name in PUBLISHED_NUMBERS.names])


def _row(ours: Row, figure: Row, own: str | None, strict: float | None) -> Row:
    about = {name: ours[name] for name in ("dataset", "model", "checkpoint", "method", "prompt_set", "order", "seed")}
    size = PUBLISHED.get(figure["dataset"], {}).get("test")
    moved = {f"difference_{side}": ours[side] - figure["value"] for side in ("low", "high")}
    return {
        **about,
        "metric": ours["metric"],
        "value": ours["value"],
        "low": ours["low"],
        "high": ours["high"],
        "n": ours["n"],
        "strict": strict,
        **{f"published_{name}": figure[name] for name in ("dataset", "model", "training", "method", "value")},
        "difference": ours["value"] - figure["value"],
        **moved,
        "same_model": figure["model"] == own,
        **{name: figure[name] for name in ("retriever", "passages", "source")},
        "published_n": size,
        "same_n": ours["n"] == size,
    }


def _comparable(found: Sequence[Row], own: str | None) -> list[Row]:
    return [figure for figure in found if figure["model"] == own] or list(found)


def _series(row: Row) -> tuple[Any, ...]:
    names = ("dataset", "model", "checkpoint", "condition", "method", "prompt_set", "order", "seed")
    return tuple(row[name] for name in names)


def _matched(ours: Mapping[str, Iterable[str]], figures: Iterable[Row], column: str) -> dict[str, str]:
    """Return the published name of each of ours that has one."""
    theirs = {_plain(figure[column]): figure[column] for figure in figures}
    found = {name: next((theirs[p] for p in map(_plain, said) if p in theirs), None) for name, said in ours.items()}
    return {name: published for name, published in found.items() if published is not None}


def _names_of_dataset(name: str, dataset: Mapping[str, Any]) -> Iterator[str]:
    yield str(dataset["source"].get("folder", "")).strip("/").rpartition("/")[2]
    yield name


def _names_of_model(name: str, model: Mapping[str, Any]) -> Iterator[str]:
    for key in ("repository", "path"):
        yield str(model.get(key, "")).strip("/").rpartition("/")[2]
    yield name


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold().removeprefix("meta-") if letter.isalnum())


def _variant(method: str, rationales: str) -> str:
    ablated = method in ("instructrag-icl", "instructrag-ft") and rationales in _VARIANTS
    return f"{method}/{_VARIANTS[rationales]}" if ablated else method
