"""What a passage says about a question: whether it supports a gold answer, by its label or by token boundaries.

A name is looked for in a passage's title and in its text, each by itself. What lies inside a mention
of the subject is no answer ("Guatemala" in "Guatemala City"), and what lies inside a longer mention of
an answer is no subject ("Mexico" in "Mexico City").
"""

from collections.abc import Sequence

from ..core.tables import Row
from . import matching
from .answer_types import BOOLEAN, answer_type_of
from .choices import has_choices

SUPPORTING = "supporting"
COUNTER = "counter"
IRRELEVANT = "irrelevant"
UNKNOWN = "unknown"

# What the injected passages of a question speak against: the gold answer, or a model's wrong one.
GOLD = "gold"
WRONG = "counter"


def passage_holds(passage: Row, names: Sequence[str], others: Sequence[str] = ()) -> bool:
    """Tell whether a passage's title or text contains one of `names` as whole tokens, in no longer name of `others`."""
    return matching.holds(passage["text"], names, others) or matching.holds(passage["title"], names, others)


def is_injected(passage: Row) -> bool:
    """Tell whether a condition put a passage among those of a question, of its own make or the data set's."""
    return passage["origin"] == "injected" or passage["stance"] == COUNTER


def implied(answers: Sequence[str], question: str) -> bool:
    """Tell whether passages imply an answer and do not say it: yes and no, and one of the choices that are shown."""
    return has_choices(question) or answer_type_of(answers) == BOOLEAN


def states(passage: Row, answers: Sequence[str], side: str, others: Sequence[str] = (), question: str = "") -> bool:
    """Tell whether a passage gives one of `answers`, which `side` (SUPPORTING or COUNTER) stands for.

    It does if it holds one, not within a longer name of `others` ("Africa" in "South Africa"). Where answers are
    implied, its stance tells (`question` matters only where it shows choices).
    """
    if implied(answers, question):
        return bool(passage["stance"] == side)
    return passage_holds(passage, answers, others)


def supports(passage: Row, answers: Sequence[str], side: str, others: Sequence[str] = (), question: str = "") -> bool:
    """Tell whether a passage supports one of `answers`: by its label, or because it gives one.

    A label tells what words may not, that a passage speaks for an answer; a stance that we gave goes by words anyway.
    """
    return passage["stance"] == side or states(passage, answers, side, others, question)


def any_holds(passages: Sequence[Row], names: Sequence[str], others: Sequence[str] = ()) -> bool:
    """Tell whether one of the passages contains one of `names`, as passage_holds does of each."""
    return any(passage_holds(passage, names, others) for passage in passages)


def stance_of(passage: Row, answers: Sequence[str], subject: str) -> str:
    """Return the stance of a retrieved passage towards a question.

    `supporting`: it holds a gold answer and mentions the subject (with subject "", a gold answer is
    enough). `unknown`: it holds a gold answer, but we cannot tell that it is about the subject.
    `irrelevant`: it holds no gold answer.
    """
    if not passage_holds(passage, answers):
        return IRRELEVANT
    if not subject.strip():
        return SUPPORTING
    if not passage_holds(passage, [subject]):
        return UNKNOWN
    says_answer = says_subject = False
    for text in (passage["title"], passage["text"]):
        golds = answer_mentions(text, answers, subject)
        says_answer |= bool(golds)
        says_subject |= any(not _within(span, golds) for span in matching.mentions(text, [subject]))
    return SUPPORTING if says_answer and says_subject else UNKNOWN


def answer_mentions(text: str, answers: Sequence[str], subject: str) -> list[matching.Span]:
    """Return the character spans of the mentions of `answers` that are not part of the subject's name.

    A mention that overlaps a mention of the subject belongs to the longer of the two: "Mexico City"
    is the answer where the subject is "Mexico". If both are equal it belongs to the subject.
    """
    golds = matching.mentions(text, answers)
    subjects = matching.mentions(text, [subject]) if golds else []
    return [gold for gold in golds if not any(_overlap(gold, s) and _length(s) >= _length(gold) for s in subjects)]


def _within(span: matching.Span, others: Sequence[matching.Span]) -> bool:
    return any(o[0] <= span[0] and span[1] <= o[1] for o in others)


def _overlap(one: matching.Span, other: matching.Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _length(span: matching.Span) -> int:
    return span[1] - span[0]
