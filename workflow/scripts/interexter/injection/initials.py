"""Initials in brackets behind a name: they follow the name when a part of it is replaced.

"People's Republic of China (PRC)" becomes "People's Republic of Peru (PRP)", here and further on in the text.
"""

import re
from collections.abc import Sequence

from .derived import apart
from .prose import Place

_BRACKETS = re.compile(r" \(([A-Z]{2,6})\)")
_CAPITALISED = re.compile(r"(?:^|[ -])([A-Z][\w'\u2019.]*)(?:[ -](?:of|and|the|for|de))*[ -]?$")


def places(text: str, renamed: Sequence[Place]) -> list[Place]:
    """Return the places of initials of names in which something is renamed.

    Initials of which one letter would be left go with their brackets, and further on the whole form stands there.
    """
    found: list[Place] = []
    for told in _BRACKETS.finditer(text):
        letters, form = _renewed(text, told.start(), told[1], renamed)
        spans = [match.span() for match in re.finditer(rf"\b{told[1]}\b", text)] if form else []
        if len(letters) > 1:
            found += [Place(span, letters) for span in spans]
        elif spans:
            found.append(Place(told.span(), ""))
            found += [Place(span, form) for span in spans if span != told.span(1)]
    free = apart([place.span for place in found], [place.span for place in renamed])
    return [place for place in found if place.span in free]


def without_repeats(text: str, renamed: Sequence[Place]) -> list[Place]:
    """Return places, where one repeats another in brackets without form and brackets: "the United States (US)"."""
    ends = {place.span[1] for place in renamed}
    return [
        Place((start - 2, end + 1), "")
        if start - 2 in ends and text[start - 2 : start] == " (" and text[end : end + 1] == ")"
        else Place((start, end), form, articled)
        for (start, end), form, articled in renamed
    ]


def _renewed(text: str, end: int, initials: str, renamed: Sequence[Place]) -> tuple[str, str]:
    """Return the initials of the words before `end` once they are renamed, and the form that is in them.

    The form is "" where these are not their initials, or where none of the words is renamed.
    """
    letters, form, at = "", "", end
    for initial in reversed(initials):
        word = _CAPITALISED.search(text[:at])
        if not word or word[1][0] != initial:
            return initials, ""
        at = word.start(1)
        place = next((one for one in renamed if one.span[0] <= at < one.span[1]), None)
        if place is None:
            letters = initial + letters
        elif at == place.span[0]:
            letters, form = _of(place.form) + letters, form or place.form
    return letters, form


def _of(name: str) -> str:
    """Return the initials of a name's words with capital letters."""
    return "".join(word[0] for word in name.replace("-", " ").split() if word[0].isupper())
