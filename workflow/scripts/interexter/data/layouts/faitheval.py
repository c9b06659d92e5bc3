"""FaithEval (Ming et al., ICLR 2025, arXiv 2410.03727): contexts that are unanswerable, inconsistent or counterfactual.

The three parts are told apart by their fields. An unanswerable context is no counter-passage: it holds no answer.
An inconsistent one is cut at its `Document:` marks; the first of `answers` counts as gold and the second as the
counter-answer. A counterfactual question is shown with its choices. Its record states only what its context says:
add the true choice, which ARC-Challenge has under the same id, as `arc_answerKey`, or the record is rejected.
"""

import re
from collections.abc import Iterator

from ...core.tables import Row
from ...text import matching
from ...text.answer_types import CHOICE
from ...text.choices import with_choices
from ...text.stance import IRRELEVANT
from . import About, Item, Text, Unusable, answers_of, choices_of, text_of

ABOUT = About(
    title="FaithEval: unanswerable, inconsistent and counterfactual contexts",
    source="hub Salesforce/FaithEval-{unanswerable,inconsistent,counterfactual}-v1.0, arXiv 2410.03727",
    licence="Apache-2.0 (repository)",
    checked="real file: 40 counterfactual records, in a copy; the other parts by the schema",
    note="counterfactual: needs ARC's keys as `arc_answerKey`",
)

_DOCUMENT = re.compile(r"(?:^|\n)\s*Document(?:\s+\d+)?:", re.IGNORECASE)


def items(record: Row, part: str) -> Iterator[Item]:
    """Read a record of any of the three parts."""
    question, context = text_of(record, "question"), text_of(record, "context")
    identifier = str(record.get("qid") or record.get("id") or "")
    if record.get("choices") is not None:
        yield _counterfactual(record, question, context, identifier)
        return
    answers = answers_of(record, "answers", "answer")
    documents = [text.strip() for text in _DOCUMENT.split(context) if text.strip()]
    if len(documents) == 1 or len(answers) < 2:
        yield Item(question, answers, identifier, passages=[Text(context, stance=IRRELEVANT)])
        return
    counters = [
        text for text in documents if matching.holds(text, answers[1:]) and not matching.holds(text, answers[:1])
    ]
    yield Item(
        question,
        answers[:1],
        identifier,
        passages=[Text(text) for text in documents if text not in counters],
        counter_answers=answers[1:],
        counters=[Text(text) for text in counters],
    )


def _counterfactual(record: Row, question: str, context: str, identifier: str) -> Item:
    choices = choices_of(record["choices"])
    true = str(record.get("arc_answerKey"))
    if true not in choices:
        raise Unusable("no-gold-answer", "the record states only what its context says; add ARC's `arc_answerKey`")
    return Item(
        with_choices(question, choices.values()),
        [choices[true]],
        identifier,
        answer_type=CHOICE,
        counter_answers=[choices.get(str(record.get("answerKey"))) or text_of(record, "answer")],
        counters=[Text(context)],
    )
