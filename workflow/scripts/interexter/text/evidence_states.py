"""Evidence states: which side holds the gold answer."""

STATES = ("both", "external", "internal", "neither")


def state(memory_gold: bool, passages_gold: bool) -> str:
    """Return the evidence state: one of STATES."""
    if passages_gold:
        return "both" if memory_gold else "external"
    return "internal" if memory_gold else "neither"
