"""What a question is like, whatever a model answers: traits that answers are sliced by."""

from collections.abc import Iterable, Sequence

from ..core.tables import Row
from ..text.answer_types import answer_type_of
from ..text.normalization import normalized
from ..text.passages import by_rank
from ..text.stance import SUPPORTING, states

OTHER = "other"


def answer_kind(answer_type: str, answers: Sequence[str]) -> str:
    """Return the kind of a question's answer: the data set's answer type, or what the preferred answer looks like.

    That is boolean, year, date or number, and "other" for everything else: whether a name is that of a person or of
    a place, its words do not tell.
    """
    return answer_type or answer_type_of(answers) or OTHER


def names_of(questions: Iterable[Sequence[str]]) -> frozenset[str]:
    """Return all gold answers of questions, normalized."""
    return frozenset(filter(None, (normalized(name) for answers in questions for name in answers)))


def is_seen(answers: Sequence[str], known: frozenset[str]) -> bool:
    """Tell whether a gold answer is one of those of the training questions: it can be learnt without its question.

    Source: Lewis et al., EACL 2021, arXiv 2008.02637, on the overlap of test and training answers.
    """
    return any(normalized(name) in known for name in answers)


def gold_position(passages: Iterable[Row], answers: Sequence[str], others: Sequence[str] = ()) -> int:
    """Return the position of the first passage in the prompt that supports a gold answer, from 1; 0 where none does.

    `others` are longer names of something else (see matching.holds).
    """
    shown = by_rank(passages)
    return next((place for place, one in enumerate(shown, 1) if states(one, answers, SUPPORTING, others)), 0)
