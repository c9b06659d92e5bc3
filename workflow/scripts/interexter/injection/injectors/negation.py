"""Negation: the passage denies the gold answer, and offers no other.

Every sentence of a supporting passage that names a gold answer is denied: after its first auxiliary
verb comes "not", or, where it has none, "It is not true that" before it. Such a passage names the gold
answer without supporting it, so its stance is `unknown`: scorers that look for names in passages are
misled by it, which is what the kind is for. The counter-answer is drawn as by entity substitution, so
that its base rate is measured, and no passage names it.
"""

import re
from collections.abc import Sequence
from random import Random

from ...core.tables import Row
from ...text import matching
from ...text.stance import SUPPORTING, UNKNOWN, answer_mentions
from .. import substitution
from ..drafts import Draft, Injection, Pools, Refusal

NAMES_GOLD = True

_SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s+[A-Z0-9\"'(])|$)", re.DOTALL)
_AUXILIARY = re.compile(r"\b(?:is|are|was|were|has been|have been|had been|can|will)\b(?! not\b)")


def inject(question: Row, passages: Sequence[Row], pools: Pools, rng: Random) -> Injection | Refusal:
    """Deny the gold answer in every supporting passage whose text names it, in the order of rank."""
    counter = substitution.choose(question, pools.same_relation(question), rng)
    if isinstance(counter, Refusal):
        return counter
    drafts = [
        Draft(passage["title"], _denied(passage["text"], spans), passage, UNKNOWN)
        for passage in passages
        if passage["stance"] == SUPPORTING
        and (spans := answer_mentions(passage["text"], question["answers"], question["subject"]))
    ]
    return Injection(counter.answer, counter.aliases, tuple(drafts))


def _denied(text: str, spans: Sequence[matching.Span]) -> str:
    """Deny each sentence of a text in which one of the spans begins."""
    parts = []
    end = 0
    for sentence in _SENTENCE.finditer(text):
        parts.append(text[end : sentence.start()])
        end = sentence.end()
        names = any(sentence.start() <= start < sentence.end() for start, _ in spans)
        parts.append(_not(sentence.group(), sentence.start(), spans) if names else sentence.group())
    return "".join([*parts, text[end:]])


def _not(sentence: str, offset: int, spans: Sequence[matching.Span]) -> str:
    """Deny a sentence at its first auxiliary verb that is no part of a name, or else as a whole."""
    for verb in _AUXILIARY.finditer(sentence):
        if not any(start < offset + verb.end() and offset + verb.start() < stop for start, stop in spans):
            place = verb.start() + len(verb.group().split()[0])
            return f"{sentence[:place]} not{sentence[place:]}"
    return f"It is not true that {sentence}"
