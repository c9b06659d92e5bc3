"""Injection for notebooks and other harnesses: one question with its passages, in plain Python, without files.

It goes the workflow's own way: a draw (counters.py), what is composed of it (compose.py), and the gates (gates.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypedDict

from ..core.errors import UserError
from ..core.identity import content_id
from ..core.tables import Row
from ..data.questions import TEST
from ..text.answer_types import answer_type_of
from ..text.passages import passage
from ..text.stance import stance_of
from . import compose, counters, gates, injectors
from .drafts import Pools

Question = Mapping[str, Any]  # question, answers; where known: subject, relation, answer_type, popularity, question_id
Passage = str | Mapping[str, Any]  # a text; or text, and where known: title, passage_id, score, stance


class Injected(TypedDict):
    """What a question is shown; passages are dictionaries with the fields of text.passages.PASSAGE."""

    counter_answer: str
    counter_aliases: list[str]  # every form of the counter-answer, itself first
    counter_passages: list[Row]  # all that could be made, in the order in which a count takes them
    passages: list[Row]  # as they are shown, rank 1 first; `origin` and `stance` tell which is what


class NotInjected(UserError):
    """This question cannot have what was asked for, others may: `reason` is one word to count by, `detail` says why."""

    def __init__(self, reason: str, detail: str) -> None:
        """Take a reason and a detail of the workflow's tables of rejected rows."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def inject(
    question: Question,
    passages: Sequence[Passage],
    kind: str,
    seed: int,
    *,
    others: Iterable[Question] | Pools = (),
    supporting: Literal["keep", "replace", "remove", "drop"] = "keep",
    count: int | Literal["all"] = 1,
    position: Literal["first", "last", "random"] = "first",
    sources: int | Literal["all"] = "all",
    top: int | None = None,
) -> Injected:
    """Draw a counter-answer for a question, make passages of a kind for it, and place them among the question's own.

    `question` needs `question` and `answers` (all names of the gold answer, the preferred one first). Most kinds name
    its `subject` or look for it. `passages` are the question's own, the best first: texts, or dictionaries with `text`
    and `title`. `kind` is an injector (docs/injectors.md) that needs no model. The same arguments give the same result.

    Counter-answers are drawn from the answers of `others`, questions of the same relation and answer type; `pools`
    collects them once for many calls. `supporting`, `count`, `position` and `sources` are those of a condition in the
    config. They start from the first `top` passages (by default, all); later ones stand in for those that leave.

    Raises NotInjected where no counter-answer can be drawn, too few passages can be made, or a gate finds the result
    unsound (docs/injectors.md). The gates that compare the questions of a data set are not asked. Raises
    UserError on an argument that is not allowed.
    """
    asked = _question(question)
    question_id = asked["question_id"]
    own = [_passage(given, rank, asked) for rank, given in enumerate(passages, start=1)]
    found = [{"question_id": question_id, "passages": own}]
    pool = {TEST: others if isinstance(others, Pools) else pools(others)}
    setting = compose.condition("inject", str(count), supporting, position, str(sources))
    drawn = _done(counters.draw([asked], pool, found, kind, injectors.load(kind), seed))
    example = _done(compose.compose([asked], found, [drawn], setting, len(own) if top is None else top, seed))
    _done(gates.gate([example], found, compose.gold_free(supporting, str(count))))
    return {
        "counter_answer": drawn["counter_answer"],
        "counter_aliases": drawn["counter_aliases"],
        "counter_passages": drawn["passages"],
        "passages": example["passages"],
    }


def pools(questions: Iterable[Question], passages: Iterable[Passage] = (), seed: int = 0) -> Pools:
    """Collect what `inject` may draw from: the answers of questions, and passages that the kind `irrelevant` shows."""
    nobody = _question({"question": "", "answers": []})
    elsewhere = [{"passages": [_passage(given, rank, nobody) for rank, given in enumerate(passages, start=1)]}]
    return counters.split_pools(map(_question, questions), elsewhere, seed).get(TEST, Pools({}))


def _done(outcome: tuple[list[Row], list[Row]]) -> Row:
    """Return the one row that a stage kept; raise NotInjected where it rejected it."""
    kept, rejected = outcome
    if rejected:
        raise NotInjected(rejected[0]["reason"], rejected[0]["detail"])
    return kept[0]


def _question(given: Question) -> Row:
    """Return a question as a row of QUESTIONS; raise UserError where it lacks its text or its answers."""
    missing = [key for key in ("question", "answers") if key not in given]
    if missing or isinstance(given["answers"], str):
        fault = f"it has no {' and no '.join(missing)}" if missing else "its answers are a text, not a list of names"
        raise UserError(f"question {dict(given)}: {fault}. It needs `question`, and `answers`, a list.")
    answers = list(given["answers"])
    known = {
        "question_id": content_id([given["question"], answers]),
        "dataset": "",
        "subject": "",
        "relation": "",
        "answer_type": answer_type_of(answers),
        "popularity": 0.0,
    }
    return {**known, **given, "answers": answers, "split": TEST}  # others and question: all of one split


def _passage(given: Passage, rank: int, question: Row) -> Row:
    known: Mapping[str, Any] = {"text": given} if isinstance(given, str) else given
    if "text" not in known:
        raise UserError(f"passage {rank} of question {question['question']!r} has no `text`: {dict(known)}")
    title, text = known.get("title", ""), known["text"]
    stance = known.get("stance") or stance_of({"title": title, "text": text}, question["answers"], question["subject"])
    identifier = known.get("passage_id") or content_id([title, text])
    return passage(identifier, title, text, rank, "retrieved", stance, known.get("score"))
