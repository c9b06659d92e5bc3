"""How good a ranking of passages is.

A passage is relevant if its stance is supporting. Every measure is a mean over questions, None where
there are none; how often each value came is counted beside it, for intervals.
"""

import math
from collections import Counter
from collections.abc import Iterable

from ..core.tables import Row
from ..text.stance import SUPPORTING

RECALL_AT = (1, 3, 5, 10, 20, 50, 100)


def measures(retrieved: Iterable[Row], depth: int) -> Row:
    """Return recall at k for every k of RECALL_AT up to `depth`, MRR and nDCG at `depth`, with the number `n`.

    With them `first_ranks`: questions by the rank of their first supporting passage, "none" where there is none;
    and `ndcgs`: questions by their nDCG in three digits.

    - recall@k: the share of questions with a supporting passage among the first k.
    - MRR: the mean of 1 / rank of the first supporting passage, 0 where there is none (Voorhees, TREC-8 1999).
    - nDCG: DCG = sum of 1 / log2(rank + 1) over supporting passages (Järvelin and Kekäläinen, TOIS 2002, with
      gains of 0 and 1), divided by that of the same passages at the first ranks; 0 where there is none. What
      a corpus holds beyond the passages found is not known, so the ideal is the best order of those found.
    """
    firsts: list[int | None] = []
    gains = []
    for row in retrieved:
        ranks = [p["rank"] for p in row["passages"] if p["stance"] == SUPPORTING and p["rank"] <= depth]
        firsts.append(min(ranks, default=None))
        gains.append(_dcg(ranks) / _dcg(range(1, len(ranks) + 1)) if ranks else 0.0)
    n = len(firsts)
    return {
        "depth": depth,
        "n": n,
        "recall": {
            str(k): sum(first is not None and first <= k for first in firsts) / n if n else None
            for k in RECALL_AT
            if k <= depth
        },
        "mrr": sum(1 / first for first in firsts if first) / n if n else None,
        "ndcg": sum(gains) / n if n else None,
        "first_ranks": {
            str(rank or "none"): count for rank, count in sorted(Counter(first or 0 for first in firsts).items())
        },
        "ndcgs": {f"{gain:.3f}": count for gain, count in sorted(Counter(round(gain, 3) for gain in gains).items())},
    }


def _dcg(ranks: Iterable[int]) -> float:
    return sum(1 / math.log2(rank + 1) for rank in ranks)
