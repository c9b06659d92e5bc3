"""The final answer of a text, and where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.text.final_answers import final_answer, final_span

words = st.sampled_from(
    [
        "Paris",
        "paris",
        "US",
        "us",
        "U.S.",
        "the",
        "a",
        "New",
        "York",
        "York's",
        "S\u00e3o",
        "Sao",
        "1,234",
        "1234",
        "He",
        "in",
        "India",
        "\u00c9",
        "\u0301",
        "\u037a",
        "_x_",
        "'s",
        "3.5",
        "\u00bd",
        "\u4e2d\u56fd",
        "-",
        ".",
        "O'Brien",
        "",
    ]
)
# fmt: on
phrases = st.lists(words, max_size=7).map(" ".join) | st.lists(words, max_size=5).map("".join) | st.text(max_size=20)


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
        ("Final answer: Lyon\nNo.\nFinal answer: Paris", "Paris"),  # the last one counts
        ("Final answer: Lyon. Final answer: Paris", "Paris"),
        ("Final answer: Paris\n\nFinal answer:", "Paris"),  # the last filled one
        ("Final answer: Paris\nThe documents say so.", "Paris"),  # only its line
        ("We look for the final answer in document 1.\nIt is Paris.", "It is Paris."),  # prose is no field
        ("Final answers: none yet\nParis", "Paris"),
        ("So\n\nit is Paris\n ", "it is Paris"),  # no field: the last line
        ("Paris", "Paris"),
        ("Answer: Paris\n\nExplanation: Lyon is larger.", "Paris"),  # as models write it unasked
        ("**Answer:** Paris\n\nNote: in France.", "Paris"),
        ("Answer:\nParis\n\nI hope this helps.", "Paris"),
        ("Answer: Lyon?\nNo.\n## Answer: Paris\nYes.", "Paris"),  # the last one, as of the other
        ("Answer: Lyon\nFinal answer: Paris\nAnswer: Rome", "Paris"),  # ours goes before
        ("The answer: it depends\nParis", "Paris"),  # prose is no field
        ("Paris\nAnswer:", "Answer:"),  # cut off, and not our field
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Paris\nIt lies on the Seine.", "Paris"),  # what was asked for comes first
        ("\n Paris \nLyon", "Paris"),
        ("Well.\nFinal answer: Paris", "Paris"),  # a field is a field
        ("", ""),
    ],
)
def test_where_the_answer_alone_was_asked_for_it_is_the_first_line(text: str, expected: str) -> None:
    assert final_answer(text, asked="answer") == expected


def test_what_was_asked_is_a_field_or_an_answer() -> None:
    with pytest.raises(ValueError, match="expected 'field' or 'answer'"):
        final_answer("Paris", asked="a poem")
