"""What each stage cost, and what a method did: its share of what the engines took that answered all together."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from ..answers.methods import needs_logits
from ..answers.schemas import ANSWERS
from ..core.json_files import read_json
from ..core.tables import Row, optional, read_batches, table_schema

COSTS = table_schema(
    dataset=pa.string(),
    model=pa.string(),
    checkpoint=pa.string(),
    stage=pa.string(),
    method=pa.string(),
    prompts=pa.int64(),
    prompt_tokens=pa.int64(),
    output_tokens=pa.int64(),
    seconds=optional(pa.float64()),
    cost=optional(pa.float64()),  # by the prices of a server's model, of all tokens, whenever they were paid; else null
)

LOGITS = "transformers"  # in cost files, the engine of the methods that need logits; one other answers the rest


class Place(NamedTuple):
    """Whose costs they are."""

    dataset: str
    model: str
    checkpoint: str


def stage_row(path: Path, place: Place, stage: str) -> Row:
    """Return the row of a stage from the file in which it wrote its costs."""
    costs = read_json(path, "seconds")
    row = _row(
        place,
        stage,
        "",
        costs.get("prompts", costs.get("examples", 0)),
        costs.get("prompt_tokens", costs.get("tokens", 0)),
        costs.get("output_tokens", 0),
        costs["seconds"],
    )
    return {**row, "cost": costs["cost"] + costs["cost_of_found"] if "cost" in costs else None}


def answering_rows(place: Place, answers: Sequence[Path], costs: Sequence[Path]) -> list[Row]:
    """Return the rows of a checkpoint's answers: what its engines took, and the share of each method.

    `answers` and `costs` have a file for each shard.
    """
    rows = [stage_row(path, place, "generate") for path in costs]
    whole = {name: sum(row[name] for row in rows) for name in ("prompts", "prompt_tokens", "output_tokens", "seconds")}
    asked = _by_method(place, answers)
    tokens = {method: row["prompt_tokens"] + row["output_tokens"] for method, row in asked.items()}
    seconds = shared_seconds(tokens, [read_json(path, "engines")["engines"] for path in costs])
    paid = [row["cost"] for row in rows if row["cost"] is not None]
    whole["cost"] = sum(paid) if paid else None
    return [{**rows[0], **whole}, *({**row, "seconds": seconds[method]} for method, row in asked.items())]


def gated_rows(place: Place, answers: Path) -> list[Row]:
    """Return a row for each method behind the plausibility gate: its own tokens, and those that the gate read.

    Its seconds are those of the answers that it judges, plus a share of the gate's that is not told apart.
    """
    return list(_by_method(place, [answers]).values())


def _by_method(place: Place, answers: Sequence[Path]) -> dict[str, Row]:
    """Return a row for each method of some tables of answers, without seconds."""
    asked: dict[str, Row] = {}
    for path in answers:
        for batch in read_batches(path, ANSWERS, ("method", "prompt_tokens", "output_tokens"), 100_000):
            totals = batch.group_by("method").aggregate(
                [("prompt_tokens", "sum"), ("output_tokens", "sum"), ("method", "count")]
            )
            for found in totals.to_pylist():
                row = asked.setdefault(found["method"], _row(place, "answers", found["method"], 0, 0, 0, None))
                row["prompts"] += found["method_count"]
                row["prompt_tokens"] += found["prompt_tokens_sum"]
                row["output_tokens"] += found["output_tokens_sum"]
    return asked


def summed(rows: Iterable[Row]) -> list[Row]:
    """Return one row for each stage of a place and method: several seeds' rows are added."""
    found: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = tuple(row[name] for name in (*Place._fields, "stage", "method"))
        if before := found.get(key):
            known = before["seconds"] is not None and row["seconds"] is not None
            counts = {name: before[name] + row[name] for name in ("prompts", "prompt_tokens", "output_tokens")}
            paid = [one["cost"] for one in (before, row) if one["cost"] is not None]
            row = {**before, **counts, "seconds": before["seconds"] + row["seconds"] if known else None}
            row["cost"] = sum(paid) if paid else None
        found[key] = row
    return list(found.values())


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Return rows of COSTS in the order of what they are about."""
    return sorted(rows, key=lambda row: [row[k] for k in ("dataset", "model", "checkpoint", "stage", "method")])


def shared_seconds(tokens: Mapping[str, int], shards: Sequence[Mapping[str, Row]]) -> dict[str, float | None]:
    """Return the seconds of each method of a checkpoint: of its engine's, the share that its tokens are of all.

    Args:
        tokens: of each method, all that its answers took, those of prompts and of outputs together.
        shards: for each job that generated, what each engine asked and took (StoreFirst.costs), by the engine's name.

    None where an engine's seconds are not those of all its methods: it found generations in the store.
    """
    by_logits = {method: needs_logits(method) for method in tokens}
    found: dict[str, float | None] = {}
    for method, own in tokens.items():
        costs = [cost for shard in shards for name, cost in shard.items() if (name == LOGITS) == by_logits[method]]
        whole = sum(n for other, n in tokens.items() if by_logits[other] == by_logits[method])
        complete = costs and whole and not any(cost["found_in_store"] for cost in costs)
        found[method] = sum(cost["seconds"] for cost in costs) * own / whole if complete else None
    return found


def _row(place: Place, stage: str, method: str, prompts: int, tokens: int, written: int, seconds: float | None) -> Row:
    about = {**place._asdict(), "stage": stage, "method": method}
    return {
        **about,
        "prompts": prompts,
        "prompt_tokens": tokens,
        "output_tokens": written,
        "seconds": seconds,
        "cost": None,
    }
