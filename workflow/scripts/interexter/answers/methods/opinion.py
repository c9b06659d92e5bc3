"""opinion: the documents as a person's words, and a question about that person's opinion (Zhou et al.).

Source: the opinion-based prompt of arXiv 2303.11315, Findings of EMNLP 2023. As there, double quotes
inside the documents are left out, so that none ends the quotation.
"""

from ...core.tables import Row
from ...engine.conversations import Conversation
from . import Ask

TEMPLATES = (
    "opinion",
    "documents",
)
DEMONSTRATIONS = ""
TARGET = ""

_QUOTES = str.maketrans("", "", '"\u201c\u201d')


def answer(task: Row, ask: Ask) -> Conversation[str]:
    """Ask what a person thinks who says what the documents say."""
    passages = [
        {**passage, **{name: passage[name].translate(_QUOTES) for name in ("title", "text")}}
        for passage in task["passages"]
    ]
    [generation] = yield [ask.short("opinion", {**task, "passages": passages})]
    return generation.text
