"""The label of a final answer: which side it takes."""

from collections.abc import Sequence

from . import matching

LABELS = ("gold", "counter", "both", "neither", "abstain")


def label(answer: str, gold: Sequence[str], counter: Sequence[str]) -> str:
    """Label a final answer: one of LABELS, by which names it holds at token boundaries.

    An answer that holds a name takes a side, whatever hedges stand around it; `abstain` is left for
    those that hold none outside of what says so ("no information" holds no "no"). Names count as held
    however the sentence uses them: "not Paris but Lyon" is `both`. Rules for negation differ between
    published scorers, which makes their rates incomparable, so there is none here; `both_rate` shows how
    many answers are concerned.
    """
    abstains = matching.abstains(answer)
    says_gold, says_counter = matching.holds(answer, gold), matching.holds(answer, counter)
    if abstains and (says_gold or says_counter):
        says_gold, says_counter = matching.asserts(answer, gold), matching.asserts(answer, counter)
    if says_gold and says_counter:
        return "both"
    if says_gold:
        return "gold"
    if says_counter:
        return "counter"
    return "abstain" if abstains else "neither"
