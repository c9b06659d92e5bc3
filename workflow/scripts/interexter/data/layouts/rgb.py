"""RGB (Chen et al., AAAI 2024, arXiv 2309.01431): right, wrong and irrelevant passages, in English and Chinese.

| files | what | counter-passages |
|---|---|---|
| `en_fact`, `zh_fact` | passages with the answer, and the same with a fake one | `positive_wrong` |
| `en_int`, `zh_int` | questions that ask for several things, a list of passages for each | none |
| `en`, `zh` | passages with the answer, and noise | none |

`answer` is a text, or a list of what an answer has to name, each a text or a list of its aliases. Where these are
several, each is a part of the question. Ids start from 0 in every file.
"""

from collections.abc import Iterator, Mapping

from ...core.tables import Row
from ...text.stance import IRRELEVANT, SUPPORTING
from . import About, Item, Text, listed, text_of, texts_of, word_of

ABOUT = About(
    title="RGB: passages with the answer, with a fake answer, and with neither",
    source="https://github.com/chen700564/RGB, data/{en,zh}{,_fact,_int}.json, arXiv 2309.01431",
    licence="CC BY-NC-SA 4.0",
    checked="real files: en_fact.json, the first 40 of zh_fact.json, 25 of zh_int.json; others by the schema",
    files=("en_fact.json",),
    expected=(("positive",), ("negative",)),
    note="only the files `_fact` ship counter-passages",
)


def items(record: Row, part: str) -> Iterator[Item]:
    """Read a question; `positive_wrong` become its counter-passages."""
    question, identifier = text_of(record, "query", "question"), word_of(record, "id")
    wanted = _wanted(record)
    yield Item(
        question=question,
        answers=list(dict.fromkeys(name for names in wanted for name in names)),
        identifier=f"rgb-{part}-{identifier}" if identifier else "",
        passages=[Text(text, stance=SUPPORTING) for text in _flat(record.get("positive"))]
        + [Text(text, stance=IRRELEVANT) for text in _flat(record.get("negative"))],
        counter_answers=_flat(record.get("fakeanswer")),
        counters=[Text(text) for text in _flat(record.get("positive_wrong"))],
        parts=[(question, names) for names in wanted] if len(wanted) > 1 else [],
    )


def _wanted(record: Mapping[str, object]) -> list[list[str]]:
    """Return what an answer has to name, each with its aliases."""
    value = listed(record.get("answer"))
    named = map(_flat, value) if isinstance(value, list) else [_flat(value)]
    return [names for names in named if names]


def _flat(value: object) -> list[str]:
    """Return texts that may be one, a list of them, or a list of lists."""
    value = listed(value)
    if isinstance(value, list):
        return [text for one in value for text in _flat(one)]
    return texts_of(value)
