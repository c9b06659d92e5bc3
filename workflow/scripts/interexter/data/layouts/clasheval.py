"""ClashEval (Wu et al., NeurIPS 2024, arXiv 2404.10198): one context, unaltered and altered in degrees.

A record is one alteration of a question, so a question comes up to ten times; all of them are in one split.
"""

from collections.abc import Iterator

from ...core.identity import content_id
from ...core.tables import Row
from ...text.stance import SUPPORTING
from . import About, Item, Text, text_of

ABOUT = About(
    title="ClashEval: drug dosages, records, news, dates, names and locations with graded errors",
    source="https://github.com/kevinwu23/StanfordClashEval, hub kewu93/ClashEval, arXiv 2404.10198",
    licence="CC BY 4.0",
    checked="schema only",
    expected=(("dataset",), ("mod_type", "mod_degree")),
    note="the relation is the domain and the degree: `dates +100`",
)


def items(record: Row, part: str) -> Iterator[Item]:
    """Read one alteration."""
    question, domain = text_of(record, "question"), str(record.get("dataset") or "")
    degree = str(record.get("mod_type") or record.get("mod_degree") or "")
    counter = text_of(record, "answer_mod")
    yield Item(
        question=question,
        answers=[text_of(record, "answer_original")],
        identifier=content_id([question, domain, degree, counter]),
        group=question,
        relation=f"{domain} {degree}".strip(),
        passages=[Text(text_of(record, "context_original"), stance=SUPPORTING)],
        counter_answers=[counter],
        counters=[Text(text_of(record, "context_mod"))],
    )
