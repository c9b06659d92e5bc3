"""robustrag-keyword: each passage answers alone, and the keywords that several answers share lead to the answer.

Source: RobustRAG, Xiang et al., arXiv 2405.15556, secure keyword aggregation, with its alpha 0.3 and
beta 3. Of the n answers that do not abstain, a keyword is kept if at least min(alpha n, beta) hold it;
the longest come first; the model answers from the question and the keywords alone. Keywords of an
answer are the whole of it, its phrases and their words. The authors' code takes phrases and lemmas from
a part-of-speech tagger; here a phrase is what stands between function words, lemmas are normalized
tokens (matching.py), and a keyword is counted once per answer, as there. Answers that were cut at their cap count only
where there are no others.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from ...core.tables import Row
from ...engine.conversations import Conversation
from ...text.matching import words
from . import Ask
from .robustrag_majority import NO_ANSWER, is_whole, isolated, said

TEMPLATES = (
    "isolated",
    "keywords",
    "documents",
)
DEMONSTRATIONS = ""
TARGET = ""

ALPHA, BETA = 0.3, 3.0

_FUNCTION_WORDS = """
a an the and or but nor so yet if of in on at to by for from with as into than then that this these those it its
he him his she her they them their we us our you your i me my who whom whose which what when where why how is am
are was were be been being do does did have has had will would can could may might shall should must not no there
here about after before between during over under up down out off again also only own same too very
"""


def answer(task: Row, ask: Ask) -> Conversation[str]:
    """Ask each passage alone, then ask with the keywords that their answers share."""
    generations = yield isolated(task, ask)
    answering = [generation for generation in generations if said(generation)]
    if not answering:
        return NO_ANSWER
    counted = [*filter(is_whole, answering)] or answering
    hints = ", ".join(shared_keywords([*map(said, counted)]))
    [generation] = yield [ask.short("keywords", {**task, "passages": []}, keywords=hints)]
    return generation.text


def shared_keywords(answers: Sequence[str]) -> list[str]:
    """Return the keywords that at least min(ALPHA * n, BETA) of n answers hold, the longest first."""
    counts = Counter(keyword for answer in answers for keyword in keywords(answer))
    least = min(ALPHA * len(answers), BETA)
    return sorted((k for k, n in counts.items() if n >= least), key=lambda k: (-len(k), k))


def keywords(answer: str) -> set[str]:
    """Return an answer's keywords: the whole, its phrases between function words, and their words."""
    function_words = _FUNCTION_WORDS.split()
    said = words(answer).folded
    phrases = [list(run) for is_name, run in groupby(said, lambda word: word not in function_words) if is_name]
    return {" ".join(said), *map(" ".join, phrases), *(word for phrase in phrases for word in phrase)} - {""}
