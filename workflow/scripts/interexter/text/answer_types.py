"""The type of an answer, as far as its words tell it: yes or no, a year, a date, a number.

One rule for all: what a passage implies and does not say, which answers may stand in for one another, and the slices
of a report.
"""

import re
from collections.abc import Sequence

from .amounts import MONTHS, NUMBERS

BOOLEAN = "boolean"  # the answer type of yes and no, which a passage implies and does not say
CHOICE = "choice"  # of a question that shows its choices (choices.py)

_BOOLEANS = ("yes", "no", "true", "false")

_ZEROS = "hundred|thousand|million|billion|trillion"
_WORDS = "|".join(("one", *NUMBERS, _ZEROS))
_LOOKS = (
    ("year", re.compile(r"(?:in |c\. ?)?[12]\d{3}(?: (?:AD|BC|CE|BCE))?", re.IGNORECASE)),
    (
        "date",
        re.compile(
            rf"(?:\d{{1,2}} )?(?:{'|'.join(MONTHS)})\b[ ,\d]*(?:st|nd|rd|th)?[ ,\d]*"
            r"|\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4}"
            r"|(?:\d{4}\u5e74)?\d{1,2}\u6708(?:\d{1,2}\u65e5)?",  # year, month and day in Chinese
            re.IGNORECASE,
        ),
    ),
    (
        "number",
        re.compile(
            rf"[-+\u2212]?[$\u20ac\u00a3]?\d[\d,. ]*(?:\s?(?:{_ZEROS}))?(?:\s?[%\u2030\w\u00b0\u00b2\u00b3/]+)?"
            rf"|(?:{_WORDS})(?:[ -](?:{_WORDS}))*",
            re.IGNORECASE,
        ),
    ),
)


def answer_type_of(answers: Sequence[str]) -> str:
    """Return `boolean`, `year`, `date` or `number`, "" for any other answer: whose name it is, its words do not tell.

    All names must be yes or no; of the others, the preferred name decides ("1984", "nineteen eighty-four").
    """
    if not answers:
        return ""
    if all(answer.casefold().strip(". ") in _BOOLEANS for answer in answers):
        return BOOLEAN
    named = answers[0].strip().rstrip(".,;")
    return next((kind for kind, words in _LOOKS if words.fullmatch(named)), "")
