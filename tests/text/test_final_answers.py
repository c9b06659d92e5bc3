"""The final answer of a text, and where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.text.answer_ends import answer_end
from interexter.text.final_answers import final_answer, final_span
from test_matching import phrases


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Final answer: Paris", "Paris"),
        ("final answer is Paris.", "Paris."),
        ("Final answer is: Paris", "Paris"),
        ("The FINAL ANSWER - Paris", "Paris"),
        ("**Final answer:** Paris", "Paris"),
        ("**Final answer**: **Paris**", "Paris"),
        ("_Final answer_: Paris", "Paris"),
        ("Final answer:\nParis", "Paris"),
        ("## Final answer\n\nParis\nas said", "Paris"),
        ("## Final answer\nFinal answer: Paris", "Paris"),
        ("Final answer: Paris\nFinal answer: Lyon", "Paris"),  # the first one counts: a later one is a run-on
        ("Final answer: Paris. Final answer: Lyon", "Paris."),
        ("Final answer: Paris\n\nQuestion: What is the capital of Peru?\nFinal answer: Lima", "Paris"),
        ("Final answer:\n\nFinal answer: Paris", "Paris"),  # the first filled one
        ("Final answer: Final answer:", ""),
        ("My final answer would be Paris", "Paris"),
        ("Final answer: $\\boxed{\\text{Paris}}$", "Paris"),
        ("Final answer:\n```\nParis\n```", "Paris"),
        ("Final answer:\n- Paris\n- Lyon\nBoth are in France.", "Paris\n- Lyon"),
        ("Final answer:\n1. Paris\n2. Lyon", "Paris\n2. Lyon"),
        ("Final answer:\n\n| Capital | Country |\n|:--|:--|\n| Paris | France |\n\nSo.", "Paris | France"),  # no head
        ("| Source | City |\n|---|---|\n| Document 1 | Lyon |\n| **Final answer** | Paris |", "Paris"),
        ("| Source | City |\n|---|---|\n| 1 | Lyon |\n| 2 | Paris |", "1 | Lyon |\n| 2 | Paris"),
        ("| Paris |\n|---|", "Paris"),  # a head alone
        ("I weighed them.\n<answer>Paris</answer>\nDocument 1 is old.", "Paris"),
        ("Final answer: Paris\nI hope this helps!", "Paris"),
        ("Final answer: Which city is it? Paris", "Which city is it? Paris"),
        ("Final answer: -5", "-5"),
        ("Final answer: A", "A"),
        ("Final answer: Paris\nThe documents say so.", "Paris"),  # only its line
        ("We look for the final answer in document 1.\nIt is Paris.", "It is Paris."),  # prose is no field
        ("Final answers: none yet\nParis", "Paris"),
        ("So\n\nit is Paris\n ", "it is Paris"),  # no field: the last line
        ("Paris", "Paris"),
        ("Answer: Paris\n\nExplanation: Lyon is larger.", "Paris"),  # as models write it unasked
        ("**Answer:** Paris\n\nNote: in France.", "Paris"),
        ("Answer:\nParis\n\nI hope this helps.", "Paris"),
        ("Answer: Paris\n\nQuestion: And of Peru?\nAnswer: Lima", "Paris"),  # the first one, as of the other
        ("Question: What is it?\nAnswer: Paris", "Paris"),
        ("Antwort: Paris\nLyon ist falsch.", "Paris"),
        ("\u7b54\u6848\uff1a\u5317\u4eac\n\u4e0a\u6d77", "\u5317\u4eac"),
        ('{"answer": "Paris", "rejected": "Lyon"}', "Paris"),
        ("So it is\n\\[\\boxed{Paris}\\]\nas said.", "Paris"),
        ("Answer: Lyon\nFinal answer: Paris\nAnswer: Rome", "Paris"),  # ours goes before
        ("The answer: it depends\nParis", "Paris"),  # prose is no field
        ("Paris\nAnswer:", "Paris"),  # an empty line "Answer:" says nothing
        ("Lyon?\nNo. The answer is Paris.", "The answer is Paris."),  # no field: the conclusion
        ("It is not clear whether the answer is Paris.", "It is not clear whether the answer is Paris."),
        ("It is Paris.\n\nI hope this helps!\nLet me know if you have other questions.", "It is Paris."),
        ("It is Paris.\n\nNote: Document 1 says Lyon, which is wrong.", "It is Paris."),
        ("The answer is Paris.\nSource: Document 1", "The answer is Paris."),
        ("It is Paris.\n(Document 1, 2)", "It is Paris."),
        ("It is Paris.\n\nQuestion: And of Peru?\nLima.", "It is Paris."),
        ("Two of them:\n- Paris\n- Lyon", "Paris\n- Lyon"),
        ("## Paris\n```", "Paris"),
        ("Note: Paris", "Note: Paris"),  # all that there is
        ("<think>Lyon?\nNo.</think>\nIt is Paris", "It is Paris"),
        ("Lyon?\nFinal answer: Lyon</think>\nFinal answer: Paris", "Paris"),  # opened by the prompt
        ("<think>Final answer: Lyon\nNo, it is Paris", ""),  # not closed
        ("Final Answer: The final answer is $\\boxed{Lima}$. I hope it is correct.", "Lima"),
        ("It is Paris.\nFinal answer:", ""),  # cut off before the answer
        ("\n", ""),
        ("", ""),
    ],
)
def test_final_answer(text: str, expected: str) -> None:
    assert final_answer(text) == expected


@given(phrases, st.sampled_from(["Paris", "New York", "I don't know", "1,234"]))
def test_a_field_at_the_end_is_the_final_answer(before: str, name: str) -> None:
    assert final_answer(f"{before}\nFinal answer: {name}") == name


@given(phrases)
def test_the_final_answer_is_a_part_of_the_text(text: str) -> None:
    assert final_answer(text) in text


@given(phrases, st.sampled_from(["", "Answer:", "**Final answer:** ", "\u2028", " \r\n"]), phrases)
def test_the_final_answer_stands_where_it_is_said_to_stand(before: str, field: str, after: str) -> None:
    text = f"{before}\n{field}{after}"
    start, stop = final_span(text)
    assert text[start:stop] == final_answer(text) == text[start:stop].strip()


pieces = st.sampled_from(
    [
        "Paris",
        "Lyon.",
        "- ",
        "1. ",
        "\n",
        "\n\n",
        "Final answer:",
        "Answer:",
        " ",
        "Which of the two is it?",
        "**",
        "```",
        "| ",
        "\n|--|\n",
    ]
)


@given(st.lists(pieces, max_size=10).map("".join), st.sampled_from(["field", "answer"]))
def test_what_is_written_after_the_answers_end_does_not_change_it(text: str, asked: str) -> None:
    end = answer_end(text, asked)
    assert end is None or final_answer(text[:end], asked) == final_answer(text, asked) != ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Paris\nIt lies on the Seine.", "Paris"),  # what was asked for comes first
        ("\n Paris \nLyon", "Paris"),
        ("Lima\n\nNote: Document 1 says Quito, which is wrong.", "Lima"),
        ("Paris\nFinal answer: Lyon", "Paris"),
        ("Final answer: Paris\nLyon", "Paris"),
        ("Answer: Paris\nQuestion: And of Peru?\nAnswer: Lima", "Paris"),
        ("Question: What is the capital of France? Answer: Paris", "Paris"),
        ("What is the capital of France?\nParis", "Paris"),
        ("Paris?", "Paris?"),
        ("**Answer:**\n\n**Paris**", "Paris"),
        ("The answer is:\n- Paris\n- Lyon\n\nBoth.", "Paris\n- Lyon"),
        ("```text\nParis\n```", "Paris"),
        ("| City |\n| --- |\n| Paris |\n\nIt lies on the Seine.", "Paris"),
        ("Here it is:\n\n| Question | Answer |\n|---|---|\n| Which? | Paris |", "Which? | Paris"),
        ("<reasoning>Lyon?</reasoning>\n<answer>Paris</answer>", "Paris"),
        ("<answer>\nParis\n</answer>", "Paris"),
        ("<think>\nLyon?\n</think>\n\nParis", "Paris"),
        ("<think>\nParis", ""),
        ("> Document 1: Lyon\n\nParis", "Paris"),  # a quotation leads to the answer
        ("> Paris", "Paris"),
        ("", ""),
    ],
)
def test_where_the_answer_alone_was_asked_for_it_is_the_first_line(text: str, expected: str) -> None:
    assert final_answer(text, asked="answer") == expected


def test_what_was_asked_is_a_field_or_an_answer() -> None:
    with pytest.raises(ValueError, match="expected 'field' or 'answer'"):
        final_answer("Paris", asked="a poem")
