"""What the report is made of: the tables of a run, and what their paths say."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..answers.answering import ANSWERS
from ..answers.rationales import RATIONALES, RATIONALES_REJECTED
from ..answers.recall import RECALL
from ..core import tables
from ..core.errors import UserError
from ..core.tables import Row
from ..injection.compose import EXAMPLES
from ..training.logs import TRAINING_LOG, TRAINING_SPEED

Config = dict[str, Any]
SHIPPED = "as shipped"  # what the data set's own records and passages are called among the gates
REPORT_KEYS = ("control", "strongest", "reference", "case_studies")


@dataclass(frozen=True)
class Gate:
    """The rejected rows of one stage: of a data set (prepared), of a kind (counters) or of a condition (examples)."""

    dataset: str
    split: str
    name: str  # the condition, or the kind of injection, or SHIPPED
    stage: str  # prepared, counters, or what stands before "rejected" in the file's name
    rows: list[Row]


@dataclass(frozen=True)
class Inputs:
    """Everything that the page shows, keyed by what the paths name."""

    config: Config
    manifest: dict[str, Any]
    metrics: list[Row]
    comparisons: list[Row]
    costs: list[Row]
    labels: list[Row]
    answers: dict[tuple[str, ...], dict[str, Row]]  # dataset, model, checkpoint, method, condition: by question_id
    examples: dict[tuple[str, str], list[Row]]  # dataset, condition
    recall_at_k: dict[tuple[str, str], Row]  # dataset, split
    recall: dict[tuple[str, str], dict[str, Row]]  # dataset, model: by question_id
    rationales: dict[tuple[str, str, str], list[Row]]  # dataset, model, source
    rationales_rejected: dict[tuple[str, str, str], list[Row]]
    training_logs: dict[tuple[str, str, str], list[Row]]  # dataset, model, recipe
    training_speed: dict[tuple[str, str, str], list[Row]]  # the same
    gates: list[Gate]
    published: list[Row]  # ours beside published figures; empty where there are none of the same thing


def read_config(path: Path) -> Config:
    """Read the resolved config; raise UserError where the report's keys are missing."""
    config = read_json(path)
    missing = [key for key in REPORT_KEYS if key not in config.get("report", {})]
    if missing:
        raise UserError(f"{path}: report.{missing[0]} is missing; the report needs {', '.join(REPORT_KEYS)}.")
    return config


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; raise UserError if the file holds none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not a readable JSON file ({error}). Delete it and run again.") from error
    if not isinstance(value, dict):
        raise UserError(f"{path}: expected a JSON object, found {type(value).__name__}.")
    return value


def read_answers(paths: Sequence[Path]) -> dict[tuple[str, ...], dict[str, Row]]:
    """Read answers/{dataset}/{model}/{checkpoint}/{method}/{block}.parquet, which may hold several conditions."""
    found: dict[tuple[str, ...], dict[str, Row]] = {}
    for path in paths:
        *place_of, _ = place(path, "answers", 5)
        for row in tables.read_rows(path, ANSWERS):
            found.setdefault((*place_of, row["condition"]), {})[row["question_id"]] = row
    return found


def read_examples(paths: Sequence[Path]) -> dict[tuple[str, str], list[Row]]:
    """Read examples/{dataset}/{split}/{condition}/gated.parquet of the test split."""
    found = {}
    for path in paths:
        dataset, _, condition, _ = place(path, "examples", 4)
        found[dataset, condition] = tables.read_rows(path, EXAMPLES)
    return found


def read_recall_at_k(paths: Sequence[Path]) -> dict[tuple[str, str], Row]:
    """Read retrieved/{dataset}/{split}.recall.json."""
    found = {}
    for path in paths:
        dataset, split = place(path, "retrieved", 2, ".recall.json")
        found[dataset, split] = read_json(path)
    return found


def read_recall(paths: Sequence[Path]) -> dict[tuple[str, str], dict[str, Row]]:
    """Read recall/{dataset}/{model}.parquet."""
    found = {}
    for path in paths:
        dataset, model = place(path, "recall", 2)
        found[dataset, model] = {row["question_id"]: row for row in tables.read_rows(path, RECALL)}
    return found


def read_rationales(paths: Sequence[Path], rejected: bool) -> dict[tuple[str, str, str], list[Row]]:
    """Read rationales/{dataset}/{model}/{source}.parquet, or the .rejected.parquet beside it."""
    suffix = ".rejected.parquet" if rejected else ".parquet"
    schema = RATIONALES_REJECTED if rejected else RATIONALES
    found = {}
    for path in paths:
        dataset, model, source = place(path, "rationales", 3, suffix)
        found[dataset, model, source] = tables.read_rows(path, schema)
    return found


def read_training_speed(paths: Sequence[Path]) -> dict[tuple[str, str, str], list[Row]]:
    """Read checkpoints/{dataset}/{model}/{recipe}.speed.parquet."""
    found = {}
    for path in paths:
        dataset, model, recipe = place(path, "checkpoints", 3, ".speed.parquet")
        found[dataset, model, recipe] = tables.read_rows(path, TRAINING_SPEED)
    return found


def read_training_logs(paths: Sequence[Path]) -> dict[tuple[str, str, str], list[Row]]:
    """Read checkpoints/{dataset}/{model}/{recipe}.log.parquet."""
    found = {}
    for path in paths:
        dataset, model, recipe = place(path, "checkpoints", 3, ".log.parquet")
        found[dataset, model, recipe] = tables.read_rows(path, TRAINING_LOG)
    return found


def read_gates(paths: Sequence[Path]) -> list[Gate]:
    """Read rejected rows.

    Of data/{dataset}/rejected.parquet, counters/{dataset}/{split}/{kind}*rejected.parquet and
    examples/{dataset}/{split}/{condition}/*rejected.parquet.
    """
    gates = []
    for path in sorted(paths):
        rows = tables.read_rows(path, tables.REJECTED)
        if len(path.parts) >= 5 and path.parts[-5] == "examples":
            dataset, split, condition, file = place(path, "examples", 4, "rejected.parquet")
            gates.append(Gate(dataset, split, condition, file.strip("._-") or "gate", rows))
        elif len(path.parts) >= 3 and path.parts[-3] == "data":
            dataset, _ = place(path, "data", 2, "rejected.parquet")
            gates.append(Gate(dataset, "both", SHIPPED, "prepared", rows))
        else:
            dataset, split, kind = place(path, "counters", 3, "rejected.parquet")
            gates.append(Gate(dataset, split, kind.strip("._-"), "counters", rows))
    return gates


def place(path: Path, folder: str, depth: int, suffix: str = ".parquet") -> tuple[Any, ...]:
    """Return the `depth` parts of a path below `folder`, the file's without `suffix`; raise UserError otherwise."""
    parts = path.parts
    if len(parts) <= depth or parts[-depth - 1] != folder or not path.name.endswith(suffix):
        raise UserError(f"{path}: expected a path that ends in {folder}/, {depth - 1} folders deep, and {suffix}.")
    return (*parts[-depth:-1], path.name.removesuffix(suffix))
