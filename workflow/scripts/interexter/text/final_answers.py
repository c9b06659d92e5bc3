"""The final answer of a text, and where it stands.

A reader looks for the field that the prompt asked for. Without it, the answer is the first line that says something
where the answer alone was asked for, and the conclusion of the text elsewhere.
"""

import re
from typing import NamedTuple

from .matching import Span
from .thoughts import thought_end

_LETTER = "(?:[^\\W_]|[\u0300-\u036f])"  # with the accents of decomposed text
_FIELD = re.compile(
    rf"(?<![^\W_])final answer(?!{_LETTER})[*_ \t]*(?:(?:is|would be)?[*_ \t]*[:\uff1a\u2013|-]|(?:is|would be)\b|$)",
    re.IGNORECASE | re.MULTILINE,
)
_WORDS_FOR_ANSWER = (
    "answer|correct answer|short answer|antwort|r\u00e9ponse|respuesta|resposta|risposta|"
    "\u043e\u0442\u0432\u0435\u0442|\u7b54\u6848|\u6700\u7ec8\u7b54\u6848|\u56de\u7b54|\u7b54\u3048|"
    "\u0627\u0644\u0625\u062c\u0627\u0628\u0629|\u0909\u0924\u094d\u0924\u0930"
)
_HEADING = re.compile(rf"^[*_#> \t]*(?:{_WORDS_FOR_ANSWER})[*_ \t]*(?:[:\uff1a]|$)", re.IGNORECASE | re.MULTILINE)
_VALUE = re.compile(
    r"\\boxed\{(?:\\text\{)?\s*([^{}]*\w)|\"(?:[Ff]inal[_ ]?)?[Aa]nswer\":\s*\"((?:[^\"\\]|\\.)+)"
    r"|<(?:[Ff]inal[_ ]?)?[Aa]nswer>\s*([^<]*\w)"
)
_LINE = re.compile(r"([^\n]*)(\n|\Z)")
_ITEM = re.compile(r"[ \t]*(?:(?:[-*\u2022]|\d+[.)])[ \t]|\|)")  # of a list, or a row of a table
_TABLE_HEAD = re.compile(r"[ \t]*\|[^\n]*\n[ \t]*\|[ \t|:-]*-[ \t|:-]*(?:\n|\Z)")  # with the rule below it
_BEFORE = re.compile(  # marks, the field once more, a question and what announces its answer
    rf"(?:[*_`>|\s]|</?(?:final[_ ]?)?answer>\s*$|#+\s|{_FIELD.pattern}"
    rf"|(?:(?:question|q)[*_ \t]*:[^?\n]*\?[*_ \t]*)?(?:(?:{_WORDS_FOR_ANSWER})[*_ \t]*(?:[:\uff1a]|$)|a:))*",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"(?:\W|_|\b(?:the|my|so|is)\b)*", re.IGNORECASE)  # no answer: nothing, or what leads to a field
_AROUND = "*_`| \t\r"  # marks that may stand around an answer
_FENCE = re.compile(r"```\w*\s*")
_OPENING = re.compile(r"(?:sure(?: thing)?|certainly|of course|absolutely|definitely|okay|ok)\W*", re.IGNORECASE)
_RUN_ON = re.compile(r"^[*_#> \t]*(?:question|q|human|user)[*_ \t]*:", re.IGNORECASE | re.MULTILINE)
_REMARK = re.compile(  # what may follow a conclusion: courtesies, notes, sources
    r"\W*(?:i hope|hope (?:this|that)|let me know|please (?:let|note|feel)|feel free|if you (?:have|need)"
    r"|is there anything|thank|you['\u2019]re welcome|note\b|sources?\b[^.]*:|references?\b|explanation\b|reasoning\b"
    r"|\(?documents? [\d, and]+\W*$)",
    re.IGNORECASE,
)
_CONCLUSION = re.compile(
    r"(?:^|[.!?]\s+)(?:(?:so|thus|hence|therefore),? )?((?:the|my)(?: \w+)? answer (?:is|would be)\b)", re.IGNORECASE
)


class Said(NamedTuple):
    """The first line after some place that says something, or the list or the rows of a table that it begins."""

    span: Span
    end: int  # of its last line
    ended: bool  # nothing that may still follow belongs to it


def final_answer(text: str, asked: str = "field") -> str:
    """Return the final answer of a text; empty where it gives none.

    With `asked="field"`, what our prompts that ask for reasoning want, it is what the first filled "Final answer:"
    says, on its line or in the list that begins there. Without such a field it is the first filled line "Answer:"
    (or what JSON or LaTeX writes for it), else the last line that is no courtesy, note or source, from "The answer is"
    on. With `asked="answer"`, where the prompt wanted the answer alone, it is the first line that says something,
    without a prefix "Answer:". The question once more says nothing, nor does what stands in a think block.
    """
    start, stop = final_span(text, asked)
    return text[start:stop]


def final_span(text: str, asked: str = "field") -> Span:
    """Return where in `text` its final answer stands; raise ValueError for an unknown `asked`."""
    start = answer_start(text, asked)
    if start is not None:
        said = said_after(text, start)
        return said.span if said else (len(text), len(text))
    return _unasked(text)


def answer_start(text: str, asked: str) -> int | None:
    """Return where in `text` what was `asked` for begins, None where it is not there."""
    if asked not in ("field", "answer"):
        raise ValueError(f"asked is {asked!r}, expected 'field' or 'answer'")
    start = thought_end(text)
    if start is None or asked == "answer":
        return start
    field = _FIELD.search(text, start)
    while (
        field and (again := _FIELD.search(text, field.end())) and _NOTHING.fullmatch(text, field.end(), again.start())
    ):
        field = again  # "Final answer: The final answer is"
    return field.end() if field else None


def said_after(text: str, start: int) -> Said | None:
    """Return the first line at or after `start` that says something, or the list that it begins.

    A line that leads to the answer ("The answer is:", the question once more, a table's head) only counts where no
    other follows.
    """
    found = lead_in = None
    for line in _LINE.finditer(text, start):
        is_item = bool(_ITEM.match(line[1]))
        if found and not is_item:
            return found._replace(ended=bool(line[2]))
        span = _said(text, *line.span(1))
        if not span:
            continue
        if found:
            found = Said((found.span[0], span[1]), line.end(1), False)
        elif _leads_in(text, span) or line[1].lstrip().startswith(">"):
            lead_in = lead_in or Said(span, line.end(1), False)
        elif is_item:
            found = Said(span, line.end(1), False)
        else:
            return Said(span, line.end(1), bool(line[2]))
    return found or lead_in


def _said(text: str, start: int, stop: int) -> Span | None:
    """Return what a line says without the marks around it and what stands before, None for nothing."""
    if text.startswith("```", start) and _FENCE.fullmatch(text, start, stop):
        return None
    item = _ITEM.match(text, start, stop)
    start = _end(_BEFORE.match(text, item.end() if item else start, stop))
    field = _FIELD.search(text, start, stop)
    stop = field.start() if field else stop
    if value := _VALUE.search(text, start, stop):
        return value.span(value.lastindex or 0)
    stop = start + len(text[start:stop].rstrip(_AROUND))
    return None if _NOTHING.fullmatch(text, start, stop) else (start, stop)


def _leads_in(text: str, span: Span) -> bool:
    """Tell whether what a line says only leads to the answer.

    It announces it, is a courtesy or a question of four words, or the head of a table.
    """
    line = text[slice(*span)]
    is_question = line.endswith("?") and len(line.split()) > 3
    is_head = _TABLE_HEAD.match(text, text.rfind("\n", 0, span[0]) + 1)
    return line.endswith((":", "\uff1a")) or is_question or bool(is_head or _OPENING.fullmatch(line))


def _unasked(text: str) -> Span:
    """Return the final answer of a text without the field that was asked for."""
    nothing = len(text), len(text)
    start = thought_end(text)
    if start is None:
        return nothing
    filled = (said_after(text, heading.end()) for heading in _HEADING.finditer(text, start))
    if said := next(filter(None, filled), None):
        return said.span
    if value := _VALUE.search(text, start):
        return value.span(value.lastindex or 0)
    return _conclusion(text, start) or nothing


def _conclusion(text: str, start: int) -> Span | None:
    """Return the last line that says something and is no remark, or the list or the rows of a table that end there."""
    run_ons = [run_on.start() for run_on in _RUN_ON.finditer(text, start)]
    if run_ons and (first := said_after(text, start)):
        run_ons = [run_on for run_on in run_ons if run_on >= first.end]
    lines = [line for line in _LINE.finditer(text, start, min(run_ons, default=len(text))) if line[1].strip()]
    while len(lines) > 1 and not _concludes(text, lines[-1]):
        lines.pop()
    last = first_line = len(lines) - 1
    while first_line > 0 and _ITEM.match(lines[first_line][1]) and _ITEM.match(lines[first_line - 1][1]):
        first_line -= 1
    while first_line < last and _TABLE_HEAD.match(text, lines[first_line].start()):
        first_line += 1
    spans = [span for line in lines[first_line:] if (span := _said(text, *line.span(1)))]
    if not spans:
        return None
    begin, stop = spans[0][0], spans[-1][1]
    conclusions = list(_CONCLUSION.finditer(text[begin:stop])) if first_line == last else []
    return (begin + conclusions[-1].start(1), stop) if conclusions else (begin, stop)


def _concludes(text: str, line: re.Match[str]) -> bool:
    span = _said(text, *line.span(1))
    return span is not None and not _leads_in(text, span) and not _REMARK.match(text, span[0])


def _end(found: re.Match[str] | None) -> int:
    """Return where a pattern that always matches ended."""
    assert found is not None
    return found.end()
