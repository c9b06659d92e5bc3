"""What a question is like, whatever a model answers: traits that answers are sliced by."""

import re
from collections.abc import Iterable, Sequence

from ..core.tables import Row
from ..text.answer_types import answer_type_of
from ..text.normalization import normalized
from ..text.stance import SUPPORTING, supports

OTHER = "other"

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_YEAR = re.compile(r"(?:in |c\. ?)?[12]\d{3}(?: (?:AD|BC|CE|BCE))?", re.IGNORECASE)
_DATE = re.compile(rf"(?:\d{{1,2}} )?(?:{_MONTHS})\b[ ,\d]*(?:st|nd|rd|th)?[ ,\d]*|\d{{4}}-\d\d-\d\d", re.IGNORECASE)
_NUMBER = re.compile(r"[-+\u2212]?[$\u20ac\u00a3]?\d[\d,. ]*(?:\s?[%\w\u00b0\u00b2\u00b3/]+)?")


def answer_kind(answer_type: str, answers: Sequence[str]) -> str:
    """Return the kind of a question's answer: the data set's answer type, or what the preferred answer looks like.

    That is boolean, year, date or number, and "other" for everything else: whether a name is that of a person or of
    a place, its words do not tell.
    """
    if answer_type or not answers:
        return answer_type or OTHER
    named = answers[0].strip()
    looks = (("year", _YEAR), ("date", _DATE), ("number", _NUMBER))
    return answer_type_of(answers) or next((kind for kind, words in looks if words.fullmatch(named)), OTHER)


def names_of(questions: Iterable[Sequence[str]]) -> frozenset[str]:
    """Return all gold answers of questions, normalized."""
    return frozenset(filter(None, (normalized(name) for answers in questions for name in answers)))


def is_seen(answers: Sequence[str], known: frozenset[str]) -> bool:
    """Tell whether a gold answer is one of those of the training questions: it can be learnt without its question.

    Source: Lewis et al., EACL 2021, arXiv 2008.02637, on the overlap of test and training answers.
    """
    return any(normalized(name) in known for name in answers)


def gold_position(passages: Iterable[Row], answers: Sequence[str]) -> int:
    """Return the position of the first passage in the prompt that supports a gold answer, from 1; 0 where none does."""
    shown = sorted(passages, key=lambda passage: passage["rank"])
    return next((place for place, one in enumerate(shown, 1) if supports(one, answers, SUPPORTING)), 0)
