"""Statements of answers, what they cite, and the recall that a judge who always agrees gives them."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.engine import prompts
from interexter.scoring import citations
from interexter.scoring.citations import Score
from interexter.scoring.statements import Statement, statements

SET = Path(prompts.__file__).parent / "prompt_sets/ours"
RATIONALES = {
    path.stem: re.findall(r"--- assistant ---\n(.*?)\n--- user ---", path.read_text(), re.DOTALL)
    for path in sorted(SET.glob("rationale-*.j2"))
}


def recall(text: str) -> float:
    """The citation recall of an answer to nine documents, by a judge who always agrees."""
    [score] = citations.scores([statements(text)], [["d"] * 9], lambda pairs: [True] * len(pairs))
    assert score is not None
    return score.recall


@pytest.mark.parametrize("name", [name for name in RATIONALES if name != "rationale-instructrag"])
def test_the_four_lines_of_our_own_format_have_full_recall(name: str) -> None:
    assert RATIONALES[name]
    assert [recall(text) for text in RATIONALES[name]] == [1.0] * len(RATIONALES[name])


@pytest.mark.parametrize(
    "text",
    [
        "Document 1 says that Lima is the capital of Peru.\nFinal answer: Lima",
        "Document 1 says that Lima is the capital of Peru.\n\n**Final answer:** Lima",
        "Document 1 says that it is X. Final answer: X",
        "The U.S. Army was founded by Dr. Smith in Washington, D.C. in 1775 [1].",
        "It was founded in 1775 [1]. It is large [2].",
        "It is Lima [1-2].",
        "The capital is Lima. [1]",
        "The capital is Lima. [1] It lies on the coast! [2][3]",
        "The answer is Lima.\nSource: Document 1",
        "The answer is Lima. (See Documents 1 and 2)",
        "## Summary\nHere is what they say:\n1. Lima is the capital [1].\n2. Quito is in Ecuador [2].\nAnswer: Lima",
        "External evidence:\nDocuments 1 to 3 say Lima.\nInternal knowledge:\nIt is Lima. Sure.\nFinal answer:\nLima",
        "External evidence: Document 1 says so. Internal knowledge: I agree. Comparison: Both do. Final answer: Lima",
    ],
)
def test_what_cites_a_document_for_all_that_it_states_has_full_recall(text: str) -> None:
    assert recall(text) == 1.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lima is the capital.\nFinal answer: Lima", 0.0),
        ("Lima is the capital [1]. It is large.\nFinal answer: Lima", 0.5),
        ("External evidence: The documents say Lima.\nInternal knowledge: Lima.\nFinal answer: Lima", 0.0),
        ("Final answer: Lima", 0.0),  # it states something, and cites nothing
        ("Final answer: Lima\nIt lies on the coast.", 0.0),  # the answer is one line
        ("Comparison: I trust my memory. Document 12 is wrong.\nFinal answer: Lima", 0.0),  # there is no Document 12
        ("Lima", 0.0),
    ],
)
def test_what_is_stated_without_a_citation_lowers_the_recall(text: str, expected: float) -> None:
    assert recall(text) == expected


def test_statements_and_what_they_cite() -> None:
    text = "Paris is the capital [3][1]. Documents 1 and 2 say so!\n\nIt lies on the Seine [2, 3]\n"
    text += "Comparison: I thought so. Document 4 does not.\nFinal answer: Paris [10]."
    assert statements(text) == [
        Statement("Paris is the capital.", (2, 0)),
        Statement("Documents 1 and 2 say so!", (0, 1)),
        Statement("It lies on the Seine", (1, 2)),
        Statement("Document 4 does not.", (3,)),
        Statement("Paris.", (9,)),
    ]
    assert statements("[1] It is Lima. [2] It is large.") == [
        Statement("It is Lima.", (0,)),
        Statement("It is large.", (1,)),
    ]
    assert statements("[1]. \n ...") == []


def test_the_first_three_citations_of_the_text_count() -> None:
    seen: list[tuple[str, str]] = []
    documents = ["one", "two", "three", "four"]
    found = citations.scores(
        [statements("It is [4][3][2][1].")], [documents], lambda p: seen.extend(p) or [True] * len(p)
    )
    assert seen[0] == ("four\nthree\ntwo", "It is.")
    assert found == [Score(1.0, 1.0)]


@given(
    st.lists(
        st.sampled_from([*'ab .!?\n[]1(*:#"', "Dr. ", "U.S.", "[2]", "Final answer: ", "Document 3 "]), max_size=30
    )
)
def test_any_text_has_statements_without_brackets_and_loses_no_citation(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = statements(text)
    assert all(statement.text.strip() == statement.text != "" for statement in found)
    assert all(len(set(statement.cites)) == len(statement.cites) for statement in found)
