"""astute-rag: a passage from memory, all passages consolidated by source, then the most reliable answer.

Source: Astute RAG, Wang et al., ACL 2025, arXiv 2410.07176; the authors published no code, and the
prompts are ours. Of the paper's settings, one passage is written from memory (its default for the
most that may be written) and the passages are consolidated once.
"""

from ...core.tables import Row
from ...engine.conversations import Conversation
from . import Ask

TEMPLATES = (
    "astute-passage",
    "astute-consolidation",
    "astute-answer",
    "documents",
)
DEMONSTRATIONS = ""
TARGET = ""


def answer(task: Row, ask: Ask) -> Conversation[str]:
    """Ask for a passage from memory, for groups of agreeing passages, and for the best group's answer."""
    [passage] = yield [ask.text("astute-passage", {**task, "passages": []})]
    known = {"memory": " ".join(passage.said.split())}
    [groups] = yield [ask.text("astute-consolidation", task, **known)]
    [final] = yield [ask.rationale("astute-answer", task, **known, groups=groups.said.strip())]
    return final.text
