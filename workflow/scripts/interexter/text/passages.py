"""A passage as the tables hold it."""

import pyarrow as pa

PASSAGE = pa.struct(
    [
        pa.field("passage_id", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("rank", pa.int32(), nullable=False),  # 1 is shown first; order is data, never inferred from scores
        pa.field("score", pa.float64()),  # the retriever's; null for an injected passage
        pa.field("origin", pa.string(), nullable=False),  # retrieved | shipped (came with the data set) | injected
        pa.field("stance", pa.string(), nullable=False),  # supporting | counter | irrelevant | unknown
        pa.field("counter_answer", pa.string()),  # what an injected counter-passage supports
        pa.field("injector", pa.string()),  # the function that made an injected passage
        pa.field("seed", pa.int64()),  # the run's seed, for an injected passage
        pa.field("parent_id", pa.string()),  # the passage that an injected one was made from
        pa.field("source_id", pa.string()),  # injected passages of one source count once; null for a retrieved one
    ]
)
