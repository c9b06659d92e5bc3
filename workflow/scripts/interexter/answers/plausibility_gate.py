"""The plausibility gate: an answer that the question's subject makes hardly any likelier gives way to memory.

A passage can claim anything of a subject. What the model's memory says of the claim shows in how much the subject's
name raises the likelihood of the answer without passages:

    score = log p(answer | question) - log p(answer | question with "it" for its subject)

An answer whose score lies below a threshold is not believed, and the closed-book answer stands in its place. The
threshold is a quantile of the scores of gold answers to training questions, so that no test question has a say. The
score is the pointwise mutual information of subject and answer, under the question, as the base model sees it.

The model reads plain text, a few training questions with their answers before the question: what it learnt from texts
shows there better than in a chat, and what an answer looks like is known, so that what is left to weigh is whether it
is this subject's (docs/vital-study.md has the figures).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ..core.errors import UserError
from ..core.tables import Row
from ..engine.likelihood import Reader
from ..text.abstention import abstains
from ..text.final_answers import final_answer
from ..text.matching import mentions
from .recall import shots
from .schemas import gated_name

STAND_IN = "it"  # for the subject


class Score(NamedTuple):
    """How much the subject raises an answer's log probability, and the tokens that were read for it."""

    value: float
    tokens: int


@dataclass
class Gate:
    """What scores answers: the base model, and what it is shown before a question."""

    reader: Reader
    training: Sequence[Row] = ()  # questions, the first of which are shown with their answers
    shots: int = 0  # how many
    prompts_read: int = 0
    tokens_read: int = 0
    _scores: dict[tuple[str, str], Score] = field(default_factory=dict)

    def read(self, question: Row, answers: Iterable[str]) -> None:
        """Score answers to a question, all that are to be judged: its prompts are read once for all of them.

        Nothing is read where the question does not name its subject.
        """
        unnamed = without_subject(question["question"], question["subject"])
        said = sorted(set(answers))
        if unnamed is None or not said:
            return
        shown = _shown(shots(question, self.training, self.shots))
        with_subject, without = (
            self.reader.continuations(shown, f"Question: {asked}\nAnswer:", [f" {answer}\n" for answer in said])
            for asked in (question["question"], unnamed)
        )
        for answer, one, other in zip(said, with_subject, without, strict=True):
            tokens = sum(found.prompt_tokens + found.tokens for found in (one, other))
            score = Score(one.log_probability - other.log_probability, tokens)
            self._scores[question["question_id"], answer] = score
        self.prompts_read += 2
        self.tokens_read += with_subject[0].prompt_tokens + without[0].prompt_tokens
        self.tokens_read += sum(found.tokens for found in (*with_subject, *without))

    def score(self, question: Row, answer: str) -> Score | None:
        """Return the score of an answer that was read; None where the question does not name its subject."""
        return self._scores.get((question["question_id"], answer))

    def thresholds(self, training: Sequence[Row], quantiles: Sequence[float]) -> dict[float, float]:
        """Return the score below which an answer is not believed, by quantile of the gold answers' scores.

        Raises UserError where no training question names its subject.
        """
        for row in training:
            self.read(row, [row["answers"][0]])
        scores = [found.value for row in training if (found := self.score(row, row["answers"][0])) is not None]
        if not scores:
            raise UserError(
                f"none of {len(training)} training questions names its subject, so there is no threshold. "
                "Fill the column `subject` of the data set, or leave plausibility_gate.methods empty."
            )
        return {quantile: float(np.quantile(scores, quantile)) for quantile in quantiles}


def _shown(training: Iterable[Row]) -> str:
    """Return questions with their answers as a text that the question asked goes on from."""
    return "".join(f"Question: {one['question']}\nAnswer: {one['answer']}\n\n" for one in training)


def without_subject(question: str, subject: str) -> str | None:
    """Return a question with STAND_IN for every mention of its subject; None where it has none."""
    spans = mentions(question, [subject]) if subject.strip() else []
    if not spans:
        return None
    for start, stop in reversed(spans):
        question = question[:start] + STAND_IN + question[stop:]
    return question


def judged(answer: Row) -> str:
    """Return what of a row of ANSWERS is judged: the final answer as extracted; "" of an abstention."""
    said = final_answer(answer["text"], answer["asked"]).rstrip(".")
    return "" if abstains(said) else said


def gated(answer: Row, question: Row, memory: Row, gate: Gate, thresholds: Mapping[float, float]) -> list[Row]:
    """Return the rows of ANSWERS that the gate makes of one, a row for each quantile of `thresholds`.

    `memory` is the question's row of RECALL; the gate has read what is judged. An abstention is left as it is: there is
    nothing to believe.
    """
    score = gate.score(question, judged(answer))
    tokens = answer["prompt_tokens"] + (score.tokens if score else 0)
    rows = []
    for quantile, threshold in thresholds.items():
        # What passages elected is not the last word here: the votes certify nothing.
        row = {**answer, "method": gated_name(answer["method"], quantile), "prompt_tokens": tokens, "votes": None}
        if score is not None and score.value < threshold:
            row |= {
                "text": memory["closed_book_answer"],
                "finish_reason": "stop" if memory["closed_book_finished"] else "length",
                "asked": memory["closed_book_asked"],
                "log_probability": None,
            }
        rows.append(row)
    return rows
