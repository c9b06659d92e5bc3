"""The layouts that data sets come in: how a record of a file becomes questions. One small module each.

    ABOUT: About
    def items(record: Row, part: str) -> Iterator[Item]

`record` is one record as it stands in a file, `part` the name of that file (its stem) or of the split of a
hub data set. A module says what the file states and decides nothing else: ids, splits, stances by gold
match and screening are the work of intake.py. A record that holds no question is `Unusable`.
A layout named `nq-swap` in the config is the module `nq_swap` here. docs/datasets.md is their table.
"""

import importlib
import math
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ...core.errors import UserError, nearest
from ...core.tables import Row
from .. import list_texts

DEMONSTRATION = "demonstration"  # the split of questions that are only shown
_WHOLE = 1e15  # beyond, a float has no digits after the point


class About(NamedTuple):
    """Where files of a layout come from: what a data set's card says of them."""

    title: str
    source: str  # paper and repository or hub data set
    licence: str
    checked: str  # real file: which | schema only: from where the fields are known
    files: tuple[str, ...] = ()  # their usual names; () where the config has to name them
    optional: tuple[str, ...] = ()  # of these, the ones that may be missing
    note: str = ""
    split: str = "test"  # of questions that state none; "" where they are drawn
    contradicts: bool = True  # whether it ships counter-passages
    expected: tuple[tuple[str, ...], ...] = ()  # optional keys, by all their names, that some record of any file has


class Text(NamedTuple):
    """A passage as a file states it."""

    text: str
    title: str = ""
    score: float | None = None  # the more, the better
    stance: str | None = None  # the file's own label; None: by whether it holds a gold answer
    answer: str = ""  # of a counter-passage: the wrong answer that it supports, where not the first one


class Item(NamedTuple):
    """A question as a file states it."""

    question: str
    answers: Sequence[str]  # aliases of gold answers, the preferred one first
    identifier: str = ""  # "" where the file has none
    split: str = ""  # train | test | DEMONSTRATION; "" where the file has none: then it is that of About
    subject: str = ""
    group: str = ""  # questions of one group belong into one split; "" where the subject is the group
    relation: str = ""
    answer_type: str = ""
    popularity: float = 0.0
    passages: Sequence[Text] = ()  # what a model is shown without a conflict, in the file's order
    counter_answers: Sequence[str] = ()  # aliases of the wrong answer, the preferred one first
    counters: Sequence[Text] = ()  # passages that support it, in the file's order
    parts: Sequence[tuple[str, Sequence[str]]] = ()  # sub-questions with their answers
    long_answers: Sequence[str] = ()  # of such a question: answers to all of it at once, as the file writes them out
    rationale: str = ""
    others: Mapping[str, object] = {}  # what the record holds beside what the layout reads, where that is kept
    notes: Sequence[str] = ()  # what a reader has to know of it: names of counts in the card


class Unusable(Exception):
    """A record that is no question: a short reason to count by, and what exactly was wrong."""

    def __init__(self, reason: str, detail: str = "") -> None:
        """Take both for the table of rejected rows."""
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class Layout(NamedTuple):
    """A module of this package."""

    about: About
    items: Callable[[Row, str], Iterator[Item]]


def names() -> list[str]:
    """Return the names of all layouts, in order."""
    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__))


def load(name: str) -> Layout:
    """Return a layout; raise UserError with the nearest names if there is none such."""
    if name not in names():
        raise UserError(f"layout {name!r} is unknown; {nearest(name, names())} (docs/datasets.md)")
    module = importlib.import_module(f".{name.replace('-', '_')}", __name__)
    return Layout(module.ABOUT, module.items)


def number_of(record: Mapping[str, object], key: str) -> float:
    """Return the number under a key, 0 where there is none; raise Unusable on what is no finite number."""
    value = record.get(key)
    if value is None or not str(value).strip():
        return 0.0
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        how = "a point before decimals and no other marks"
        raise Unusable("malformed-record", f"{key!r} is {value!r}, a number was expected: {how}")
    return number


def written(value: str | int | float) -> str:
    """Return a text or a number as a text; a whole number without a point, since a column with gaps holds floats."""
    whole = isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE
    return str(int(value) if whole else value).strip()


def word_of(record: Mapping[str, object], *keys: str) -> str:
    """Return the text under the first of `keys` that the record has, "" where it has none; raise Unusable on a list."""
    value = next((value for key in keys if (value := record.get(key)) is not None), "")
    if not isinstance(value, str | int | float):
        raise Unusable("malformed-record", f"{keys[0]!r} is {str(value)[:60]!r}, a text was expected")
    return written(value)


def text_of(record: Mapping[str, object], *keys: str) -> str:
    """Return the text under the first of `keys` that the record has; raise Unusable if it is missing or empty."""
    for key in keys:
        value = record.get(key)
        if value is not None:
            if isinstance(value, str | int | float) and written(value):
                return written(value)
            raise Unusable("malformed-record", f"{key!r} is {value!r}, a text was expected")
    raise Unusable("malformed-record", f"no {' or '.join(map(repr, keys))}; it has {sorted(record)[:12]}")


def listed(value: object) -> Any:
    """Return the list that a text holds, as a cell of a table does; any other value as it is.

    Raises Unusable where a list was meant and cannot be read.
    """
    try:
        found = list_texts.of_text(value) if isinstance(value, str) else None
    except ValueError as error:
        raise Unusable("malformed-record", str(error)) from None
    return value if found is None else found


def texts_of(value: object) -> list[str]:
    """Return a text, or a list of texts, as the list of those that are not empty."""
    value = listed(value)
    values = value if isinstance(value, list | tuple) else [value]
    texts = (written(one) for one in values if isinstance(one, str | int | float))
    return [text for text in texts if text]


def list_of(record: Mapping[str, object], key: str) -> list[Any]:
    """Return the list under a key, empty where there is none; raise Unusable on what is no list."""
    value = listed(record.get(key)) or []
    if not isinstance(value, list | tuple):
        raise Unusable("malformed-record", f"{key!r} is {str(value)[:60]!r}, a list was expected")
    return list(value)


def objects_of(record: Mapping[str, object], key: str) -> list[Row]:
    """Return the objects in the list under a key; raise Unusable where it is no list, or holds anything else."""
    objects = list_of(record, key)
    for one in objects:
        if not isinstance(one, dict):
            raise Unusable("malformed-record", f"{key!r} holds {str(one)[:60]!r}, an object was expected")
    return objects


def choices_of(value: object) -> dict[str, str]:
    """Return texts by their labels, from an object of `label` and `text`, one of texts by label, or a list of texts.

    The texts of a list have the letters from A. Raises Unusable on anything else.
    """
    value = listed(value)
    if isinstance(value, list):
        value = {chr(ord("A") + i): re.sub(r"^[A-H][.):]\s*", "", str(text)) for i, text in enumerate(value)}
    if not isinstance(value, dict):
        raise Unusable("malformed-record", f"{str(value)[:60]!r} are no choices: a list or an object was expected")
    if not {"label", "text"} <= value.keys():
        return {str(label): str(text) for label, text in value.items()}
    labels, texts = list_of(value, "label"), list_of(value, "text")
    if len(labels) != len(texts):
        raise Unusable("malformed-record", f"{len(labels)} labels of choices for {len(texts)} texts")
    return dict(zip(map(str, labels), map(str, texts), strict=True))


def answers_of(record: Mapping[str, object], *keys: str) -> list[str]:
    """Return the answers, each once, under the first of `keys` that the record has; raise Unusable if it has none."""
    for key in keys:
        if answers := texts_of(record.get(key)):
            return list(dict.fromkeys(answers))
    raise Unusable("no-gold-answer", f"nothing under {' or '.join(map(repr, keys))}; it has {sorted(record)[:12]}")
