"""CoConflictQA (Huang et al. 2025, arXiv 2502.15543): contexts against what Llama-3-8B-Instruct itself answers.

The context is right and the model's own majority answer is wrong; the model's own evidence for it is the
counter-passage.
"""

from collections.abc import Iterator

from ...core.tables import Row
from ...text import matching
from ...text.stance import SUPPORTING
from . import About, Item, Text, answers_of, text_of

ABOUT = About(
    title="CoConflictQA: questions on which Llama-3-8B-Instruct contradicts the context",
    source="https://github.com/OpenBMB/ParamMute, data/CoConflictQA, arXiv 2502.15543",
    licence="not stated",
    checked="real file: the first 80 questions of SQuAD_kc.jsonl",
    expected=(("parametric_evidencde", "parametric_evidence"),),
    note="the key of the model's evidence is misspelt in the files; both spellings are read",
)


def items(record: Row, part: str) -> Iterator[Item]:
    """Read a question with its context and the model's own evidence."""
    evidence = record.get("parametric_evidencde") or record.get("parametric_evidence")
    wrong = text_of(record, "parametric_answer")
    answers = answers_of(record, "answers")
    yield Item(
        question=text_of(record, "question"),
        answers=answers,
        relation=part.removesuffix("_kc"),
        passages=[Text(text_of(record, "context"), stance=SUPPORTING)],
        counter_answers=[wrong],
        counters=[Text(str(evidence))] if str(evidence or "").strip() and not matching.same(wrong, answers[0]) else [],
    )
