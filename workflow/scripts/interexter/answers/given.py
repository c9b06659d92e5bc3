"""Answers that another system gave: each finds its example, or is rejected with a reason; no example is lost."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import UserError
from ..core.tables import Row
from .answering import NO_RECALL
from .examples_shown import example_id

FINISHED = ("stop", "length")


@dataclass
class Given:
    """Answers by example, what was rejected, and examples without an answer.

    Rows of `rejected` are those of REJECTED_ANSWERS: a row of the file that finds no example keeps the ids that it
    came with, and its number.
    """

    method: str
    asked: str  # answer | field: see final_answers.final_answer
    seed: int
    answers: dict[tuple[str, str], Row] = field(default_factory=dict)  # by condition and question
    rejected: list[Row] = field(default_factory=list)

    def take(
        self, examples: Iterable[Row], weighed: Container[tuple[str, str]], records: Iterable[Row], where: str
    ) -> None:
        """Match the records of a file, `where`, with examples; raise UserError where none of them is an answer.

        `weighed` are the examples, by condition and question, whose evidence is known: only they can be labelled.
        """
        known = {(example["condition"], example["question_id"]): example_id(example) for example in examples}
        by_id = {one: key for key, one in known.items()}
        for number, record in enumerate(records, 1):
            if number == 1:
                _check_columns(record, where)
            if record.get("seed") in (None, "", self.seed, str(self.seed)):  # a file may hold those of several
                self._take_one(record, number, known, by_id)
        for key in [key for key in self.answers if key not in weighed]:
            self._reject(*key, "no recall", NO_RECALL)
            del self.answers[key]
        if not self.answers:
            first = next(iter(self.rejected), {"reason": "it holds no row of this seed", "detail": ""})
            raise UserError(
                f"{where}: none of its rows is an answer to an example of this study; the first: {first['reason']} "
                f"({first['detail']})."
            )
        named = {(row["condition"], row["question_id"]) for row in self.rejected}
        for key in known:
            if key not in self.answers and key not in named:
                self._reject(*key, "no answer given", f"{where} has none")

    def _take_one(
        self, record: Row, number: int, known: Mapping[tuple[str, str], str], by_id: Mapping[str, tuple[str, str]]
    ) -> None:
        named = str(record.get("condition") or ""), str(record.get("question_id") or "")
        given = str(record.get("example_id") or "")
        key = by_id.get(given) if given else (named if named in known else None)
        row = f"row {number}"
        if given and key is None:
            self._reject(*named, "unknown example_id", f"{row}: {given}; the passages may be of another run or seed")
        elif key is None:
            self._reject(*named, "unknown question_id or condition", f"{row}: {named[1]!r} under {named[0]!r}")
        elif given and any(named) and named != key:
            self._reject(*named, "ids that contradict each other", f"{row}: {given} is {key[1]} under {key[0]}")
        elif not isinstance(record.get("answer"), str):
            self._reject(*key, "no text", f"{row}: answer is {str(record.get('answer'))[:60]!r}")
        elif key in self.answers:
            self._reject(*key, "answered twice", f"{row}: the first is kept")
        elif fault := _faulty(record):
            self._reject(*key, "malformed", f"{row}: {fault}")
        else:
            self.answers[key] = {
                "method": self.method,
                "condition": key[0],
                "question_id": key[1],
                "text": record["answer"],
                "finish_reason": record.get("finish_reason") or "stop",
                "asked": self.asked,
                "prompt_tokens": int(record.get("prompt_tokens") or 0),
                "output_tokens": int(record.get("output_tokens") or 0),
                "log_probability": None,
                "votes": None,
            }

    def ordered(self, keys: Iterable[tuple[str, str]]) -> Iterator[Row]:
        """Yield the answers in the order of these conditions and questions."""
        return (self.answers[key] for key in keys if key in self.answers)

    def _reject(self, condition: str, question_id: str, reason: str, detail: str) -> None:
        about = {"method": self.method, "condition": condition, "question_id": question_id}
        self.rejected.append({**about, "reason": reason, "detail": detail})


def _check_columns(record: Row, where: str) -> None:
    """Raise UserError where a file has not the columns that it needs; one that is misspelt is among the others."""
    if "answer" not in record or not ("example_id" in record or {"question_id", "condition"} <= record.keys()):
        raise UserError(
            f"{where}: it has {', '.join(map(repr, record))}; needed are 'answer' and 'example_id', or 'answer', "
            "'question_id' and 'condition'."
        )


def _faulty(record: Row) -> str:
    """Say what is wrong with the optional columns of a record, "" if nothing is."""
    if (reason := record.get("finish_reason") or "stop") not in FINISHED:
        return f"finish_reason is {reason!r}; expected {' or '.join(FINISHED)}"
    for name in ("prompt_tokens", "output_tokens"):
        if not _is_count(record.get(name) or 0):
            return f"{name} is {record[name]!r}, no number of tokens"
    return ""


def _is_count(value: Any) -> bool:
    """Tell whether a value is a whole number from 0, or the text of one, as a CSV has it."""
    try:
        return int(value) == float(value) and 0 <= int(value) < 2**31
    except (TypeError, ValueError, OverflowError):
        return False
