"""KRE (Ying et al. 2023, arXiv 2309.17415): multiple choice, a context for the right and for a wrong choice.

The question is shown with its choices, as their texts: an answer is one of them. Contexts imply a choice and seldom
say it, so the benchmark's label tells which one each supports.
"""

import re
from collections.abc import Iterator

from ...core.tables import Row
from ...text.answer_types import CHOICE
from ...text.choices import with_choices
from ...text.stance import SUPPORTING
from . import About, Item, Text, Unusable, choices_of, listed, text_of

ABOUT = About(
    title="KRE: commonsense questions (COSE, ECARE) with golden and negative contexts",
    source="https://github.com/danshi777/IRCAN, data/KRE, arXiv 2309.17415",
    licence="not stated",
    checked="real files: the first 80 questions of COSE and of ECARE",
    note="the key of the golden context begins with a blank in the files; both forms are read",
)


def items(record: Row, part: str) -> Iterator[Item]:
    """Read a question; letters of choices become their texts."""
    choices = _choices(record.get("choices"))
    yield Item(
        question=with_choices(text_of(record, "question"), choices.values()),
        answers=[_chosen(choices, text_of(record, "answer"))],
        passages=[Text(text_of(record, "golden_context", " golden_context"), stance=SUPPORTING)],
        answer_type=CHOICE,
        counter_answers=[_chosen(choices, text_of(record, "negative_answer"))],
        counters=[Text(text_of(record, "negative_context"))],
    )


def _choices(value: object) -> dict[str, str]:
    """Return choices by letter: from labels and texts, a list, an object, or a text such as "A. red B. blue"."""
    if isinstance(value := listed(value), dict | list):
        return choices_of(value)
    parts = re.split(r"(?:^|\s)\(?([A-H])[.):]\s*", str(value or ""))
    return {letter: text.strip() for letter, text in zip(parts[1::2], parts[2::2], strict=True)}


def _chosen(choices: dict[str, str], answer: str) -> str:
    """Return the text of a choice by its letter; an answer that is a text already stays as it is."""
    if len(answer.strip("().")) > 1:
        return answer
    text = choices.get(answer.strip("().").upper(), "").strip()
    if not text:
        raise Unusable("malformed-record", f"no choice {answer!r} among {choices}")
    return text
