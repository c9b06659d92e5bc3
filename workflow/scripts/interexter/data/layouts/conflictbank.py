"""ConflictBank (Su et al., NeurIPS 2024, arXiv 2408.12076): misinformation, temporal and semantic conflict evidence."""

from collections.abc import Iterator

from ...core.tables import Row
from ...text.stance import SUPPORTING
from . import About, Item, Text, text_of

_KINDS = (
    ("misinformation_conflict_evidence_evidence", "misinformation_conflict_evidence"),
    ("temporal_conflict_evidence",),
    ("semantic_conflict_evidence",),
)

ABOUT = About(
    title="ConflictBank: one replaced object, told as misinformation, as an outdated fact and of a namesake",
    source="https://github.com/zhaochen0110/conflictbank, hub Warrieryes/CB_qa, arXiv 2408.12076",
    licence="CC BY-SA 4.0, as its README states",
    checked="schema only",
    expected=_KINDS,
    note="CB_qa; CB_claim_evidence holds no questions",
)


def items(record: Row, part: str) -> Iterator[Item]:
    """Read a question; its counter-passages are those kinds of evidence that the record has, in this order."""
    found = (next((record[key] for key in keys if record.get(key)), None) for keys in _KINDS)
    yield Item(
        question=text_of(record, "question"),
        answers=[text_of(record, "object")],
        subject=str(record.get("subject") or ""),
        relation=str(record.get("relation") or ""),
        passages=[Text(text_of(record, "default_evidence"), stance=SUPPORTING)],
        counter_answers=[text_of(record, "replaced_object")],
        counters=[Text(str(text)) for text in found if text and str(text).strip()],
    )
