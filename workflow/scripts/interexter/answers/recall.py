"""What a model knows without passages: a closed-book answer, more of them sampled, and an internal document."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ..core.identity import row_seed
from ..core.tables import Row
from ..engine.conversations import Conversation, Generation, Prompt, Sampling
from ..engine.prompts import PromptSet

TEMPLATES = ("closed-book", "internal-document")
SEED = 0  # of everything that is sampled here: memory is the model's, whatever the seed of a study


@dataclass(frozen=True)
class Probing:
    """How a model is asked what it remembers."""

    prompts: PromptSet
    answer_tokens: int  # most of a closed-book answer
    document_tokens: int  # most of an internal document
    samples: int = 0  # closed-book answers to a test question that are sampled, beside the greedy one
    temperature: float = 0.7  # of the sampled ones
    shots: int = 0  # training questions that are shown with their answers before a closed-book question
    training: Sequence[Row] = ()  # rows of QUESTIONS, the first of which are shown

    def answers(self, question: Row) -> list[Prompt]:
        """Return the prompts of the closed-book answers of a question, the greedy one first."""
        shown = shots(question, self.training, self.shots)
        values: dict[str, Any] = {"question": question["question"], "documents": "", "shots": shown}
        greedy = Sampling(self.answer_tokens, asked="answer")
        sampled = (
            Sampling(self.answer_tokens, self.temperature, self._seed(question, number), asked="answer")
            for number in range(1, self.samples + 1 if question["split"] == "test" else 1)
        )
        return [self.prompts.ask("closed-book", sampling, **values) for sampling in (greedy, *sampled)]

    def document(self, question: Row) -> Prompt:
        """Return the prompt of a question's internal document."""
        return self.prompts.ask("internal-document", Sampling(self.document_tokens), question=question["question"])

    def _seed(self, question: Row, number: int) -> int:
        return row_seed(SEED, f"recall sample {number}", question["question_id"]) % 2**31


def in_order_of_showing(questions: Sequence[Row]) -> list[Row]:
    """Return training questions in the order in which they are shown: at random, one of each relation by turns."""
    drawn = sorted(questions, key=lambda row: row_seed(SEED, "recall shot", row["question_id"]))
    turns: dict[str, int] = {}
    turn = []
    for row in drawn:
        turns[row["relation"]] = turns.get(row["relation"], -1) + 1
        turn.append(turns[row["relation"]])
    return [row for _, row in sorted(zip(turn, drawn, strict=True), key=lambda pair: pair[0])]


def shots(question: Row, training: Sequence[Row], count: int) -> list[dict[str, str]]:
    """Return the first training questions with their answers, but none that has an answer of the question asked."""
    shown = (row for row in training if not set(row["answers"]) & set(question["answers"]))
    return [{"question": row["question"], "answer": row["answers"][0]} for row in islice(shown, count)]


def recall(question: Row, probing: Probing) -> Conversation[Row]:
    """Ask for the closed-book answers and the internal document of a question; return a RECALL row."""
    prompts = probing.answers(question)
    *answers, document = yield [*prompts, probing.document(question)]
    return {
        "question_id": question["question_id"],
        "closed_book_answer": answers[0].text,
        "closed_book_finished": _finished(answers[0]),
        "closed_book_asked": prompts[0].sampling.asked or "field",
        "closed_book_probability": answers[0].token_probability,
        "closed_book_samples": [{"text": answer.text, "finished": _finished(answer)} for answer in answers[1:]],
        "internal_document": document.said.strip(),  # with its lines: some prompts ask for headings
    }


def _finished(answer: Generation) -> bool:
    return answer.finish_reason != "length"
