"""Your own questions: one object for each, with or without passages. docs/own-data.md shows one."""

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from ...core.tables import Row
from ...text.stance import COUNTER, IRRELEVANT, SUPPORTING, UNKNOWN
from .. import near_keys
from . import About, Item, Text, Unusable, list_of, number_of, text_of, texts_of, word_of

ABOUT = About(
    title="own data",
    source="the file that the config names",
    licence="that of the file; write it down under `source.licence`",
    checked="real file: tests/data/test_own_data.py",
    split="",
    contradicts=False,
)

KEYS = (
    *("question", "answers", "id", "split", "subject", "relation", "answer_type", "popularity"),
    *("passages", "counter_answers"),
)
_LISTS = ("answers", "counter_answers", "passages")
_PASSAGE_KEYS = ("text", "title", "score", "stance")
_STANCES = (SUPPORTING, COUNTER, IRRELEVANT, UNKNOWN)

_LIST = re.compile(r"\s*\[.*\]\s*", re.DOTALL)
_MEANT_AS_LIST = re.compile(r"\s*\[\s*[\[{'\"]")
_SEVERAL = re.compile(r"[;|]|^\[.*\]$", re.DOTALL)
ONE_TEXT = "answers_that_may_be_several"  # count of the card


def items(record: Row, part: str) -> Iterator[Item]:
    """Read `question` and `answers`; the rest is optional, and keys of other names are kept.

    Raises UserError where a key is nearly one of ours.
    """
    near_keys.refuse(record, KEYS, f"a question of {part}")
    record = {key: _listed(value) if key in _LISTS else value for key, value in record.items()}
    if isinstance(passage := record.get("passages"), str):
        record["passages"] = [passage] if passage.strip() else []  # the one passage of a question, in a table's cell
    passages = [_text(one, part) for one in list_of(record, "passages")]
    answers, counter_answers = _answers(record, "answers"), _answers(record, "counter_answers")
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
        notes=[ONE_TEXT for one in (answers, counter_answers) if len(one) == 1 and _SEVERAL.search(one[0])],
    )


def _answers(record: Row, key: str) -> list[str]:
    value = record.get(key)
    for one in value if isinstance(value, list) else [value]:
        if not (one is None or isinstance(one, str | int | float)):
            raise Unusable("malformed-record", f"{key!r} is or holds {str(one)[:60]!r}, a text was expected")
    return texts_of(value)


def _listed(value: Any) -> Any:
    """Return the list that a cell of a table holds, as JSON or as Python prints it; any other value as it is.

    Raises Unusable where a list was meant and cannot be read.
    """
    if not (isinstance(value, str) and _LIST.fullmatch(value)):
        return value
    try:
        return json.loads(value, parse_constant=lambda name: None)
    except ValueError:
        if not _MEANT_AS_LIST.match(value):
            return value
    try:
        if not _lacks_commas(value):
            return ast.literal_eval(value.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError, tokenize.TokenError):
        pass
    raise Unusable("malformed-record", f"{value[:60]!r} is a list neither of JSON nor of Python (an array of numpy?)")


def _lacks_commas(text: str) -> bool:
    """Tell an array as numpy prints it, whose texts Python would join to one."""
    types = [token.type for token in tokenize.generate_tokens(io.StringIO(text.strip()).readline)]
    types = [kind for kind in types if kind != tokenize.NL]
    return any(one == other == tokenize.STRING for one, other in pairwise(types))


def _text(passage: object, part: str) -> Text:
    """Read a passage: a text, or an object with `text` and optionally `title`, `score` and `stance`."""
    if isinstance(passage, str):
        return Text(passage)
    if not isinstance(passage, dict):
        raise Unusable("malformed-passage", f"{str(passage)[:60]!r} is neither a text nor an object")
    near_keys.refuse(passage, _PASSAGE_KEYS, f"a passage of {part}")
    stance = passage.get("stance") or None
    if stance is not None and stance not in _STANCES:
        raise Unusable("malformed-passage", f"stance {stance!r} is none of {', '.join(_STANCES)}")
    score = None if passage.get("score") in (None, "") else number_of(passage, "score")
    return Text(text_of(passage, "text"), word_of(passage, "title"), score, stance)
