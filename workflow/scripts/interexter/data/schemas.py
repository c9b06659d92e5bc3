"""The tables that the preparation of a data set and its retrieval write."""

import pyarrow as pa

from ..core.tables import table_schema
from ..text.passages import PASSAGE

SPLITS = ("train", "test")

QUESTIONS = table_schema(
    question_id=pa.string(),
    dataset=pa.string(),
    split=pa.string(),  # train | test; dev, which no rule samples, where a data set has one
    question=pa.string(),
    answers=pa.list_(pa.string()),  # gold answers: aliases of valid answers, the preferred one first
    subject=pa.string(),  # "" where the data set names none
    relation=pa.string(),
    answer_type=pa.string(),
    popularity=pa.float64(),  # the data set's own figure; 0 where it has none
)

CORPUS = table_schema(passage_id=pa.string(), title=pa.string(), text=pa.string())

RETRIEVED = table_schema(question_id=pa.string(), passages=pa.list_(PASSAGE))

SHIPPED_COUNTERS = table_schema(  # what a benchmark itself holds against its gold answers; docs/datasets.md
    question_id=pa.string(),
    counter_answer=pa.string(),
    counter_aliases=pa.list_(pa.string()),  # the counter-answer first
    passages=pa.list_(PASSAGE),  # in the benchmark's order; stance counter; may be empty
)

PARTS = table_schema(  # the sub-questions of a question that asks for several things (ASQA)
    question_id=pa.string(),
    long_answers=pa.list_(pa.string()),  # to all of it at once, where the data set has them written out
    parts=pa.list_(
        pa.struct(
            [
                pa.field("question", pa.string(), nullable=False),
                pa.field("answers", pa.list_(pa.string()), nullable=False),
            ],
        )
    ),
)

SHIPPED_RATIONALES = table_schema(question_id=pa.string(), rationale=pa.string())  # that came with training questions

OTHER_COLUMNS = table_schema(question_id=pa.string(), columns=pa.string())  # of one's own data: JSON, as read
