"""The sections of a rationale that weighs documents against memory."""

import re

EVIDENCE, MEMORY, COMPARISON, ANSWER = "External evidence", "Internal knowledge", "Comparison", "Final answer"
SECTIONS = (EVIDENCE, MEMORY, COMPARISON, ANSWER)  # in their order

_HEADINGS = tuple(f"{name}:".lower() for name in (EVIDENCE, MEMORY, COMPARISON))


def begins_section(said: str) -> bool:
    """Tell whether a text begins with the heading of a section before the answer, or was cut within one's later words.

    Marks around the heading ("**External evidence:**") do not matter.
    """
    plain = re.sub(r"[*_#`]", "", said).lstrip().lower()
    return any(plain.startswith(heading) or (" " in plain and heading.startswith(plain)) for heading in _HEADINGS)
