"""oracle: vanilla-rag on the supporting passages alone, which bounds what a method that filters can reach.

Where no passage supports a gold answer it asks without documents. It is not a method to compete with:
it is told which passages are right.
"""

from ...core.tables import Row
from ...engine.conversations import Conversation
from ...text.stance import SUPPORTING
from . import Ask

TEMPLATES = (
    "vanilla-rag",
    "documents",
    "closed-book",
)
DEMONSTRATIONS = ""
TARGET = ""
STANCE = True


def answer(task: Row, ask: Ask) -> Conversation[str]:
    """Ask with the passages whose stance is supporting."""
    supporting = [passage for passage in task["passages"] if passage["stance"] == SUPPORTING]
    template = "vanilla-rag" if supporting else "closed-book"
    [generation] = yield [ask.short(template, {**task, "passages": supporting})]
    return generation.text
