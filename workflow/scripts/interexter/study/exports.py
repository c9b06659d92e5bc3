"""What a finished study trained on and drew examples from, gathered for forms that others read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..answers import internal_documents, methods
from ..answers.schemas import RATIONALES
from ..core.errors import UserError
from ..core.json_files import read_json
from ..core.tables import Row, read_rows
from ..data.schemas import SPLITS
from ..engine.published_prompts import open_prompts
from ..models.tokenizer import Tokenizer
from ..training import data_folder, exporting, rationale_folder
from ..training.rows import TRAINING, Examples, candidates, read_examples, shown_answers
from . import layout


def write_examples(folder: Path, results: Path, config: dict[str, Any], dataset: str, address: str = "") -> list[Path]:
    """Write the gated examples of a data set as a folder with a card; return its tables.

    `address` is the repository that it goes to, if it does.
    """
    tables = {
        (seed, split): layout.examples(results, config, dataset, seed, split)
        for seed in config["seeds"]
        for split in SPLITS
    }
    return data_folder.write(folder, tables, _data_card(results, dataset), config["conditions"], address)


def write_rationales(
    folder: Path, results: Path, config: dict[str, Any], dataset: str, address: str = ""
) -> dict[rationale_folder.Source, int]:
    """Write the accepted rationales of a data set as a folder with a card; return the rows of each seed, model, source.

    Where there are none at all, nothing is written and the outcome is empty.
    """
    found = {
        (seed, model, source): rows
        for seed in config["seeds"]
        for model in config["models"]
        for source, rows in Run(results, config, dataset, seed, model).rationales()
    }
    rationale_folder.write(folder, found, _data_card(results, dataset), address)
    return {key: len(rows) for key, rows in found.items()} if any(found.values()) else {}


def _data_card(results: Path, dataset: str) -> dict[str, Any]:
    return read_json(results / "data" / dataset / "card.json")


class Run:
    """What a study has of one data set, seed and model."""

    def __init__(self, results: Path, config: dict[str, Any], dataset: str, seed: int, model: str) -> None:
        """Read its training examples, and what the model remembers."""
        self._at = (results, config, dataset, seed, model)
        self._examples: Examples = read_examples(
            layout.examples(results, config, dataset, seed, "train"), config["train"]["conditions"]
        )
        # A model of a server has no tokenizer here, and trains nothing.
        served = model in layout.of_servers(config)
        self._tokenizer = None if served else Tokenizer(results / "models" / model)
        self._memory = internal_documents.read(layout.recall(results, dataset, model))

    def rationales(self) -> Iterator[tuple[str, list[Row]]]:
        """Yield name and conversations of each source of rationales.

        The prompt of a rationale is that of the method which a checkpoint trained on its style serves.
        """
        results, config, dataset, seed, model = self._at
        taken = {config["recipes"][name]["rationales"] for name in layout.trained(config)}
        for source in sorted({*layout.written_rationales(config), *taken}):
            path = layout.rationales(results, dataset, seed, model, source)
            rows = read_rows(path, RATIONALES) if path.is_file() else []
            said = []
            for style in sorted({row["style"] for row in rows}):
                targets = [{**row, "completion": row["rationale"]} for row in rows if row["style"] == style]
                said += self._conversations(f"{style}-ft", targets)
            yield source, said

    def training_rows(self) -> Iterator[tuple[str, list[Row]]]:
        """Yield name and conversations of each recipe that was trained; raise UserError if they are other tokens."""
        results, config, dataset, seed, model = self._at
        if self._tokenizer is None:
            return
        for recipe in layout.trained(config):
            chosen = config["recipes"][recipe]
            evidence = layout.evidence(results, dataset, seed, model, "train")
            rationales = layout.rationales(results, dataset, seed, model, chosen["rationales"])
            target = methods.load(chosen["method"]).TARGET
            prompts = open_prompts(layout.prompt_set(results, config, dataset, chosen["method"]))
            shown = shown_answers(results / "data" / dataset / "parts.parquet", prompts)
            known = {key(row): row for row in candidates(target, self._examples, evidence, rationales, shown)}
            trained = read_rows(
                layout.of_seed(results, "training", dataset, seed) / model / f"{recipe}.parquet", TRAINING
            )
            if lost := [row["question_id"] for row in trained if key(row) not in known]:
                raise UserError(f"{recipe}: no rationale is left for {lost[:3]}. Run the study again, then export.")
            rows = self._conversations(chosen["method"], [known[key(row)] for row in trained])
            exporting.check_tokens(rows, trained, self._tokenizer)
            yield recipe, rows

    def _conversations(self, method: str, targets: list[Row]) -> list[Row]:
        results, config, dataset, *_ = self._at
        ask = methods.Ask(
            open_prompts(layout.prompt_set(results, config, dataset, method)), answer_tokens=1, rationale_tokens=1
        )
        rows = exporting.conversations(targets, self._examples, self._memory, methods.load(method), ask)
        return exporting.plain(rows, self._tokenizer) if self._tokenizer else rows


def key(row: Row) -> tuple[str, str]:
    """Return what a row is about: question and condition."""
    return row["question_id"], row["condition"]
