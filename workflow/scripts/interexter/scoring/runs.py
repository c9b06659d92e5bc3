"""Two runs answer by answer: which questions both get, only one of them, or none."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from ..answers.schemas import ANSWERS
from ..core.errors import UserError
from ..core.tables import Row, read_table, values
from .judgements import LABELLED

OUTCOMES = ("both right", "only a", "only b", "both wrong")
RIGHT = ("strict", "official")  # columns of LABELLED that say what is right: labelled gold, or InstructRAG's accuracy

_SHOWN = ("label", "final_answer", "text")


class Run(NamedTuple):
    """One method of a checkpoint under one condition, and the tables that hold its answers among others."""

    labels: Path
    answers: Sequence[Path]  # a file for each shard
    method: str | None = None  # None where the labels are of a single one
    condition: str | None = None  # None where the labels are of a single one


def answered(run: Run, by: str) -> dict[str, Row]:
    """Return label, final answer, text and `right` of each answer of a run, by question.

    `by` is one of RIGHT. Raises UserError where the labels do not hold the method or the condition, or hold
    several and none is named, and where an answer has no label or a label no answer.
    """
    where = {name: _named(run.labels, name, getattr(run, name)) for name in ("method", "condition")}
    labels = read_table(run.labels, LABELLED, ("question_id", "label", "final_answer", by), where).to_pylist()
    texts = {
        row["question_id"]: row["text"]
        for path in run.answers
        for row in read_table(path, ANSWERS, ("question_id", "text"), where).to_pylist()
    }
    if alone := sorted(texts.keys() ^ {row["question_id"] for row in labels}):
        has = "an answer and no label" if alone[0] in texts else "a label and no answer"
        raise UserError(
            f"{run.labels}: question {alone[0]} has {has}. Give the answers of the same run, all shards of them."
        )
    return {
        row["question_id"]: {
            "label": row["label"],
            "final_answer": row["final_answer"],
            "text": texts[row["question_id"]],
            "right": row[by],
        }
        for row in labels
    }


def outcomes(a: Run, b: Run, by: str = "strict") -> list[Row]:
    """Return a row for each question that both runs answered, in the order of OUTCOMES, then of question ids.

    The runs may differ in anything but the questions. Raises UserError where they share none, and as `answered` does.
    """
    of_a, of_b = answered(a, by), answered(b, by)
    shared = sorted(of_a.keys() & of_b.keys())
    if not shared:
        raise UserError("the two runs share no question: they are of different data sets or splits")
    rows = [{"question_id": question, **_outcome(of_a[question], of_b[question])} for question in shared]
    return sorted(rows, key=lambda row: OUTCOMES.index(row["outcome"]))


def with_questions(rows: Iterable[Row], questions: Iterable[Row]) -> list[Row]:
    """Add the text of the question and its gold answers; raise UserError on a question that is not among them."""
    asked = {row["question_id"]: row for row in questions}
    rows = list(rows)
    if unknown := [row["question_id"] for row in rows if row["question_id"] not in asked]:
        raise UserError(f"question {unknown[0]}, which both runs answered, is not among the questions that were given")
    about = ((row, asked[row["question_id"]]) for row in rows)
    return [row | {"question": one["question"], "gold_answers": "; ".join(one["answers"])} for row, one in about]


def _named(labels: Path, column: str, wanted: str | None) -> str:
    """Return the method or condition that is wanted, or the only one; raise UserError if there is no such."""
    there: list[str] = sorted(values(labels, column))
    if wanted is None and len(there) == 1:
        return there[0]
    if wanted is None or wanted not in there:
        problem = f"it holds {len(there)} {column}s" if wanted is None else f"{column} {wanted!r} is not there"
        raise UserError(f"{labels}: {problem}. Name one of: {', '.join(there)}.")
    return wanted


def _outcome(a: Row, b: Row) -> Row:
    index = 2 * (not a["right"]) + (not b["right"])
    sides = {f"{name}_{side}": row[name] for name in _SHOWN for side, row in (("a", a), ("b", b))}
    return {"outcome": OUTCOMES[index], **sides}
