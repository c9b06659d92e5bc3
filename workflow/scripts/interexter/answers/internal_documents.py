"""What the base model remembers of the subject of each question, as `recall` wrote it."""

from pathlib import Path

from ..core.tables import rows
from .schemas import RECALL


def read(recall: Path) -> dict[str, str]:
    """Return the internal document of each question of a table of RECALL, by question_id."""
    return {row["question_id"]: row["internal_document"] for row in rows(recall, RECALL)}
