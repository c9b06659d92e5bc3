"""PoisonedRAG (Zou et al., USENIX Security 2025, arXiv 2402.07867): five adversarial texts for a wrong answer.

The files hold no clean passages, only the ids of a BEIR corpus: name a corpus of yours (`corpus`) to retrieve
them from, or ask under conditions without any.
"""

from collections.abc import Iterator

from ...core.tables import Row
from ...text.answer_types import answer_type_of
from . import About, Item, Text, answers_of, text_of, texts_of

ABOUT = About(
    title="PoisonedRAG: targeted adversarial texts on Natural Questions, HotpotQA and MS MARCO",
    source="https://github.com/sleeepeer/PoisonedRAG, results/adv_targeted_results, arXiv 2402.07867",
    licence="MIT",
    checked="real file: nq.json, 100 questions",
    expected=(("adv_texts",),),
    note="no clean passages: name a `corpus`",
)


def items(record: Row, part: str) -> Iterator[Item]:
    """Read a question with its adversarial texts."""
    answers = answers_of(record, "correct answer")
    yield Item(
        question=text_of(record, "question"),
        answers=answers,
        identifier=f"{part}-{record['id']}" if record.get("id") else "",  # ids repeat from file to file
        answer_type=answer_type_of(answers),
        counter_answers=answers_of(record, "incorrect answer"),
        counters=[Text(text) for text in texts_of(record.get("adv_texts"))],
    )
