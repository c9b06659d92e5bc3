"""Texts that say that the documents hold errors."""

import pytest
from interexter.scoring.error_reports import reports_errors


@pytest.mark.parametrize(
    "text",
    [
        "There are factual errors in the provided documents. The answer is Lima.",  # what RGB asks for
        "Document 1 is wrong: the capital is Lima.",
        "Document 2 is factually incorrect.",
        "The documents contain misinformation.",
        "The first passage has an error.",
        "The context seems to be mistaken.",
        "Document 1 contains false information, so I use what I know.",
    ],
)
def test_reports(text: str) -> None:
    assert reports_errors(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Lima",
        "There are no factual errors in the documents.",
        "The documents are without factual errors.",
        "Document 1 says that the claim is false.",
        "Document 1 contradicts Document 2.",
        "It would be wrong to say Quito.",
    ],
)
def test_no_reports(text: str) -> None:
    assert not reports_errors(text)
