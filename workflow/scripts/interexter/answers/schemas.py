"""Tables of the stages that ask a model, apart from the code that fills them.

Generation, training and scoring read them, and depend on what they import: how a rationale is checked, or an abstention
found, is no reason to ask or to train again where the table comes out the same.
"""

import pyarrow as pa

from ..core.tables import optional, table_schema

STYLES = ("instructrag", "interexter")  # of rationales

RECALL = table_schema(
    question_id=pa.string(),
    closed_book_answer=pa.string(),
    closed_book_finished=pa.bool_(),  # false where it was cut at its cap
    closed_book_asked=pa.string(),  # answer | field, as in ANSWERS
    closed_book_probability=optional(pa.float64()),  # geometric mean of the final answer's tokens; null if not told
    closed_book_samples=pa.list_(  # answers that were sampled, beside the greedy one
        pa.struct([pa.field("text", pa.string(), nullable=False), pa.field("finished", pa.bool_(), nullable=False)])
    ),
    internal_document=pa.string(),
)

EVIDENCE = table_schema(  # where training questions were not asked, memory says nothing: "" and false
    question_id=pa.string(),
    condition=pa.string(),
    memory_gold=pa.bool_(),  # the internal document holds a gold answer
    memory_counter=pa.bool_(),
    closed_book_label=pa.string(),  # one of text.labels.LABELS, of the greedy closed-book answer
    closed_book_agreement=pa.float64(),  # share of the sampled closed-book answers with that label; 1 without samples
    memory=pa.string(),  # one of text.memory.MEMORIES: what the closed-book answers say, taken together
    passages_gold=pa.bool_(),  # a passage holds a gold answer
    passages_counter=pa.bool_(),
    state=pa.string(),  # both | external | internal | neither: from memory_gold and passages_gold, or as published
)

RATIONALES = table_schema(
    question_id=pa.string(),
    condition=pa.string(),
    style=pa.string(),  # instructrag | interexter
    state=pa.string(),
    rationale=pa.string(),
    attempt=pa.int32(),  # 1 is greedy
)

RATIONALES_REJECTED = table_schema(
    question_id=pa.string(),
    condition=pa.string(),
    style=pa.string(),
    state=pa.string(),
    rationale=pa.string(),  # the last attempt's
    reason=pa.string(),
)

ANSWERS = table_schema(
    method=pa.string(),
    condition=pa.string(),
    question_id=pa.string(),
    text=pa.string(),  # everything the model wrote
    finish_reason=pa.string(),  # stop | length, of the generation that is the answer, or was elected; "" where none is
    asked=pa.string(),  # answer | field: what its prompt asked for, as final_answers.final_answer takes it
    prompt_tokens=pa.int32(),
    output_tokens=pa.int32(),
    log_probability=optional(pa.float64()),  # of the final answer; null where no single generation wrote it
    votes=optional(pa.list_(pa.string())),  # of each passage by rank, "" for none; null where none were cast
)

REJECTED_ANSWERS = table_schema(
    method=pa.string(), condition=pa.string(), question_id=pa.string(), reason=pa.string(), detail=pa.string()
)


def gated_name(method: str, quantile: float) -> str:
    """Return the name of a method behind the plausibility gate: `vanilla-sft-gate-20` with the quantile 0.2."""
    return f"{method}-gate-{round(100 * quantile)}"
