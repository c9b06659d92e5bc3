"""Where the answer stands: in the model's memory, in the passages, in both or in neither.

Memory shows itself in two ways. The internal document is what a model writes about the subject, and what methods show
it: evidence states are about that. Closed-book answers are what it says when it is asked the question itself: *memory*
is what they say, taken together, and metrics of conflict are about that.
"""

from collections.abc import Sequence

from ..core.errors import UserError
from ..core.tables import Row
from ..text import matching
from ..text.evidence_states import state
from ..text.labels import label
from ..text.memory import memory as remembered
from ..text.stance import COUNTER, SUPPORTING, states


def evidence(examples: Sequence[Row], recalled: Sequence[Row]) -> list[Row]:
    """Return the rows of EVIDENCE for examples, from the rows of RECALL of the base model.

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
    question, gold, counter = example["question"], example["answers"], example["counter_aliases"]
    others = example["other_names"]
    asked = memory["closed_book_asked"]
    closed_book = label(memory["closed_book_answer"], gold, counter, memory["closed_book_finished"], asked, others)
    samples = [
        label(said["text"], gold, counter, said["finished"], asked, others) for said in memory["closed_book_samples"]
    ]
    agreement = samples.count(closed_book) / len(samples) if samples else 1.0
    memory_gold = matching.holds(memory["internal_document"], gold, others)
    passages_gold = any(states(passage, gold, SUPPORTING, others, question) for passage in example["passages"])
    return {
        "question_id": example["question_id"],
        "condition": example["condition"],
        "memory_gold": memory_gold,
        "memory_counter": matching.holds(memory["internal_document"], counter, others),
        "closed_book_label": closed_book,
        "closed_book_agreement": agreement,
        "memory": remembered(closed_book, agreement),
        "passages_gold": passages_gold,
        "passages_counter": any(states(passage, counter, COUNTER, others, question) for passage in example["passages"]),
        "state": state(memory_gold, passages_gold),
    }
