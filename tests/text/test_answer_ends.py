import pytest
from interexter.text.answer_ends import answer_end, gives_answer

ENDED = [  # what was asked for, the text up to the answer's end, what is written after it
    ("answer", "Lima", "\n"),
    ("answer", "Lima", "\n\nNote: Document 1 says Quito."),
    ("answer", "\n\nLima", "\n"),
    ("answer", "Answer:\nLima", "\n"),
    ("answer", "The answer is:\n\nLima", "\nQuito"),
    ("answer", "**Answer:**\nLima", "\n"),
    ("answer", "Sure!\n\nLima", "\n"),  # a courtesy is no answer
    ("answer", "Of course, Lima", "\n"),
    ("answer", "Question: What is the capital of Peru?\nLima", "\n"),
    ("answer", "```\nLima", "\n```"),
    ("answer", "- Lima\n- Cusco", "\nBoth are in Peru.\n"),
    ("answer", "<think>\nPeru, so Lima.\n</think>\n\nLima", "\n"),
    ("answer", "| City |\n|---|\n| Lima |\n| Cusco |", "\n\nBoth are in Peru.\n"),
    ("field", "Document 1 says Lima.\nFinal answer: Lima", "\n"),
    ("field", "Document 1 says Lima.\nFinal answer: Lima", "\nFinal answer: Quito"),
    ("field", "**Final answer:** Lima", "\n\nI hope this helps!"),
    ("field", "Final answer:\nLima", "\n"),
    ("field", "The final answer is Lima.", "\n"),
    ("field", "Final answer:\n1. Lima\n2. Cusco", "\n\nBoth are in Peru.\n"),
    ("field", "<think>Final answer: Quito\n</think>Final answer: Lima", "\n"),
]
GOES_ON = [
    ("answer", ""),
    ("answer", "Lima"),
    ("answer", "\n\n"),
    ("answer", "Answer:\n"),
    ("answer", "Certainly!\n"),
    ("answer", "- Lima\n- Cusco\n"),
    ("answer", "<think>\nPeru, so Lima.\n"),
    ("answer", "<thinking>\nPeru, so Lima.\n"),
    ("answer", "| City |\n|---|\n"),
    ("field", "Document 1 says Lima.\nSo it is Lima.\n"),
    ("field", "Final answer:\n\n"),
    ("field", "Final answer: Lima"),
    ("field", "<think>Final answer: Quito\n"),
]


@pytest.mark.parametrize(("asked", "text", "after"), ENDED)
def test_an_answer_ends_with_its_line(asked: str, text: str, after: str) -> None:
    assert answer_end(text + after, asked) == len(text)


@pytest.mark.parametrize(("asked", "text", "after"), ENDED)
def test_it_ends_at_the_same_place_however_much_is_written_at_a_time(asked: str, text: str, after: str) -> None:
    found = (answer_end((text + after)[:length], asked) for length in range(len(text + after) + 1))
    assert {end for end in found if end is not None} == {len(text)}


@pytest.mark.parametrize(("asked", "text"), GOES_ON)
def test_it_has_not_ended_before(asked: str, text: str) -> None:
    assert answer_end(text, asked) is None


@pytest.mark.parametrize(
    ("asked", "text", "given"),
    [
        ("field", "Document 1 says that the capital is", False),
        ("field", "Final answer:", False),
        ("field", "Final answer: Lima, which is", True),
        ("field", "Final answer:\n- Lima\n- Cus", True),
        ("field", "Final answer: External evidence: Lima, which is", False),
        ("field", "Final answer: External evidence: Lima.\nInternal", True),
        ("answer", "The capital of Peru is", False),
        ("answer", "Lima\n\nNote: Document 1", True),
        ("answer", "<think>\nPeru, so", False),
    ],
)
def test_a_text_that_was_cut_may_give_its_answer(asked: str, text: str, given: bool) -> None:
    assert gives_answer(text, asked) == given
