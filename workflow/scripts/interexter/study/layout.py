"""Where a study's files lie below its results: names that programs of the whole study derive from the config.

A study has thousands of files, too many for a command line. Rules name the files of one job in full; programs
that read those of all jobs find them here.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Config = Mapping[str, Any]

BASE = "base"  # the checkpoint that was not trained


def checkpoints(config: Config) -> list[str]:
    """Return the names of the checkpoints that answer: the base model, then one for each recipe."""
    return [BASE, *config["recipes"]]


def methods_of(config: Config, checkpoint: str) -> list[str]:
    """Return the methods that a checkpoint answers with; a trained one also has its own closed-book pass."""
    if checkpoint == BASE:
        return list(config["methods"])
    recipe = config["recipes"][checkpoint]
    return [recipe["method"], *recipe["asked"], "closed-book"]


def shards(config: Config) -> list[str]:
    """Return what the names of a checkpoint's shards end in: of a single one, nothing."""
    n = config["generate"]["shards"]
    return [f".{i}-of-{n}" for i in range(1, n + 1)] if n > 1 else [""]


def runs(config: Config) -> Iterator[tuple[str, str]]:
    """Yield the pairs of data set and model."""
    for dataset in config["datasets"]:
        for model in config["models"]:
            yield dataset, model


def examples(results: Path, config: Config, dataset: str, split: str) -> Path:
    """Return the examples of all conditions: those that a model of inference let pass, where the config has one."""
    ending = ".entailed.parquet" if config["gates"].get("nli") else ".parquet"
    return results / "examples" / dataset / f"{split}{ending}"


def evidence(results: Path, dataset: str, model: str, split: str) -> Path:
    """Return the evidence of all conditions of a split."""
    return results / "evidence" / dataset / model / f"{split}.parquet"


def recall(results: Path, dataset: str, model: str) -> Path:
    """Return what a model knows without passages."""
    return results / "recall" / dataset / f"{model}.parquet"


def rationales(results: Path, dataset: str, model: str, source: str) -> Path:
    """Return the accepted rationales of a source."""
    return results / "rationales" / dataset / model / f"{source}.parquet"


def answers(results: Path, config: Config, dataset: str, model: str, checkpoint: str) -> list[Path]:
    """Return the answers of a checkpoint, a file for each shard."""
    folder = results / "answers" / dataset / model
    return [folder / f"{checkpoint}{shard}.parquet" for shard in shards(config)]


def labels(results: Path, dataset: str, model: str, checkpoint: str) -> Path:
    """Return the labels of a checkpoint's answers."""
    return results / "labels" / dataset / model / f"{checkpoint}.parquet"


def metrics(results: Path, dataset: str, model: str) -> Path:
    """Return the metrics of a model on a data set."""
    return results / "metrics" / dataset / f"{model}.parquet"


def comparisons(results: Path, dataset: str, model: str) -> Path:
    """Return the comparisons of a model on a data set, before they are corrected over the study."""
    return results / "metrics" / dataset / f"{model}.comparisons.parquet"


def citations(results: Path, dataset: str, model: str) -> Path:
    """Return the scores of citations of a model on a data set."""
    return results / "citations" / dataset / f"{model}.parquet"


def checkpoint(results: Path, dataset: str, model: str, recipe: str, ending: str) -> Path:
    """Return a file beside a checkpoint's weights, such as its `.manifest.json`."""
    return results / "checkpoints" / dataset / model / f"{recipe}{ending}"


def beside(path: Path, ending: str) -> Path:
    """Return the file beside a table that has another ending, such as `.rejected.parquet` or `.costs.json`."""
    return path.with_name(path.name.removesuffix(".parquet") + ending)
