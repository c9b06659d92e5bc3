"""What a question shares with the other questions of its data set: text, subject and answers, across splits.

Only short hashes of what may be shared are kept, and the rows of those that are: a million questions
take a few hundred MiB.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from ..core.tables import Row
from ..text import matching
from ..text.normalization import unpunctuated

TEST = "test"

_Key = bytes


class Known(NamedTuple):
    """What the other questions of the data set say about one."""

    first_of_same: str  # the lowest id in its split with the same text and a common answer, if only its own
    other_answers: Sequence[str]  # of another question with the same text and no common answer
    valid: Sequence[
        str
    ]  # further gold answers where the same is asked: the same text, or the same subject and relation
    shared: str | None  # what a training question shares with the test
    injectable_elsewhere: Callable[
        [Sequence[str]], bool
    ]  # whether one of an answer's names can be injected in the test


class _Other(NamedTuple):
    question_id: str
    split: str
    answers: tuple[str, ...]


class Questions:
    """All questions of a data set, for looking up what one shares with the others."""

    def __init__(self, read: Callable[[], Iterable[Row]]) -> None:
        """Read the questions twice: first for what occurs more than once, then for the rows in which it does."""
        self._read = read
        seen: set[_Key] = set()
        twice: set[_Key] = set()
        for question in read():
            for key in _keys(question):
                (twice if key in seen else seen).add(key)
        del seen
        self._same: defaultdict[_Key, list[_Other]] = defaultdict(list)
        for question in read() if twice else ():
            for key in twice.intersection(_keys(question)):
                self._same[key].append(_Other(question["question_id"], question["split"], tuple(question["answers"])))

    def known(self, example: Row, split: str) -> Known:
        """Return what the other questions say about an example's."""
        question_id, answers = example["question_id"], example["answers"]
        text, *about = _keys(example)
        same_text = [other for other in self._same.get(text, ()) if other.question_id != question_id]
        alike = [o.question_id for o in same_text if o.split == split and _common(o.answers, answers)]
        different = next((other.answers for other in same_text if not _common(other.answers, answers)), ())
        others = same_text + [other for key in about for other in self._same.get(key, ())]
        valid = [answer for other in others for answer in other.answers]
        return Known(
            min([question_id, *alike]),
            different,
            valid,
            self._shared(example) if split != TEST else None,
            lambda names: split != TEST and any(_answer(name) in self._test for name in names),
        )

    @cached_property
    def _test(self) -> set[_Key]:
        """Texts, subjects and answers of the test questions: read where training questions are held against them."""
        keys: set[_Key] = set()
        for question in self._read():
            if question["split"] == TEST:
                keys.update([*_text(question), *map(_answer, question["answers"]), *_subject(question)])
        return keys

    def _shared(self, example: Row) -> str | None:
        if not self._test.isdisjoint(_text(example)):
            return "the test asks the same question"
        if not self._test.isdisjoint(_subject(example)):
            return f"the test asks about {example['subject']!r} too"
        return None


def _keys(question: Row) -> list[_Key]:
    """Return the keys of what asks the same: the text first, then the subject with the relation, if it has one."""
    keys = list(_text(question))
    if question["subject"].strip():
        keys.append(_hashed("about", question["subject"], question["relation"]))
    return keys


def _text(question: Row) -> list[_Key]:
    return [_hashed("text", question["question"])]


def _subject(question: Row) -> list[_Key]:
    return [_hashed("subject", question["subject"])] if question["subject"].strip() else []


def _answer(name: str) -> _Key:
    return _hashed("answer", name)


def _hashed(*parts: str) -> _Key:
    """Return 8 bytes for texts that are equal but for case, accents, spaces and punctuation."""
    words = "\0".join([" ".join(unpunctuated(matching.fold(part)).split()) or part for part in parts])
    return hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _common(some: Sequence[str], others: Sequence[str]) -> bool:
    return any(matching.same(one, other) for one in some for other in others)
