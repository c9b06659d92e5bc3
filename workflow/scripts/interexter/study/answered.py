"""What a finished study answered, gathered with all about it for forms that others read."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..answers import internal_documents, methods
from ..answers.answering import Caps, asked_methods
from ..answers.exporting import one_prompt
from ..answers.schemas import ANSWERS
from ..core.errors import UserError
from ..core.json_files import read_json
from ..core.tables import Row, read_table, values
from ..models.tokenizer import Tokenizer
from ..scoring.judgements import LABELLED
from ..scoring.metrics import METRIC_VALUES
from ..scoring.sample_logs import Series
from ..training.rows import read_examples
from . import layout
from .exports import key


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
        self._memory = internal_documents.read(layout.recall(results, dataset, model))
        self._metrics = results / "report" / "metrics.parquet"
        self._asked: dict[str, tuple[methods.Method, methods.Ask]] = {}
        self._gated: set[str] = set()  # whose rows count what the gate read too
        if checkpoint in layout.answering(config):  # nobody here knows what another system was asked
            asked = layout.labelled_methods(config, checkpoint)
            sets = {method: layout.prompt_set(results, config, dataset, method) for method in asked.values()}
            shown = read_json(layout.of_seed(results, "demonstrations", dataset, seed) / f"{model}.json")
            caps = Caps(*(config["generate"][key] for key in ("answer_tokens", "rationale_tokens", "rationale_stop")))
            built = asked_methods(sets, shown, caps)
            self._asked = {name: built[method] for name, method in asked.items()}
            self._gated = {name for name, method in asked.items() if name != method}
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
                    {**said[_answer(row)], **row, "example": examples[key(row)]}
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
        tokenizer = None if method in self._gated else self._tokenizer
        odd = []
        for row in rows:
            task = {**row["example"], "internal_document": self._memory[row["question_id"]]}
            prompt = one_prompt(asked[0], task, asked[1]) if asked else None
            row["messages"] = [turn._asdict() for turn in prompt.messages] if prompt else None
            if prompt and tokenizer and len(tokenizer.prompt(prompt.messages)) != row["prompt_tokens"]:
                odd.append(row["question_id"])
        if odd:
            raise UserError(
                f"{method}: {len(odd)} of {len(rows)} prompts are no longer what was asked, such as "
                f"{', '.join(odd[:3])}: prompts or code have changed since. Run the study again, then export."
            )


def _answer(row: Row) -> tuple[str, str]:
    return row["question_id"], row["method"]
