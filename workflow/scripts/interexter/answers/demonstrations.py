"""Demonstrations: accepted training rationales, one per evidence state where there is one."""

from collections.abc import Iterable, Sequence

from ..core.identity import row_random
from ..core.tables import Row
from ..text.evidence_states import STATES
from .schemas import STYLES

Demonstrations = dict[str, list[Row]]  # by style: question, rationale, state, question_id, condition


def choose(rationales: Sequence[Row], questions: dict[str, Row], taboo: Iterable[str], seed: int) -> Demonstrations:
    """Choose demonstrations by seed; `taboo` holds the test's subjects, which none may be about."""
    taboo = set(taboo) - {""}
    chosen: Demonstrations = {}
    for style in STYLES:
        chosen[style] = []
        taken: set[str] = set()
        for state in STATES:
            candidates = [
                row
                for row in rationales
                if row["style"] == style
                and row["state"] == state
                and row["question_id"] not in taken
                and questions[row["question_id"]]["subject"] not in taboo
            ]
            if candidates:
                row = min(candidates, key=lambda r: _draw(r, seed))
                taken.add(row["question_id"])
                question = questions[row["question_id"]]["question"]
                chosen[style].append(
                    {**{k: row[k] for k in ("question_id", "condition", "state", "rationale")}, "question": question}
                )
    return chosen


def answers_only(chosen: Demonstrations, questions: dict[str, Row]) -> list[Row]:
    """Return demonstrations of style "answer": those with rationales (of the first style that has any), without them.

    What is shown is the preferred gold answer; `answers` holds all of them, or the long ones where there are such, for
    prompts that show the list. Those that a data set ships have them, whether or not their question is among the run's.
    """
    shown = next((rows for rows in chosen.values() if rows), [])
    given = [(row, row.get("answers") or questions[row["question_id"]]["answers"]) for row in shown]
    return [
        {**row, "rationale": answers[0], "answers": row.get("long_answers") or answers}
        for row, answers in given
        if answers
    ]


def _draw(row: Row, seed: int) -> float:
    return row_random(seed, "demonstrations", f"{row['question_id']} {row['condition']} {row['style']}").random()
