"""What the report is made of: small tables of a study as they are, and the files of the large ones.

A study may have a million answers. Their labels are held as columns of codes; texts, passages and
rationales stay in their files, and whoever shows them reads what is shown.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from ..core import tables
from ..core.errors import UserError
from ..core.json_files import read_json
from ..core.tables import Row, table_schema
from ..injection.candidates import CANDIDATES
from ..scoring.comparisons import COMPARISONS
from ..scoring.costs import COSTS
from ..scoring.judgements import LABELLED
from ..scoring.metrics import METRIC_VALUES
from ..scoring.plausibility import Preferences, preferences
from ..scoring.published_numbers import PUBLISHED_NUMBERS
from ..text.stance import COUNTER, is_injected
from ..training.logs import TRAINING_LOG, TRAINING_SPEED
from .files import Files, Part, Rejected

Config = Mapping[str, Any]

SHIPPED = "as shipped"  # what the data set's own records and passages are called among the gates
REPORT_KEYS = ("control", "strongest", "reference", "case_studies")
LABEL_COLUMNS = (
    *("dataset", "model", "checkpoint", "condition", "method", "prompt_set", "order", "seed", "question_id", "cluster"),
    *("label", "closed_book_label", "memory", "state", "passages_gold", "passages_counter"),
)
_SHOWN = table_schema(  # EXAMPLES, read in part
    condition=pa.string(),
    counter_answer=pa.string(),
    passages=pa.list_(pa.struct([pa.field(name, pa.string(), nullable=False) for name in ("origin", "stance")])),
)


@dataclass(frozen=True)
class Gate:
    """How many rows a stage rejected: by what they are of (a draw, a condition or SHIPPED), and by reason."""

    dataset: str
    split: str
    stage: str
    reasons: Mapping[tuple[str, str], int]  # empty where it rejected none


@dataclass(frozen=True)
class Kept:
    """What a condition shows: its questions, those with injected passages, and how many of these there are."""

    questions: int
    uncontested: int  # questions without a counter-answer: in accuracies, and in no metric of conflict
    injected_rows: int
    injected_passages: int
    counter_passages: int  # of these, those that speak for the counter-answer: a placebo has none


@dataclass(frozen=True)
class Inputs:
    """Everything that the page shows."""

    config: Config
    manifest: dict[str, Any]
    metrics: list[Row]
    comparisons: list[Row]
    costs: list[Row]
    published: list[Row]  # ours beside published figures; empty where there are none of the same thing
    labels: pd.DataFrame  # those of LABEL_COLUMNS, a row for each answer, texts as categories
    recall_at_k: dict[tuple[str, str], Row]  # data set, split
    preferences: dict[tuple[str, str, str], Preferences]  # data set, split, model
    training_logs: dict[Part, list[Row]]  # by recipe
    training_speed: dict[Part, list[Row]]  # the same
    gates: list[Gate]
    notices: dict[str, list[str]]  # what was said aloud when a data set was read, by data set
    kept: dict[tuple[str, str], Kept]  # data set, condition
    files: Files
    training_asked: bool  # whether models were asked what they remember of training questions


def read(report: Path, config: Config, files: Files, training_asked: bool) -> Inputs:
    """Read what the page needs whole: the tables in the folder `report`, and the small ones of `files`."""
    published = report / "published.parquet"
    return Inputs(
        config=config,
        manifest=read_json(report / "manifest.json"),
        metrics=tables.read_rows(report / "metrics.parquet", METRIC_VALUES),
        comparisons=tables.read_rows(report / "comparisons.parquet", COMPARISONS),
        costs=tables.read_rows(report / "costs.parquet", COSTS),
        published=tables.read_rows(published, PUBLISHED_NUMBERS) if published.exists() else [],
        labels=read_labels(files.labels.values()),
        recall_at_k={key: read_json(path) for key, path in files.recall_at_k.items()},
        preferences={key: preferences(tables.read_rows(path, CANDIDATES)) for key, path in files.candidates.items()},
        training_logs={key: tables.read_rows(path, TRAINING_LOG) for key, path in files.training_logs.items()},
        training_speed={key: tables.read_rows(path, TRAINING_SPEED) for key, path in files.training_speed.items()},
        gates=[read_gate(table) for table in files.rejected],
        notices={name: read_json(path).get("notices", []) for name, path in files.cards.items()},
        kept={
            (dataset, condition): kept
            for dataset, path in files.examples.items()
            for condition, kept in count_kept(path).items()
        },
        files=files,
        training_asked=training_asked,
    )


def read_config(path: Path) -> Config:
    """Read the resolved config; raise UserError where the report's keys are missing."""
    config = read_json(path)
    missing = [key for key in REPORT_KEYS if key not in config.get("report", {})]
    if missing:
        raise UserError(f"{path}: report.{missing[0]} is missing; the report needs {', '.join(REPORT_KEYS)}.")
    return config


def read_labels(paths: Iterable[Path]) -> pd.DataFrame:
    """Read LABEL_COLUMNS of labelled answers, column by column: text becomes codes before the next is read."""
    columns = {name: _kind(LABELLED.field(name).type) for name in LABEL_COLUMNS}
    read = [
        pa.table({name: tables.read_table(path, LABELLED, [name])[name].cast(kind) for name, kind in columns.items()})
        for path in paths
    ]
    return pa.concat_tables([pa.schema(columns.items()).empty_table(), *read]).unify_dictionaries().to_pandas()


def read_gate(table: Rejected) -> Gate:
    """Count the rows of a table by what they are of and by reason."""
    columns = [table.column, "reason"] if table.column else ["reason"]
    schema = table_schema(**dict.fromkeys(columns, pa.string()))
    reasons: Counter[tuple[str, str]] = Counter()
    for batch in tables.read_batches(table.path, schema):
        names = batch[table.column].to_pylist() if table.column else [SHIPPED] * batch.num_rows
        reasons.update(zip(names, batch["reason"].to_pylist(), strict=True))
    return Gate(table.dataset, table.split, table.stage, reasons)


def count_kept(path: Path) -> dict[str, Kept]:
    """Count the questions and the injected passages of each condition of a table of examples."""
    questions, bare, rows, passages, against = (Counter[str]() for _ in range(5))
    for batch in tables.read_batches(path, _SHOWN):
        columns = (batch[name].to_pylist() for name in ("condition", "counter_answer", "passages"))
        for condition, counter_answer, shown in zip(*columns, strict=True):
            injected = [passage for passage in shown if is_injected(passage)]
            questions[condition] += 1
            bare[condition] += not counter_answer
            rows[condition] += bool(injected)
            passages[condition] += len(injected)
            against[condition] += sum(passage["stance"] == COUNTER for passage in injected)
    counts = (bare, rows, passages, against)
    return {name: Kept(n, *(count[name] for count in counts)) for name, n in questions.items()}


def read_one(path: Path, schema: pa.Schema, **where: str) -> Row | None:
    """Return the first row whose columns have these values, or None; one batch is in memory at a time."""
    return next(tables.rows(path, schema, where), None)


def _kind(kind: pa.DataType) -> pa.DataType:
    return pa.dictionary(pa.int32(), kind) if pa.types.is_string(kind) else kind
