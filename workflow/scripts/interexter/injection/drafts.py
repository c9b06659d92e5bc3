"""What injectors take and give: drafts of passages, and the pools that they draw from."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import NamedTuple

from ..core.tables import Row
from ..text import matching
from ..text.stance import COUNTER


class Alternative(NamedTuple):
    """An answer that other questions have as gold."""

    answer: str
    aliases: tuple[str, ...]  # its forms, itself first: what counts as this answer
    listed: tuple[str, ...]  # every name that some question lists with it; other valid answers may be among them
    subject: str = ""  # of one of the questions that it answers
    popularity: float = 0.0  # the highest of the questions that it answers
    tested: bool = False  # an answer of test questions too, in a pool of another split


class Draft(NamedTuple):
    """A passage that an injector made, before it has an id: its words, its source and its stance."""

    title: str
    text: str
    parent: Row | None  # the retrieved passage that it was made from
    stance: str = COUNTER
    source: str = ""  # what it counts with as one source; by default its parent, or all that have none together
    shipped: Row | None = None  # the passage of the data set's own that it is: it stays as it is, a source of its own


class Injection(NamedTuple):
    """The counter-answer with all its forms (itself first), and the drafts that support it.

    No drafts means that the answer is known but no passage could carry it.
    """

    counter_answer: str
    counter_aliases: tuple[str, ...]
    drafts: tuple[Draft, ...]


class Refusal(NamedTuple):
    """Why a question gets no counter-answer: a short reason to count by, and what exactly was wrong."""

    reason: str
    detail: str


PoolKey = tuple[str, str]  # relation, answer type


Shipped = Callable[[str], Row | None]  # the row of SHIPPED_COUNTERS of a question, by its id


class Pools:
    """What an injector may draw from: the gold answers of a split's questions, and passages of other questions.

    The order of each list depends on its content alone. `shipped` tells what the data set itself holds
    against a question's gold answers.
    """

    def __init__(
        self,
        answers: Mapping[PoolKey, Sequence[Alternative]],
        passages: Sequence[Row] = (),
        shipped: Shipped = lambda question_id: None,
    ) -> None:
        """Take the answers by relation and answer type (see counters.split_pools), and passages."""
        self.answers = answers
        self._by_type: dict[str, list[Alternative]] = {}
        self._by_popularity: dict[PoolKey, list[Alternative]] = {}
        self._by_word: dict[PoolKey, dict[str, list[Alternative]]] = {}
        self.passages = passages
        self.shipped = shipped

    def same_relation(self, question: Row) -> Sequence[Alternative]:
        """Return the answers to questions of the same relation and answer type."""
        return self.answers.get(_key(question), ())

    def same_type(self, question: Row) -> Sequence[Alternative]:
        """Return the answers of the same type, whatever they were asked for."""
        return self._of_type(question["answer_type"])

    def other_types(self, question: Row) -> Sequence[Sequence[Alternative]]:
        """Return the answers of each other type."""
        types = sorted({kind for _, kind in self.answers} - {question["answer_type"]})
        return [self._of_type(kind) for kind in types]

    def popularity_third(self, question: Row, third: int) -> Sequence[Alternative]:
        """Return a third (0 is the least popular) of the answers of the same relation and type."""
        key = _key(question)
        if key not in self._by_popularity:
            self._by_popularity[key] = sorted(self.same_relation(question), key=lambda a: (a.popularity, a.answer))
        ordered = self._by_popularity[key]
        return ordered[len(ordered) * third // 3 : len(ordered) * (third + 1) // 3]

    def named_in(self, question: Row, text: str) -> list[Alternative]:
        """Return the answers of the same relation and type that a text names; the longest name first."""
        key = _key(question)
        if key not in self._by_word:
            self._by_word[key] = _by_word(self.same_relation(question))
        by_word = self._by_word[key]
        near = {a.answer: a for word in matching.words(text).folded for a in by_word.get(word, ())}
        named = [(span, a) for a in near.values() for span in matching.mentions(text, a.aliases)[:1]]
        return [a for _, a in sorted(named, key=lambda one: (one[0][0] - one[0][1], one[0], one[1].answer))]

    def only(self, question: Row, answer: str) -> "Pools":
        """Return pools whose only answer to questions of this relation and type is the one of that name."""
        key = _key(question)
        kept = [one for one in self.answers.get(key, ()) if one.answer == answer]
        return Pools({key: kept}, self.passages, self.shipped)

    def _of_type(self, kind: str) -> Sequence[Alternative]:
        if kind not in self._by_type:
            self._by_type[kind] = [a for key, pool in self.answers.items() if key[1] == kind for a in pool]
        return self._by_type[kind]


def _key(question: Row) -> PoolKey:
    return question["relation"], question["answer_type"]


def _by_word(pool: Sequence[Alternative]) -> dict[str, list[Alternative]]:
    """Return alternatives by the words of their names."""
    found: defaultdict[str, list[Alternative]] = defaultdict(list)
    for alternative in pool:
        for word in {word for name in alternative.aliases for word in matching.words(name).folded}:
            found[word].append(alternative)
    return dict(found)


Injector = Callable[[Row, Sequence[Row], Pools, Random], Injection | Refusal]
