"""Shards of a checkpoint's questions: what one engine is asked where several share the work.

A question belongs to the same shard whatever the other questions are, with all its conditions and methods: their
prompts begin alike, so they belong in one prefix cache.
"""

import re
from collections.abc import Sequence

from ..core.errors import UserError
from ..core.identity import row_seed
from ..core.tables import Row


def of_shard(rows: Sequence[Row], shard: str) -> list[Row]:
    """Return the rows of a shard by `question_id`, in their order; "2-of-4" is the second of four.

    Raises:
        UserError: `shard` is no such text.
    """
    found = re.fullmatch(r"([1-9]\d*)-of-([1-9]\d*)", shard)
    number, shards = (int(found[1]), int(found[2])) if found else (1, 0)
    if number > shards:
        raise UserError(f"shard {shard!r}: expected a text such as 2-of-4.")
    return [row for row in rows if row_seed(0, "shard", row["question_id"]) % shards == number - 1]
