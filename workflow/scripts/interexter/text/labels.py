"""The label of an answer: which side it takes."""

from collections.abc import Sequence

from .abstention import abstains, asserts
from .answer_ends import gives_answer
from .final_answers import final_answer
from .matching import holds

LABELS = ("gold", "counter", "both", "neither", "abstain", "unfinished")


def label(text: str, gold: Sequence[str], counter: Sequence[str], finished: bool = True, asked: str = "field") -> str:
    """Label an answer, everything that a model wrote, by its final answer: one of LABELS (see `label_of`).

    `gold` and `counter` are all names of the gold answer and of the counter-answer. `asked` says what the prompt
    wanted: reasoning that ends in a "field", or the "answer" alone (see final_answers.final_answer). A text that was
    not `finished`, but cut at a cap, is `unfinished` if its answer is not given by then.
    """
    if not finished and not gives_answer(text, asked):
        return "unfinished"
    return label_of(final_answer(text, asked), gold, counter)


def label_of(answer: str, gold: Sequence[str], counter: Sequence[str]) -> str:
    """Label a final answer: one of LABELS, by which names it holds at token boundaries.

    An answer that holds a name takes a side, whatever hedges stand around it; `abstain` is left for
    those that hold none outside of what says so ("no information" holds no "no"). Names count as held
    however the sentence uses them: "not Paris but Lyon" is `both`. Rules for negation differ between
    published scorers, which makes their rates incomparable, so there is none here; `both_rate` shows how
    many answers are concerned.
    """
    says_nothing = abstains(answer)
    says_gold, says_counter = holds(answer, gold), holds(answer, counter)
    if says_nothing and (says_gold or says_counter):
        says_gold, says_counter = asserts(answer, gold), asserts(answer, counter)
    if says_gold and says_counter:
        return "both"
    if says_gold:
        return "gold"
    if says_counter:
        return "counter"
    return "abstain" if says_nothing else "neither"
