"""Text with its mentions marked: gold answers and counter-answers. Text is escaped before it is wrapped."""

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from ..text.matching import Span, mentions

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tab and newline; HTML forbids them
_MEANING = {"gold": "names a gold answer", "counter": "names the counter-answer"}


def marked(text: str, gold: Sequence[str], counter: Sequence[str]) -> Markup:
    """Return a text as HTML, mentions of gold answers and of the counter-answer wrapped in <mark>."""
    parts = []
    end = 0
    for (start, stop), kind in marks(text, gold, counter):
        wrapped = Markup('<mark class="{}" title="{}">{}</mark>').format(kind, _MEANING[kind], _safe(text[start:stop]))
        parts += [_safe(text[end:start]), wrapped]
        end = stop
    return Markup("").join([*parts, _safe(text[end:])])


def marks(text: str, gold: Sequence[str], counter: Sequence[str]) -> list[tuple[Span, str]]:
    """Return the spans to mark, in order and apart; of two that overlap the longer stays, or the gold one."""
    found = [(span, "gold") for span in mentions(text, gold)] + [(span, "counter") for span in mentions(text, counter)]
    kept: list[tuple[Span, str]] = []
    for span, kind in sorted(found, key=lambda mark: (mark[0][0] - mark[0][1], mark[1] != "gold", mark[0])):
        if all(span[1] <= other[0] or other[1] <= span[0] for other, _ in kept):
            kept.append((span, kind))
    return sorted(kept)


def without_controls(text: str) -> str:
    """Return a text with a replacement character for each that HTML forbids."""
    return _CONTROL.sub("\ufffd", text)


def _safe(text: str) -> Markup:
    return escape(without_controls(text))
