"""vanilla-rag: passages and question, the answer in a few words."""

from ...core.tables import Row
from ...engine.conversations import Conversation
from . import Ask

TEMPLATES = (
    "vanilla-rag",
    "documents",
)
DEMONSTRATIONS = ""
TARGET = ""


def answer(task: Row, ask: Ask) -> Conversation[str]:
    """Ask for the answer alone."""
    [generation] = yield [ask.short("vanilla-rag", task)]
    return generation.text
