"""The mixture of a recipe: which training rows a checkpoint sees.

Rows are drawn without replacement, a row's chance in proportion to the weight of its condition
times that of its evidence state (Efraimidis and Spirakis 2006: the largest u ** (1 / weight); here
its negative logarithm, which small weights do not round to 0, so the smallest).
"""

from collections.abc import Sequence

from ..core.identity import row_random
from ..core.tables import Row


def draw(
    rows: Sequence[Row], conditions: dict[str, float], states: dict[str, float], size: int, seed: int
) -> list[Row]:
    """Draw up to `size` rows, in random order; a state that is not named weighs 1, a condition 0."""
    drawn = []
    for row in rows:
        weight = conditions.get(row["condition"], 0.0) * states.get(row["state"], 1.0)
        if weight > 0:
            rng = row_random(seed, "mixture", f"{row['question_id']} {row['condition']}")
            drawn.append((rng.expovariate(weight), row))
    drawn.sort(key=lambda pair: (pair[0], pair[1]["question_id"], pair[1]["condition"]))
    return [row for _, row in drawn[:size]]
