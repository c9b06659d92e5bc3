"""A run's questions: the first N of a split in the order of a hash, so that a larger N adds to a smaller one."""

from collections.abc import Sequence
from pathlib import Path

from ..core.errors import UserError
from ..core.identity import row_seed
from ..core.tables import Row, rejection


def sample(questions: Sequence[Row], split: str, size: str, seed: int, path: Path) -> tuple[list[Row], list[Row]]:
    """Return the sampled questions of a split and the rejected ones; raise UserError where there are too few.

    `size` is a number, or "all"; `path` is named in the error.
    """
    given = [row for row in questions if row["split"] == split]
    rejected = [rejection(row["question_id"], fault, row["question"]) for row in given if (fault := _fault(row))]
    faulty = {row["question_id"] for row in rejected}
    sound = sorted(
        (row for row in given if row["question_id"] not in faulty),
        key=lambda row: (row_seed(seed, "sample", row["question_id"]), row["question_id"]),
    )
    number = len(sound) if size == "all" else int(size)
    if len(sound) < number:
        raise UserError(
            f"{path}: {len(sound)} sound questions in split {split}, the config asks for {number}; "
            f"lower datasets.*.{split}, or say `all`."
        )
    return sound[:number], rejected


def _fault(row: Row) -> str:
    """Return why a question cannot be used, or ""."""
    if not row["question"].strip():
        return "empty question"
    return "" if any(answer.strip() for answer in row["answers"]) else "no gold answer"
