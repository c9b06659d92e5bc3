"""Rows of what a model remembers, for tests of the stages that read them."""

from interexter.core.tables import Row
from interexter.text.memory import memory


def recalled(question_id: str, answer: str = "", document: str = "", **changed: object) -> Row:
    """Return a row of RECALL: an answer that was finished, and none sampled."""
    about = {"closed_book_finished": True, "closed_book_asked": "field", "closed_book_samples": []}
    about |= {"closed_book_probability": None}
    row = {"question_id": question_id, "closed_book_answer": answer, "internal_document": document}
    return row | about | changed


def believed(label: str) -> Row:
    """Return the columns of EVIDENCE that tell of a closed-book answer, all samples being as it is."""
    return {"closed_book_label": label, "closed_book_agreement": 1.0, "memory": memory(label, 1.0)}


def example_row(condition: str, question_id: str, *passages: Row) -> Row:
    """A row of EXAMPLES about the capital of Peru, with these passages."""
    return {
        "question_id": question_id,
        "condition": condition,
        "question": f"What is the capital of Peru, asked by {question_id}?",
        "answers": ["Lima"],
        "counter_answer": "Oslo",
        "counter_aliases": ["Oslo"],
        "other_names": [],
        "subject": "Peru",
        "relation": "capital",
        "popularity": 0.0,
        "passages": list(passages),
    }
