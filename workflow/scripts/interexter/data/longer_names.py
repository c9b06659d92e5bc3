"""Longer names that the questions of a data set know: "South Africa", where an answer is "Africa".

A longer name is that of something else where questions of the same relation have it as an answer or as their subject,
and no question calls the shorter one's thing by it: "Washington, D.C." is Washington where it is an answer beside it.
Names alone count, without digits and with no small letter first: a film actor is an actor, and 4 July 1776 is in 1776.
Questions without a relation ask for all kinds of things, and call one thing by many names; they lend none.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from ..core.tables import Row
from ..text import matching

_Names = tuple[str, ...]  # of one thing
_ByWord = dict[tuple[str, str], set[_Names]]  # by relation and word

_ARTICLES = {"a", "an", "the"}


class LongerNames:
    """The names of several words that the questions of a data set have: of their answers and of their subjects."""

    def __init__(self, read: Callable[[], Iterable[Row]]) -> None:
        """Take what reads the questions; they are read when the first name is looked up."""
        self._read = read

    def of(self, question: Row, counter_aliases: Sequence[str]) -> list[str]:
        """Return the names of something else that hold one of a question's answers or of its counter-answer's names.

        They are of the question's own subject and of its relation, sorted.
        """
        own = [*question["answers"], *counter_aliases]
        found = {question["subject"]} if any(_holds(question["subject"], name) for name in own) else set()
        for name in own:
            for names in self._with(question["relation"], name):
                if not any(matching.same(one, other) for one in names for other in own):
                    found.update(longer for longer in names if _is_name(longer) and _holds(longer, name))
        return sorted(found)

    def _with(self, relation: str, name: str) -> set[_Names]:
        """Return the names of the relation's things that have the rarest word of a name."""
        things = [self._by_word.get((relation, word), set()) for word in _words(name)]
        return min(things, key=len, default=set())

    @cached_property
    def _by_word(self) -> _ByWord:
        found: _ByWord = defaultdict(set)
        for question in self._read():
            for names in (tuple(question["answers"]), (question["subject"],)) if question["relation"] else ():
                for word in {word for name in names if _is_name(name) for word in _words(name)}:
                    found[question["relation"], word].add(names)
        return found


def _is_name(text: str) -> bool:
    """Tell whether a text is a name of several words that may hold another's."""
    return len(_words(text)) > 1 and not text[:1].islower() and not any(map(str.isdigit, text))


def _words(name: str) -> set[str]:
    return {*matching.words(name).folded} - _ARTICLES


def _holds(longer: str, name: str) -> bool:
    return matching.holds(longer, [name]) and not matching.same(longer, name)
