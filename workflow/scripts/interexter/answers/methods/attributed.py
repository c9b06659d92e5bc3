"""attributed: vanilla-rag, with a question about what the documents say (Zhou et al., arXiv 2303.11315)."""

from ...core.tables import Row
from ...engine.conversations import Conversation
from . import Ask

TEMPLATES = (
    "attributed",
    "documents",
)
DEMONSTRATIONS = ""
TARGET = ""


def answer(task: Row, ask: Ask) -> Conversation[str]:
    """Ask for the answer that the documents give."""
    [generation] = yield [ask.short("attributed", task)]
    return generation.text
