"""Entity substitution (Longpre et al., EMNLP 2021, arXiv 2109.05052): another entity in the answer's place.

The counter-answer is a gold answer of another question of the same relation and answer type. Every
supporting passage becomes a counter-passage by having it in place of each mention of a gold answer.
Unlike the original it draws from a seeded generator, never replaces inside a word, leaves the
subject's own name alone, and excludes answers that contain, or are contained in, a gold answer.
"""

from collections.abc import Iterator, Sequence
from random import Random

from .. import matching
from ..stance import SUPPORTING, answer_mentions, passage_holds
from ..tables import Row
from . import Alternative, Draft, Injection, Pools, Refusal


def inject(question: Row, passages: Sequence[Row], pools: Pools, rng: Random) -> Injection | Refusal:
    """Draw a counter-answer and put it into every supporting passage, in the order of rank."""
    key = (question["relation"], question["answer_type"])
    pool = pools.get(key, ())
    counter = next((other for other in _drawn(pool, rng) if _differs(other, question)), None)
    if counter is None:
        detail = f"relation {key[0]!r}, answer type {key[1]!r}: none of {len(pool)} answers differs from the gold ones"
        return Refusal("no-counter-answer", detail)
    supporting = (passage for passage in passages if passage["stance"] == SUPPORTING)
    drafts = (_substituted(passage, question, counter.answer) for passage in supporting)
    return Injection(counter.answer, counter.aliases, tuple(draft for draft in drafts if draft))


def _drawn(pool: Sequence[Alternative], rng: Random) -> Iterator[Alternative]:
    """Yield all alternatives in random order, at a cost that grows with those taken, not with the pool.

    This is the shuffle of Fisher and Yates, one step for each alternative that is asked for.
    """
    moved: dict[int, int] = {}
    for i in range(len(pool)):
        j = rng.randrange(i, len(pool))
        yield pool[moved.get(j, j)]
        moved[j] = moved.get(i, i)


def _differs(other: Alternative, question: Row) -> bool:
    """Tell whether an alternative can be told from every gold answer and from the question's own words.

    All names listed with it count here: one of them may be the link to a gold answer under another
    name. An answer that the question already names would be found in whatever repeats the question.
    """
    if any(matching.holds(question[part], other.aliases) for part in ("question", "subject")):
        return False
    return not any(matching.nested(alias, gold) for alias in other.listed for gold in question["answers"])


def _substituted(passage: Row, question: Row, counter_answer: str) -> Draft | None:
    """Return the passage with the counter-answer for the gold ones, or None if a gold answer stays in it.

    It stays where it is part of the subject's name: such a passage cannot be turned.
    """
    title, text = (
        _replaced(part, answer_mentions(part, question["answers"], question["subject"]), counter_answer)
        for part in (passage["title"], passage["text"])
    )
    if passage_holds({"title": title, "text": text}, question["answers"]):
        return None
    return Draft(title, text, passage)


def _replaced(text: str, spans: Sequence[matching.Span], substitute: str) -> str:
    parts = []
    end = 0
    for start, stop in spans:
        parts += [text[end:start], substitute]
        end = stop
    return "".join([*parts, text[end:]])
