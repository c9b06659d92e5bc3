"""cad: vanilla-rag decoded by weighing it against closed-book (context-aware decoding, arXiv 2305.14739)."""

from ...core.tables import Row
from ...engine.conversations import Conversation
from . import Ask

TEMPLATES = (
    "vanilla-rag",
    "documents",
    "closed-book",
)
DEMONSTRATIONS = ""
TARGET = ""
LOGITS = True

ALPHA = 1.0  # the paper's for questions where passages and memory conflict


def answer(task: Row, ask: Ask) -> Conversation[str]:
    """Ask for the answer that the documents make more likely."""
    [generation] = yield [ask.contrasted("cad", "vanilla-rag", "closed-book", task, alpha=ALPHA)]
    return generation.text
