"""The label of an answer: which side it takes."""

from collections.abc import Sequence

from .abstention import abstains, asserts, says_unknown
from .answer_ends import gives_answer
from .final_answers import answer_start, final_answer
from .matching import holds
from .sections import begins_section
from .sides import SIDES, Force, sides_of

LABELS = ("gold", "counter", "both", "neither", "abstain", "unfinished")


def label(
    text: str,
    gold: Sequence[str],
    counter: Sequence[str],
    finished: bool = True,
    asked: str = "field",
    others: Sequence[str] = (),
) -> str:
    """Label an answer, everything that a model wrote, by its final answer: one of LABELS (see `label_of`).

    `gold` and `counter` are all names of the gold answer and of the counter-answer. `asked` says what the prompt
    wanted: reasoning that ends in a "field", or the "answer" alone (see final_answers.final_answer). A text that was
    not `finished`, but cut at a cap, is `unfinished` if its answer is not given by then. `others` are longer names
    of something else (see matching.holds).
    """
    answer = answer_given(text, gold, counter, finished, asked, others)
    return "unfinished" if answer is None else label_of(answer, gold, counter, others)


def answer_given(
    text: str,
    gold: Sequence[str],
    counter: Sequence[str],
    finished: bool = True,
    asked: str = "field",
    others: Sequence[str] = (),
) -> str | None:
    """Return the final answer of a text, None where it was cut at a cap before it gave one, or never stops thinking.

    A filled field is an answer, and so is a first line that is whole, where the answer alone was asked for. One that
    was cut is an answer if it takes a side by then: "The capital is Paris, which is also". The same holds for a field
    that a section of a rationale was begun in: "Final answer: External evidence: Document 1 says".
    """
    if answer_start(text, "answer") is None:
        return None
    answer = final_answer(text, asked)
    if finished or gives_answer(text, asked):
        return answer
    if answer_start(text, asked) is None or (asked == "field" and not begins_section(answer)):
        return None
    whole = answer.rpartition(" ")[0]  # the last word may be cut too
    return whole if sides_of(whole, gold, counter, Force.POSSIBLE, others) else None


def label_of(answer: str, gold: Sequence[str], counter: Sequence[str], others: Sequence[str] = ()) -> str:
    """Label a final answer: one of LABELS, by which names it asserts (see sides.py).

    `both` asserts names of both sides. What asserts none is `abstain` where it says that the answer is not known, or
    nothing at all, and `neither` elsewhere: "not Lyon" is no answer.
    """
    return _label(answer, sides_of(answer, gold, counter, others=others))


def label_of_mentions(answer: str, gold: Sequence[str], counter: Sequence[str], others: Sequence[str] = ()) -> str:
    """Label a final answer by which names it holds at token boundaries, however it uses them.

    "Not Paris but Lyon" is `both`, and "I do not know if it is Lyon" is `counter`. Published scorers look for names in
    this way, or deny by rules of their own; this is for comparison with them. Only a name that is a part of what says
    that nothing is known is not counted: "no information" holds no "no".
    """
    names = dict(zip(SIDES, (gold, counter), strict=True))
    held = {side for side in SIDES if holds(answer, names[side], others)}
    return _label(answer, {side for side in held if not says_unknown(answer) or asserts(answer, names[side], others)})


def _label(answer: str, sides: set[str]) -> str:
    if len(sides) == 2:
        return "both"
    return sides.pop() if sides else "abstain" if abstains(answer) else "neither"
