"""Documents that a text cites by number: "Document 2", "Documents 1, 2 & 9", "Doc #3", "[1][4]", "[1-3]".

Numbers in words ("the second document") are not read. A number is none of a document where it goes on ("Document 1,
3.5 km away"), and a bare comma joins numbers only after the plural ("In Document 1, 5 people ...").
"""

import re

_WIDEST = 100  # documents of a range; one of more is two numbers ("[1990-2024]" lists no documents)

_NUMBER = r"\d+(?!\d|\.\d|,\d{3}(?!\d)|\s*%)"
_MARKS = r"[*_#^\s]*"
_ITEM = rf"{_MARKS}{_NUMBER}[*_]*(?:\s*(?:[-\u2013\u2014]|to\b|through\b){_MARKS}{_NUMBER}[*_]*)?"
_WORD = r"(?<![^\W_])doc(?:ument)?{plural}(?![^\W_])\.?:?(?:\s*(?:no|number)s?\b\.?)?"
_ANY = _WORD.format(plural="s?")
_JOINED = rf"(?:\s*,?\s*(?:and/or|and|or|&)(?:\s*{_ANY})?{_ITEM})"  # "and 3", ", or Document 3"
_COMMA = rf"(?:\s*,(?:\s*{_ANY})?{_ITEM})"

_BRACKETS = re.compile(
    rf"\[\s*(?:{_ANY})?{_ITEM}(?:\s*(?:[,;]|,?\s*(?:and|or|&))(?:\s*{_ANY})?{_ITEM})*\s*\]", re.IGNORECASE
)
_CITATION = re.compile(
    rf"{_BRACKETS.pattern}"
    rf"|{_WORD.format(plural='s')}{_ITEM}{_COMMA}*{_JOINED}*"
    rf"|{_WORD.format(plural='')}{_ITEM}(?:{_COMMA}*{_JOINED}+)?",
    re.IGNORECASE,
)
_RANGE = re.compile(rf"({_NUMBER})[*_]*(?:\s*(?:[-\u2013\u2014]|to\b|through\b){_MARKS}({_NUMBER}))?", re.IGNORECASE)


def cited(text: str) -> list[int]:
    """Return the numbers of the documents that a text cites, each once, in the order of the text."""
    found = (numbers for citation in _CITATION.finditer(text) for numbers in _numbers(citation.group()))
    return list(dict.fromkeys(found))


def without_brackets(text: str) -> str:
    """Take out the citations in brackets, which are no words of a sentence, and the blanks before them."""
    return re.sub(rf"\s*{_BRACKETS.pattern}", "", text, flags=re.IGNORECASE)


def without_citations(text: str) -> str:
    """Take out all citations, in brackets and in words."""
    return _CITATION.sub("", text)


def before_the_stop(line: str) -> str:
    """Move citations in brackets that follow a sentence's stop before it: "It is Lima. [1]" is "It is Lima [1].".

    Not in a line that begins with one: there, citations stand before their sentences.
    """
    if _BRACKETS.match(line.lstrip()):
        return line
    after = rf"([.!?]+[\"'\u201d\u2019)]*)((?:\s*{_BRACKETS.pattern})+)"
    return re.sub(after, r"\2\1", line, flags=re.IGNORECASE)


def _numbers(citation: str) -> list[int]:
    found = []
    for first, last in _RANGE.findall(citation):
        start, stop = int(first), int(last or first)
        found += list(range(start, stop + 1)) if 0 <= stop - start < _WIDEST else [start, stop]
    return found
