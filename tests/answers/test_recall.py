"""Recall: closed-book answers and internal documents, asked together and without passages."""

import math
from dataclasses import replace

import pytest
from interexter.answers.recall import Probing, in_order_of_showing, recall
from interexter.answers.schemas import RECALL
from interexter.core.tables import Row
from interexter.engine.conversations import Generation, Prompt, Sampling
from interexter.engine.prompts import PromptSet

PROMPTS = PromptSet("ours")
RIVER = {
    "question_id": "q1",
    "question": "Which river?",
    "answers": ["Osk", "the Osk"],
    "relation": "river",
    "split": "test",
}


def question(question_id: str, answer: str, relation: str = "river") -> Row:
    return {"question_id": question_id, "question": f"{question_id}?", "answers": [answer], "relation": relation}


def written(prompt: Prompt, text: str, finish_reason: str = "stop") -> Generation:
    return Generation(prompt.prompt_id, text, finish_reason, 1, 1)


def test_recall_asks_its_prompts_at_once_and_returns_a_row() -> None:
    conversation = recall(RIVER, Probing(PROMPTS, answer_tokens=11, document_tokens=22))
    answer, document = next(conversation)
    assert answer == PROMPTS.ask("closed-book", Sampling(11, asked="answer"), question="Which river?")
    assert document == PROMPTS.ask("internal-document", Sampling(22), question="Which river?")
    with pytest.raises(StopIteration) as stop:
        greedy = written(answer, "Osk\n")._replace(log_probability=2 * math.log(0.5), answer_tokens=2)
        conversation.send([greedy, written(document, " The Osk\n\nis  long.\n", "length")])
    row = stop.value.value
    assert row == {
        "question_id": "q1",
        "closed_book_answer": "Osk\n",
        "closed_book_finished": True,
        "closed_book_asked": "answer",
        "closed_book_probability": 0.5,  # of a token
        "closed_book_samples": [],
        "internal_document": "The Osk\n\nis  long.",
    }
    assert row.keys() == set(RECALL.names)


def test_what_was_thought_is_no_internal_document() -> None:
    for text, document in (("<think>\nLimm?\n</think>\n\nThe Osk.", "The Osk."), ("<think>\nLimm, so", "")):
        conversation = recall(RIVER, Probing(PROMPTS, 11, 22))
        greedy, asked = next(conversation)
        with pytest.raises(StopIteration) as stop:
            conversation.send([written(greedy, "Osk"), written(asked, text)])
        assert stop.value.value["internal_document"] == document


def test_answers_are_sampled_beside_the_greedy_one_each_with_a_seed_of_its_own() -> None:
    conversation = recall(RIVER, Probing(PROMPTS, 11, 22, samples=2, temperature=0.5))
    greedy, one, two, document = next(conversation)
    assert greedy.messages == one.messages == two.messages
    assert [p.sampling.temperature for p in (greedy, one, two, document)] == [0.0, 0.5, 0.5, 0.0]
    assert one.sampling.seed != two.sampling.seed
    answers = [written(greedy, "Osk", "length"), written(one, "Limm"), written(two, "O", "length")]
    with pytest.raises(StopIteration) as stop:
        conversation.send([*answers, written(document, "")])
    row = stop.value.value
    assert len(Probing(PROMPTS, 11, 22, samples=2).answers({**RIVER, "split": "train"})) == 1
    assert not row["closed_book_finished"]
    assert row["closed_book_probability"] is None  # the engine did not tell
    assert row["closed_book_samples"] == [{"text": "Limm", "finished": True}, {"text": "O", "finished": False}]


def test_training_questions_are_shown_but_none_with_the_answer_that_is_asked_for() -> None:
    training = [question("t1", "Limm"), question("t2", "the Osk"), question("t3", "Dra"), question("t4", "Wes")]
    [prompt] = Probing(PROMPTS, 11, 22, shots=2, training=training).answers(RIVER)
    shown = prompt.messages[0].content
    assert shown.endswith("Example 1\nQuestion: t1?\nLimm\n\nExample 2\nQuestion: t3?\nDra")
    [bare] = Probing(PROMPTS, 11, 22, training=training).answers(RIVER)
    assert "Example" not in bare.messages[0].content
    assert prompt.messages[1] == bare.messages[1]


def test_relations_take_turns_among_the_questions_that_are_shown() -> None:
    rows = [question(f"r{i}", f"R{i}") for i in range(4)] + [question(f"c{i}", f"C{i}", "capital") for i in range(2)]
    shown = in_order_of_showing(rows)
    assert [{row["relation"] for row in shown[i : i + 2]} for i in (0, 2)] == [{"river", "capital"}] * 2
    assert shown == in_order_of_showing(rows[::-1])
    assert sorted(row["question_id"] for row in shown) == sorted(row["question_id"] for row in rows)


def test_a_published_prompt_says_nothing_of_how_its_answer_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PromptSet, "ASKS", False)
    [prompt] = Probing(PROMPTS, 11, 22).answers(RIVER)
    assert prompt.sampling == replace(Sampling(11), asked="")
