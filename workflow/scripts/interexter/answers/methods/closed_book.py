"""closed-book: the question alone, which shows what the model remembers."""

from ...core.tables import Row
from ...engine.conversations import Conversation
from . import Ask

TEMPLATES = ("closed-book",)
DEMONSTRATIONS = ""
TARGET = ""


def answer(task: Row, ask: Ask) -> Conversation[str]:
    """Ask the question without passages."""
    [generation] = yield [ask.short("closed-book", {**task, "passages": []})]
    return generation.text
