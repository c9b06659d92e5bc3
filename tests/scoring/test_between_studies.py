"""Two studies side by side: which series are pairs, and figures by hand."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.scoring.between_studies import COLUMNS, side_by_side
from interexter.scoring.judgements import LABELLED
from interexter.scoring.significance import mcnemar_p
from labelled_rows import labelled


def study(labels: str, first: int = 0, **series: Any) -> list[Row]:
    """Answers to numbered questions: g is gold, c the counter-answer, n neither."""
    names = {"g": "gold", "c": "counter", "n": "neither"}
    return [labelled(f"q{i}", names[label], **series) for i, label in enumerate(labels, first)]


def compared(a: Sequence[Row], b: Sequence[Row], **more: Any) -> list[Row]:
    tables = (pa.Table.from_pylist(list(rows), LABELLED) for rows in (a, b))
    return side_by_side(*tables, more.pop("only", {}), 0, **{"metrics": ["accuracy_strict"], **more})


def test_series_of_one_name_are_paired_by_their_questions() -> None:
    [row] = compared(study("gggggggn"), study("ggnnnccc", 2))  # they share q2 to q7
    assert tuple(row) == COLUMNS
    # q2, q3 both right; q4, q5, q6 only a; q7 neither
    assert (row["value_a"], row["value_b"]) == (pytest.approx(5 / 6), pytest.approx(2 / 6))
    assert row["difference"] == pytest.approx(0.5)
    assert (row["only_a"], row["only_b"], row["n"]) == (3, 0, 6)
    assert row["p"] == row["p_adjusted"] == pytest.approx(mcnemar_p(3, 0))
    assert row["low"] < 0.5 < row["high"]
    assert (row["questions_a"], row["questions_b"]) == (8, 8)
    assert (row["model_a"], row["method_a"], row["condition_b"]) == ("m", "vanilla-rag", "clean")


def test_the_other_way_round_is_the_opposite() -> None:
    a, b = study("gggcncgg"), study("gcccggnn")
    [row], [back] = compared(a, b), compared(b, a)
    assert back["difference"] == -row["difference"]
    assert (back["low"], back["high"]) == pytest.approx((-row["high"], -row["low"]))
    assert back["p"] == row["p"]


def test_what_each_study_has_one_of_may_differ_and_the_rest_must_not() -> None:
    a = [
        r
        for method in ("vanilla-rag", "opinion")
        for c in ("clean", "dose")
        for r in study("gg", method=method, condition=c)
    ]
    b = [
        r
        for method in ("vanilla-rag", "few-shot")
        for r in study("gn", method=method, condition="clean", model="other", order="reversed")
    ]
    [row] = compared(a, b)
    assert (row["method_a"], row["method_b"], row["condition_a"]) == ("vanilla-rag", "vanilla-rag", "clean")
    assert (row["model_a"], row["model_b"], row["order_b"]) == ("m", "other", "reversed")


def test_others_are_chosen_by_name() -> None:
    a = [*study("gg", method="vanilla-rag"), *study("gn", method="opinion")]
    b = [*study("nn", method="vanilla-rag"), *study("ng", method="few-shot")]
    [row] = compared(a, b, only={"a": {"method": "opinion"}, "b": {"method": "few-shot"}})
    assert (row["method_a"], row["method_b"], row["difference"]) == ("opinion", "few-shot", 0)
    assert len(compared(a, b, only={"a": {"method": "opinion"}})) == 2


def test_seeds_are_taken_together() -> None:
    a = [row for seed in (0, 1) for row in study("gggg", seed=seed)]
    b = [*study("ggnn", seed=0), *study("gnnn", seed=1)]
    [row] = compared(a, b)
    assert row["n"] == 4
    assert row["difference"] == pytest.approx(1 - 3 / 8)
    [single] = compared(study("gg", seed=0), study("gn", seed=7))  # one seed each, whichever: questions are paired
    assert single["difference"] == 0.5


def test_one_seed_of_a_study_is_compared_with_several_of_the_other() -> None:
    a = [*study("gggn", seed=1), *study("nnng", seed=2)]
    [row] = compared(a, study("gnnn", seed=2))
    assert (row["value_a"], row["value_b"], row["n"]) == (0.25, 0.25, 4)  # by the seed that both have
    with pytest.raises(UserError, match="no question in common: their data sets or `seed` differ"):
        compared(a, study("gnnn", seed=0))


def test_p_values_are_corrected_over_all_rows() -> None:
    a = [*study("ggggggnn"), *study("gggggggg", condition="dose")]
    b = [*study("nnnnnnnn"), *study("gggggggn", condition="dose")]
    rows = compared(a, b, metrics=["accuracy_strict", "counter_rate"])
    assert len(rows) == 4
    assert all(row["p_adjusted"] >= row["p"] for row in rows)
    assert max(row["p_adjusted"] - row["p"] for row in rows) > 0


def test_nothing_in_common_says_what_there_is() -> None:
    a = [*study("gg", method="opinion"), *study("gg", method="oracle")]
    b = [*study("gg", method="few-shot"), *study("gg", method="cad")]
    with pytest.raises(UserError, match="a has base/opinion, base/oracle; b has base/cad, base/few-shot"):
        compared(a, b)
    with pytest.raises(UserError, match="no question in common"):
        compared(study("gg"), study("gg", 5))
