"""coiecd: as cad, for the tokens alone whose information points to a conflict (arXiv 2402.11893)."""

from ...core.tables import Row
from ...engine.conversations import Conversation
from . import Ask
from .cad import TEMPLATES

__all__ = ["DEMONSTRATIONS", "LOGITS", "TARGET", "TEMPLATES", "answer"]

DEMONSTRATIONS = ""
TARGET = ""
LOGITS = True

ALPHA, RATIO = 1.0, 4.0  # those of the authors' code


def answer(task: Row, ask: Ask) -> Conversation[str]:
    """Ask for the answer that the documents make more likely where they contradict memory."""
    [generation] = yield [ask.contrasted("coiecd", "vanilla-rag", "closed-book", task, alpha=ALPHA, ratio=RATIO)]
    return generation.text
