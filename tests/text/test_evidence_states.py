"""Evidence states: which side holds the gold answer."""

import pytest
from interexter.text.evidence_states import STATES, state


@pytest.mark.parametrize(
    ("memory_gold", "passages_gold", "expected"),
    [(True, True, "both"), (False, True, "external"), (True, False, "internal"), (False, False, "neither")],
)
def test_the_state_follows_from_memory_and_passages(memory_gold: bool, passages_gold: bool, expected: str) -> None:
    assert state(memory_gold, passages_gold) == expected
    assert expected in STATES
