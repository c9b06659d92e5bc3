"""Another answer in the gold answer's place: which one can be told from it, and where it goes.

The idea is the entity substitution of Longpre et al. (EMNLP 2021, arXiv 2109.05052), with these
differences to its published code: everything is drawn from a seeded generator, nothing is replaced
inside a word, the subject's own name stays, other forms of the answer are replaced too (renaming.py)
and fitted to the sentence (prose.py), and an answer that contains a gold one, or is contained in one,
is never drawn.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from random import Random

from ..core.tables import Row
from ..text import matching
from ..text.stance import COUNTER, SUPPORTING, passage_holds
from . import prose, renaming
from .drafts import Alternative, Draft, Injection, Pools, Refusal
from .prose import Place


def substituted(
    question: Row, passages: Sequence[Row], pool: Sequence[Alternative], rng: Random
) -> Injection | Refusal:
    """Draw a counter-answer from a pool and put it into every supporting passage, in the order of rank."""
    counter = choose(question, pool, rng)
    if isinstance(counter, Refusal):
        return counter
    made = drafts(question, passages, counter.answer, aliases=counter.aliases)
    return Injection(counter.answer, counter.aliases, tuple(made))


def choose(question: Row, pool: Sequence[Alternative], rng: Random) -> Alternative | Refusal:
    """Draw an answer of a pool that can be told from the gold ones; one of the test's only where there is no other."""
    fallback = None
    for other in drawn(pool, rng):
        if (other.tested and fallback) or not differs(other, question):
            continue
        if not other.tested:
            return other
        fallback = other
    if fallback is None:
        where = f"relation {question['relation']!r}, answer type {question['answer_type']!r}"
        return Refusal("no-counter-answer", f"{where}: none of {len(pool)} answers differs from the gold ones")
    return fallback


def differs(other: Alternative, question: Row) -> bool:
    """Tell whether an alternative can be told from every gold answer and from the question's own words.

    All names listed with it count here: one of them may be the link to a gold answer under another
    name. An answer that the question already names would be found in whatever repeats the question.
    """
    if matching.holds(question["question"], other.aliases) or matching.holds(question["subject"], other.aliases):
        return False
    return matching.first_nested(other.listed, question["answers"]) is None


def drafts(
    question: Row,
    passages: Sequence[Row],
    substitute: str,
    stance: str = COUNTER,
    aliases: Sequence[str] = (),
) -> Iterator[Draft]:
    """Yield each supporting passage with a substitute for every mention of a gold answer, in the order of rank.

    With stance COUNTER, what else says the gold answer (a surname, an adjective) gives way to the same form of the
    substitute, whose other names are `aliases`. A passage in which a gold answer stays is left out then: it stays where
    it is part of the subject's name, or of a longer name.
    """
    for passage in passages:
        if passage["stance"] == SUPPORTING and stance != COUNTER:
            yield Draft(*_put(passage, partial(renaming.aliased, question=question, alias=substitute)), passage, stance)
        elif passage["stance"] == SUPPORTING:
            places = partial(renaming.places, question=question, substitute=substitute)
            title, text = _put(passage, places)
            if not passage_holds({"title": title, "text": text}, [substitute, *aliases]):  # only in forms of it
                title, text = _put(passage, partial(places, literally=True))
            if not passage_holds({"title": title, "text": text}, question["answers"]):
                yield Draft(title, text, passage, stance)


def _put(passage: Row, places: Callable[[str], list[Place]]) -> tuple[str, str]:
    """Return a passage's title and text with other forms in their places."""
    title, text = passage["title"], passage["text"]
    return prose.put(title, places(title), title=True), prose.put(text, places(text))


def drawn(pool: Sequence[Alternative], rng: Random) -> Iterator[Alternative]:
    """Yield all alternatives in random order, at a cost that grows with those taken, not with the pool.

    This is the shuffle of Fisher and Yates, one step for each alternative that is asked for.
    """
    moved: dict[int, int] = {}
    for i in range(len(pool)):
        j = rng.randrange(i, len(pool))
        yield pool[moved.get(j, j)]
        moved[j] = moved.get(i, i)


def by_one_attacker(question: Row, pools: Pools, texts: Sequence[str], rng: Random) -> Injection | Refusal:
    """Draw a counter-answer and fill every text with `{question}` and `{answer}`, in random order.

    There are no passages where the question names a gold answer: they would name it too.
    """
    counter = choose(question, pools.same_relation(question), rng)
    if isinstance(counter, Refusal):
        return counter
    if matching.holds(question["question"], question["answers"]):
        return Injection(counter.answer, counter.aliases, ())
    filled = (t.format(question=question["question"], answer=counter.answer) for t in rng.sample(texts, len(texts)))
    return Injection(counter.answer, counter.aliases, tuple(Draft("", text, None) for text in filled))
