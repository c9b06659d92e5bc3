"""Two runs answer by answer: which questions both get, only one of them, or none."""

from collections.abc import Iterable

from ..core.errors import UserError
from ..core.tables import Row

OUTCOMES = ("both right", "only a", "only b", "both wrong")
RIGHT = ("strict", "official")  # columns of LABELS that say what is right: labelled gold, or InstructRAG's accuracy


def of_condition(rows: Iterable[Row], condition: str | None) -> list[Row]:
    """Return the rows of a condition; None stands for the only one. Raise UserError if there is no such, or several."""
    rows = list(rows)
    there = sorted({row["condition"] for row in rows})
    if condition is None and len(there) > 1:
        raise UserError(f"the file holds {len(there)} conditions: name one of {', '.join(there)}")
    if condition is not None and condition not in there:
        raise UserError(f"condition {condition!r} is not in the file, which holds {', '.join(there)}")
    return [row for row in rows if condition in (None, row["condition"])]


def outcomes(
    labels_a: Iterable[Row],
    answers_a: Iterable[Row],
    labels_b: Iterable[Row],
    answers_b: Iterable[Row],
    by: str = "strict",
) -> list[Row]:
    """Return a row for each question that both runs answered, in the order of OUTCOMES, then of question ids.

    Takes rows of LABELS and of ANSWERS of one method under one condition, for both runs, which may differ in
    anything but the questions; `by` is one of RIGHT. Raises UserError if they share no question, or if
    an answer has no label.
    """
    a, b = _joined(labels_a, answers_a, by), _joined(labels_b, answers_b, by)
    shared = sorted(a.keys() & b.keys())
    if not shared:
        raise UserError("the two runs share no question: they are of different data sets or splits")
    rows = [{"question_id": question, **_outcome(a[question], b[question])} for question in shared]
    return sorted(rows, key=lambda row: OUTCOMES.index(row["outcome"]))


def with_questions(rows: Iterable[Row], questions: Iterable[Row]) -> list[Row]:
    """Add the text of the question and its gold answers; raise UserError on a question that is not among them."""
    asked = {row["question_id"]: row for row in questions}
    rows = list(rows)
    if unknown := [row["question_id"] for row in rows if row["question_id"] not in asked]:
        raise UserError(f"question {unknown[0]}, which both runs answered, is not among the questions that were given")
    about = ((row, asked[row["question_id"]]) for row in rows)
    return [row | {"question": one["question"], "gold_answers": "; ".join(one["answers"])} for row, one in about]


def _outcome(a: Row, b: Row) -> Row:
    place = 2 * (not a["right"]) + (not b["right"])
    sides = {f"{name}_{side}": row[name] for name in _SHOWN for side, row in (("a", a), ("b", b))}
    return {"outcome": OUTCOMES[place], **sides}


_SHOWN = ("label", "final_answer", "text")


def _joined(labels: Iterable[Row], answers: Iterable[Row], by: str) -> dict[str, Row]:
    """Return label, answer and whether it is right by question."""
    known = {row["question_id"]: {"label": row["label"], "right": row[by]} for row in labels}
    found = {row["question_id"]: row for row in answers}
    if missing := sorted(found.keys() - known.keys()):
        raise UserError(f"question {missing[0]} has an answer and no label: the two files are of different runs")
    return {question: row | known[question] for question, row in found.items()}
