"""The passages that a question is shown under one condition.

Everything is built on the *top*, the K best retrieved passages, which are shown in one of ordering.ORDERS:

- `keep`: the top as it is, with `count` counter-passages inserted;
- `replace`: the first `count` supporting passages of the top give their places to their own counter
  versions; with `all`, other passages that hold a gold answer give theirs to irrelevant ones;
- `drop`: passages that support a gold answer leave, and nothing takes their places;
- `remove`: passages that support a gold answer leave, irrelevant ones from deeper ranks follow as the worst,
  then `count` counter-passages are inserted.

What is inserted stands at its index in the prompt, whatever the order of the others; `score` is a rank among them.

Counter-passages are taken from the front of one list and put in one after the other, so that the
passages of a smaller dose stand in the same order in a larger one. With `sources`, only those of the
first that many sources are taken, all of which must speak.

Where a model's wrong memory is contradicted, the counter-passages are supporting passages, as they were
retrieved. Those of the dose then change their places, and do not stand there twice; what is removed
or replaced is what holds the wrong answer; and `remove` takes the rest of what holds the gold one, so
that the dose is what the condition says.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from random import Random
from typing import NamedTuple

import pyarrow as pa

from ..core.errors import UserError
from ..core.identity import row_random
from ..core.tables import Row, rejection, table_schema
from ..data.longer_names import LongerNames
from ..text.passages import PASSAGE, by_rank
from ..text.stance import GOLD, IRRELEVANT, SUPPORTING, WRONG, passage_holds, supports
from .ordering import BEST_FIRST, indices

EXAMPLES = table_schema(
    question_id=pa.string(),
    condition=pa.string(),
    question=pa.string(),
    answers=pa.list_(pa.string()),
    counter_answer=pa.string(),
    counter_aliases=pa.list_(pa.string()),
    other_names=pa.list_(pa.string()),  # of something else, that hold an answer's or the counter-answer's: South Africa
    subject=pa.string(),
    relation=pa.string(),
    popularity=pa.float64(),
    passages=pa.list_(PASSAGE),
)


ALL = "all"
_UNCONTESTED: Row = {"counter_answer": "", "counter_aliases": [], "passages": [], "contradicts": GOLD}
SUPPORTING_CHOICES = ("keep", "replace", "remove", "drop")
POSITIONS = ("first", "last", "random", "score")


class Condition(NamedTuple):
    """A named setting of the injection."""

    name: str
    dose: int | None  # counter-passages; None is all that there are
    supporting: str  # one of SUPPORTING_CHOICES
    position: str  # one of POSITIONS: the index in the prompt of what is inserted; without meaning for `replace`
    sources: int | None = None  # independent sources that they come from; None is as many as it gives

    @property
    def baseline(self) -> bool:
        """Whether it shows what was found, and nothing else: its questions need nothing that contradicts them."""
        return self.dose == 0 and self.supporting == "keep"

    @property
    def everything(self) -> bool:
        """Whether it shows all that a data set ships with a question, however much that is."""
        return self.dose is None and self.supporting == "keep"

    @property
    def as_many_as_there_are(self) -> bool:
        """Whether a question may have fewer passages than the top."""
        return self.baseline or self.everything or self.supporting == "drop"


class _Impossible(Exception):
    """A row that this condition cannot be composed for."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


def condition(name: str, count: str, supporting: str, position: str, sources: str = ALL) -> Condition:
    """Build a condition from the config's words; raise UserError on a value that is not allowed."""
    if supporting not in SUPPORTING_CHOICES:
        raise UserError(f"condition {name}: supporting is {supporting!r}, expected one of {list(SUPPORTING_CHOICES)}")
    if position not in POSITIONS:
        raise UserError(f"condition {name}: position is {position!r}, expected one of {list(POSITIONS)}")
    for key, value in (("count", count), ("sources", sources)):
        if value != ALL and not (value.isascii() and value.isdigit()):
            raise UserError(f"condition {name}: {key} is {value!r}, expected a number from 0, or {ALL!r}")
    if supporting == "replace" and count != ALL and int(count) == 0:
        raise UserError(f"condition {name}: count 0 replaces nothing; use supporting: keep, or a count of at least 1")
    if sources != ALL and (count == ALL or not 1 <= int(sources) <= int(count)):
        raise UserError(f"condition {name}: {sources} sources cannot tell {count} passages")
    return Condition(name, _number(count), supporting, position, _number(sources))


def _number(word: str) -> int | None:
    return None if word == ALL else int(word)


def gold_free(supporting: str, count: str) -> bool:
    """Tell whether a condition promises that no passage holds a gold answer."""
    return supporting in ("remove", "drop") or (supporting == "replace" and count == ALL)


def compose(
    questions: Sequence[Row],
    retrieved: Sequence[Row],
    counters: Sequence[Row],
    setting: Condition,
    passages: int,
    seed: int,
    order: str = BEST_FIRST,
    longer: LongerNames | None = None,
) -> tuple[list[Row], list[Row]]:
    """Return the rows of EXAMPLES under a condition, with a top of `passages` in an order, and of REJECTED.

    Without an injection a question needs no counter-answer, and may have fewer passages, but one at least. `longer`
    knows the names of the data set's questions, by default of `questions`.

    Raises UserError if `passages` is below 1 or a question has no row in `retrieved`.
    """
    if passages < 1:
        raise UserError(f"passages is {passages}: expected at least 1 passage per question")
    found = {row["question_id"]: row["passages"] for row in retrieved}
    drawn = {row["question_id"]: row for row in counters}
    longer = longer or LongerNames(lambda: questions)
    kept, rejected = [], []
    for question in questions:
        question_id = question["question_id"]
        if question_id not in found:
            raise UserError(f"question {question_id} has no row among the retrieved passages: run retrieve again")
        counter = drawn.get(question_id, _UNCONTESTED if setting.baseline else None)
        if counter is None:
            rejected.append(rejection(question_id, "no-counter-answer", "rejected when counter-answers were drawn"))
            continue
        # Neither the condition nor its count is part of the seed: doses must draw the same places.
        seeded = partial(row_random, seed, "compose", question_id)  # a generator costs more than most rows
        ranked = by_rank(found[question_id])
        try:
            shown = _shown(ranked, passages, question["answers"], counter, setting, order, seeded)
        except _Impossible as why:
            rejected.append(rejection(question_id, why.reason, why.detail))
            continue
        kept.append(_example(question, counter, setting.name, shown, longer))
    return kept, rejected


def _shown(
    found: Sequence[Row],
    size: int,
    answers: Sequence[str],
    counter: Row,
    setting: Condition,
    order: str,
    seeded: Callable[[], Random],
) -> list[Row]:
    if len(found) < size and not (setting.as_many_as_there_are and (found or counter["passages"])):
        raise _Impossible("too-few-passages", f"{len(found)} retrieved, {size} wanted")
    top, versions = list(found[:size]), counter["passages"]
    wrong = counter["contradicts"] == WRONG
    names = [*answers, *counter["counter_aliases"]]
    fillers = (p for p in found[size:] if p["stance"] == IRRELEVANT and not passage_holds(p, names))
    if setting.supporting == "replace":
        if wrong:
            shown = _without(top, fillers, [], counter["counter_aliases"], in_place=True)
        else:
            shown = _replaced(top, fillers, answers, versions, setting)
        return [shown[index] for index in indices(top, order)]
    if setting.supporting == "remove":
        top = _without(top, fillers, answers, counter["counter_aliases"] if wrong else [])
    if setting.supporting == "drop":
        top = [p for p in top if not _leaves(p, answers, counter["counter_aliases"] if wrong else [])]
    dose = _dose(versions, setting)
    if not top and not dose:
        raise _Impossible("too-few-passages", "nothing is left that could be shown")
    if wrong:
        moved = {version["parent_id"] for version in dose}
        top = [passage for passage in top if passage["passage_id"] not in moved]
    if setting.position == "score":
        top = _by_score(top, dose)
        return [top[index] for index in indices(top, order)]
    return _inserted([top[index] for index in indices(top, order)], dose, setting.position, seeded)


def _dose(versions: Sequence[Row], setting: Condition) -> Sequence[Row]:
    """Return the first counter-passages, as many as wanted, or all of them, of which there must be one at least."""
    if setting.sources is not None:
        first = list(dict.fromkeys(version["source_id"] for version in versions))[: setting.sources]
        if len(first) < setting.sources:
            raise _Impossible("too-few-sources", f"{len(first)} made, {setting.sources} wanted")
        versions = [version for version in versions if version["source_id"] in first]
        missing = set(first) - {version["source_id"] for version in versions[: setting.dose]}
        if missing:
            raise _Impossible("too-few-sources", f"{len(missing)} of {setting.sources} would not be shown")
    wanted = max(1, len(versions)) if setting.dose is None else setting.dose
    if len(versions) < wanted:
        raise _Impossible("too-few-counter-passages", f"{len(versions)} made, {wanted} wanted")
    return versions[:wanted]


def _inserted(passages: list[Row], dose: Sequence[Row], position: str, seeded: Callable[[], Random]) -> list[Row]:
    """Insert a dose: as a block at the front or at the end, or each passage at a place of its own."""
    if position == "first":
        return [*dose, *passages]
    if position == "last":
        return [*passages, *dose]
    shown, rng = list(passages), seeded()
    for passage in dose:
        shown.insert(rng.randrange(len(shown) + 1), passage)
    return shown


def _by_score(best_first: Sequence[Row], dose: Sequence[Row]) -> list[Row]:
    """Rank a dose among passages by the retrieval scores: each before the first that scores lower."""
    if any(passage["score"] is None for passage in (*best_first, *dose)) and dose:
        raise _Impossible("no-score", "the retrieved passages have no scores that a counter-passage could be placed by")
    ranked = list(best_first)
    for passage in dose:
        below = (index for index, other in enumerate(ranked) if other["score"] < passage["score"])
        ranked.insert(next(below, len(ranked)), passage)
    return ranked


def _without(
    top: Sequence[Row], fillers: Iterable[Row], gold: Sequence[str], wrong: Sequence[str] = (), in_place: bool = False
) -> list[Row]:
    """Take out the passages that support a gold answer or hold a wrong one; irrelevant ones follow, or replace them."""
    out = [_leaves(passage, gold, wrong) for passage in top]
    others = iter(_first(fillers, sum(out)))
    if in_place:
        return [next(others) if leaves else passage for passage, leaves in zip(top, out, strict=True)]
    return [*(passage for passage, leaves in zip(top, out, strict=True) if not leaves), *others]


def _leaves(passage: Row, gold: Sequence[str], wrong: Sequence[str]) -> bool:
    """Tell whether a passage supports one of the gold answers, or holds a wrong one, of those that are given."""
    return bool(gold and supports(passage, gold, SUPPORTING)) or bool(wrong and passage_holds(passage, wrong))


def _replaced(
    top: Sequence[Row], fillers: Iterable[Row], answers: Sequence[str], versions: Sequence[Row], setting: Condition
) -> list[Row]:
    """Put counter versions into the places of supporting passages; with dose None, leave no gold answer."""
    supporting = [passage["passage_id"] for passage in top if passage["stance"] == SUPPORTING]
    if not supporting:
        raise _Impossible("no-supporting-passage", f"none among the first {len(top)} retrieved")
    version_of = {version["parent_id"]: version for version in reversed(versions)}
    able = [passage_id for passage_id in supporting if passage_id in version_of]
    wanted = len(supporting) if setting.dose is None else setting.dose
    if len(able) < wanted:
        detail = f"{len(able)} of {len(supporting)} supporting passages have a counter version, {wanted} wanted"
        raise _Impossible("too-few-counter-passages", detail)
    turned = set(able[:wanted])
    shown = [version_of[p["passage_id"]] if p["passage_id"] in turned else p for p in top]
    return _without(shown, fillers, answers, in_place=True) if setting.dose is None else shown


def _first(fillers: Iterable[Row], count: int) -> Iterator[Row]:
    found = list(islice(fillers, count))
    if len(found) < count:
        detail = f"{len(found)} irrelevant passages below the top, {count} wanted; retrieve deeper"
        raise _Impossible("too-few-fillers", detail)
    return iter(found)


def _example(question: Row, counter: Row, name: str, shown: Sequence[Row], longer: LongerNames) -> Row:
    return {
        "question_id": question["question_id"],
        "condition": name,
        "question": question["question"],
        "answers": question["answers"],
        "counter_answer": counter["counter_answer"],
        "counter_aliases": counter["counter_aliases"],
        "other_names": longer.of(question, counter["counter_aliases"]),
        "subject": question["subject"],
        "relation": question["relation"],
        "popularity": question["popularity"],
        "passages": [{**passage, "rank": rank} for rank, passage in enumerate(shown, start=1)],
    }
