"""What the report is made of: the tables of a study. Texts stay in their files until something shows them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from ..answers.answering import ANSWERS
from ..core.errors import UserError
from ..core.files import read_json
from ..core.tables import Row, batches, read_table, values
from ..injection.compose import EXAMPLES
from ..scoring.judgements import LABELLED

Config = dict[str, Any]
SHIPPED = "as shipped"  # what the data set's own records and passages are called among the gates
REPORT_KEYS = ("control", "strongest", "reference", "case_studies")
LABEL_COLUMNS = (
    *("dataset", "model", "prompt_set", "order", "seed", "checkpoint", "method", "condition", "question_id"),
    *("label", "closed_book_label", "state", "passages_gold", "passages_counter"),
)


@dataclass(frozen=True)
class Gate:
    """The rejected rows of one stage: of a data set (prepared), of a draw (counters) or of a condition."""

    dataset: str
    split: str
    name: str  # the condition, or the draw of counter-passages, or SHIPPED
    stage: str  # prepared, counters, examples, entailment or answers
    reasons: Counter[str]


@dataclass(frozen=True)
class Inputs:
    """Everything that the page shows."""

    config: Config
    manifest: dict[str, Any]
    metrics: list[Row]
    comparisons: list[Row]
    costs: list[Row]
    labels: pd.DataFrame  # LABEL_COLUMNS of all answers
    answer_files: Mapping[tuple[str, str, str], Sequence[Path]]  # dataset, model, checkpoint: a file for each shard
    example_files: Mapping[str, Path]  # dataset: the examples of the test, under all conditions
    recall_at_k: dict[tuple[str, str], Row]  # dataset, split
    recall: dict[tuple[str, str], dict[str, Row]]  # dataset, model: by question_id
    rationales: dict[tuple[str, str, str], list[Row]]  # dataset, model, source
    rationales_rejected: dict[tuple[str, str, str], list[Row]]
    training_logs: dict[tuple[str, str, str], list[Row]]  # dataset, model, recipe
    training_speed: dict[tuple[str, str, str], list[Row]]  # the same
    gates: list[Gate]
    published: list[Row]  # ours beside published figures; empty where there are none of the same thing

    def conditions(self, dataset: str) -> list[str]:
        """Return the conditions under which a data set has test examples."""
        path = self.example_files.get(dataset)
        return values(path, "condition") if path else []

    def examples(self, dataset: str, condition: str) -> Iterator[Row]:
        """Yield the test examples of a condition."""
        path = self.example_files.get(dataset)
        found = batches(path, EXAMPLES, where={"condition": condition}) if path else ()
        return (row for rows in found for row in rows)

    def example(self, dataset: str, condition: str, question_id: str) -> Row | None:
        """Return one test example, None where there is no such."""
        path = self.example_files.get(dataset)
        where = {"condition": condition, "question_id": question_id}
        return next(iter(read_table(path, EXAMPLES, where=where).to_pylist()), None) if path else None

    def answers(self, dataset: str, model: str, checkpoint: str, **where: str) -> Iterator[Row]:
        """Yield the answers of a checkpoint whose columns have these values (condition, method, question_id)."""
        return chain.from_iterable(self.shards(dataset, model, checkpoint, **where))

    def shards(self, dataset: str, model: str, checkpoint: str, **where: str) -> list[Iterator[Row]]:
        """Return the answers as `answers` does, those of each shard by itself."""
        files = self.answer_files.get((dataset, model, checkpoint), ())
        return [chain.from_iterable(batches(path, ANSWERS, where=where)) for path in files]


def read_config(path: Path) -> Config:
    """Read the resolved config; raise UserError where the report's keys are missing."""
    config = read_json(path)
    missing = [key for key in REPORT_KEYS if key not in config.get("report", {})]
    if missing:
        raise UserError(f"{path}: report.{missing[0]} is missing; the report needs {', '.join(REPORT_KEYS)}.")
    return config


def read_labels(paths: Iterable[Path]) -> pd.DataFrame:
    """Read LABEL_COLUMNS of the labels of all checkpoints; words are categories, so that millions of rows are small."""
    words = [name for name in LABEL_COLUMNS if pa.types.is_string(LABELLED.field(name).type)]
    tables = [read_table(path, LABELLED, LABEL_COLUMNS) for path in paths]
    if not tables:
        return pd.DataFrame({name: [] for name in LABEL_COLUMNS})
    return pa.concat_tables(tables).to_pandas(categories=words)


def read_gates(dataset: str, split: str, stage: str, path: Path, column: str, names: Sequence[str]) -> list[Gate]:
    """Read a table of rejected rows: a gate for each value of a column, and for each of `names` that has none."""
    reasons: dict[str, Counter[str]] = {name: Counter() for name in names}
    schema = pa.schema([pa.field(name, pa.string(), nullable=False) for name in (column, "reason")])
    for row in read_table(path, schema).to_pylist():
        reasons.setdefault(row[column], Counter())[row["reason"]] += 1
    return [Gate(dataset, split, name, stage, counts) for name, counts in reasons.items()]
