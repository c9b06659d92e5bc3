"""Recall: closed-book answer and internal document, asked together and without passages."""

import pytest
from interexter.answers.recall import recall
from interexter.answers.schemas import RECALL
from interexter.engine.conversations import Generation, Sampling
from interexter.engine.prompts import PromptSet


def test_recall_asks_two_prompts_at_once_and_returns_a_row() -> None:
    prompts = PromptSet("ours")
    conversation = recall({"question_id": "q1", "question": "Which river?"}, prompts, 11, 22)
    answer, document = next(conversation)
    assert answer == prompts.ask("closed-book", Sampling(11), question="Which river?")
    assert document == prompts.ask("internal-document", Sampling(22), question="Which river?")
    with pytest.raises(StopIteration) as stop:
        conversation.send(
            [
                Generation(answer.prompt_id, "Osk\n", "stop", 1, 1),
                Generation(document.prompt_id, " The Osk\n\nis  long.\n", "stop", 1, 1),
            ]
        )
    row = stop.value.value
    assert row == {"question_id": "q1", "closed_book_answer": "Osk\n", "internal_document": "The Osk is long."}
    assert row.keys() == set(RECALL.names)
