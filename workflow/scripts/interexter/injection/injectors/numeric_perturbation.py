"""Numeric perturbation: the gold number or date, changed by a stated amount.

After ClashEval (Wu et al., NeurIPS 2024, arXiv 2404.10198), whose records are multiplied by up to 10
and divided by as much, and whose years are moved by up to 100, to see at which distance a model stops
to believe a passage. The grades:

| grade | a number is multiplied by | a year is moved by |
|---|---|---|
| slight | 0.8, 0.9, 1.1 or 1.2 | 1 to 10 years |
| large | 0.25, 0.5, 2 or 4 | 11 to 50 years |
| absurd | 0.01, 0.1, 10 or 100 | 100 to 500 years |

The gold answer must begin with its number, or be a date with a year. Thousands separators, decimals,
unit, day and month stay as they are; the 29th of February is moved to leap years alone.
"""

import re
from calendar import isleap
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from ...core.tables import Row
from ...text import matching
from .. import substitution
from ..drafts import Alternative, Injection, Pools, Refusal

SETTINGS = ("slight", "large", "absurd")

_FACTORS = {
    "slight": ("0.8", "0.9", "1.1", "1.2"),
    "large": ("0.25", "0.5", "2", "4"),
    "absurd": ("0.01", "0.1", "10", "100"),
}
_YEARS = {"slight": (1, 10), "large": (11, 50), "absurd": (100, 500)}
_DATE = re.compile(  # a year alone, or with its month, and its day before or behind
    r"(?P<before>(?:[0-3]?\d\.? )?(?:[A-Z][a-z]{2,8}\.? )(?:[0-3]?\d, )?)?(?P<year>1\d{3}|20\d{2})"
    r"(?P<after>-\d\d-\d\d)?"
)
_LEAP_DAY = re.compile(r"\b29\.? Feb|\bFeb[a-z]*\.? 29\b|-02-29$")
_NUMBER = re.compile(r"(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?P<unit>(?:\s?[^\d\s].*)?)")

CHOOSES = True


def inject(question: Row, passages: Sequence[Row], pools: Pools, rng: Random, setting: str) -> Injection | Refusal:
    """Change the preferred gold answer's number or year and put the outcome into every supporting passage."""
    gold = question["answers"][0] if question["answers"] else ""
    forms = list(_changed(gold.strip(), setting, rng))
    if not forms:
        return Refusal("not-numeric", f"the gold answer {gold!r} is neither a number nor a date with a year")
    for form in forms:
        counter = Alternative(form, (form,), (form,))
        if substitution.differs(counter, question):
            return Injection(form, (form,), tuple(substitution.drafts(question, passages, form)))
    return Refusal("no-counter-answer", f"no {setting} change of {gold!r} can be told from the gold answers: {forms}")


def _changed(gold: str, setting: str, rng: Random) -> Iterator[str]:
    """Yield changed forms of a number or date, in random order."""
    if date := _DATE.fullmatch(gold):
        low, high = _YEARS[setting]
        for distance in rng.sample(range(low, high + 1), 10):
            year = int(date["year"]) + distance * rng.choice((-1, 1))
            if year > 0 and (isleap(year) or not _LEAP_DAY.search(gold)):
                yield f"{date['before'] or ''}{year:04d}{date['after'] or ''}"
    elif number := _NUMBER.fullmatch(gold):
        for factor in rng.sample(_FACTORS[setting], len(_FACTORS[setting])):
            form = f"{_scaled(number['number'], Decimal(factor))}{number['unit']}"
            if not matching.same(form, gold):
                yield form


def _scaled(number: str, factor: Decimal) -> str:
    """Multiply a number and write it as it was written; one that comes to nothing is moved by one unit of its last."""
    value = Decimal(number.replace(",", ""))
    unit = Decimal(1).scaleb(int(value.as_tuple().exponent))
    scaled = (value * factor).quantize(unit, ROUND_HALF_UP)
    if scaled in (value, 0):
        scaled = value + unit if factor > 1 or value <= unit else value - unit
    return f"{scaled:,f}" if "," in number else f"{scaled:f}"
