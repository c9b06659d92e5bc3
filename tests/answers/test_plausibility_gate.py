"""The plausibility gate: scores by hand, thresholds, and what stands in the place of an answer."""

from collections.abc import Sequence
from typing import ClassVar, cast

import pytest
from interexter.answers.plausibility_gate import Gate, gated, judged, without_subject
from interexter.answers.schemas import gated_name
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.engine.likelihood import Likelihood, Reader
from recall_rows import recalled

PERU: Row = {
    "question_id": "q",
    "question": "What is the capital of Peru?",
    "subject": "Peru",
    "answers": ["Lima"],
}


class Scripted:
    """A reader whose log probabilities are written down: those of an answer with the subject, and without."""

    KNOWN: ClassVar = {"Lima": (-2.0, -9.0), "Cusco": (-6.0, -9.5), "Oslo": (-8.0, -7.0)}

    def continuations(self, opening: str, begun: str, texts: Sequence[str]) -> list[Likelihood]:
        named = "Peru" in begun
        return [Likelihood(self.KNOWN[text[1:-1]][0 if named else 1], 2, 10) for text in texts]


@pytest.fixture
def gate() -> Gate:
    return Gate(cast(Reader, Scripted()))


def answer(text: str, asked: str = "answer") -> Row:
    about = {"method": "vanilla-rag", "condition": "c", "question_id": "q", "finish_reason": "stop", "asked": asked}
    return {
        **about,
        "text": text,
        "prompt_tokens": 300,
        "output_tokens": 4,
        "log_probability": -0.5,
        "votes": ["Lima", "Cusco"],
    }


def row_of(gate: Gate, text: str) -> Row:
    gate.read(PERU, {judged(answer(text))} - {""})
    memory = recalled("q", "Lima", closed_book_asked="answer")
    [row] = gated(answer(text), PERU, memory, gate, {0.2: 0.0})
    return row


def test_the_score_is_what_the_subject_adds_to_the_log_probability(gate: Gate) -> None:
    gate.read(PERU, Scripted.KNOWN)
    found = [gate.score(PERU, name) for name in Scripted.KNOWN]
    assert [one.value for one in found if one] == [7.0, 3.5, -1.0]
    assert [one.tokens for one in found if one] == [24, 24, 24]


def test_training_questions_are_shown_with_their_answers_but_none_that_gives_the_question_away() -> None:
    class Shown(Scripted):
        def continuations(self, opening: str, begun: str, texts: Sequence[str]) -> list[Likelihood]:
            seen.append((opening, begun))
            assert texts == [" Cusco\n"]
            return super().continuations(opening, begun, texts)

    seen: list[tuple[str, str]] = []
    training = [
        {"question": f"What is the capital of {country}?", "answers": [capital]}
        for country, capital in (("Norway", "Oslo"), ("Lima Province", "Lima"), ("Italy", "Rome"), ("Spain", "Madrid"))
    ]
    Gate(cast(Reader, Shown()), training, shots=2).read(PERU, ["Cusco"])
    before = "".join(
        f"Question: What is the capital of {country}?\nAnswer: {capital}\n\n"
        for country, capital in (("Norway", "Oslo"), ("Italy", "Rome"))
    )
    asked = "Question: What is the capital of {}?\nAnswer:"
    assert seen == [(before, asked.format("Peru")), (before, asked.format("it"))]


def test_the_prompts_of_a_question_are_read_once_for_all_its_answers(gate: Gate) -> None:
    gate.read(PERU, ["Lima", "Cusco", "Lima"])
    assert (gate.prompts_read, gate.tokens_read) == (2, 2 * (10 + 2 + 2))


@pytest.mark.parametrize(
    ("question", "subject", "left"),
    [
        ("What is the capital of Peru?", "Peru", "What is the capital of it?"),
        ("Is Peru's capital in Peru?", "Peru", "Is it's capital in it?"),
        ("Who wrote Peruvian Tales?", "Peru", None),
        ("Who wrote it?", "", None),
    ],
)
def test_the_subject_is_taken_out_of_a_question(question: str, subject: str, left: str | None) -> None:
    assert without_subject(question, subject) == left


def test_a_threshold_is_a_quantile_of_the_scores_of_training_gold(gate: Gate) -> None:
    training = [{**PERU, "question_id": name, "answers": [name]} for name in Scripted.KNOWN]
    assert gate.thresholds(training, [0.5, 0.25]) == {0.5: 3.5, 0.25: 1.25}  # of -1, 3.5 and 7
    with pytest.raises(UserError, match="none of 1 training questions names its subject"):
        gate.thresholds([{**PERU, "subject": "Chile"}], [0.5])


def test_what_is_implausible_gives_way_to_memory(gate: Gate) -> None:
    row = row_of(gate, "Oslo.")
    assert (row["text"], row["asked"], row["finish_reason"], row["log_probability"]) == ("Lima", "answer", "stop", None)
    assert row["prompt_tokens"] == 324  # what the gate read is paid for
    assert row["votes"] is None  # they did not have the last word
    assert (row_of(gate, "Cusco")["text"], row_of(gate, "Cusco")["log_probability"]) == ("Cusco", -0.5)


def test_each_quantile_is_a_method_of_its_own(gate: Gate) -> None:
    memory = recalled("q", "Lima")
    gate.read(PERU, ["Cusco"])
    rows = gated(answer("Cusco"), PERU, memory, gate, {0.1: 3.0, 0.2: 4.0})
    assert [(row["method"], row["text"]) for row in rows] == [
        ("vanilla-rag-gate-10", "Cusco"),
        ("vanilla-rag-gate-20", "Lima"),
    ]
    assert gated_name("vanilla-sft", 0.29) == "vanilla-sft-gate-29"


def test_an_abstention_is_left_as_it_is_and_not_read(gate: Gate) -> None:
    assert row_of(gate, "I don't know.")["text"] == "I don't know."
    assert row_of(gate, "")["text"] == ""
    assert gate.prompts_read == 0


def test_memory_that_was_cut_off_is_told_as_such(gate: Gate) -> None:
    memory = recalled("q", "The capital of", closed_book_finished=False, closed_book_asked="answer")
    gate.read(PERU, ["Oslo"])
    [row] = gated(answer("Oslo"), PERU, memory, gate, {0.2: 0.0})
    assert (row["text"], row["finish_reason"]) == ("The capital of", "length")
