"""instructrag-icl: the model says which documents lead to the answer, as in demonstrations (InstructRAG)."""

from ..generation import Conversation
from ..tables import Row
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
