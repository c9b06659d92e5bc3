"""A passage as the tables hold it."""

from collections.abc import Iterable

import pyarrow as pa

from ..core.tables import Row

PASSAGE = pa.struct(
    [
        pa.field("passage_id", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("rank", pa.int32(), nullable=False),  # of what was found, 1 is the best; of an example, is shown first
        pa.field("file_rank", pa.int32()),  # of a shipped passage: its index in the data set's file, from 1
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


def passage(
    passage_id: str,
    title: str,
    text: str,
    rank: int,
    origin: str,
    stance: str,
    score: float | None = None,
    counter_answer: str | None = None,
    injector: str | None = None,
    seed: int | None = None,
    parent_id: str | None = None,
    source_id: str | None = None,
    file_rank: int | None = None,
) -> Row:
    """Return a passage as PASSAGE describes it; the five before the last are an injected one's."""
    return {
        "passage_id": passage_id,
        "title": title,
        "text": text,
        "rank": rank,
        "file_rank": file_rank,
        "score": score,
        "origin": origin,
        "stance": stance,
        "counter_answer": counter_answer,
        "injector": injector,
        "seed": seed,
        "parent_id": parent_id,
        "source_id": source_id,
    }


def by_rank(passages: Iterable[Row]) -> list[Row]:
    """Return passages by their ranks: those of an example as they are shown, others as they were found."""
    return sorted(passages, key=lambda passage: passage["rank"])
