"""Clusters: the questions that tell less together than apart, since they are about one entity."""

from collections.abc import Sequence

from ..text.answer_types import BOOLEAN, answer_type_of
from ..text.normalization import normalized


def cluster_of(question_id: str, subject: str, answers: Sequence[str]) -> str:
    """Return the name of a question's cluster: its subject, else its gold answer, else the question itself.

    A model knows much of one entity or little, and retrieval finds its page or not. A gold answer of yes or no, or
    one with a digit in it, is shared by chance: such questions are clusters of their own.
    """
    if about := normalized(subject):
        return about
    name = normalized(answers[0]) if answers else ""
    by_chance = answer_type_of(answers) == BOOLEAN or any(map(str.isdigit, name))
    return question_id if by_chance or not name else name
