"""clasheval-choice: the closed-book answer or that from the passages, whichever the model is surer of.

Source: ClashEval, Wu et al., NeurIPS 2024, arXiv 2404.10198, token probability correction. Being sure is the mean token
probability of an answer; here it is the geometric mean, since the engine tells the sum of log probabilities. Of equally
sure ones the passages' is taken, as it is where the engine could not tell of one.
"""

from ...core.tables import Row
from ...engine.conversations import Conversation, Generation
from . import Ask

TEMPLATES = (
    "closed-book",
    "vanilla-rag",
    "documents",
)
DEMONSTRATIONS = ""
TARGET = ""
CONFIDENCE = True


def answer(task: Row, ask: Ask) -> Conversation[str]:
    """Ask with the passages and without; return the surer answer."""
    with_passages, closed_book = yield [
        ask.short("vanilla-rag", task),
        ask.short("closed-book", {**task, "passages": []}),
    ]
    surer = sureness(closed_book) > sureness(with_passages) > 0
    return closed_book.text if surer else with_passages.text


def sureness(generation: Generation) -> float:
    """Return the mean token probability of an answer; 0 where the engine did not tell."""
    return generation.token_probability or 0.0
