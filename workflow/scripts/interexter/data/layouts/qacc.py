"""QACC (Liu et al. 2025, arXiv 2410.12311): natural conflicts among search snippets, with human judgements.

Up to three answers were written down, each with the letters of the snippets that give it, and the correct one.
The first of the others is the counter-answer; its snippets become counter-passages.
"""

import re
from collections.abc import Iterator

from ...core.tables import Row
from ...text import matching
from ...text.stance import COUNTER, SUPPORTING
from . import About, Item, Text, answers_of, list_of, text_of, texts_of

ABOUT = About(
    title="QACC: open-domain questions whose search snippets disagree",
    source="https://github.com/amazon-science/qa-with-conflicting-context, arXiv 2410.12311",
    licence="CC BY-SA 3.0",
    checked="real file: the first 100 of 1,617 questions",
    files=("ConflictQA_Dataset.json",),
    expected=(("secondAnswer",), ("firstContext",), ("secondContext",)),
)

_ORDINALS = ("first", "second", "third")


def items(record: Row, part: str) -> Iterator[Item]:
    """Read a question with its snippets."""
    snippets = [str(snippet or "").strip() for snippet in list_of(record, "contexts")]  # empty ones keep their letter
    correct = answers_of(record, "correctAnswer")
    given = [(texts_of(record.get(f"{n}Answer")), _places(record.get(f"{n}Context"))) for n in _ORDINALS]
    answers = [(answer[0], places) for answer, places in given if answer]
    stances: dict[int, tuple[str, str]] = {}
    wrong = [answer for answer, _ in answers if not any(matching.same(answer, one) for one in correct)]
    for answer, places in answers:
        stance = COUNTER if answer in wrong else SUPPORTING
        stances |= {place: (stance, answer) for place in places if place not in stances}
    texts = [
        Text(text, stance=stances[i][0], answer=stances[i][1]) if i in stances else Text(text)
        for i, text in enumerate(snippets)
        if text
    ]
    yield Item(
        question=text_of(record, "question"),
        answers=correct,
        split={"train": "train", "test": "test", "dev": "train"}.get(str(record.get("split")), ""),
        passages=[text for text in texts if text.stance != COUNTER],
        counter_answers=wrong[:1],
        counters=[text for text in texts if text.stance == COUNTER],
    )


def _places(letters: object) -> list[int]:
    """Return the places of snippets that letters name: "['A', 'C']", or a list of them, is 0 and 2."""
    named = " ".join(texts_of(letters))
    return [ord(letter) - ord("A") for letter in re.findall(r"\b[A-Z]\b", named.upper())]
