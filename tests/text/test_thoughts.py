"""What a model thinks, apart from what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.text.final_answers import final_answer
from interexter.text.thoughts import open_block, said, stop_place, thought_end


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Osk", "Osk"),
        ("  Osk\n", "  Osk\n"),  # nothing was thought, so nothing is changed
        ("<think>\nLimm?\n</think>\n\nOsk", "Osk"),
        ("Limm?\n</think>\n\nOsk", "Osk"),  # opened by a prompt that is not there
        ("\n<think></think>", ""),
        ("<think>\nLimm, so", ""),  # cut
        ("Osk, as <think> means nothing here", "Osk, as <think> means nothing here"),
        ("<thinking>\nLimm?\n</thinking>\n\nOsk", "Osk"),  # names that models take of their own accord
        ("<Reasoning>Limm?</reasoning><reflection>No.</reflection>Osk", "Osk"),
        ("[THINK]Limm?[/THINK]Osk", "Osk"),
        ("<thought>\nLimm, so", ""),
        ("<think>Limm? <reasoning>No.</reasoning> So it is</think>Osk", "Osk"),
        ("Limm?</think><reflection>No.</reflection>Osk", "Osk"),
        ("Osk. <reasoning>Not Limm.</reasoning>", "Osk. <reasoning>Not Limm.</reasoning>"),
        ("<answer>Osk</answer>", "<answer>Osk</answer>"),
    ],
)
def test_what_is_said_stands_behind_the_block(text: str, expected: str) -> None:
    assert said(text) == expected


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_thought_reaches_what_is_said(thought: str, answer: str) -> None:
    assert said(f"<think>{thought}</think>{answer}") == answer.lstrip()
    assert final_answer(f"<think>{thought}</think>{answer}") == final_answer(answer.lstrip())
    assert (thought_end(f"<think>{thought}"), said(f"<think>{thought}")) == (None, "")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Osk.\n\nMore", 4),
        ("<think>\n\nLimm?\n\n", None),
        ("<think>\n\n</think>\n\nOsk", None),
        ("<think>a\n\nb</think>\n\nOsk|c\n\nd", 24),
    ],
)
def test_what_ends_a_text_is_looked_for_in_what_is_said(text: str, place: int | None) -> None:
    assert stop_place(text, ["\n\n", "|"]) == place
    assert stop_place(text, []) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("assistant<think>\n", "<think>\n"),
        ("<think>\n\n</think>\n\n", ""),
        ("assistant\n", ""),
        ("<think></think> and <think>", "<think>"),
    ],
)
def test_a_block_that_a_prompt_leaves_open_is_found(text: str, expected: str) -> None:
    assert open_block(text) == expected
