"""Where the tables of a study lie that its report is made of: one list for the rule and for the program."""

from pathlib import Path

from ..data.schemas import SPLITS
from ..report.files import Files, Part, Rejected
from . import layout
from .layout import Config


def of_study(results: Path, config: Config) -> Files:
    """Name the tables that the report reads beside those of results/report; what differs by seed is of the first."""
    seed = config["seeds"][0]
    runs = list(layout.runs(config))
    parts = [(*run, name) for run in runs for name in layout.checkpoints(config)]
    sources = [(*run, name) for run in runs for name in layout.written_rationales(config)]
    recipes = [(*run, name) for run in runs for name in layout.trained(config)]
    answers = {(d, m, name): layout.answers(results, config, d, seed, m, name) for d, m, name in parts}
    gated = {(d, m, name): layout.gated(results, config, d, seed, m, name) for d, m, name in parts}
    rationales = {(d, m, source): layout.rationales(results, d, seed, m, source) for d, m, source in sources}

    def of_training(ending: str) -> dict[Part, Path]:
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
        rationales={part: (path, _beside(path)) for part, path in rationales.items()},
        recall_at_k={
            (name, split): results / "retrieved" / name / f"{split}.recall.json"
            for name in config["datasets"]
            for split in SPLITS
        },
        candidates={
            (name, split, model): layout.candidates(results, name, seed, split, model)
            for name in config["datasets"]
            for split in SPLITS
            for model in layout.weighing_models(config, split)
        },
        training_logs=of_training(".log.parquet"),
        training_speed=of_training(".speed.parquet"),
        rejected=[
            *(table for name in config["datasets"] for table in _of_data_set(results, config, name)),
            *(
                Rejected(dataset, "test", f"answers of {model}, {checkpoint}", _beside(path), "condition")
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
    for split in SPLITS:
        examples = layout.of_seed(results, "examples", name, seed) / f"{split}.parquet"
        shown = layout.examples(results, config, name, seed, split)
        rejected += [
            Rejected(name, split, "counters", _beside(path), "draw")
            for path in layout.counters(results, config, name, seed, split)
        ]
        rejected.append(Rejected(name, split, "injected", _beside(examples), "condition"))
        if shown != examples:
            rejected.append(Rejected(name, split, "entailed", _beside(shown), "condition"))
    return rejected


def _beside(table: Path) -> Path:
    return layout.beside(table, ".rejected.parquet")
