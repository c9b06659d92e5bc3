"""Collect what each stage cost: tokens and seconds by checkpoint and method."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from interexter.answers.answering import ANSWERS
from interexter.core.program import run
from interexter.core.tables import Row, read_rows, write_rows
from interexter.scoring.costs import COSTS, shared_seconds


def main() -> None:
    """Read the stages' cost files and the answers, write one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    for stage in ("recall", "rationales", "training", "generations", "answers"):
        parser.add_argument(f"--{stage}", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    rows = [_stage(path, "recall", "base") for path in args.recall]
    rows += [_stage(path, "rationales", "base") for path in args.rationales]
    rows += [_stage(path, "finetune", _name(path)) for path in args.training]
    rows += _summed([_stage(path, "generate", _name(path).partition(".")[0]) for path in args.generations])
    by_method: dict[tuple[str, ...], Row] = {}
    for path in args.answers:
        dataset, model, checkpoint, method = path.parts[-5:-1]
        empty = _row(dataset, model, checkpoint, "answers", method, 0, 0, 0, None)
        row = by_method.setdefault((dataset, model, checkpoint, method), empty)
        for answer in read_rows(path, ANSWERS):
            row["prompts"] += 1
            row["prompt_tokens"] += answer["prompt_tokens"]
            row["output_tokens"] += answer["output_tokens"]
    for row in by_method.values():
        key = (row["dataset"], row["model"], row["checkpoint"])
        row["seconds"] = _seconds(key, by_method, args.generations)[row["method"]]
    rows += by_method.values()
    write_rows(
        args.out,
        sorted(rows, key=lambda r: [r[k] for k in ("dataset", "model", "checkpoint", "stage", "method")]),
        COSTS,
    )
    print(f"costs: n_in={len(args.answers)} n_out={len(rows)}")


def _seconds(
    checkpoint: tuple[str, ...], by_method: dict[tuple[str, ...], Row], generations: Sequence[Path]
) -> dict[str, float | None]:
    """Share what the engines of a checkpoint took among its methods."""
    tokens = {
        row["method"]: row["prompt_tokens"] + row["output_tokens"]
        for key, row in by_method.items()
        if key[:-1] == checkpoint
    }
    places = ((*path.parts[-3:-1], _name(path).partition(".")[0]) for path in generations)
    paths = (path for path, place in zip(generations, places, strict=True) if place == checkpoint)
    return shared_seconds(tokens, [json.loads(path.read_text())["engines"] for path in paths])


def _summed(shards: list[Row]) -> list[Row]:
    """Add up the rows of a checkpoint's shards."""
    sums: dict[tuple[str, ...], Row] = {}
    for shard in shards:
        row = sums.setdefault((shard["dataset"], shard["model"], shard["checkpoint"]), shard)
        if row is not shard:
            for name in ("prompts", "prompt_tokens", "output_tokens", "seconds"):
                row[name] += shard[name]
    return list(sums.values())


def _name(path: Path) -> str:
    return path.name.removesuffix(".costs.json")


def _stage(path: Path, stage: str, checkpoint: str) -> Row:
    """Build the row of a stage from its cost file, whose path names data set and model."""
    costs = json.loads(path.read_text())
    # recall/DATASET/MODEL.costs.json; everything else is STAGE/DATASET/MODEL/NAME.costs.json
    dataset, model = (path.parts[-2], _name(path)) if stage == "recall" else path.parts[-3:-1]
    return _row(
        dataset,
        model,
        checkpoint,
        stage,
        "",
        costs.get("prompts", costs.get("examples", 0)),
        costs.get("prompt_tokens", costs.get("tokens", 0)),
        costs.get("output_tokens", 0),
        costs["seconds"],
    )


def _row(
    dataset: str,
    model: str,
    checkpoint: str,
    stage: str,
    method: str,
    prompts: int,
    tokens: int,
    written: int,
    seconds: float | None,
) -> Row:
    return {
        "dataset": dataset,
        "model": model,
        "checkpoint": checkpoint,
        "stage": stage,
        "method": method,
        "prompts": prompts,
        "prompt_tokens": tokens,
        "output_tokens": written,
        "seconds": seconds,
    }


if __name__ == "__main__":
    run(main)
