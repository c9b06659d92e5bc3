"""The passages that a question is shown under one condition.

Everything is built on the *top*, the first K retrieved passages:

- `keep`: the top as it is, with `count` counter-passages inserted;
- `replace`: the first `count` supporting passages of the top give their places to their own counter
  versions; with `all`, other passages that hold a gold answer give theirs to irrelevant ones;
- `remove`: passages that hold a gold answer leave, irrelevant ones from deeper ranks follow at the
  end, then `count` counter-passages are inserted.

Counter-passages are taken from the front of one list and put in one after the other, so that the
passages of a smaller dose stand in the same order in a larger one.
"""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from .errors import UserError
from .identity import row_random
from .stance import IRRELEVANT, SUPPORTING, passage_holds
from .tables import Row, rejection

ALL = "all"
SUPPORTING_CHOICES = ("keep", "replace", "remove")
POSITIONS = ("first", "last", "random")


class Condition(NamedTuple):
    """A named setting of the injection."""

    name: str
    dose: int | None  # counter-passages; None is all that there are
    supporting: str  # one of SUPPORTING_CHOICES
    position: str  # one of POSITIONS: where counter-passages are inserted; without meaning for `replace`


class _Impossible(Exception):
    """A row that this condition cannot be composed for."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


def condition(name: str, count: str, supporting: str, position: str) -> Condition:
    """Build a condition from the config's words; raise UserError on a value that is not allowed."""
    if supporting not in SUPPORTING_CHOICES:
        raise UserError(f"condition {name}: supporting is {supporting!r}, expected one of {list(SUPPORTING_CHOICES)}")
    if position not in POSITIONS:
        raise UserError(f"condition {name}: position is {position!r}, expected one of {list(POSITIONS)}")
    if count != ALL and not (count.isascii() and count.isdigit()):
        raise UserError(f"condition {name}: count is {count!r}, expected a number from 0, or {ALL!r}")
    if supporting == "replace" and count != ALL and int(count) == 0:
        raise UserError(f"condition {name}: count 0 replaces nothing; use supporting: keep, or a count of at least 1")
    return Condition(name, None if count == ALL else int(count), supporting, position)


def gold_free(supporting: str, count: str) -> bool:
    """Tell whether a condition promises that no passage holds a gold answer."""
    return supporting == "remove" or (supporting == "replace" and count == ALL)


def compose(
    questions: Sequence[Row],
    retrieved: Sequence[Row],
    counters: Sequence[Row],
    setting: Condition,
    passages: int,
    seed: int,
) -> tuple[list[Row], list[Row]]:
    """Return the rows of EXAMPLES under a condition, with a top of `passages`, and of REJECTED.

    Raises UserError if `passages` is below 1 or a question has no row in `retrieved`.
    """
    if passages < 1:
        raise UserError(f"passages is {passages}: expected at least 1 passage per question")
    found = {row["question_id"]: row["passages"] for row in retrieved}
    drawn = {row["question_id"]: row for row in counters}
    kept, rejected = [], []
    for question in questions:
        question_id = question["question_id"]
        if question_id not in found:
            raise UserError(f"question {question_id} has no row among the retrieved passages: run retrieve again")
        counter = drawn.get(question_id)
        if counter is None:
            rejected.append(rejection(question_id, "no-counter-answer", "rejected when counter-answers were drawn"))
            continue
        # Neither the condition nor its count is part of the seed: doses must draw the same places.
        rng = row_random(seed, "compose", question_id)
        by_rank = sorted(found[question_id], key=lambda passage: passage["rank"])
        try:
            shown = _shown(by_rank, passages, question["answers"], counter, setting, rng)
        except _Impossible as why:
            rejected.append(rejection(question_id, why.reason, why.detail))
            continue
        kept.append(_example(question, counter, setting.name, shown))
    return kept, rejected


def _shown(
    found: Sequence[Row], size: int, answers: Sequence[str], counter: Row, setting: Condition, rng: Random
) -> list[Row]:
    if len(found) < size:
        raise _Impossible("too-few-passages", f"{len(found)} retrieved, {size} wanted")
    top = list(found[:size])
    if setting.supporting == "keep":
        return _inserted(top, _dose(counter["passages"], setting.dose), setting.position, rng)
    fillers = [
        passage
        for passage in found[size:]
        if passage["stance"] == IRRELEVANT and not passage_holds(passage, [*answers, *counter["counter_aliases"]])
    ]
    if setting.supporting == "remove":
        return _inserted(
            _without_gold(top, fillers, answers), _dose(counter["passages"], setting.dose), setting.position, rng
        )
    return _replaced(top, fillers, answers, counter["passages"], setting.dose)


def _dose(versions: Sequence[Row], count: int | None) -> Sequence[Row]:
    """Return the first `count` counter-passages, or all of them, of which there must be one at least."""
    wanted = max(1, len(versions)) if count is None else count
    if len(versions) < wanted:
        raise _Impossible("too-few-counter-passages", f"{len(versions)} made, {wanted} wanted")
    return versions[:wanted]


def _inserted(passages: list[Row], dose: Sequence[Row], position: str, rng: Random) -> list[Row]:
    """Insert a dose: as a block at the front or at the end, or each passage at a place of its own."""
    if position == "first":
        return [*dose, *passages]
    shown = list(passages)
    for passage in dose:
        shown.insert(len(shown) if position == "last" else rng.randrange(len(shown) + 1), passage)
    return shown


def _without_gold(top: Sequence[Row], fillers: Sequence[Row], answers: Sequence[str]) -> list[Row]:
    rest = [passage for passage in top if not passage_holds(passage, answers)]
    return [*rest, *_first(fillers, len(top) - len(rest))]


def _replaced(
    top: Sequence[Row], fillers: Sequence[Row], answers: Sequence[str], versions: Sequence[Row], count: int | None
) -> list[Row]:
    """Put counter versions into the places of supporting passages; with count None, leave no gold answer."""
    supporting = [passage["passage_id"] for passage in top if passage["stance"] == SUPPORTING]
    if not supporting:
        raise _Impossible("no-supporting-passage", f"none among the first {len(top)} retrieved")
    version_of = {version["parent_id"]: version for version in reversed(versions)}
    able = [passage_id for passage_id in supporting if passage_id in version_of]
    wanted = len(supporting) if count is None else count
    if len(able) < wanted:
        detail = f"{len(able)} of {len(supporting)} supporting passages have a counter version, {wanted} wanted"
        raise _Impossible("too-few-counter-passages", detail)
    turned = set(able[:wanted])
    shown = [version_of[p["passage_id"]] if p["passage_id"] in turned else p for p in top]
    if count is None:
        places = [i for i, passage in enumerate(shown) if passage_holds(passage, answers)]
        for place, filler in zip(places, _first(fillers, len(places)), strict=True):
            shown[place] = filler
    return shown


def _first(fillers: Sequence[Row], count: int) -> Sequence[Row]:
    if len(fillers) < count:
        detail = f"{len(fillers)} irrelevant passages below the top, {count} wanted; retrieve deeper"
        raise _Impossible("too-few-fillers", detail)
    return fillers[:count]


def _example(question: Row, counter: Row, name: str, shown: Sequence[Row]) -> Row:
    return {
        "question_id": question["question_id"],
        "condition": name,
        "question": question["question"],
        "answers": question["answers"],
        "counter_answer": counter["counter_answer"],
        "counter_aliases": counter["counter_aliases"],
        "subject": question["subject"],
        "relation": question["relation"],
        "popularity": question["popularity"],
        "passages": [{**passage, "rank": rank} for rank, passage in enumerate(shown, start=1)],
    }
