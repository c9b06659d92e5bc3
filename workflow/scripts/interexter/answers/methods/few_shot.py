"""few-shot: vanilla-rag with demonstrations of question and answer alone.

They are the questions that the in-context methods show with a rationale, so that the rationale is the
only difference.
"""

from ...core.tables import Row
from ...engine.conversations import Conversation
from . import Ask

TEMPLATES = (
    "few-shot",
    "documents",
)
DEMONSTRATIONS = "answer"
TARGET = ""


def answer(task: Row, ask: Ask) -> Conversation[str]:
    """Ask for the answer alone, as in the demonstrations."""
    [generation] = yield [ask.short("few-shot", task, demonstrations=ask.demonstrations)]
    return generation.text
