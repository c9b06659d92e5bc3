"""Texts that say that the answer is not known, as models of many families write them, and texts that look like them.

The detector was written on the half "dev" of refusals.jsonl. What is missed in the half "kept" stays missed: the rates
in docs/metrics.md are of texts that it was not fitted to.
"""

import json
from pathlib import Path

import pytest
from interexter.text.abstention import abstains, asserts

ROWS = [json.loads(line) for line in (Path(__file__).parent / "refusals.jsonl").read_text("utf-8").splitlines()]
DEV = [row for row in ROWS if row["half"] == "dev"]
KEPT = [row for row in ROWS if row["half"] == "kept"]


@pytest.mark.parametrize(("text", "expected"), [(row["text"], row["abstains"]) for row in DEV])
def test_a_text_of_the_half_that_the_detector_was_written_on(text: str, expected: bool) -> None:
    assert abstains(text) == expected


def test_the_rates_of_the_half_kept_aside_are_those_of_the_documentation() -> None:
    found = [row for row in KEPT if abstains(row["text"])]
    right = [row for row in found if row["abstains"]]
    assert (len(right), sum(row["abstains"] for row in KEPT)) == (107, 109)  # recall
    assert (len(right), len(found)) == (107, 107)  # precision


def test_both_halves_have_texts_of_all_kinds() -> None:
    assert not {(row["half"], row["abstains"]) for row in ROWS} ^ {(h, a) for h in ("dev", "kept") for a in (0, 1)}
    assert len({row["family"] for row in KEPT if row["abstains"]}) >= 19  # nine families of models, ten languages
    assert len({row["text"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("text", ["", " \n", "i don\u2019t know", "?", "The answer is: unknown."])
def test_abstains(text: str) -> None:
    assert abstains(text)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("There is no information.", "no", False),  # a part of what says that nothing is known
        ("There is no information, so no.", "no", True),
        ("Unknown", "Unknown", True),
        ("I don't know, perhaps Paris", "Paris", True),
    ],
)
def test_a_name_within_a_refusal_is_not_asserted(text: str, name: str, expected: bool) -> None:
    assert asserts(text, [name]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'm not sure, but it could be Nice.", False),  # a guess answers
        ("The documents do not mention it; perhaps Nice.", False),
        ("I\u2019m not sure, but I don\u2019t think the documents say.", True),  # no name follows
        ("I cannot tell: one says Nice, one says Lille.", True),  # what is quoted is no guess
        ("No Evidence of Disease", False),  # a title
        ("NO EVIDENCE", True),
        ("Keine Angaben", True),  # German nouns have capitals
    ],
)
def test_a_guess_or_a_title_is_no_refusal(text: str, expected: bool) -> None:
    assert abstains(text) == expected
