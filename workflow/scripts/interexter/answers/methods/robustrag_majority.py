"""robustrag-majority: each passage answers alone, and the answer that most of them give wins.

Source: RobustRAG, Xiang et al., arXiv 2405.15556, secure majority voting. There the answers are the
options of a multiple-choice question; here they are free text, and votes are equal where they are the
same name after normalization (matching.same). As there, abstentions do not vote, and of equally many votes the
answer of the first passage wins. It is given in its most frequent form, so that a passage cannot change it by a comma.
An answer that was cut at its cap before its line ended does not vote either; where there are no others, one of them is
elected, and counts as cut.
The votes are kept beside the answer: what no attack can change follows from them
(scoring/certificates.py).
"""

from collections.abc import Sequence

from ...core.tables import Row
from ...engine.conversations import Conversation, Generation, Prompt
from ...text.abstention import abstains
from ...text.answer_ends import gives_answer
from ...text.final_answers import final_answer
from ...text.matching import same
from ...text.passages import by_rank
from . import Ask, Elected

TEMPLATES = (
    "isolated",
    "documents",
)
DEMONSTRATIONS = ""
TARGET = ""

NO_ANSWER = "I don't know"


def answer(task: Row, ask: Ask) -> Conversation[Elected]:
    """Ask each passage alone; the majority of their answers is the answer."""
    generations = yield isolated(task, ask)
    votes = tuple(said(generation) if is_whole(generation) else "" for generation in generations)
    if any(votes):
        return Elected(majority(votes), votes)
    cut = [said(generation) for generation in generations]
    return Elected(majority(cut), votes, "length" if any(cut) else "")


def isolated(task: Row, ask: Ask) -> list[Prompt]:
    """Return a prompt for each passage, in the order of their ranks."""
    ordered = by_rank(task["passages"])
    return [ask.short("isolated", {**task, "passages": [passage]}) for passage in ordered]


def said(generation: Generation) -> str:
    """Return what a passage leads to, "" for an abstention."""
    answer = final_answer(generation.text, "answer")
    return "" if abstains(answer) else answer


def is_whole(generation: Generation) -> bool:
    """Tell whether an answer was not cut at its cap."""
    return generation.finish_reason != "length" or gives_answer(generation.text, "answer")


def majority(answers: Sequence[str]) -> str:
    """Return the answer with the most votes in its most frequent form, or NO_ANSWER where none votes."""
    votes = [answer for answer in answers if not abstains(answer)]
    elected = max(votes, key=lambda vote: sum(same(vote, other) for other in votes), default=NO_ANSWER)
    written = [vote for vote in votes if same(vote, elected)]
    return max(written, key=written.count, default=NO_ANSWER)
