"""instructrag-icl: the model says which documents lead to the answer, as in demonstrations (InstructRAG)."""

from ...core.tables import Row
from ...engine.conversations import Conversation
from . import Ask

TEMPLATES = (
    "instructrag",
    "documents",
)
DEMONSTRATIONS = "instructrag"
TARGET = ""


def answer(task: Row, ask: Ask) -> Conversation[str]:
    """Ask for a rationale over the documents."""
    [generation] = yield [ask.rationale("instructrag", task)]
    return generation.text
