"""The final answer of a text: what follows its last filled field, or its last line."""

import re

from .matching import Span

_LETTER = "(?:[^\\W_]|[\u0300-\u036f])"  # with the accents of decomposed text
_FINAL_ANSWER = re.compile(
    rf"(?<![^\W_])final answer(?!{_LETTER})[*_ \t]*(?:(?:is\b)?[*_ \t]*[:\u2013-]|is\b|$)"
    r"[*_\s]*((?:(?!final answer).)*)",  # up to the end of the line or the next field
    re.IGNORECASE | re.MULTILINE,
)
_ANSWER_FIELD = re.compile(r"^[*_#> \t]*answer[*_ \t]*:[*_\s]*(.*)$", re.IGNORECASE | re.MULTILINE)
_AROUND = "*_ \t\r"  # what may stand around a field


def final_answer(text: str, asked: str = "field") -> str:
    """Return what follows the last filled "Final answer:" or, without such a field, the last filled line "Answer:".

    Without either it is the last line that is not empty. Empty only where the text ends in an empty
    "Final answer:", or is empty itself. Our prompts ask for that field; models write the line "Answer:" on
    their own, and may explain it below; other free text ends in its conclusion. With `asked="answer"` the prompt
    wanted the answer alone: without a field it is the first line that is not empty.
    """
    start, stop = final_span(text, asked)
    return text[start:stop]


def final_span(text: str, asked: str = "field") -> Span:
    """Return where in `text` its final answer stands; raise ValueError for an unknown `asked`."""
    if asked not in ("field", "answer"):
        raise ValueError(f"asked is {asked!r}, expected 'field' or 'answer'")
    fields = [field.span(1) for field in _FINAL_ANSWER.finditer(text)]
    spans = fields or [field.span(1) for field in _ANSWER_FIELD.finditer(text)]
    filled = [span for span in (_within_marks(text, span) for span in spans) if span[0] < span[1]]
    if filled:
        return filled[-1]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if fields or not lines:
        return len(text), len(text)
    start = text.index(lines[0]) if asked == "answer" else text.rindex(lines[-1])
    return start, start + len(lines[0] if asked == "answer" else lines[-1])


def _within_marks(text: str, span: Span) -> Span:
    """Return a span without the marks and blanks at both of its ends."""
    found = text[slice(*span)]
    start = span[0] + len(found) - len(found.lstrip(_AROUND))
    return start, start + len(found.strip(_AROUND))
