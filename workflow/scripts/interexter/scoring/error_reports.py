"""Texts that say that the documents hold errors, as RGB counts them."""

import re

_WRONG = r"(?:factually )?(?:wrong|incorrect|inaccurate|mistaken|false|erroneous|untrue)"
_DOCUMENT = r"\b(?:documents?|passages?|context|texts?|information)(?: #?\d+)?"
_REPORT = re.compile(
    r"\bfactual(?:ly)? (?:errors?|mistakes?|incorrect|inaccura\w+|wrong)\b"
    rf"|{_DOCUMENT} (?:is|are|seems?|appears?)(?: to be)? {_WRONG}\b"
    rf"|{_DOCUMENT} (?:contains?|has|have|holds?|gives?)"
    rf" (?:an? |some |several )?(?:errors?|mistakes?|misinformation|{_WRONG} (?:information|facts?|claims?))\b"
)
_DENIED = re.compile(r"\b(?:no|not|without|free of|any)(?: \w+)? $")


def reports_errors(text: str) -> bool:
    """Tell whether a text says that the documents, or one of them, hold an error.

    RGB (Chen et al., AAAI 2024, arXiv 2309.01431) asks models to write that there are factual errors in the documents,
    and looks for "factual errors" in the text. Our prompts do not ask for it, so other words for it count too:
    "Document 1 is wrong", "the passages contain misinformation". "No factual errors" is no report.
    """
    text = text.lower()  # once: patterns that ignore case take twice as long
    return any(not _DENIED.search(text, 0, found.start()) for found in _REPORT.finditer(text))
