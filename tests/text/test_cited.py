"""Documents that a text cites by number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.text.cited import before_the_stop, cited, without_brackets, without_citations


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Document 2", [2]),
        ("Documents 1 and 3", [1, 3]),
        ("Documents 1, 2 and 3", [1, 2, 3]),
        ("Documents 1, 2, and 3", [1, 2, 3]),
        ("Documents 4, 7", [4, 7]),
        ("document 4 contradicts DOCUMENT 12.", [4, 12]),
        ("Document 1 says so; Documents 2 and 3 do not. In 1999 there were 5.", [1, 2, 3]),
        ("Document 1 (1998) and 4 others", [1]),
        # Every way that escaped once.
        ("Documents 1-3", [1, 2, 3]),
        ("Documents 1 \u2013 3", [1, 2, 3]),
        ("Documents 1 to 9", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("Documents 1 through 3", [1, 2, 3]),
        ("Documents 1 or 9", [1, 9]),
        ("Document 1 or 9", [1, 9]),
        ("Documents 1, 2 & 9", [1, 2, 9]),
        ("Documents 1,2,9", [1, 2, 9]),
        ("Documents 1-2, 4 and 6-7", [1, 2, 4, 6, 7]),
        ("Document #9", [9]),
        ("Doc 9", [9]),
        ("Docs. 1 and 9", [1, 9]),
        ("Document No. 9", [9]),
        ("Document number 9", [9]),
        ("Document **9**", [9]),
        ("Documents **1** and **9**", [1, 9]),
        ("_Document 9_ and **Document 2**", [9, 2]),
        ("Document 1 and Document 9", [1, 9]),
        ("Documents: 1, 9", [1, 9]),
        ("[9]", [9]),
        ("[0]", [0]),
        ("[1-2]", [1, 2]),
        ("[1\u20132]", [1, 2]),
        ("[1, 2]", [1, 2]),
        ("[1; 2 and 9]", [1, 2, 9]),
        ("[3][1]", [3, 1]),
        ("[Document 3]", [3]),
        ("[Doc 3; Doc 1]", [3, 1]),
        ("[^1]", [1]),
        ("Document [9]", [9]),
        # In the order of the text, each once.
        ("Lima [4][2]. Document 2 and Document 1 say so [4].", [4, 2, 1]),
        # No documents.
        ("In Document 1, 5 people are named", [1]),
        ("According to Documents 1 and 2, 1998 was dry", [1, 2]),
        ("Documents 1 and 2.5 km", [1]),
        ("Documents 1, 40 % of them", [1]),
        ("Documents 2 and 1,500 people", [2]),
        ("Documents 1-100000", [1, 100000]),
        ("Documents 9-1", [9, 1]),
        ("the documents of 1998, and 3 documents more", []),
        ("Documented 5 times", []),
        ("MyDocument 5", []),
        ("[x] [1a] (3)", []),
        ("", []),
    ],
)
def test_cited(text: str, expected: list[int]) -> None:
    assert cited(text) == expected


@given(st.lists(st.integers(1, 30), min_size=1, max_size=5, unique=True), st.sampled_from([" and ", " or ", " & "]))
def test_a_list_of_any_numbers_is_read_in_words_and_in_brackets(numbers: list[int], last: str) -> None:
    *some, end = map(str, numbers)
    listed = ", ".join(some) + last + end if some else end
    said = "Documents" if some else "Document"
    for text in (f"{said} {listed} agree.", f"It is so [{listed}].", "".join(f"[{n}]" for n in numbers)):
        assert cited(text) == numbers


def test_brackets_are_taken_out_and_words_are_not() -> None:
    assert without_brackets("Lima [1][3] is the capital, Document 2 says [2, 4].") == (
        "Lima is the capital, Document 2 says."
    )
    assert without_citations("[1] Documents 2 & 3.") == " ."


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("It is Lima. [1]", "It is Lima [1]."),
        ("It is Lima.[1][2] It lies inland! [3]", "It is Lima[1][2]. It lies inland [3]!"),
        ('He said "Lima." [1]', 'He said "Lima [1]."'),
        ("It is in the U.S. [1]", "It is in the U.S [1]."),
        ("It is Lima [1].", "It is Lima [1]."),
        ("[1] It is Lima. [2] It lies inland.", "[1] It is Lima. [2] It lies inland."),
    ],
)
def test_citations_after_the_stop_belong_before_it(line: str, expected: str) -> None:
    assert before_the_stop(line) == expected
