"""Collect what each stage cost: tokens and seconds by checkpoint and method."""

import argparse
from pathlib import Path

from interexter.core.json_files import read_json
from interexter.core.program import run
from interexter.core.tables import Row, write_rows
from interexter.scoring.costs import COSTS, Place, answering_rows, gated_rows, ordered, stage_row, summed
from interexter.study import layout
from interexter.study.layout import BASE, beside


def main() -> None:
    """Read the stages' cost files and the answers, write one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, required=True, help="folder of the study's results")
    parser.add_argument("--config", type=Path, required=True, help="the study's resolved config")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    results, config = args.results, read_json(args.config)
    rows: list[Row] = []
    for dataset in config["datasets"]:
        for seed in config["seeds"]:
            for split in layout.SPLITS:
                for path in layout.counters(results, config, dataset, seed, split):
                    if path.stem in config["models"]:  # written by a model
                        place = Place(dataset, path.stem, BASE)
                        rows.append(stage_row(beside(path, ".costs.json"), place, f"counters ({split})"))
                for model in layout.weighing_models(config, split):
                    path = layout.candidates(results, dataset, seed, split, model)
                    place = Place(dataset, model, BASE)
                    rows.append(stage_row(beside(path, ".costs.json"), place, f"candidates ({split})"))
    for dataset, model in layout.runs(config):
        base = Place(dataset, model, BASE)
        rows.append(stage_row(beside(layout.recall(results, dataset, model), ".costs.json"), base, "recall"))
        runs = [(dataset, seed, model) for seed in config["seeds"]]
        for one in runs:
            for source in layout.written_rationales(config):
                table = layout.rationales(results, *one, source)
                rows.append(stage_row(beside(table, ".costs.json"), base, "rationales"))
            for recipe in layout.trained(config):
                path = layout.checkpoint(results, config, *one, recipe, ".costs.json")
                rows.append(stage_row(path, base._replace(checkpoint=recipe), "finetune"))
        for checkpoint in layout.answering(config):
            answers = [path for one in runs for path in layout.answers(results, config, *one, checkpoint)]
            costs = [beside(path, ".costs.json") for path in answers]
            place = base._replace(checkpoint=checkpoint)
            rows += answering_rows(place, answers, costs)
            for path in (path for one in runs for path in layout.gated(results, config, *one, checkpoint)):
                rows += [stage_row(beside(path, ".costs.json"), place, "gate"), *gated_rows(place, path)]
    rows = ordered(summed(rows))
    write_rows(args.out, rows, COSTS)
    print(f"costs: n_in={len(layout.cost_files(results, config))} n_out={len(rows)}")


if __name__ == "__main__":
    run(main)
