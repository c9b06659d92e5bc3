"""RGB's counterfactual part (Chen et al., AAAI 2024, arXiv 2309.01431): right, wrong and irrelevant passages."""

from collections.abc import Iterator

from ...core.tables import Row
from ...text.stance import IRRELEVANT, SUPPORTING
from . import About, Item, Text, text_of, texts_of

ABOUT = About(
    title="RGB en_fact: passages with the answer, with a fake answer, and with neither",
    source="https://github.com/chen700564/RGB, data/en_fact.json, arXiv 2309.01431",
    licence="CC BY-NC-SA 4.0",
    checked="schema only",
    files=("en_fact.json",),
)


def items(record: Row, part: str) -> Iterator[Item]:
    """Read a question; `positive_wrong` become its counter-passages."""
    yield Item(
        question=text_of(record, "query", "question"),
        answers=_flat(record.get("answer")),
        identifier=f"rgb-{record['id']}" if record.get("id") is not None else "",
        passages=[Text(text, stance=SUPPORTING) for text in texts_of(record.get("positive"))]
        + [Text(text, stance=IRRELEVANT) for text in texts_of(record.get("negative"))],
        counter_answers=_flat(record.get("fakeanswer")),
        counters=[Text(text) for text in texts_of(record.get("positive_wrong"))],
    )


def _flat(value: object) -> list[str]:
    """Return answers that may be a text, a list of them, or a list of lists of aliases."""
    if isinstance(value, list):
        return [text for one in value for text in _flat(one)]
    return texts_of(value)
