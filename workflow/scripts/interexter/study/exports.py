"""What a finished study made, gathered for forms that others read: conversations, and answers with all about them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..answers import methods
from ..answers.answering import Caps, asked_methods
from ..answers.exporting import one_prompt
from ..answers.schemas import ANSWERS, RATIONALES, RECALL
from ..core.errors import UserError
from ..core.json_files import read_json
from ..core.tables import Row, read_rows, read_table, values
from ..engine.published_prompts import open_prompts
from ..models.tokenizer import Tokenizer
from ..scoring.judgements import LABELLED
from ..scoring.metrics import METRIC_VALUES
from ..scoring.sample_logs import Series
from ..training import data_folder, exporting, rationale_folder
from ..training.rows import TRAINING, Examples, candidates, read_examples
from . import layout


def write_examples(folder: Path, results: Path, config: dict[str, Any], dataset: str) -> list[Path]:
    """Write the gated examples of a data set as a folder with a card; return its tables."""
    tables = {
        (seed, split): layout.examples(results, config, dataset, seed, split)
        for seed in config["seeds"]
        for split in layout.SPLITS
    }
    return data_folder.write(folder, tables, _data_card(results, dataset), config["conditions"])


def write_rationales(
    folder: Path, results: Path, config: dict[str, Any], dataset: str
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
    rationale_folder.write(folder, found, _data_card(results, dataset))
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
        recalled = read_rows(layout.recall(results, dataset, model), RECALL)
        # A model of a server has no tokenizer here, and trains nothing.
        served = model in layout.of_servers(config)
        self._tokenizer = None if served else Tokenizer(results / "models" / model)
        self._memory = {row["question_id"]: row["internal_document"] for row in recalled}

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
            known = {_key(row): row for row in candidates(target, self._examples, evidence, rationales)}
            trained = read_rows(
                layout.of_seed(results, "training", dataset, seed) / model / f"{recipe}.parquet", TRAINING
            )
            if lost := [row["question_id"] for row in trained if _key(row) not in known]:
                raise UserError(f"{recipe}: no rationale is left for {lost[:3]}. Run the study again, then export.")
            rows = self._conversations(chosen["method"], [known[_key(row)] for row in trained])
            exporting.check_tokens(rows, trained, self._tokenizer)
            yield recipe, rows

    def _conversations(self, method: str, targets: list[Row]) -> list[Row]:
        results, config, dataset, *_ = self._at
        ask = methods.Ask(
            open_prompts(layout.prompt_set(results, config, dataset, method)), answer_tokens=1, rationale_tokens=1
        )
        rows = exporting.conversations(targets, self._examples, self._memory, methods.load(method), ask)
        return exporting.plain(rows, self._tokenizer) if self._tokenizer else rows


def _key(row: Row) -> tuple[str, str]:
    return row["question_id"], row["condition"]


class Answered:
    """What a study has of the answers of one data set, seed, model and checkpoint."""

    def __init__(
        self, results: Path, config: dict[str, Any], dataset: str, seed: int, model: str, checkpoint: str
    ) -> None:
        """Find its tables, and read what the model remembers."""
        self._about: dict[str, Any] = {"dataset": dataset, "seed": seed, "model": model, "checkpoint": checkpoint}
        run = (results, config, dataset, seed, model, checkpoint)
        self._labels = layout.labels(results, dataset, seed, model, checkpoint)
        self._answers = [*layout.answers(*run), *layout.gated(*run)]
        self._examples = layout.examples(results, config, dataset, seed, "test")
        recalled = read_rows(layout.recall(results, dataset, model), RECALL)
        self._memory = {row["question_id"]: row["internal_document"] for row in recalled}
        self._metrics = results / "report" / "metrics.parquet"
        self._asked: dict[str, tuple[methods.Method, methods.Ask]] = {}
        if checkpoint in layout.answering(config):  # nobody here knows what another system was asked
            asked = layout.labelled_methods(config, checkpoint)
            sets = {method: layout.prompt_set(results, config, dataset, method) for method in asked.values()}
            shown = read_json(layout.of_seed(results, "demonstrations", dataset, seed) / f"{model}.json")
            caps = Caps(*(config["generate"][key] for key in ("answer_tokens", "rationale_tokens", "rationale_stop")))
            built = asked_methods(sets, shown, caps)
            self._asked = {name: built[method] for name, method in asked.items()}
        served = model in layout.of_servers(config)
        weights = layout.checkpoint(results, config, dataset, seed, model, checkpoint, "")
        # A checkpoint that was trained here has the tokenizer of its base, whose folder is always kept.
        taken = checkpoint in layout.taken(config)
        self._tokenizer = None if served else Tokenizer(weights if taken else results / "models" / model)

    def series(self) -> Iterator[Series]:
        """Yield all series, condition by condition; raise UserError where a prompt is no longer what was asked."""
        written = datetime.fromtimestamp(self._labels.stat().st_mtime, UTC)
        metrics = read_table(self._metrics, METRIC_VALUES, where={**self._about, "slice": "all"}).to_pylist()
        for condition in values(self._labels, "condition"):
            where = {"condition": condition}
            labelled = read_table(self._labels, LABELLED, where=where).to_pylist()
            said = {
                _answer(row): row
                for path in self._answers
                for row in read_table(path, ANSWERS, where=where).to_pylist()
            }
            examples = read_examples(self._examples, [condition])
            for method in dict.fromkeys(row["method"] for row in labelled):
                rows = [
                    {**said[_answer(row)], **row, "example": examples[_key(row)]}
                    for row in labelled
                    if row["method"] == method
                ]
                self._put_messages(rows, method)
                of_series = [row for row in metrics if (row["condition"], row["method"]) == (condition, method)]
                yield Series(
                    **self._about, condition=condition, method=method, written=written, answers=rows, metrics=of_series
                )

    def _put_messages(self, rows: list[Row], method: str) -> None:
        """Give each row the turns that were asked, None where those of the first prompt are not all."""
        asked = self._asked.get(method)
        odd = []
        for row in rows:
            task = {**row["example"], "internal_document": self._memory[row["question_id"]]}
            prompt = one_prompt(asked[0], task, asked[1]) if asked else None
            row["messages"] = [turn._asdict() for turn in prompt.messages] if prompt else None
            if prompt and self._tokenizer and len(self._tokenizer.prompt(prompt.messages)) != row["prompt_tokens"]:
                odd.append(row["question_id"])
        if odd:
            raise UserError(
                f"{method}: {len(odd)} of {len(rows)} prompts are no longer what was asked, such as "
                f"{', '.join(odd[:3])}: prompts or code have changed since. Run the study again, then export."
            )


def _answer(row: Row) -> tuple[str, str]:
    return row["question_id"], row["method"]
