"""What is wrong with a counter-passage that a benchmark ships: the gates' questions, asked of each passage by itself.

Published conflict data hold passages that repeat the gold answer or lack the wrong one that they are to
support. Here such a passage is set aside and the question keeps its others; the gates of a run (gates.py)
then judge whole examples, with these passages among them. Reasons have the gates' names.
"""

from collections.abc import Sequence

from ..core.tables import Row
from ..text import matching
from ..text.answer_types import BOOLEAN, CHOICE
from ..text.stance import passage_holds

Fault = tuple[str, str]  # reason, detail


def answers(gold: Sequence[str], counter: Sequence[str]) -> Fault | None:
    """Tell what keeps a counter-answer from being told apart from the gold answers; None if nothing does."""
    for name in counter:
        if not matching.has_words(name):
            return "no-answers", f"the counter-answer {name!r} holds no name"
        if twin := next((alias for alias in gold if matching.nested(alias, name)), None):
            return "nested-answers", f"gold answer {twin!r} and counter-answer {name!r} are nested"
    return None


def passage(shipped: Row, gold: Sequence[str], counter: Sequence[str], answer_type: str) -> Fault | None:
    """Tell what makes a counter-passage unsound; None if nothing does.

    Yes and no are implied, not said, and so are choices: where the answer type is one of these, the benchmark's label
    decides what a passage supports, and only a leak of the gold answer is looked for.
    """
    where = f"passage {shipped['passage_id']} ({shipped['title']!r})"
    if passage_holds(shipped, gold):
        alias = next(alias for alias in gold if passage_holds(shipped, [alias]))
        return "gold-leak", f"{where}: holds gold answer {alias!r}"
    if answer_type not in (BOOLEAN, CHOICE) and not passage_holds(shipped, counter):
        return "counter-missing", f"{where}: does not hold {counter[0]!r}"
    return None
