"""The counter-answer of each question and its ordered counter-passages: drawn once per kind and seed.

Conditions take prefixes of the list (compose.py), so a smaller dose is part of a larger one.
"""

from collections.abc import Mapping, Sequence

from . import matching
from .errors import UserError
from .identity import content_id, row_random
from .injectors import Alternative, Draft, Injection, Injector, Pools, Refusal
from .tables import Row, rejection


def draw(
    questions: Sequence[Row],
    all_questions: Sequence[Row],
    retrieved: Sequence[Row],
    kind: str,
    inject: Injector,
    seed: int,
) -> tuple[list[Row], list[Row]]:
    """Return the rows of COUNTERS and of REJECTED for `questions`.

    Alternatives come from `all_questions` of a question's own split, so nothing leaks from the test
    questions into training. A question without a usable source passage keeps its counter-answer, with
    no passages; one without a counter-answer is rejected. Raises UserError if a question has no row
    in `retrieved`.
    """
    pools = {split: answer_pools(all_questions, split) for split in sorted({q["split"] for q in questions})}
    passages = {row["question_id"]: row["passages"] for row in retrieved}
    kept, rejected = [], []
    for question in questions:
        question_id = question["question_id"]
        if question_id not in passages:
            raise UserError(f"question {question_id} has no row among the retrieved passages: run retrieve again")
        by_rank = sorted(passages[question_id], key=lambda passage: passage["rank"])
        rng = row_random(seed, f"counters/{kind}", question_id)
        match inject(question, by_rank, pools[question["split"]], rng):
            case Refusal(reason, detail):
                rejected.append(rejection(question_id, reason, detail))
            case injection:
                kept.append(_row(question_id, injection, kind, seed))
    return kept, rejected


def answer_pools(questions: Sequence[Row], split: str) -> Pools:
    """Return the distinct gold answers of a split's questions, by (relation, answer type).

    Questions whose preferred answers are equal after normalization share one alternative. The pools
    depend on the questions' content alone, not on their order.
    """
    lists: dict[tuple[str, str], dict[str, list[list[str]]]] = {}
    for question in questions:
        answers = [answer for answer in question["answers"] if answer.strip()]
        if question["split"] == split and answers:
            by_name = lists.setdefault((question["relation"], question["answer_type"]), {})
            by_name.setdefault(_normalized(answers[0]), []).append(answers)
    return {key: _alternatives(by_name) for key, by_name in sorted(lists.items())}


def _alternatives(lists: Mapping[str, Sequence[Sequence[str]]]) -> list[Alternative]:
    """Return one alternative for each preferred answer, from the answer lists that it leads.

    A list of gold answers holds aliases of one answer beside other valid answers (the languages of
    Belgium), and does not say which is which. An alias of an answer is in every list that the answer
    leads. And it does not lead lists of its own, unless those name this answer in turn.
    """
    agreed = {name: set.intersection(*(set(map(_normalized, names)) for names in lists[name])) for name in lists}
    alternatives = []
    for name, answers in sorted(lists.items()):
        answer = min(names[0] for names in answers)
        listed = sorted({form for names in answers for form in names} - {answer})
        own = {form for form in agreed[name] if form not in agreed or name in agreed[form]}
        aliases = [form for form in listed if _normalized(form) in own]
        alternatives.append(Alternative(answer, (answer, *aliases), (answer, *listed)))
    return alternatives


def _normalized(name: str) -> str:
    return " ".join(token.folded for token in matching.tokens(name))


def _row(question_id: str, injection: Injection, kind: str, seed: int) -> Row:
    passages = [_passage(draft, injection.counter_answer, kind, seed) for draft in injection.drafts]
    # Two sources that differ in the answer alone become one passage: it counts once.
    distinct = {passage["passage_id"]: passage for passage in reversed(passages)}
    return {
        "question_id": question_id,
        "kind": kind,
        "seed": seed,
        "counter_answer": injection.counter_answer,
        "counter_aliases": list(injection.counter_aliases),
        "passages": [passage for passage in passages if distinct[passage["passage_id"]] is passage],
    }


def _passage(draft: Draft, counter_answer: str, kind: str, seed: int) -> Row:
    return {
        "passage_id": content_id([draft.title, draft.text]),
        "title": draft.title,
        "text": draft.text,
        "rank": draft.parent["rank"],
        "score": None,  # the retriever never saw it
        "origin": "injected",
        "stance": draft.stance,
        "counter_answer": counter_answer,
        "injector": kind,
        "seed": seed,
        "parent_id": draft.parent["passage_id"],
    }
