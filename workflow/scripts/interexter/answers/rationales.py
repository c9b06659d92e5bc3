"""Rationales: guides by evidence state, the checks of what the model writes, and templates.

Sources: a model writes them (self), or writes them without what it is shown otherwise, the gold answers or the
documents, which InstructRAG's ablations do; they are filled in by rule (template), or come with the data set (shipped).

Two styles. `instructrag`: which documents lead to the gold answer. `interexter`: documents weighed
against the internal document, guided by the evidence state. A rationale must be non-empty, end in
what its guide asks for (the gold answer; an abstention in state `neither`), cite only documents that
exist, and not endorse the counter-answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from ..core.identity import row_seed
from ..core.tables import Row, table_schema
from ..engine.conversations import Conversation, Prompt, Sampling
from ..engine.prompts import PromptSet
from ..models.tokenizer import Message
from ..text.cited import cited
from ..text.evidence_states import STATES
from ..text.matching import abstains, final_answer, holds
from ..text.stance import brought

RATIONALES = table_schema(
    question_id=pa.string(),
    condition=pa.string(),
    style=pa.string(),  # instructrag | interexter
    state=pa.string(),
    rationale=pa.string(),
    attempt=pa.int32(),  # 1 is greedy
)

RATIONALES_REJECTED = table_schema(
    question_id=pa.string(),
    condition=pa.string(),
    style=pa.string(),
    state=pa.string(),
    rationale=pa.string(),  # the last attempt's
    reason=pa.string(),
)


SOURCES = ("self", "without-answers", "without-documents", "template", "shipped")
WRITTEN = SOURCES[:3]  # by a model
ONE_STYLE = ("without-answers", "without-documents", "shipped")  # those that have rationales of style instructrag alone
STYLES = ("instructrag", "interexter")
TEMPLATES = ("documents", "rationale-instructrag", *(f"rationale-interexter-{state}" for state in STATES))

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
_CONCLUDES = re.compile(
    r"\b(?:correct answer|right answer|answer is|answer must be|therefore|conclude)\b", re.IGNORECASE
)
_DENIES = re.compile(
    r"(?:\b(?:not|cannot|never|wrong|incorrect|false|contradicts?|instead of|rather than)|n['\u2019]t)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Writing:
    """How rationales are asked for."""

    prompts: PromptSet
    max_tokens: int
    max_attempts: int
    temperature: float  # of the attempts after the first, which is greedy
    seed: int
    stop: Sequence[str] = ()  # texts that end a rationale
    source: str = "self"  # of WRITTEN


def templates(style: str) -> tuple[str, ...]:
    """Return the prompt templates that rationales of a style are asked for with."""
    return tuple(t for t in TEMPLATES if t == "documents" or t.startswith(f"rationale-{style}"))


def expects_abstention(style: str, state: str) -> bool:
    """Tell whether a rationale of this style and state must end in "I don't know"."""
    return style == "interexter" and state == "neither"


def synthesize(example: Row, evidence: Row, internal_document: str, style: str, writing: Writing) -> Conversation[Row]:
    """Ask until a rationale passes the checks; return a RATIONALES row with its `reason` ("" if accepted)."""
    state = evidence["state"]
    messages = _request(example, state, internal_document, style, writing)
    row_id = f"{example['question_id']} {example['condition']} {style}"
    row = {"question_id": example["question_id"], "condition": example["condition"], "style": style, "state": state}
    rationale, reason = "", ""
    for attempt in range(1, writing.max_attempts + 1):
        sampling = Sampling(
            writing.max_tokens,
            temperature=writing.temperature if attempt > 1 else 0.0,
            seed=row_seed(writing.seed, f"rationale attempt {attempt}", row_id) % 2**31 if attempt > 1 else 0,
            stop=tuple(writing.stop),
        )
        [generation] = yield [Prompt(messages, sampling)]
        rationale = generation.text.strip()
        reason = _fault(rationale, example, expects_abstention(style, state), writing.source)
        if not reason:
            return {**row, "rationale": rationale, "attempt": attempt, "reason": ""}
    return {**row, "rationale": rationale, "attempt": writing.max_attempts, "reason": reason}


def _request(example: Row, state: str, internal_document: str, style: str, writing: Writing) -> tuple[Message, ...]:
    """Ask for a rationale; without the answers that is the question of instructrag-icl without demonstrations."""
    documents = "" if writing.source == "without-documents" else writing.prompts.documents(example["passages"])
    if writing.source == "without-answers":
        given = {"documents": documents, "question": example["question"], "demonstrations": []}
        return writing.prompts.messages("instructrag", **given)
    return writing.prompts.messages(
        "rationale-instructrag" if style == "instructrag" else f"rationale-interexter-{state}",
        documents=documents,
        internal_document=internal_document,
        question=example["question"],
        answer=example["answers"][0],
        answers=example["answers"],
    )


def _fault(rationale: str, example: Row, abstention: bool, source: str) -> str:
    """As `fault`; of what was withheld from the writer, answers or documents, nothing is asked."""
    if source == "without-answers":
        return _formal_fault(rationale, example)
    return fault(rationale, {**example, "passages": []} if source == "without-documents" else example, abstention)


def fault(rationale: str, example: Row, abstention: bool) -> str:
    """Return why a rationale is not accepted, or "" if it is sound."""
    if not rationale.strip():
        return "empty"
    answer = final_answer(rationale)
    if abstention and not abstains(answer):
        return "does not abstain"
    if not abstention and not holds(answer, example["answers"]):
        return "does not end in the gold answer"
    if holds(answer, example["counter_aliases"]) or _endorses(rationale, example["counter_aliases"]):
        return "endorses the counter-answer"
    return _formal_fault(rationale, example)


def _formal_fault(rationale: str, example: Row) -> str:
    if not rationale.strip():
        return "empty"
    if not cited(rationale) <= set(range(1, len(example["passages"]) + 1)):
        return "cites a document that does not exist"
    return ""


def _endorses(rationale: str, counter: list[str]) -> bool:
    """Tell whether a sentence concludes the counter-answer without denying it."""
    sentences = _SENTENCE.split(rationale)
    return any(_CONCLUDES.search(s) and not _DENIES.search(s) and holds(s, counter) for s in sentences)


def shipped(example: Row, evidence: Row, rationale: str) -> Row:
    """Return a rationale that came with the data set, as a RATIONALES row with its `reason` ("" if accepted).

    It is taken as it is, for the passages that it was written for: an example with injected passages has none.
    """
    moved = any(map(brought, example["passages"]))
    nothing = "" if rationale.strip() else "none is shipped with the question"
    return {
        "question_id": example["question_id"],
        "condition": example["condition"],
        "style": "instructrag",
        "state": evidence["state"],
        "rationale": rationale,
        "attempt": 0,
        "reason": nothing or ("written for other passages" if moved else _formal_fault(rationale, example)),
    }


def from_template(example: Row, evidence: Row, internal_document: str, style: str) -> Row:
    """Fill a rationale in by rule, without a model: InstructRAG's ablation, kept apart by its name."""
    state = evidence["state"]
    gold = example["answers"][0]
    ordered = sorted(example["passages"], key=lambda passage: passage["rank"])
    helpful = [i for i, p in enumerate(ordered, 1) if holds(f"{p['title']} {p['text']}", example["answers"])]
    named = f"Document {helpful[0]} holds the answer." if helpful else "No document holds the answer."
    if style == "instructrag":
        rationale = f"{named}\nFinal answer: {gold}"
    else:
        end = "I don't know" if expects_abstention(style, state) else gold
        compared = {
            "both": "Both sides agree.",
            "external": "The documents answer the question and my memory does not.",
            "internal": "The documents do not hold what I remember, so I follow my memory.",
            "neither": "Neither side settles the question.",
        }[state]
        rationale = (
            f"External evidence: {named}\nInternal knowledge: {internal_document}\n"
            f"Comparison: {compared}\nFinal answer: {end}"
        )
    return {
        "question_id": example["question_id"],
        "condition": example["condition"],
        "style": style,
        "state": state,
        "rationale": rationale,
        "attempt": 0,
    }
