"""Texts that say that the answer is not known."""

import pytest
from interexter.text.abstention import abstains


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "I don't know.",
        "i don\u2019t know",
        "I do not know the answer",
        "We do not know.",
        "The documents did not know",
        "I'm not sure",
        "I am not sure.",
        "Unknown",
        "It is unclear.",
        "This cannot be determined from the documents.",
        "I can't answer the question",
        "I could not determine it",
        "The answer could not be determined",
        "I am unable to answer.",
        "It is not possible to determine",
        "There is not enough information",
        "insufficient information",
        "not sufficient information",
        "No answer",
        "I have no idea",
        "The documents do not mention it.",
        "The passage doesn\u2019t say",
        "Not specified in the documents",
        "There is not enough evidence",
    ],
)
def test_abstains(text: str) -> None:
    assert abstains(text)


@pytest.mark.parametrize(
    "text",
    [
        "Paris",
        "I know that it is Paris",
        "Nowhere",
        "It is unknowable",
        "sufficient information",
        "Not Paris",
        "He does not say",
    ],
)
def test_does_not_abstain(text: str) -> None:
    assert not abstains(text)
