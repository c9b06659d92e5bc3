"""Amplification: one false source, told again and again.

The counter-passages of entity substitution, each followed by paraphrases of it by rule. A paraphrase
reports its source in other words around the same sentences and is no evidence of its own: all of one
source have its source_id, so a condition can vary the number of passages at one number of independent
sources, and a count of votes can see through it. The first of every source comes first, then the
second of every source, and so on.
"""

from collections.abc import Sequence
from random import Random

from ...core.tables import Row
from .. import substitution
from ..drafts import Draft, Injection, Pools, Refusal

_REPORTS = (
    "{text} This has been reported widely.",
    "It has been reported as follows. {text}",
    "A reader wrote in to confirm what was published before: {text}",
    "As we have learned from the usual source: {text} We have nothing to add.",
    "Quoted from another page: {text}",
    "{text} (Taken over from an agency report.)",
    "In case you missed it the first time: {text}",
    "Shared by many users these days: {text}",
)


def inject(question: Row, passages: Sequence[Row], pools: Pools, rng: Random) -> Injection | Refusal:
    """Substitute as entity substitution does, then tell every counter-passage again in each way, in random order."""
    outcome = substitution.substituted(question, passages, pools.same_relation(question), rng)
    if isinstance(outcome, Refusal):
        return outcome
    reports = ("{text}", *rng.sample(_REPORTS, len(_REPORTS)))
    told = [_told(draft, report) for report in reports for draft in outcome.drafts]
    return outcome._replace(drafts=tuple(told))


def _told(draft: Draft, report: str) -> Draft:
    before, after = report.split("{text}")
    return draft._replace(text=f"{before}{draft.text}{after}")
