"""interexter-icl: the model weighs its internal document against the passages, as in demonstrations (InterExterRAG)."""

from ...core.tables import Row
from ...engine.conversations import Conversation
from . import Ask

TEMPLATES = (
    "interexter",
    "documents",
)
DEMONSTRATIONS = "interexter"
TARGET = ""


def answer(task: Row, ask: Ask) -> Conversation[str]:
    """Ask for a rationale that weighs memory against documents."""
    [generation] = yield [ask.rationale("interexter", task, internal_document=task["internal_document"])]
    return generation.text
