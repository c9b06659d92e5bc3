"""What names a series of answers: the columns that every table of scores begins with."""

import pyarrow as pa

SERIES = {  # with a question_id, they name one answer
    "dataset": pa.string(),
    "model": pa.string(),
    "checkpoint": pa.string(),
    "condition": pa.string(),
    "method": pa.string(),
    "prompt_set": pa.string(),
    "order": pa.string(),
    "seed": pa.int64(),
}
CLOSED_BOOK = "closed-book"  # the method that sees no passages
