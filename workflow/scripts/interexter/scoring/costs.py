"""What a method costs in seconds: its share of what the engines took that answered all methods together."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from ..answers.methods import needs_logits
from ..core.tables import Row, optional, table_schema

COSTS = table_schema(
    dataset=pa.string(),
    model=pa.string(),
    checkpoint=pa.string(),
    stage=pa.string(),
    method=pa.string(),
    prompts=pa.int64(),
    prompt_tokens=pa.int64(),
    output_tokens=pa.int64(),
    seconds=optional(pa.float64()),
)


LOGITS, PLAIN = "transformers", "vLLM"  # the names of the engines in cost files


def shared_seconds(tokens: Mapping[str, int], shards: Sequence[Mapping[str, Row]]) -> dict[str, float | None]:
    """Return the seconds of each method of a checkpoint: of its engine's, the share that its tokens are of all.

    Args:
        tokens: of each method, all that its answers took, those of prompts and of outputs together.
        shards: for each job that generated, what each engine asked and took (StoreFirst.costs), by the engine's name.

    None where an engine's seconds are not those of all its methods: it found generations in the store.
    """
    engine = {method: LOGITS if needs_logits(method) else PLAIN for method in tokens}
    found: dict[str, float | None] = {}
    for method, own in tokens.items():
        costs = [shard[engine[method]] for shard in shards if engine[method] in shard]
        whole = sum(n for other, n in tokens.items() if engine[other] == engine[method])
        complete = costs and whole and not any(cost["found_in_store"] for cost in costs)
        found[method] = sum(cost["seconds"] for cost in costs) * own / whole if complete else None
    return found
