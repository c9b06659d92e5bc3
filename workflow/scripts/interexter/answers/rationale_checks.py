"""Is a rationale sound? What is checked before one is shown as a demonstration or trained on.

`answer` checks how it ends: in what its guide asks for, the gold answer or an abstention, and without endorsing the
counter-answer; and that the documents that it cites exist. `full`, the default, also checks that it is true of its
passages and has the form that its guide asks for. `none` takes every text, as the predecessors did.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..core.tables import Row
from ..models.messages import Message
from ..text.abstention import abstains
from ..text.cited import cited
from ..text.final_answers import final_answer
from ..text.matching import holds, words
from ..text.passages import by_rank
from ..text.sections import EVIDENCE, SECTIONS
from ..text.stance import any_holds, passage_holds

LONGEST_ANSWER = 12  # words of a final answer
REPEATED = 3  # times that a run of RUN words makes a loop
RUN = 5

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
_CONCLUDES = re.compile(
    r"\b(?:correct answer|right answer|answer is|answer must be|therefore|conclude)\b", re.IGNORECASE
)
_DENIES = re.compile(
    r"(?:\b(?:not|cannot|never|wrong|incorrect|false|contradicts?|instead of|rather than)|n['\u2019]t)\b", re.IGNORECASE
)
_SECTION = re.compile(rf"^[*_# \t]*({'|'.join(SECTIONS)})[*_ \t]*:", re.IGNORECASE | re.MULTILINE)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z]\w{2,}")
_FIELD = re.compile(r"\bfinal answer\b", re.IGNORECASE)


@dataclass(frozen=True)
class Written:
    """A rationale with what it is checked against."""

    text: str
    example: Row  # of EXAMPLES
    style: str
    state: str
    finished: bool = True
    foreign: frozenset[str] = frozenset()  # names of the guide's worked example that its own prompt does not hold

    @property
    def passages(self) -> list[Row]:
        """The passages in the order in which they are numbered."""
        return by_rank(self.example["passages"])

    @property
    def others(self) -> Sequence[str]:
        """Longer names of something else, within which no answer is named."""
        return list(self.example["other_names"])


def expects_abstention(style: str, state: str) -> bool:
    """Tell whether a rationale of this style and state must end in "I don't know"."""
    return style == "interexter" and state == "neither"


def fault(written: Written, check: str = "full") -> str:
    """Return why a rationale is not accepted, or "" if it is sound; `check` is full, answer or none."""
    if not written.text.strip():
        return "empty"
    checks = {"none": (), "answer": _OF_ANSWER, "full": (*_OF_ANSWER, *_OF_FORM, *_OF_PASSAGES)}[check]
    return next((reason for reason, fails in checks if fails(written)), "")


def formal_fault(text: str, example: Row) -> str:
    """Return what is wrong with a rationale whatever the answer is, or ""."""
    if not text.strip():
        return "empty"
    return "cites a document that does not exist" if _cites_nothing(Written(text, example, "", "")) else ""


def foreign_names(messages: Sequence[Message]) -> frozenset[str]:
    """Return the names in what a prompt's worked example writes that its first and last turn, its own, lack.

    A name is a capitalised word that does not begin a sentence.
    """
    own = {word for message in (messages[0], messages[-1]) for word in words(message.content).folded}
    shown = " ".join(message.content for message in messages[1:-1] if message.role == "assistant")
    names = {word for word in _NAME.findall(shown) if word not in ("Document", "Documents")}
    return frozenset(name for name in names if name.lower() not in own)


def _wrong_end(written: Written) -> bool:
    answer = final_answer(written.text)
    return not _abstaining(written) and not holds(answer, written.example["answers"], written.others)


def _no_abstention(written: Written) -> bool:
    return _abstaining(written) and not abstains(final_answer(written.text))


def _endorses(written: Written) -> bool:
    """Tell whether it ends in the counter-answer, or a sentence concludes it without denying it."""
    counter = written.example["counter_aliases"]
    if holds(final_answer(written.text), counter, written.others):
        return True
    sentences = _SENTENCE.split(written.text)
    return any(_CONCLUDES.search(s) and not _DENIES.search(s) and holds(s, counter, written.others) for s in sentences)


def _cites_nothing(written: Written) -> bool:
    return not set(cited(written.text)) <= set(range(1, len(written.example["passages"]) + 1))


def _unfinished(written: Written) -> bool:
    return not written.finished


def _answers_twice(written: Written) -> bool:
    return len(_FIELD.findall(written.text)) != 1


def _long_answer(written: Written) -> bool:
    answer = final_answer(written.text)
    return not _abstaining(written) and (len(words(answer).folded) > LONGEST_ANSWER or bool(_DENIES.search(answer)))


def _lacks_sections(written: Written) -> bool:
    found = tuple(section.capitalize() for section in _SECTION.findall(written.text))
    return written.style == "interexter" and found != SECTIONS


def _repeats_itself(written: Written) -> bool:
    said = words(written.text).folded
    runs = Counter(said[i : i + RUN] for i in range(len(said) - RUN + 1))
    return any(n >= REPEATED for n in runs.values())


def _repeats_example(written: Written) -> bool:
    return not written.foreign.isdisjoint(words(written.text).cased)


def _cites_another(written: Written) -> bool:
    """Tell whether a sentence cites documents for a side, without denying anything, and none of them names it."""
    others = written.others
    for sentence in _SENTENCE.split(written.text):
        shown = [written.passages[number - 1] for number in cited(sentence)]
        for side in (written.example["answers"], written.example["counter_aliases"]):
            said = bool(shown) and holds(sentence, side, others) and not _DENIES.search(sentence)
            if said and not any_holds(shown, side, others):
                return True
    return False


def _leaves_evidence_out(written: Written) -> bool:
    """Tell whether it does not say what the documents hold, which is what it is for.

    In style interexter the evidence section must name a side that the passages hold; in style instructrag a passage
    that holds the gold answer must be cited, if there is one.
    """
    gold, counter = written.example["answers"], written.example["counter_aliases"]
    others = written.others
    if written.style == "interexter":
        sides = [side for side in (gold, counter) if any_holds(written.passages, side, others)]
        evidence = _section(written.text, EVIDENCE)
        return bool(sides) and not any(holds(evidence, side, others) for side in sides)
    helpful = {number for number, passage in enumerate(written.passages, 1) if passage_holds(passage, gold, others)}
    return bool(helpful) and helpful.isdisjoint(cited(written.text))


def _section(text: str, name: str) -> str:
    """Return what stands between a section's heading and the next."""
    found = list(_SECTION.finditer(text))
    ends = [section.start() for section in found[1:]] + [len(text)]
    pairs = zip(found, ends, strict=False)
    return next((text[one.end() : end] for one, end in pairs if one[1].capitalize() == name), "")


def _abstaining(written: Written) -> bool:
    return expects_abstention(written.style, written.state)


Checks = tuple[tuple[str, Callable[[Written], bool]], ...]  # a reason, and what tells that it holds
_OF_ANSWER: Checks = (
    ("does not abstain", _no_abstention),
    ("does not end in the gold answer", _wrong_end),
    ("endorses the counter-answer", _endorses),
    ("cites a document that does not exist", _cites_nothing),
)
_OF_FORM: Checks = (
    ("was cut at its cap", _unfinished),
    ("does not answer once", _answers_twice),
    ("answers at length, or by a denial", _long_answer),
    ("lacks a section, or has them in another order", _lacks_sections),
    ("repeats itself", _repeats_itself),
    ("repeats the example of its prompt", _repeats_example),
)
_OF_PASSAGES: Checks = (
    ("cites documents for what they do not say", _cites_another),
    ("leaves out what the documents hold", _leaves_evidence_out),
)
