"""What a model prefers before it reads: by hand."""

from interexter.core.tables import Row
from interexter.scoring.plausibility import preferences


def weighed(gold: float, **others: float) -> Row:
    rows = [{"answer": name, "log_probability": value} for name, value in others.items()]
    return {"question_id": "q", "gold": "g", "gold_log_probability": gold, "candidates": rows}


def test_shares_and_areas_by_hand() -> None:
    """Gold at -1 and -5; random (the first) at -3 and -9; plausible at -3, as nothing lies above -1, and at -4."""
    rows = [weighed(-1, a=-3.0, b=-8.0), weighed(-5, a=-9.0, b=-4.0), weighed(-2)]
    assert preferences(rows) == {
        "random": {"preferred": 1.0, "auc": 0.75},  # -1 beats -3 and -9, -5 beats -9
        "plausible": {"preferred": 0.5, "auc": 0.5},  # -1 beats -3 and -4, -5 beats neither
    }


def test_a_tie_is_half_a_preference_and_nothing_is_none() -> None:
    assert preferences([weighed(-2, a=-2.0)])["random"] == {"preferred": 0.5, "auc": 0.5}
    assert preferences([weighed(-2)]) == {kind: {"preferred": None, "auc": None} for kind in ("random", "plausible")}
