"""ConflictQA (Xie et al., ICLR 2024, arXiv 2305.13300): what one model remembers, and evidence against it.

A record holds two statements, the model's (`memory_answer`) and its contrary (`counter_answer`), with evidence
for each; it does not say which of them is true. Here the side that agrees with `ground_truth` supports the gold
answer and the other is the counter side, whichever of them was the model's:

- PopQA part: a statement is true if it holds a gold alias; the answer in it is what the two statements do not share.
- StrategyQA part: yes or no. A statement affirms the question unless it alone has more negations than that; where
  neither has, the one that shares more words with the question affirms it. What stays undecided is rejected.
  Models added remarks to their statements ("(Note: this claim is actually false ...)", "This question is false."),
  which are no part of what is claimed.
"""

import re
from collections.abc import Iterator

from ...core.tables import Row
from ...text import matching
from ...text.answer_types import BOOLEAN
from ...text.stance import SUPPORTING
from . import About, Item, Text, Unusable, answers_of, number_of, text_of

ABOUT = About(
    title="ConflictQA: parametric memory of a model against evidence, on PopQA and StrategyQA",
    source="https://github.com/OSU-NLP-Group/LLM-Knowledge-Conflict, hub osunlp/ConflictQA, arXiv 2305.13300",
    licence="Apache-2.0",
    checked="real file: conflictQA-strategyQA-llama2-7b, 698 questions; the PopQA part by the schema",
    expected=(("parametric_memory",), ("counter_memory",)),
    note="memory is that of the model in the file's name",
)

_NEGATION = re.compile(
    r"\b(?:not|no|never|cannot|nobody|none|neither|without|unlikely|false|incorrect|untrue)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
_REMARK_AFTER = re.compile(r"(?<=[.!?])\s*\((?:note|this|presumably)\b.*", re.IGNORECASE | re.DOTALL)
_REMARK_BEFORE = re.compile(
    r"^(?:(?:true|false)\s*[.:\u2013-]|(?:(?:th(?:e|is)|i'm|sorry)\b[^.]*\b(?:claim|question|answer|statement)\b[^.:]*"
    r"\b(?:false|incorrect|not valid|cannot be made)\b[^.:]*[.])|therefore, the claim would be:)\s*",
    re.IGNORECASE,
)


def items(record: Row, part: str) -> Iterator[Item]:
    """Read a question with the evidence for both sides."""
    question = text_of(record, "question")
    truth = answers_of(record, "ground_truth")
    memory, contrary = text_of(record, "memory_answer"), text_of(record, "counter_answer")
    boolean = [answer.casefold() for answer in truth] in (["true"], ["false"])
    if boolean:
        memory_true = _affirms(question, memory, contrary) == (truth[0].casefold() == "true")
        yes, no = ["yes", "true"], ["no", "false"]
        answers, wrong = (yes, no) if truth[0].casefold() == "true" else (no, yes)
    else:
        memory_true = _holds_one(memory, contrary, truth)
        said = _difference(contrary, memory) if memory_true else _difference(memory, contrary)
        answers, wrong = truth, [said]
    own, against = _evidence(record, ""), _evidence(record, "counter_")
    right, other = (own, against) if memory_true else (against, own)
    yield Item(
        question=question,
        answers=answers,
        answer_type=BOOLEAN if boolean else "",
        popularity=number_of(record, "popularity"),
        group=question,
        passages=[Text(text, stance=SUPPORTING) for text in right],
        counter_answers=wrong,
        counters=[Text(text) for text in other],
    )


def _evidence(record: Row, prefix: str) -> list[str]:
    """Return the evidence for the model's own statement, or with `counter_` for the contrary."""
    keys = (f"{prefix or 'parametric_'}memory", f"{prefix or 'parametric_'}memory_aligned_evidence")
    return [str(record[key]).strip() for key in keys if str(record.get(key) or "").strip()]


def _affirms(question: str, memory: str, contrary: str) -> bool:
    """Tell whether the model's statement answers a question with yes."""
    claims = [_claim(memory), _claim(contrary)]
    asked_negated = len(_NEGATION.findall(question))
    negated = [len(_NEGATION.findall(claim)) > asked_negated for claim in claims]
    if negated[0] != negated[1]:
        return negated[1]
    asked = {*matching.words(question).folded}
    shared = [len(asked.intersection(matching.words(claim).folded)) for claim in claims]
    if all(negated) or shared[0] == shared[1]:
        raise Unusable("side-undecided", f"which of {memory!r} and {contrary!r} says yes to {question!r}?")
    return shared[0] > shared[1]


def _claim(statement: str) -> str:
    """Return a statement without the remarks on it, all of it where there is nothing else."""
    return _REMARK_BEFORE.sub("", _REMARK_AFTER.sub("", statement)).strip() or statement


def _holds_one(memory: str, contrary: str, truth: list[str]) -> bool:
    """Tell whether the model's statement is the true one."""
    true, false = (matching.holds(text, truth) for text in (memory, contrary))
    if true == false:
        which = "both statements hold" if true else "neither statement holds"
        raise Unusable("side-undecided", f"{which} one of {truth[:3]}")
    return true


def _difference(one: str, other: str) -> str:
    """Return what a statement says beyond the words that it shares with the other at its start and its end."""
    mine, theirs = one.rstrip(".").split(), other.rstrip(".").split()
    first = 0
    while first < min(len(mine), len(theirs)) and mine[first] == theirs[first]:
        first += 1
    last = 0
    while last < min(len(mine), len(theirs)) - first and mine[-1 - last] == theirs[-1 - last]:
        last += 1
    rest = mine[first : len(mine) - last]
    if rest and rest[0].casefold() in ("a", "an", "the"):
        del rest[0]
    return " ".join(rest) or one
