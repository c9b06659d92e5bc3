"""Collect what each stage cost: tokens and seconds by checkpoint and method."""

import argparse
from pathlib import Path

from interexter.core.json_files import read_json
from interexter.core.program import run
from interexter.core.tables import Row, write_rows
from interexter.scoring.costs import COSTS, Place, answering_rows, gated_rows, ordered, stage_row, summed
from interexter.study import layout


def main() -> None:
    """Read the stages' cost files and the answers, write one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, required=True, help="folder of the study's results")
    parser.add_argument("--config", type=Path, required=True, help="the study's resolved config")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    results, config = args.results, read_json(args.config)
    rows: list[Row] = []
    generated: dict[Place, list[Path]] = {}
    n_in = 0
    for file in layout.cost_files(results, config):
        n_in += 1
        place = Place(file.dataset, file.model, file.checkpoint)
        if file.stage == "generate":  # of all seeds and shards together, as its engines took them
            generated.setdefault(place, []).append(file.path)
        else:
            rows.append(stage_row(file.path, place, file.stage))
    for place, costs in generated.items():
        answers: list[Path] = []
        for seed in config["seeds"]:
            asked = (results, config, place.dataset, seed, place.model, place.checkpoint)
            answers += layout.answers(*asked)
            rows += [row for path in layout.gated(*asked) for row in gated_rows(place, path)]
        rows += answering_rows(place, answers, costs)
    rows = ordered(summed(rows))
    write_rows(args.out, rows, COSTS)
    print(f"costs: n_in={n_in} n_out={len(rows)}")


if __name__ == "__main__":
    run(main)
