"""Natural language inference as a gate: what a model says that a passage entails, for both sides.

ConflictQA (Xie et al., ICLR 2024, arXiv 2305.13300) and ConflictBank (Su et al., NeurIPS 2024, arXiv
2408.12076) keep evidence only where such a model finds that it entails its claim. Here it is asked both
ways of every passage that a condition brings in and that takes a side: it has to entail that side's
answer, and must not entail the other's. The model is the config's: any that classifies pairs of texts and
names one of its labels `entailment`.
"""

from collections.abc import Callable, Sequence

from ..core.tables import Row, rejection
from ..models.entailment import Pair
from ..text.stance import COUNTER, SUPPORTING, is_injected

Entails = Callable[[Sequence[Pair]], Sequence[float]]  # the probability of entailment of each pair


def claim(question: str, answer: str) -> str:
    """Return what a passage has to entail to support an answer to a question."""
    return f'The answer to the question "{question}" is {answer}.'


def screen(examples: Sequence[Row], entails: Entails, threshold: float) -> tuple[list[Row], list[Row]]:
    """Return the examples whose passages entail their own side and not the other, and rows of REJECTED for the rest."""
    wanted: dict[Pair, float] = {}
    for example in examples:
        for passage in filter(_takes_side, example["passages"]):
            wanted |= dict.fromkeys(_pairs(example, passage), 0.0)
    judged = dict(zip(wanted, entails(list(wanted)), strict=True))
    kept, rejected = [], []
    for example in examples:
        if fault := _fault(example, judged, threshold):
            rejected.append(rejection(example["question_id"], *fault))
        else:
            kept.append(example)
    return kept, rejected


def _takes_side(passage: Row) -> bool:
    return is_injected(passage) and passage["stance"] in (COUNTER, SUPPORTING)


def _pairs(example: Row, passage: Row) -> tuple[Pair, Pair]:
    """Return a passage with the claim of its own side, and with that of the other."""
    said = f"{passage['title']}\n{passage['text']}".strip()
    sides = [claim(example["question"], answer) for answer in (example["answers"][0], example["counter_answer"])]
    own, other = sides if passage["stance"] == SUPPORTING else reversed(sides)
    return (said, own), (said, other)


def _fault(example: Row, judged: dict[Pair, float], threshold: float) -> tuple[str, str] | None:
    for passage in filter(_takes_side, example["passages"]):
        own, other = _pairs(example, passage)
        where = f"passage {passage['passage_id']} (rank {passage['rank']}, {passage['title']!r})"
        if judged[own] < threshold:
            return "not-entailed", f"{where}: {own[1]!r} with a probability of {judged[own]}"
        if judged[other] >= threshold:
            return "other-entailed", f"{where}: {other[1]!r} with a probability of {judged[other]}"
    return None
