"""Recall: what the model knows without passages."""

from ..core.tables import Row
from ..engine.conversations import Conversation, Sampling
from ..engine.prompts import PromptSet

TEMPLATES = ("closed-book", "internal-document")


def recall(question: Row, prompts: PromptSet, answer_tokens: int, document_tokens: int) -> Conversation[Row]:
    """Ask for the closed-book answer and the internal document of a question; return a RECALL row."""
    answer, document = yield [
        prompts.ask("closed-book", Sampling(answer_tokens), question=question["question"], documents=""),
        prompts.ask("internal-document", Sampling(document_tokens), question=question["question"]),
    ]
    return {
        "question_id": question["question_id"],
        "closed_book_answer": answer.text,
        "internal_document": " ".join(document.text.split()),
    }
