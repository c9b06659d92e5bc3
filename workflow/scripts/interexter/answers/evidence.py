"""Where the answer stands: in the model's memory, in the passages, in both or in neither.

The state chooses the guide of a rationale, and tells where an abstention is right. It goes by what is stated, in whole
words; or, so that the predecessors' experiment can be made again, by their rule, which looks for letters
(`as-published`). The other columns go by what is stated.

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
from ..text.normalization import normalized
from ..text.stance import COUNTER, SUPPORTING, states

RULES = ("stated", "as-published")  # by which a side holds a gold answer, for its state


def evidence(examples: Sequence[Row], recalled: Sequence[Row] | None, rule: str = "stated") -> list[Row]:
    """Return the rows of EVIDENCE for examples, from the rows of RECALL of the base model; `rule` is one of RULES.

    Where `recalled` is None the questions were not asked: states are then by the passages alone.
    Raises UserError if a question has no row in `recalled`.
    """
    if recalled is None:
        return [_row(example, None, rule) for example in examples]
    memory = {row["question_id"]: row for row in recalled}
    rows = []
    for example in examples:
        question_id = example["question_id"]
        if question_id not in memory:
            raise UserError(f"question {question_id} has no row in the recall table: run recall again")
        rows.append(_row(example, memory[question_id], rule))
    return rows


def published_state(internal_document: str, passages: Sequence[Row], gold: Sequence[str]) -> str:
    """Return the evidence state by InterExterRAG's rule: a gold answer is a substring, both normalized.

    "in" is found in "India", titles of passages do not count, and a gold answer of which the normalization leaves
    nothing is found in every text. Source: `inter_exter_exist_gd` and `exact_presence` of its code (docs/compat.md).
    """
    names = [normalized(name) for name in gold]
    held = [any(name in normalized(text) for name in names) for text in (internal_document, *_texts(passages))]
    return state(held[0], any(held[1:]))


def _texts(passages: Sequence[Row]) -> list[str]:
    return [passage["text"] for passage in passages]


def _row(example: Row, memory: Row | None, rule: str) -> Row:
    question, gold, counter = example["question"], example["answers"], example["counter_aliases"]
    others = example["other_names"]
    document = memory["internal_document"] if memory else ""
    memory_gold = matching.holds(document, gold, others)
    passages_gold = any(states(passage, gold, SUPPORTING, others, question) for passage in example["passages"])
    return {
        "question_id": example["question_id"],
        "condition": example["condition"],
        "memory_gold": memory_gold,
        "memory_counter": matching.holds(document, counter, others),
        **_closed_book(memory, gold, counter, others),
        "passages_gold": passages_gold,
        "passages_counter": any(states(passage, counter, COUNTER, others, question) for passage in example["passages"]),
        "state": (
            published_state(document, example["passages"], gold)
            if rule == "as-published"
            else state(memory_gold, passages_gold)
        ),
    }


def _closed_book(memory: Row | None, gold: Sequence[str], counter: Sequence[str], others: Sequence[str]) -> Row:
    """Return what the closed-book answers to a question say; nothing where it was not asked."""
    if memory is None:
        return {"closed_book_label": "", "closed_book_agreement": 1.0, "memory": ""}
    asked = memory["closed_book_asked"]
    closed_book = label(memory["closed_book_answer"], gold, counter, memory["closed_book_finished"], asked, others)
    samples = [
        label(said["text"], gold, counter, said["finished"], asked, others) for said in memory["closed_book_samples"]
    ]
    agreement = samples.count(closed_book) / len(samples) if samples else 1.0
    return {
        "closed_book_label": closed_book,
        "closed_book_agreement": agreement,
        "memory": remembered(closed_book, agreement),
    }
