"""RAMDocs (Wang et al. 2025, arXiv 2504.13079): documents labelled correct, misinfo or noise, each with its answer.

A question may have two wrong answers. The one with most misinformation is the counter-answer, the first of
those with as much; documents for the other are rejected as `other-counter-answer`. Several gold answers are no
aliases: they answer the question of several entities, and each is a part of it.
"""

from collections import Counter
from collections.abc import Iterator

from ...core.tables import Row
from ...text.answer_types import answer_type_of
from ...text.stance import COUNTER, IRRELEVANT, SUPPORTING
from . import About, Item, Text, Unusable, answers_of, objects_of, text_of, texts_of

ABOUT = About(
    title="RAMDocs: ambiguous questions with correct, misinforming and noisy documents",
    source="https://github.com/HanNight/RAMDocs, arXiv 2504.13079",
    licence="MIT",
    checked="real file: the first 200 of 500 questions",
    files=("RAMDocs_test.jsonl",),
    expected=(("wrong_answers",), ("documents",)),
)

_STANCES = {"correct": SUPPORTING, "misinfo": COUNTER, "noise": IRRELEVANT}


def items(record: Row, part: str) -> Iterator[Item]:
    """Read a question; misinformation becomes its counter-passages."""
    documents = [_text(one) for one in objects_of(record, "documents")]
    wrong = texts_of(record.get("wrong_answers"))
    dose = Counter(one.answer for one in documents if one.stance == COUNTER)
    counter = max(wrong, key=lambda answer: dose[answer], default="")  # the first of the most frequent
    answers = answers_of(record, "gold_answers")
    yield Item(
        question=text_of(record, "question"),
        answers=answers,
        answer_type=answer_type_of(answers),
        group=text_of(record, "question"),
        passages=[one for one in documents if one.stance != COUNTER],
        counter_answers=[counter] if counter else [],
        counters=[one for one in documents if one.stance == COUNTER],
        parts=[(text_of(record, "question"), [answer]) for answer in answers] if len(answers) > 1 else [],
    )


def _text(document: Row) -> Text:
    kind = text_of(document, "type")
    if kind not in _STANCES:
        raise Unusable("malformed-passage", f"type {kind!r} is none of {', '.join(_STANCES)}")
    return Text(text_of(document, "text"), stance=_STANCES[kind], answer=str(document.get("answer") or ""))
