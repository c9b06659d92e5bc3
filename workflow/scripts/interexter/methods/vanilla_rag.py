"""vanilla-rag: passages and question, the answer in a few words."""

from ..generation import Conversation
from ..tables import Row
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
