"""The rows that a checkpoint is trained on."""

import pyarrow as pa

from ..core.tables import table_schema

TRAINING = table_schema(
    question_id=pa.string(),
    condition=pa.string(),
    state=pa.string(),
    input_ids=pa.list_(pa.int32()),  # prompt and completion, as inference renders them
    completion_mask=pa.list_(pa.int8()),  # 1 where the loss counts
)
