"""Documents that a text cites by number."""

import re

_CITATION = re.compile(r"\bDocuments? (\d+)(?:(?:,| and|, and) (\d+))*", re.IGNORECASE)


_NUMBER = re.compile(r"\d+")


def cited(rationale: str) -> set[int]:
    """Return the numbers of the documents that a rationale cites ("Document 2", "Documents 1 and 3")."""
    return {int(n) for m in _CITATION.finditer(rationale) for n in _NUMBER.findall(m.group())}
