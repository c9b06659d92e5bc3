"""vanilla-rag-memory: vanilla-rag that is also shown what the model remembers, as InterExter's methods are.

What a rationale that weighs memory adds is the difference from this method, which has the same information.
"""

from ...core.tables import Row
from ...engine.conversations import Conversation
from . import Ask

TEMPLATES = (
    "vanilla-rag-memory",
    "documents",
)
DEMONSTRATIONS = ""
TARGET = ""


def answer(task: Row, ask: Ask) -> Conversation[str]:
    """Ask for the answer alone, with the internal document below the passages."""
    [generation] = yield [ask.short("vanilla-rag-memory", task, internal_document=task["internal_document"])]
    return generation.text
