"""Where the answer stands: in the model's memory, in the passages, in both or in neither."""

from collections.abc import Sequence

from ..core.errors import UserError
from ..core.tables import Row
from ..text import matching
from ..text.evidence_states import state
from ..text.labels import label
from ..text.stance import COUNTER, SUPPORTING, supports


def evidence(examples: Sequence[Row], recalled: Sequence[Row]) -> list[Row]:
    """Return the rows of EVIDENCE for examples, from the rows of RECALL of the base model.

    Memory is judged by the internal document, the closed-book label by the closed-book final answer.
    Raises UserError if a question has no row in `recalled`.
    """
    memory = {row["question_id"]: row for row in recalled}
    rows = []
    for example in examples:
        question_id = example["question_id"]
        if question_id not in memory:
            raise UserError(f"question {question_id} has no row in the recall table: run recall again")
        rows.append(_row(example, memory[question_id]))
    return rows


def _row(example: Row, memory: Row) -> Row:
    gold, counter = example["answers"], example["counter_aliases"]
    memory_gold = matching.holds(memory["internal_document"], gold)
    passages_gold = any(supports(passage, gold, SUPPORTING) for passage in example["passages"])
    return {
        "question_id": example["question_id"],
        "condition": example["condition"],
        "memory_gold": memory_gold,
        "memory_counter": matching.holds(memory["internal_document"], counter),
        "closed_book_label": label(memory["closed_book_answer"], gold, counter),
        "passages_gold": passages_gold,
        "passages_counter": any(supports(passage, counter, COUNTER) for passage in example["passages"]),
        "state": state(memory_gold, passages_gold),
    }
