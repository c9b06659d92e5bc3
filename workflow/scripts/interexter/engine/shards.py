"""Shards of a checkpoint's questions: what one engine is asked where several share the work.

A question belongs to the same shard whatever the other questions are, with all its conditions and methods: their
prompts begin alike, so they belong in one prefix cache.
"""

import re
from typing import NamedTuple

from ..core.errors import UserError
from ..core.identity import row_seed
from ..core.tables import Row


class Shard(NamedTuple):
    """A share of the questions: number `number` of `shards`, from 1."""

    number: int = 1
    shards: int = 1

    def holds(self, row: Row) -> bool:
        """Tell whether the question of a row belongs to the shard."""
        return row_seed(0, "shard", row["question_id"]) % self.shards == self.number - 1


def shard(text: str) -> Shard:
    """Return the shard that a text names, "2-of-4" for the second of four; raise UserError on any other text."""
    found = re.fullmatch(r"([1-9]\d*)-of-([1-9]\d*)", text)
    if not found or int(found[1]) > int(found[2]):
        raise UserError(f"shard {text!r}: expected a text such as 2-of-4.")
    return Shard(int(found[1]), int(found[2]))
