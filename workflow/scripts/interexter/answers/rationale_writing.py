"""Rationales that a model writes: it is asked, its text is checked, and it is asked again where that fails."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..core.identity import row_seed
from ..core.tables import Row
from ..engine.conversations import Conversation, Sampling
from ..engine.prompts import PromptSet
from .rationale_checks import Written, fault, foreign_names, formal_fault


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
    check: str = "full"  # full, answer or none


def synthesize(
    example: Row,
    evidence: Row,
    internal_document: str,
    style: str,
    writing: Writing,
    long_answers: Sequence[str] = (),
) -> Conversation[Row]:
    """Ask until a rationale passes the checks; return a RATIONALES row with its `reason` ("" if accepted).

    `long_answers` stand in for the gold answers where a prompt shows the list, as InstructRAG's do on ASQA.
    """
    state = evidence["state"]
    template, values = _request(example, state, internal_document, style, writing)
    if long_answers and "answers" in values:
        values["answers"] = list(long_answers)
    row_id = f"{example['question_id']} {example['condition']} {style}"
    row = {"question_id": example["question_id"], "condition": example["condition"], "style": style, "state": state}
    rationale, reason = "", ""
    for attempt in range(1, writing.max_attempts + 1):
        sampling = Sampling(
            writing.max_tokens,
            temperature=writing.temperature if attempt > 1 else 0.0,
            seed=row_seed(writing.seed, f"rationale attempt {attempt}", row_id) % 2**31 if attempt > 1 else 0,
            stop=tuple(writing.stop),
            asked="field",
        )
        prompt = writing.prompts.ask(template, sampling, **values)
        [generation] = yield [prompt]
        rationale = generation.said.strip()
        finished = generation.finish_reason != "length"
        written = Written(rationale, example, style, state, finished, foreign_names(prompt.messages))
        reason = _fault(written, writing)
        if not reason:
            return {**row, "rationale": rationale, "attempt": attempt, "reason": ""}
    return {**row, "rationale": rationale, "attempt": writing.max_attempts, "reason": reason}


def _request(example: Row, state: str, internal_document: str, style: str, writing: Writing) -> tuple[str, Row]:
    """Return the template that asks for a rationale, and its values.

    Without the answers that is the question of instructrag-icl without demonstrations.
    """
    documents = "" if writing.source == "without-documents" else writing.prompts.documents(example["passages"])
    about: Row = {"documents": documents, "question": example["question"]}
    if writing.source == "without-answers":
        return "instructrag", {**about, "demonstrations": []}
    answers = {"answer": example["answers"][0], "answers": example["answers"]}
    guide = "rationale-instructrag" if style == "instructrag" else f"rationale-interexter-{state}"
    return guide, {**about, "internal_document": internal_document, **answers}


def _fault(written: Written, writing: Writing) -> str:
    """As `fault`; of what was withheld from the writer, answers or documents, nothing is asked."""
    if writing.source == "without-answers":
        return formal_fault(written.text, written.example)
    if writing.source == "without-documents":
        written = replace(written, example={**written.example, "passages": []})
    return fault(written, writing.check)
