"""adacad: as cad, weighed at every token by how far the two distributions differ (arXiv 2409.07394)."""

from ...core.tables import Row
from ...engine.conversations import Conversation
from . import Ask
from .cad import TEMPLATES

__all__ = ["DEMONSTRATIONS", "LOGITS", "TARGET", "TEMPLATES", "answer"]

DEMONSTRATIONS = ""
TARGET = ""
LOGITS = True


def answer(task: Row, ask: Ask) -> Conversation[str]:
    """Ask for the answer that the documents make more likely, as far as memory contradicts them."""
    [generation] = yield [ask.contrasted("adacad", "vanilla-rag", "closed-book", task)]
    return generation.text
