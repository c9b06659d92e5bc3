"""Your own questions: one object for each, with or without passages. docs/own-data.md shows one."""

import re
from collections.abc import Iterator

from ...core.tables import Row
from ...text.stance import COUNTER, IRRELEVANT, SUPPORTING, UNKNOWN
from .. import near_keys, notices
from . import About, Item, Text, Unusable, list_of, listed, number_of, text_of, texts_of, word_of

ABOUT = About(
    title="own data",
    source="the file that the config names",
    licence="that of the file; write it down under `source.licence`",
    checked="real file: tests/data/test_own_data.py",
    split="",
    contradicts=False,
    expected=(("question",), ("answers",)),
)

KEYS = (
    *("question", "answers", "id", "split", "subject", "relation", "answer_type", "popularity"),
    *("passages", "counter_answers"),
)
_LISTS = ("answers", "counter_answers", "passages")
_PASSAGE_KEYS = ("text", "title", "score", "stance")
_STANCES = (SUPPORTING, COUNTER, IRRELEVANT, UNKNOWN)

_SUSPECT = {  # what an answer may be instead of one: the count of the card
    notices.SEVERAL: re.compile(r".*(?:[;|\n]| / ).*|[\[({].*[\])}]", re.DOTALL),
    notices.TIMESTAMP: re.compile(r"\d{4}-\d\d-\d\d[ T]00:00:00(?:\.0+)?"),
    notices.MISSING: re.compile(r"null|n/a|none|-|\?", re.IGNORECASE),
}


def items(record: Row, part: str) -> Iterator[Item]:
    """Read `question` and `answers`; the rest is optional, and keys of other names are kept.

    Raises UserError where a key is nearly one of ours.
    """
    near_keys.refuse(record, KEYS, f"a question of the file {part!r}")
    lists = {key: listed(record.get(key)) for key in _LISTS}
    if isinstance(passage := lists["passages"], str):
        lists["passages"] = [passage] if passage.strip() else []  # the one passage of a question, in a table's cell
    passages = [_text(one, part) for one in list_of(lists, "passages")]
    answers, counter_answers = _answers(lists, "answers"), _answers(lists, "counter_answers")
    yield Item(
        question=text_of(record, "question"),
        answers=answers,
        identifier=word_of(record, "id"),
        split=word_of(record, "split"),
        subject=word_of(record, "subject"),
        relation=word_of(record, "relation"),
        answer_type=word_of(record, "answer_type"),
        popularity=number_of(record, "popularity"),
        passages=[one for one in passages if one.stance != COUNTER],
        counter_answers=counter_answers,
        counters=[one for one in passages if one.stance == COUNTER],
        others={key: value for key, value in record.items() if key not in KEYS and value not in (None, "")},
        notes=[note for note, looks in _SUSPECT.items() if _any_alone(looks, answers, counter_answers)],
    )


def _any_alone(looks: re.Pattern[str], *answers: list[str]) -> bool:
    return any(len(one) == 1 and looks.fullmatch(one[0]) for one in answers)


def _answers(record: Row, key: str) -> list[str]:
    value = record.get(key)
    for one in value if isinstance(value, list) else [value]:
        if not (one is None or isinstance(one, str | int | float)):
            raise Unusable("malformed-record", f"{key!r} is or holds {str(one)[:60]!r}, a text was expected")
    return texts_of(value)


def _text(passage: object, part: str) -> Text:
    """Read a passage: a text, or an object with `text` and optionally `title`, `score` and `stance`."""
    if isinstance(passage, str):
        return Text(passage)
    if not isinstance(passage, dict):
        raise Unusable("malformed-passage", f"{str(passage)[:60]!r} is neither a text nor an object")
    near_keys.refuse(passage, _PASSAGE_KEYS, f"a passage of the file {part!r}")
    stance = passage.get("stance") or None
    if stance is not None and stance not in _STANCES:
        raise Unusable("malformed-passage", f"stance {stance!r} is none of {', '.join(_STANCES)}")
    score = None if passage.get("score") in (None, "") else number_of(passage, "score")
    return Text(text_of(passage, "text"), word_of(passage, "title"), score, stance)
