"""The statements of an answer, each with the documents that it cites, for citation recall and precision.

ALCE (Gao et al., EMNLP 2023, arXiv 2305.14627) takes the sentences of an answer. So does this, line by line, with
pysbd's rules for the ends of English sentences (Sadvilkar & Neumann 2020, arXiv 2010.09657). What states nothing
about documents is left out:

    headings: "External evidence:", "**Summary**", "# Sources", a line that ends in a colon and cites nothing
    the answer line, which repeats what was stated, and the lines "Internal knowledge:" and "Comparison:" of our
    format, which tell the model's memory and its own weighing: a sentence there counts where it cites a document

A citation belongs to the sentence that it stands in or that it follows, after its stop ("Lima. [1]") or as a
sentence of its own ("Source: Document 1").
"""

import re
from typing import NamedTuple

from pysbd import Segmenter

from ..text.cited import before_the_stop, cited, without_brackets, without_citations
from ..text.sections import ANSWER, COMPARISON, EVIDENCE, MEMORY


class Statement(NamedTuple):
    """A sentence of an answer, and the documents that it cites, from 0, in the order of the text."""

    text: str
    cites: tuple[int, ...]


class _Sentence(NamedTuple):
    text: str
    cites: tuple[int, ...]
    own: bool  # it tells what the model concludes or remembers


_ANSWER = (ANSWER.lower(), "answer")  # one line each
_OWN = (MEMORY.lower(), COMPARISON.lower(), *_ANSWER)
_FIELD = re.compile(
    rf"^[*_# \t]*({EVIDENCE}|{'|'.join(_OWN)})[*_ \t]*(?:(?:is\b)?[*_ \t]*:|is\b)[*_ \t]*", re.IGNORECASE
)
_ITEM = re.compile(r"^(?:[-*\u2022]|\d+[.)])\s+")  # of a list
_HEADING = re.compile(r"#+\s.*|(\*\*|__).*\1:?|.*:[*_]*")
_POINTER = re.compile(r"\b(?:sources?|references?|citations?|see|and)\b", re.IGNORECASE)
_WORD = re.compile(r"\w")
_BEFORE_ANSWER = re.compile(r"(?<=[.!?])\s+(?=[*_]*final answer\b)", re.IGNORECASE)  # "... says X. Final answer: X"
_SENTENCES = Segmenter(language="en", clean=False)


def statements(text: str) -> list[Statement]:
    """Return the statements of an answer with what each cites; where it has none, its last sentence, if any."""
    found: list[_Sentence] = []
    field, before = "", 0  # where we are, and how many sentences came before it
    for line in filter(None, (line.strip() for line in text.splitlines())):
        if field in _ANSWER and len(found) > before:  # it was filled
            field = ""
        for sentence in _sentences(line):
            if head := _FIELD.match(sentence):
                field, before = head[1].lower(), len(found)
                sentence = sentence[head.end() :]
            _add(found, sentence.strip(), field in _OWN)
    kept = [sentence for sentence in found if sentence.cites or not sentence.own] or found[-1:]
    return [Statement(sentence.text, sentence.cites) for sentence in kept]


def _sentences(line: str) -> list[str]:
    parts = _BEFORE_ANSWER.split(before_the_stop(_ITEM.sub("", line)))
    return [sentence for part in parts for sentence in _SENTENCES.segment(part)]


def _add(found: list[_Sentence], sentence: str, own: bool) -> None:
    """Add a sentence, or what it cites to the sentence before it where it says nothing else."""
    cites = tuple(number - 1 for number in cited(sentence))
    if cites and not _WORD.search(_POINTER.sub("", without_citations(sentence))):
        if found:
            last = found.pop()
            found.append(last._replace(cites=tuple(dict.fromkeys(last.cites + cites))))
    elif _WORD.search(without_brackets(sentence)) and (cites or not _HEADING.fullmatch(sentence)):
        found.append(_Sentence(without_brackets(sentence).strip(), cites, own))
