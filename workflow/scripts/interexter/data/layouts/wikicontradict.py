"""WikiContradict (Hou et al., NeurIPS 2024, arXiv 2406.13805): two Wikipedia passages that contradict each other.

Nobody says which of the two is true. By convention here the first answer is the gold one and the second the
counter-answer; rates on this data set tell what a model prefers, not whether it is right.
"""

from collections.abc import Iterator

from ...core.tables import Row
from ...text.stance import SUPPORTING
from . import About, Item, Text, text_of

ABOUT = About(
    title="WikiContradict: real contradictions in Wikipedia, explicit and implicit",
    source="hub ibm-research/Wikipedia_contradict_benchmark, WikiContradict_dataset_v1_rag_qa.csv, arXiv 2406.13805",
    licence="MIT",
    checked="schema only",
    files=("WikiContradict_dataset_v1_rag_qa.csv",),
    expected=(("WikipediaArticleTitle",), ("contradictType",)),
    note="gold is the first answer by convention",
)


def items(record: Row, part: str) -> Iterator[Item]:
    """Read a question with both passages."""
    title = str(record.get("WikipediaArticleTitle") or "")
    yield Item(
        question=text_of(record, "question"),
        answers=[text_of(record, "answer1")],
        subject=title,
        relation=str(record.get("contradictType") or ""),
        passages=[Text(text_of(record, "context1"), title, stance=SUPPORTING)],
        counter_answers=[text_of(record, "answer2")],
        counters=[Text(text_of(record, "context2"), title)],
    )
