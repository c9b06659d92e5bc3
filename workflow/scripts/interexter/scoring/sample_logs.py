"""A series of answers as logs of other programs show it: what was asked, what was said, and how it was judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..core.tables import Row
from ..text.passages import by_rank
from .metrics import METRICS

# What an answer is scored by in a log: columns of LABELLED, by the metric that is their mean over the series.
SCORES = {"accuracy_strict": "strict", "accuracy_official": "official", "exact_match": "exact", "f1": "f1"}
_TRAITS = ("memory", "state", "closed_book_label", "passages_gold", "passages_counter")


@dataclass(frozen=True)
class Series:
    """The answers that share every key but the question.

    Each of `answers` is a row of LABELLED and of ANSWERS in one, with `example`, the row of EXAMPLES that was shown,
    and `messages`, the turns that were asked: None where a method is more than one prompt.
    """

    dataset: str
    model: str
    checkpoint: str
    condition: str
    method: str
    seed: int
    written: datetime  # when the answers were
    answers: Sequence[Row]
    metrics: Sequence[Row]  # of METRIC_VALUES, of the whole series

    @property
    def answerer(self) -> str:
        """Return the name of what answered."""
        return f"{self.model}/{self.checkpoint}"

    def settings(self) -> dict[str, Any]:
        """Return what names the series."""
        keys = ("dataset", "seed", "model", "checkpoint", "condition", "method")
        return {key: getattr(self, key) for key in keys}

    def values(self) -> dict[str, Row]:
        """Return the metrics that have a value, in the order of the report, those of SCORES first."""
        found = {row["metric"]: row for row in self.metrics if row["value"] is not None}
        return {name: found[name] for name in dict.fromkeys([*SCORES, *METRICS]) if name in found}


def scores(answer: Row) -> dict[str, float]:
    """Return the scores of an answer by metric."""
    return {metric: float(answer[column]) for metric, column in SCORES.items()}


def passages(answer: Row) -> list[Row]:
    """Return the passages of an answer's example in the order in which they are shown, each with its stance."""
    shown = by_rank(answer["example"]["passages"])
    return [{key: passage[key] for key in ("title", "text", "stance", "origin")} for passage in shown]


def document(answer: Row) -> Row:
    """Return the example that was answered; the same for all models."""
    keys = ("question_id", "question", "answers", "counter_answer", "counter_aliases", "relation")
    return {**{key: answer["example"][key] for key in keys}, "passages": passages(answer)}


def traits(answer: Row) -> Row:
    """Return what the evidence of an answer is, for the model that gave it."""
    return {name: answer[name] for name in _TRAITS}
