"""Write the report of a study: an HTML page, and another of all single examples with their pieces."""

import argparse
from collections import Counter
from pathlib import Path

from interexter.answers.rationales import RATIONALES, RATIONALES_REJECTED
from interexter.answers.recall import RECALL
from interexter.core import files, program, tables
from interexter.injection.conditions import draw_name
from interexter.report import browser, inputs, page
from interexter.report.inputs import SHIPPED, Config, Gate
from interexter.scoring.comparisons import COMPARISONS
from interexter.scoring.costs import COSTS
from interexter.scoring.metrics import METRIC_VALUES
from interexter.scoring.published_numbers import PUBLISHED_NUMBERS
from interexter.study import layout
from interexter.training.logs import TRAINING_LOG, TRAINING_SPEED


def main() -> None:
    """Parse, read every table, write the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, required=True, help="folder of the study's results")
    parser.add_argument("--config", type=Path, required=True, help="the study's resolved config")
    parser.add_argument("--out", type=Path, required=True, help="the HTML page")
    parser.add_argument("--examples-out", type=Path, required=True, help="the HTML page of single examples")
    parser.add_argument("--examples-folder", type=Path, required=True, help="pieces that the latter loads when asked")
    args = parser.parse_args()
    run = read(args.results, inputs.read_config(args.config))
    html = page.render(run)
    files.write_text(args.out, html)
    files.write_text(args.examples_out, browser.render(run, args.examples_folder))
    print(f"report: n_metrics={len(run.metrics)} n_labels={len(run.labels)} kib={len(html.encode()) // 1024}")


def read(results: Path, config: Config) -> inputs.Inputs:
    """Read the tables of a study."""
    report = results / "report"
    published = report / "published.parquet"
    runs = list(layout.runs(config))
    trained = [(*run, recipe) for run in runs for recipe in layout.trained(config)]
    written = [(*run, source) for run in runs for source in layout.written_rationales(config)]
    checkpoints = [(*run, name) for run in runs for name in layout.checkpoints(config)]
    return inputs.Inputs(
        config=config,
        manifest=files.read_json(report / "manifest.json"),
        metrics=tables.read_rows(report / "metrics.parquet", METRIC_VALUES),
        comparisons=tables.read_rows(report / "comparisons.parquet", COMPARISONS),
        costs=tables.read_rows(report / "costs.parquet", COSTS),
        labels=inputs.read_labels(layout.labels(results, *one) for one in checkpoints),
        answer_files={one: layout.answers(results, config, *one) for one in checkpoints},
        example_files={name: layout.examples(results, config, name, "test") for name in config["datasets"]},
        recall_at_k={
            (name, split): files.read_json(results / "retrieved" / name / f"{split}.recall.json")
            for name in config["datasets"]
            for split in layout.SPLITS
        },
        recall={
            run: {row["question_id"]: row for row in tables.read_rows(layout.recall(results, *run), RECALL)}
            for run in runs
        },
        rationales={one: tables.read_rows(layout.rationales(results, *one), RATIONALES) for one in written},
        rationales_rejected={
            one: tables.read_rows(
                layout.beside(layout.rationales(results, *one), ".rejected.parquet"), RATIONALES_REJECTED
            )
            for one in written
        },
        training_logs={
            one: tables.read_rows(layout.checkpoint(results, *one, ".log.parquet"), TRAINING_LOG) for one in trained
        },
        training_speed={
            one: tables.read_rows(layout.checkpoint(results, *one, ".speed.parquet"), TRAINING_SPEED) for one in trained
        },
        gates=gates(results, config),
        published=tables.read_rows(published, PUBLISHED_NUMBERS) if published.is_file() else [],
    )


def gates(results: Path, config: Config) -> list[Gate]:
    """Read what every stage rejected: of data sets, of draws, of conditions."""
    found = []
    for name in config["datasets"]:
        shipped = tables.read_rows(results / "data" / name / "rejected.parquet", tables.REJECTED)
        found.append(Gate(name, "both", SHIPPED, "prepared", Counter(row["reason"] for row in shipped)))
        for split in layout.SPLITS:
            conditions = layout.conditions_of(config, split)
            for path in layout.counters(results, config, name, split):
                draws = sorted({draw_name(c) for c in conditions.values() if layout.counters_file(c) == path.stem})
                rejected = layout.beside(path, ".rejected.parquet")
                found += inputs.read_gates(name, split, "counters", rejected, "draw", draws)
            examples = results / "examples" / name / f"{split}.rejected.parquet"
            found += inputs.read_gates(name, split, "examples", examples, "condition", list(conditions))
            passed = layout.examples(results, config, name, split)
            entailed = layout.beside(passed, ".rejected.parquet")
            if entailed != examples:
                found += inputs.read_gates(name, split, "entailment", entailed, "condition", list(conditions))
    return found


if __name__ == "__main__":
    program.run(main)
