"""Documents that a text cites by number."""

import pytest
from interexter.text.cited import cited


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Document 2", {2}),
        ("Documents 1 and 3", {1, 3}),
        ("Documents 1, 2 and 3", {1, 2, 3}),
        ("Documents 1, 2, and 3", {1, 2, 3}),
        ("Documents 4, 7", {4, 7}),
        ("document 4 contradicts DOCUMENT 12.", {4, 12}),
        ("Document 1 says so; Documents 2 and 3 do not. In 1999 there were 5.", {1, 2, 3}),
        ("Document 1 (1998) and 4 others", {1}),
        ("the documents of 1998, and 3 documents more", set()),
        ("Documented 5 times", set()),
        ("MyDocument 5", set()),
        ("", set()),
    ],
)
def test_cited(text: str, expected: set[int]) -> None:
    assert cited(text) == expected
