"""CONFLICTS (Cattan et al. 2025, arXiv 2506.08500): search results with the type of their conflict.

It labels the question, not its documents, so stances follow from the correct answer, and there is no
counter-answer. The relation is the type of conflict.
"""

from collections.abc import Iterator

from ...core.tables import Row
from . import About, Item, Text, answers_of, objects_of, text_of

ABOUT = About(
    title="CONFLICTS: questions with search results in five types of conflict",
    source="https://github.com/google-research-datasets/rag_conflicts, conflicts.jsonl, arXiv 2506.08500",
    licence="Apache-2.0",
    checked="schema only",
    files=("conflicts.jsonl",),
    contradicts=False,
    expected=(("search_results", "retrieved_docs"),),
    note="no counter-answers; questions without a short correct answer are rejected",
)


def items(record: Row, part: str) -> Iterator[Item]:
    """Read a question with its search results, in their order."""
    results = objects_of(record, "search_results") or objects_of(record, "retrieved_docs")
    texts = [(one, one.get("short_text") or one.get("snippet") or one.get("text")) for one in results]
    yield Item(
        question=text_of(record, "question", "query"),
        answers=answers_of(record, "correct_answer"),
        identifier=str(record.get("id") or ""),
        relation=str(record.get("conflict_type") or ""),
        passages=[Text(str(text), str(one.get("title") or "")) for one, text in texts if str(text or "").strip()],
    )
