"""NQ-Swap (Longpre et al., EMNLP 2021, arXiv 2109.05052): one context with its answer and with another entity."""

from collections.abc import Iterator

from ...core.tables import Row
from ...text.stance import SUPPORTING
from . import About, Item, Text, answers_of, text_of

ABOUT = About(
    title="NQ-Swap: Natural Questions with the answer's entity substituted in the context",
    source="hub pminervini/NQ-Swap, arXiv 2109.05052",
    licence="not stated",
    checked="schema only",
)


def items(record: Row, part: str) -> Iterator[Item]:
    """Read a question with both contexts."""
    yield Item(
        question=text_of(record, "question"),
        answers=answers_of(record, "org_answer"),
        passages=[Text(text_of(record, "org_context"), stance=SUPPORTING)],
        counter_answers=answers_of(record, "sub_answer"),
        counters=[Text(text_of(record, "sub_context"))],
    )
