"""Write the report of a study: an HTML page, and another of all single examples with its data beside it."""

import argparse
from pathlib import Path

from interexter.core import program
from interexter.core.files import folder_beside, write_text
from interexter.report import browser, inputs, page
from interexter.report.inputs import Config, Files, Rejected
from interexter.study import layout


def main() -> None:
    """Parse, read every table, write the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, required=True, help="the study's folder of results")
    parser.add_argument("--config", type=Path, required=True, help="the resolved config of the study")
    parser.add_argument("--out", type=Path, required=True, help="the HTML page")
    parser.add_argument("--examples-out", type=Path, required=True, help="the HTML page of single examples")
    parser.add_argument("--examples-folder", type=Path, required=True, help="the folder of what both pages lead to")
    args = parser.parse_args()

    config = inputs.read_config(args.config)
    asked = layout.asks_memory_of_training(config)
    study = inputs.read(args.results / "report", config, found(args.results, config), asked)
    html = page.render(study, args.examples_folder.name)
    with folder_beside(args.examples_folder) as folder:
        examples = browser.render(study, folder, args.examples_folder.name)
        for name, text in page.condition_pages(study):
            write_text(folder / name, text)
    write_text(args.examples_out, examples)
    write_text(args.out, html)
    print(f"report: n_metrics={len(study.metrics)} n_labels={len(study.labels)} kib={len(html.encode()) // 1024}")


def found(results: Path, config: Config) -> Files:
    """Name the tables of a study that the report reads; what differs by seed is of the first."""
    seed = config["seeds"][0]
    runs = list(layout.runs(config))
    parts = [(*run, name) for run in runs for name in layout.checkpoints(config)]
    sources = [(*run, name) for run in runs for name in layout.written_rationales(config)]
    recipes = [(*run, name) for run in runs for name in layout.trained(config)]
    answers = {(d, m, name): layout.answers(results, config, d, seed, m, name) for d, m, name in parts}
    gated = {(d, m, name): layout.gated(results, config, d, seed, m, name) for d, m, name in parts}
    rationales = {(d, m, source): layout.rationales(results, d, seed, m, source) for d, m, source in sources}

    def of_training(ending: str) -> dict[tuple[str, str, str], Path]:
        return {(d, m, name): layout.checkpoint(results, config, d, seed, m, name, ending) for d, m, name in recipes}

    return Files(
        labels={(d, m, name): layout.labels(results, d, seed, m, name) for d, m, name in parts},
        answers={part: [*tables, *gated[part]] for part, tables in answers.items()},
        prompts={
            table: kept
            for d, m, name in parts
            for table, kept in layout.prompts(results, config, d, seed, m, name).items()
        },
        examples={name: layout.examples(results, config, name, seed, "test") for name in config["datasets"]},
        recall={run: layout.recall(results, *run) for run in runs},
        rationales={part: (path, _rejected(path)) for part, path in rationales.items()},
        recall_at_k={
            (name, split): results / "retrieved" / name / f"{split}.recall.json"
            for name in config["datasets"]
            for split in layout.SPLITS
        },
        candidates={
            (name, split, model): layout.candidates(results, name, seed, split, model)
            for name in config["datasets"]
            for split in layout.SPLITS
            for model in layout.weighing_models(config, split)
        },
        training_logs=of_training(".log.parquet"),
        training_speed=of_training(".speed.parquet"),
        rejected=[
            *(table for name in config["datasets"] for table in _of_data_set(results, config, name)),
            *(
                Rejected(dataset, "test", f"answers of {model}, {checkpoint}", _rejected(path), "condition")
                for (dataset, model, checkpoint), shards in answers.items()
                for path in shards
            ),
        ],
        cards={name: results / "data" / name / "card.json" for name in config["datasets"]},
    )


def _of_data_set(results: Path, config: Config, name: str) -> list[Rejected]:
    """Return the tables of rejected rows that do not depend on a model."""
    rejected = [Rejected(name, "both", "prepared", results / "data" / name / "rejected.parquet")]
    seed = config["seeds"][0]
    for split in layout.SPLITS:
        examples = layout.of_seed(results, "examples", name, seed) / f"{split}.parquet"
        shown = layout.examples(results, config, name, seed, split)
        rejected += [
            Rejected(name, split, "counters", _rejected(path), "draw")
            for path in layout.counters(results, config, name, seed, split)
        ]
        rejected.append(Rejected(name, split, "injected", _rejected(examples), "condition"))
        if shown != examples:
            rejected.append(Rejected(name, split, "entailed", _rejected(shown), "condition"))
    return rejected


def _rejected(table: Path) -> Path:
    return layout.beside(table, ".rejected.parquet")


if __name__ == "__main__":
    program.run(main)
