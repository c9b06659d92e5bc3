"""The gates: which composed examples are sound enough to measure a conflict on.

A gate looks at one example and returns what is wrong, or None. The first that fails rejects the
example under the gate's name; an example that passes is not altered. Published conflict data need
these checks: gold answers left in passages that should contradict them, and counter-passages
without their counter-answer, are found in several of the sets in use.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from . import matching
from .errors import UserError
from .stance import COUNTER, passage_holds
from .tables import Row, rejection

Parents = Mapping[str, Row]  # the question's retrieved passages, by passage_id
Gate = Callable[[Row, Parents], str | None]


def _empty_question(example: Row, parents: Parents) -> str | None:
    return None if example["question"].strip() else "the question is empty"


def _no_answers(example: Row, parents: Parents) -> str | None:
    """Reject an example that has no gold answer or no counter-answer to tell apart."""
    for column in ("answers", "counter_aliases"):
        if not any(matching.tokens(name) for name in example[column]):
            return f"{column} holds no name: {example[column]}"
    return None


def _nested_answers(example: Row, parents: Parents) -> str | None:
    for gold in example["answers"]:
        for counter in example["counter_aliases"]:
            if matching.nested(gold, counter):
                return f"gold answer {gold!r} and counter-answer {counter!r} are nested"
    return None


def _broken_lineage(example: Row, parents: Parents) -> str | None:
    """Reject an injected passage whose origin cannot be told."""
    for passage in _injected(example):
        missing = [column for column in ("counter_answer", "injector", "seed", "parent_id") if passage[column] is None]
        if missing:
            return f"{_named(passage)}: no {', '.join(missing)}"
        if passage["parent_id"] not in parents:
            return f"{_named(passage)}: its parent {passage['parent_id']} is not among the retrieved passages"
    return None


def _unchanged_text(example: Row, parents: Parents) -> str | None:
    for passage in _injected(example):
        parent = parents[passage["parent_id"]]
        if (passage["title"], passage["text"]) == (parent["title"], parent["text"]):
            return f"{_named(passage)}: equal to its parent"
    return None


def _duplicate_passage(example: Row, parents: Parents) -> str | None:
    counts = Counter((passage["title"], passage["text"]) for passage in example["passages"])
    for passage in _injected(example):
        if counts[passage["title"], passage["text"]] > 1:
            return f"{_named(passage)}: shown more than once"
    return None


def _gold_leak(example: Row, parents: Parents) -> str | None:
    return _gold_held((p for p in example["passages"] if p["stance"] == COUNTER), example["answers"])


def _counter_missing(example: Row, parents: Parents) -> str | None:
    for passage in example["passages"]:
        if passage["stance"] == COUNTER and not passage_holds(passage, example["counter_aliases"]):
            return f"{_named(passage)}: does not hold {example['counter_answer']!r}"
    return None


def _gold_left(example: Row, parents: Parents) -> str | None:
    return _gold_held(example["passages"], example["answers"])


GATES: dict[str, Gate] = {
    "empty-question": _empty_question,
    "no-answers": _no_answers,
    "nested-answers": _nested_answers,
    "broken-lineage": _broken_lineage,  # before the gates that look at parents
    "unchanged-text": _unchanged_text,
    "duplicate-passage": _duplicate_passage,
    "gold-leak": _gold_leak,
    "counter-missing": _counter_missing,
}
GOLD_FREE_GATES: dict[str, Gate] = {**GATES, "gold-left": _gold_left}


def gate(examples: Sequence[Row], retrieved: Sequence[Row], gold_free: bool) -> tuple[list[Row], list[Row]]:
    """Return the examples that pass every gate, unaltered, and the rows of REJECTED for the others.

    `gold_free` says that the condition promises passages without any gold answer. Raises UserError if
    a question has no row in `retrieved`.
    """
    gates = GOLD_FREE_GATES if gold_free else GATES
    found = {row["question_id"]: row["passages"] for row in retrieved}
    kept, rejected = [], []
    for example in examples:
        question_id = example["question_id"]
        if question_id not in found:
            raise UserError(f"question {question_id} has no row among the retrieved passages: run retrieve again")
        parents = {passage["passage_id"]: passage for passage in found[question_id]}
        failed = _failure(example, parents, gates)
        if failed:
            rejected.append(rejection(question_id, *failed))
        else:
            kept.append(example)
    return kept, rejected


def _failure(example: Row, parents: Parents, gates: Mapping[str, Gate]) -> tuple[str, str] | None:
    for reason, check in gates.items():
        detail = check(example, parents)
        if detail is not None:
            return reason, detail
    return None


def _injected(example: Row) -> list[Row]:
    return [passage for passage in example["passages"] if passage["origin"] == "injected"]


def _gold_held(passages: Iterable[Row], answers: Sequence[str]) -> str | None:
    for passage in passages:
        if passage_holds(passage, answers):
            alias = next(alias for alias in answers if passage_holds(passage, [alias]))
            return f"{_named(passage)}: holds gold answer {alias!r}"
    return None


def _named(passage: Row) -> str:
    return f"passage {passage['passage_id']} (rank {passage['rank']}, {passage['title']!r})"
