"""Where a text that is still being written has given its answer, so that nothing need be written after it."""

import re

_FIELD = re.compile(r"(?<![^\W_])final answer[*_ \t]*(?:(?:is\b)?[*_ \t]*[:\u2013-]|is\b|(?=\n))", re.IGNORECASE)
_THINKING = re.compile(r"\s*<think>(?:(?!</think>).)*", re.DOTALL)
_ITEM = re.compile(r"(?:[-*\u2022]|\d+[.)])[ \t]")  # of a list
_LEAD_IN = re.compile(r".*[:?][*_ \t]*", re.DOTALL)  # "The answer is:", or the question once more


def answer_end(text: str, asked: str) -> int | None:
    """Return where in `text` its answer ends, or None as long as it is not given or may go on.

    What was `asked` for is the "answer" alone, which is the first line that says something, or a "field", a filled
    line "Final answer:". An answer goes on while its line does, and a list while its items do.
    """
    start = 0
    if thinking := _THINKING.match(text):
        start = thinking.end()
        if not text.startswith("</think>", start):
            return None
        start += len("</think>")
    if asked == "field":
        field = _FIELD.search(text, start)
        if field is None:
            return None
        start = field.end()
    return _filled_end(text, start)


def gives_answer(text: str, asked: str) -> bool:
    """Tell whether a text that was cut gives its answer all the same: a filled field, or a first line that is whole."""
    return answer_end(f"{text}\n\n" if asked == "field" else text, asked) is not None


def _filled_end(text: str, start: int) -> int | None:
    """Return where the first line after `start` that says something ends, or the list that it begins."""
    end = None
    for line in re.finditer(r"(.*)\n", text[start:]):
        said = line[1].strip("*_#>` \t\r")
        if end is not None and not _ITEM.match(line[1].lstrip()):
            return end
        if not re.search(r"\w", said) or (end is None and _LEAD_IN.fullmatch(said)):
            continue
        end = start + line.end(1)
        if not _ITEM.match(line[1].lstrip()):
            return end
    return None
