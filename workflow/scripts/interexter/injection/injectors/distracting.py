"""Distracting passages: what the supporting passages say, said of another subject.

Each is a supporting passage in which another subject of the relation stands in the subject's place, and
that subject's own answer in the gold answer's. It is on the topic and as well retrieved, holds neither
the gold nor the counter-answer, and does not answer the question. The counter-answer is drawn as by
entity substitution, so that its base rate is measured.
"""

from collections.abc import Iterator, Sequence
from random import Random

from ...core.tables import Row
from ...text import matching
from ...text.stance import IRRELEVANT, SUPPORTING, passage_holds
from .. import prose, renaming, substitution
from ..drafts import Alternative, Draft, Injection, Pools, Refusal
from ..prose import Place

CHOOSES = True


def inject(question: Row, passages: Sequence[Row], pools: Pools, rng: Random) -> Injection | Refusal:
    """Turn every supporting passage into one about another subject, a new one for each, in the order of rank."""
    subject = question["subject"]
    if not subject.strip():
        return Refusal("no-subject", "the question names no subject that another could stand in for")
    pool = pools.same_relation(question)
    counter = substitution.choose(question, pool, rng)
    if isinstance(counter, Refusal):
        return counter
    drafts = []
    for passage in passages:
        if passage["stance"] == SUPPORTING:
            other = substitution.choose(question, pool, rng)
            if isinstance(other, Alternative) and (draft := _about(other, passage, question, counter)):
                drafts.append(draft)
    return Injection(counter.answer, counter.aliases, tuple(drafts))


def _about(other: Alternative, passage: Row, question: Row, counter: Alternative) -> Draft | None:
    """Return the passage about another subject, or None if a name stays in it that should not."""
    if not other.subject.strip():
        return None
    title, text = (_turned(passage[part], question, other, part == "title") for part in ("title", "text"))
    draft = {"title": title, "text": text}
    if passage_holds(draft, [*question["answers"], question["subject"], *counter.aliases]):
        return None
    return Draft(title, text, passage, IRRELEVANT)


def _turned(text: str, question: Row, other: Alternative, title: bool) -> str:
    golds = renaming.places(text, question, other.answer)
    subjects = _apart(matching.mentions(text, [question["subject"]]), [place.span for place in golds])
    return prose.put(text, [*golds, *(Place(span, other.subject) for span in subjects)], title)


def _apart(spans: Sequence[matching.Span], others: Sequence[matching.Span]) -> Iterator[matching.Span]:
    """Yield the spans that overlap none of the others."""
    return (s for s in spans if not any(s[0] < o[1] and o[0] < s[1] for o in others))
