"""Your own questions: one object for each, with or without passages. docs/own-data.md shows one."""

import json
from collections.abc import Iterator
from typing import Any

from ...core.tables import Row
from ...text.stance import COUNTER, IRRELEVANT, SUPPORTING, UNKNOWN
from . import About, Item, Text, Unusable, list_of, number_of, text_of, texts_of

ABOUT = About(
    title="own data",
    source="the file that the config names",
    licence="that of the file; write it down under `source.licence`",
    checked="real file: tests/test_own_data.py",
)

_STANCES = (SUPPORTING, COUNTER, IRRELEVANT, UNKNOWN)


def items(record: Row, part: str) -> Iterator[Item]:
    """Read `question` and `answers`; the rest is optional."""
    passages = [_text(one) for one in list_of({"passages": _listed(record.get("passages"))}, "passages")]
    yield Item(
        question=text_of(record, "question"),
        answers=texts_of(_listed(record.get("answers"))),
        identifier=str(record.get("id") or ""),
        split=str(record.get("split") or ""),
        subject=str(record.get("subject") or ""),
        relation=str(record.get("relation") or ""),
        answer_type=str(record.get("answer_type") or ""),
        popularity=number_of(record, "popularity"),
        passages=[one for one in passages if one.stance != COUNTER],
        counter_answers=texts_of(_listed(record.get("counter_answers"))),
        counters=[one for one in passages if one.stance == COUNTER],
    )


def _listed(value: Any) -> Any:
    """Return the list that a cell of a CSV file holds as JSON; any other value as it is."""
    if not (isinstance(value, str) and value.startswith("[") and value.endswith("]")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _text(passage: object) -> Text:
    """Read a passage: a text, or an object with `text` and optionally `title`, `score` and `stance`."""
    if isinstance(passage, str):
        return Text(passage)
    if not isinstance(passage, dict):
        raise Unusable("malformed-passage", f"{str(passage)[:60]!r} is neither a text nor an object")
    stance = passage.get("stance")
    if stance is not None and stance not in _STANCES:
        raise Unusable("malformed-passage", f"stance {stance!r} is none of {', '.join(_STANCES)}")
    score = None if passage.get("score") in (None, "") else number_of(passage, "score")
    return Text(text_of(passage, "text"), str(passage.get("title") or ""), score, stance)
