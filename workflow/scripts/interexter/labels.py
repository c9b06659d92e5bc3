"""What an answer says: the label of a final answer, and the official accuracy of a whole text.

The label reads the *final answer* only, at token boundaries. The official accuracy reads everything
that the model wrote, by substrings; it is there for comparison with published figures.
"""

import re
import string
from collections.abc import Sequence

from . import matching

LABELS = ("gold", "counter", "both", "neither", "abstain")

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLE = re.compile(r"\b(?:a|an|the)\b")


def label(answer: str, gold: Sequence[str], counter: Sequence[str]) -> str:
    """Label a final answer: one of LABELS, by which names it holds at token boundaries.

    An answer that holds a name takes a side, whatever hedges stand around it; `abstain` is left for
    those that hold none. Names count as held however the sentence uses them: "not Paris but Lyon"
    is `both`. Rules for negation differ between published scorers, which makes their rates
    incomparable, so there is none here; `both_rate` shows how many answers are concerned.
    """
    says_gold = matching.holds(answer, gold)
    says_counter = matching.holds(answer, counter)
    if says_gold and says_counter:
        return "both"
    if says_gold:
        return "gold"
    if says_counter:
        return "counter"
    return "abstain" if matching.abstains(answer) else "neither"


def official(text: str, gold: Sequence[str]) -> bool:
    """Tell whether a gold answer is a substring of the whole text, both normalized.

    This is the accuracy of InstructRAG (Wei et al., ICLR 2025, arXiv 2406.13629), in its code the
    function `exact_presence`. It ignores token boundaries on purpose ("in" is found in "India").
    A gold answer of which the normalization leaves nothing never matches.
    """
    whole = normalized(text)
    return any(name in whole for name in map(normalized, gold) if name)


def normalized(text: str) -> str:
    """Normalize as SQuAD's evaluation does: lower case, no ASCII punctuation, no articles, single spaces.

    Source: `normalize_answer` in the evaluation script of SQuAD 1.1 (Rajpurkar et al., EMNLP 2016).
    Written out because importing a copy of it from transformers takes seconds.
    """
    return " ".join(_ARTICLE.sub(" ", text.lower().translate(_PUNCTUATION)).split())
