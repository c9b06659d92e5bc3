"""The counter-answer of each question and its ordered counter-passages: drawn once per kind and seed.

Conditions take prefixes of the list (compose.py), so a smaller dose is part of a larger one.

A draw speaks against the gold answer, or against a model's memory: what it answers closed-book. Where
the model is right that is the same. Where it is wrong, the counter-answer of the question is the model's
own wrong answer, and the passages that contradict it are those that support the gold answer, as
retrieved. So `gold` and `counter` always stand for true and false; which of the two the model believed
is told by its closed-book label, and which the passages support by their stance.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import partial
from typing import NamedTuple

import pyarrow as pa

from ..core.errors import UserError
from ..core.identity import content_id, row_random, row_seed
from ..core.tables import Row, rejection, table_schema
from ..data.questions import TEST
from ..text import matching
from ..text.abstention import abstains
from ..text.answer_ends import gives_answer
from ..text.final_answers import final_answer
from ..text.labels import label_of
from ..text.passages import PASSAGE, by_rank
from ..text.stance import COUNTER, GOLD, SUPPORTING, WRONG
from . import substitution
from .candidates import Plausible
from .drafts import Alternative, Draft, Injection, Injector, PoolKey, Pools, Refusal, Shipped

SAMPLE = 2000  # passages of a split that injectors may draw from

SOURCES = table_schema(  # RETRIEVED, read in part: what counter-passages are made from
    question_id=pa.string(),
    passages=pa.list_(pa.struct([PASSAGE.field(n) for n in ("passage_id", "title", "text", "rank", "stance")])),
)

COUNTERS = table_schema(
    draw=pa.string(),  # which list of counter-passages it is of (conditions.draw_name)
    question_id=pa.string(),
    kind=pa.string(),
    seed=pa.int64(),
    contradicts=pa.string(),  # gold | counter: what the passages speak against; counter where a model believes it
    counter_answer=pa.string(),
    counter_aliases=pa.list_(pa.string()),  # every form of the counter-answer, the counter-answer first
    passages=pa.list_(PASSAGE),  # ordered; a smaller dose is a prefix; may be empty
)


REJECTED_COUNTERS = table_schema(draw=pa.string(), question_id=pa.string(), reason=pa.string(), detail=pa.string())

Memory = Mapping[str, str]  # closed-book answers by question_id


class Against(NamedTuple):
    """What a question's passages are to contradict: the gold answer, or the model's own wrong one."""

    contradicts: str  # GOLD | WRONG
    wrong: Alternative | None  # the model's answer, where it is contradicted


def draw(
    questions: Sequence[Row],
    pools: Mapping[str, Pools],
    retrieved: Sequence[Row],
    kind: str,
    inject: Injector,
    seed: int,
    memory: Memory | None = None,
    name: str = "",
    chosen: Plausible | None = None,
) -> tuple[list[Row], list[Row]]:
    """Return the rows of COUNTERS and of REJECTED_COUNTERS for `questions`, under the draw's name: the kind if none.

    `pools` has the alternatives of each split: an answer comes from a question's own split, so nothing
    leaks from the test questions into training. With `memory`, the draw is against what the model
    answered; with `chosen`, the counter-answer is the plausible one. A question without a usable source passage keeps
    its counter-answer, with no passages; one without a counter-answer is rejected. Raises UserError if a question has
    no row in `retrieved`.
    """
    passages = {row["question_id"]: row["passages"] for row in retrieved}
    kept, rejected = [], []
    for question in questions:
        question_id = question["question_id"]
        if question_id not in passages:
            raise UserError(f"question {question_id} has no row among the retrieved passages: run retrieve again")
        ranked = by_rank(passages[question_id])
        pool = pools[question["split"]]
        against = contradicted(question, pool, memory)
        outcome: Injection | Refusal
        if isinstance(against, Refusal):
            outcome = against
        elif against.wrong is not None:
            true = (Draft(p["title"], p["text"], p, SUPPORTING) for p in ranked if p["stance"] == SUPPORTING)
            outcome = Injection(against.wrong.answer, against.wrong.aliases, tuple(true))
        else:
            own = pool if chosen is None else chosen.pools(question, pool)
            rng = row_random(seed, f"counters/{kind}", question_id)
            outcome = own if isinstance(own, Refusal) else inject(question, ranked, own, rng)
        if isinstance(outcome, Refusal) or isinstance(against, Refusal):
            rejected.append({"draw": name or kind, **rejection(question_id, *outcome[:2])})
        else:
            kept.append(counter_row(name or kind, question_id, outcome, kind, seed, against.contradicts))
    return kept, rejected


def believed(recalled: Row) -> str:
    """Return the closed-book answer of a row of RECALL; "" where it was cut before it was given."""
    text, asked = recalled["closed_book_answer"], recalled["closed_book_asked"]
    return final_answer(text, asked) if recalled["closed_book_finished"] or gives_answer(text, asked) else ""


def contradicted(question: Row, pools: Pools, memory: Memory | None) -> Against | Refusal:
    """Return what the passages of a question are to contradict, or why we cannot tell what the model believes."""
    if memory is None:
        return Against(GOLD, None)
    question_id = question["question_id"]
    if question_id not in memory:
        return Refusal("memory-unknown", "the question was rejected when the model was asked")
    answer = memory[question_id]
    named = [other for other in pools.named_in(question, answer) if substitution.differs(other, question)]
    wrong = named[0] if named else None
    if label_of(answer, question["answers"], []) == "gold":
        if wrong is not None:
            return Refusal("memory-both", f"the closed-book answer names a gold one and {wrong.answer!r}: {answer!r}")
        return Against(GOLD, None)
    if wrong is None:
        reason = "memory-abstains" if abstains(answer) else "memory-unknown"
        return Refusal(reason, f"the closed-book answer names no answer of the relation: {answer!r}")
    rival = next((other for other in named if matching.first_nested(other.aliases, wrong.aliases) is None), None)
    if rival is not None:
        both = f"{wrong.answer!r} and {rival.answer!r}"
        return Refusal("memory-both", f"the closed-book answer names {both}: {answer!r}")
    return Against(WRONG, wrong)


def split_pools(
    questions: Iterable[Row], retrieved: Iterable[Row] = (), seed: int = 0, shipped: Shipped = lambda question_id: None
) -> dict[str, Pools]:
    """Return what injectors may draw from, by split: all its gold answers, a sample of `retrieved`, and `shipped`.

    The passages are those with the lowest hashes, so they do not depend on the order of rows. Answers of
    another split that the test questions have too are marked.
    """
    names: dict[str, _Lists] = {}
    for question in questions:
        _collect(names.setdefault(question["split"], {}), question)
    sample = _sampled((passage for row in retrieved for passage in row["passages"]), seed)
    tested = _names(names.get(TEST, {})) if len(names) > 1 else set()
    return {
        split: Pools(_pools(lists, set() if split == TEST else tested), sample, shipped)
        for split, lists in sorted(names.items())
    }


class _Listed(NamedTuple):
    """The gold answers of one question, and of whom and how often asked about they are."""

    answers: tuple[str, ...]
    subject: str
    popularity: float


_Lists = dict[PoolKey, dict[str, list[_Listed]]]


def _collect(lists: _Lists, question: Row) -> None:
    answers = tuple(answer for answer in question["answers"] if answer.strip())
    if answers:
        by_name = lists.setdefault((question["relation"], question["answer_type"]), {})
        listed = _Listed(answers, question["subject"], question["popularity"])
        by_name.setdefault(_normalized(answers[0]), []).append(listed)


def _names(lists: _Lists) -> set[str]:
    """Return all names of all answers, normalized."""
    every = (one for by_name in lists.values() for listed in by_name.values() for one in listed)
    return {_normalized(name) for one in every for name in one.answers}


def _pools(lists: _Lists, tested: Set[str] = frozenset()) -> dict[PoolKey, list[Alternative]]:
    """Build the pools, and empty `lists` on the way: together they would need twice the memory."""
    return {key: _alternatives(lists.pop(key), tested) for key in sorted(lists)}


def _alternatives(lists: Mapping[str, Sequence[_Listed]], tested: Set[str]) -> list[Alternative]:
    """Return one alternative for each preferred answer, from the answer lists that it leads.

    A list of gold answers holds aliases of one answer beside other valid answers (the languages of
    Belgium), and does not say which is which. An alias of an answer is in every list that the answer
    leads. And it does not lead lists of its own, unless those name this answer in turn.
    """
    agreed = {
        name: set.intersection(*(set(map(_normalized, one.answers)) for one in listed))
        for name, listed in lists.items()
    }
    alternatives = []
    for name, listed in sorted(lists.items()):
        answer = min(one.answers[0] for one in listed)
        others = sorted({form for one in listed for form in one.answers} - {answer})
        own = {form for form in agreed[name] if form not in agreed or name in agreed[form]}
        aliases = (answer, *(form for form in others if _normalized(form) in own))
        subject, popularity = min(one.subject for one in listed), max(one.popularity for one in listed)
        shared = any(_normalized(form) in tested for form in aliases) if tested else False
        alternatives.append(Alternative(answer, aliases, (answer, *others), subject, popularity, shared))
    return alternatives


def _normalized(name: str) -> str:
    return " ".join(matching.words(name).folded)


def _sampled(passages: Iterable[Row], seed: int) -> list[Row]:
    """Return the SAMPLE distinct passages with the lowest hashes."""
    order = partial(row_seed, seed, "counters/passages")
    worst_first: list[tuple[int, str, Row]] = []
    taken: set[str] = set()
    for passage in passages:
        passage_id = passage["passage_id"]
        if passage_id in taken:
            continue
        place = -order(passage_id)
        if len(worst_first) < SAMPLE:
            heapq.heappush(worst_first, (place, passage_id, passage))
        elif place > worst_first[0][0]:
            taken.remove(heapq.heapreplace(worst_first, (place, passage_id, passage))[1])
        else:
            continue
        taken.add(passage_id)
    return [passage for _, _, passage in sorted(worst_first, key=lambda one: (-one[0], one[1]))]


def counter_row(draw: str, question_id: str, injection: Injection, kind: str, seed: int, contradicts: str) -> Row:
    """Return the row of COUNTERS for an injection: its drafts as passages, with their ids and their lineage."""
    passages = [
        _passage(draft, place, question_id, injection.counter_answer, kind, seed)
        for place, draft in enumerate(injection.drafts, start=1)
    ]
    # Two sources that differ in the answer alone become one passage: it counts once.
    distinct = {passage["passage_id"]: passage for passage in reversed(passages)}
    return {
        "draw": draw,
        "question_id": question_id,
        "kind": kind,
        "seed": seed,
        "contradicts": contradicts,
        "counter_answer": injection.counter_answer,
        "counter_aliases": list(injection.counter_aliases),
        "passages": [passage for passage in passages if distinct[passage["passage_id"]] is passage],
    }


def _passage(draft: Draft, place: int, question_id: str, counter_answer: str, kind: str, seed: int) -> Row:
    if draft.shipped:
        return {**draft.shipped, "rank": place, "source_id": draft.shipped["passage_id"]}
    parent_id = draft.parent["passage_id"] if draft.parent else None
    return {
        "passage_id": content_id([draft.title, draft.text]),
        "title": draft.title,
        "text": draft.text,
        "rank": draft.parent["rank"] if draft.parent else place,
        "file_rank": None,
        "score": None,  # the retriever never saw it
        "origin": "injected",
        "stance": draft.stance,
        "counter_answer": counter_answer if draft.stance == COUNTER else None,
        "injector": kind,
        "seed": seed,
        "parent_id": parent_id,
        "source_id": draft.source or parent_id or content_id([kind, question_id]),
    }
