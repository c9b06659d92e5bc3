"""Paired comparisons: differences, McNemar and Holm by hand, and the question whether the conflict fired."""

import csv
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interexter.core.tables import Row, read_rows, write_rows
from interexter.scoring import comparisons, significance
from interexter.scoring.comparisons import COMPARISONS
from interexter.scoring.judgements import LABELLED
from interexter.scoring.metrics import METRIC_VALUES, summarize
from interexter.scoring.series import by_series
from interexter.study import layout
from interexter.text.labels import LABELS
from labelled_rows import labelled

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"


def answers(condition: str, labels: dict[str, str], **other: Any) -> list[Row]:
    """LABELLED rows of one series from question_id -> label."""
    f1 = {"gold": 1.0, "both": 0.5}
    return [
        labelled(question, label, **{"condition": condition, "f1": f1.get(label, 0.0), **other})
        for question, label in labels.items()
    ]


def table(rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=LABELLED)


def compare(rows: list[Row], control: str = "clean", reference: str = "vanilla-rag") -> list[Row]:
    return comparisons.corrected(uncorrected(rows, control, reference))


def uncorrected(rows: list[Row], control: str = "clean", reference: str = "vanilla-rag") -> list[Row]:
    """As statsmodels' Holm collects garbage at each call, which takes a second where much is loaded."""
    return comparisons.compare(by_series(table(rows)), seed=1, control=control, reference=reference)


# Shared: q1 to q5. q0 survives the gate under clean only, q6 under replaced only.
CLEAN = {"q0": "gold", "q1": "gold", "q2": "gold", "q3": "gold", "q4": "neither", "q5": "gold"}
REPLACED = {"q1": "counter", "q2": "counter", "q3": "gold", "q4": "gold", "q5": "both", "q6": "counter"}


def test_conditions_are_compared_on_shared_questions() -> None:
    rows = compare(answers("clean", CLEAN) + answers("replaced", REPLACED))
    assert [(r["compare"], r["within"], r["a"], r["b"], r["metric"], r["n"]) for r in rows] == [
        ("condition", "base/vanilla-rag", "replaced", "clean", "accuracy_strict", 5),
        ("condition", "base/vanilla-rag", "replaced", "clean", "counter_rate", 5),
        ("condition", "base/vanilla-rag", "replaced", "clean", "f1", 5),
    ]
    strict, counter, f1 = rows
    # f1: replaced 0 0 1 1 0.5, clean 1 1 1 0 1
    assert (f1["value_a"], f1["value_b"]) == pytest.approx((2.5 / 5, 4 / 5))
    assert f1["difference"] == pytest.approx(-1.5 / 5)
    assert [f1[name] for name in ("both", "only_a", "only_b", "neither", "cohens_h", "detectable")] == [None] * 6
    # gold on both sides q3; only replaced q4; only clean q1 q2 q5
    assert [strict[name] for name in ("both", "only_a", "only_b", "neither")] == [1, 1, 3, 0]
    assert (strict["value_a"], strict["value_b"]) == (2 / 5, 4 / 5)
    assert strict["cohens_h"] == pytest.approx(significance.cohens_h(2 / 5, 4 / 5))
    assert strict["odds_ratio"] == pytest.approx(1.5 / 3.5)
    # gold: replaced q3 q4, clean q1 q2 q3 q5; only replaced q4 (1), only clean q1 q2 q5 (3): (1 - 3) / 5
    assert strict["difference"] == pytest.approx(-2 / 5)
    assert strict["p"] == pytest.approx(2 * (1 + 4) / 16)  # b + c = 4, smaller 1: 2 * (C(4,0) + C(4,1)) / 2**4
    # counter: replaced q1 q2, clean none, and q5 (both) in neither: 2 / 5
    assert counter["difference"] == pytest.approx(2 / 5)
    assert counter["p"] == pytest.approx(2 * 1 / 4)
    for row in rows:
        assert -1 <= row["low"] <= row["difference"] <= row["high"] <= 1
        assert row["p_adjusted"] == row["p_bh"] == row["p"] == row["p_permutation"]  # families of one


def test_methods_are_compared_with_the_reference_of_the_base_checkpoint() -> None:
    rows = compare(
        answers("clean", CLEAN)
        + answers("clean", {"q1": "gold", "q4": "gold"}, method="interexter-icl")
        + answers("clean", {"q1": "abstain", "q9": "gold"}, method="interexter-ft", checkpoint="interexter-ft")
        # a trained checkpoint that was asked with the reference's method is compared with the reference, too
        + answers("clean", {"q0": "gold"}, checkpoint="interexter-ft")
    )
    found = {(r["within"], r["a"], r["b"]): (r["difference"], r["n"]) for r in rows if r["metric"] == "accuracy_strict"}
    assert {r["compare"] for r in rows} == {"method"}
    assert found == {
        ("clean", "base/interexter-icl", "base/vanilla-rag"): (1 / 2, 2),  # q4 won, q1 tied
        ("clean", "interexter-ft/interexter-ft", "base/vanilla-rag"): (-1.0, 1),  # q1 lost
        ("clean", "interexter-ft/vanilla-rag", "base/vanilla-rag"): (0.0, 1),
    }


@pytest.mark.parametrize("column", ["dataset", "model", "prompt_set", "order", "seed"])
def test_nothing_is_compared_across_runs(column: str) -> None:
    other: Any = 2 if column == "seed" else "other"
    assert compare(answers("clean", CLEAN) + answers("replaced", REPLACED, **{column: other})) == []
    assert compare(answers("clean", CLEAN) + answers("clean", CLEAN, method="x", **{column: other})) == []


def test_without_a_control_or_a_reference_nothing_is_compared() -> None:
    assert compare(answers("replaced", REPLACED) + answers("added", REPLACED)) == []
    assert compare(answers("clean", CLEAN, method="x") + answers("clean", CLEAN, method="y")) == []


def test_sides_without_a_shared_question_give_null() -> None:
    rows = compare(answers("clean", {"q1": "gold"}) + answers("replaced", {"q2": "gold"}) + answers("added", CLEAN))
    empty = [r for r in rows if r["a"] == "replaced"]
    assert [r["n"] for r in empty] == [0, 0, 0]
    for name in COMPARISONS.names[COMPARISONS.names.index("value_a") : -1]:
        assert [r[name] for r in empty] == [None, None, None]
    # and such a pair is no member of the family: added shares q1, the only one left, unadjusted
    assert [r["p_adjusted"] for r in rows if r["a"] == "added"] == [1.0, 1.0, 1.0]


def test_ties_give_no_difference_and_no_width() -> None:
    for row in compare(answers("clean", CLEAN) + answers("replaced", CLEAN)):
        assert (row["difference"], row["low"], row["high"], row["p"]) == (0.0, 0.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"),
    [
        (8, 2, 0.109375),  # 2 * (C(10,0) + C(10,1) + C(10,2)) / 2**10 = 2 * 56 / 1024
        (2, 8, 0.109375),
        (0, 0, 1.0),  # no discordant pair
        (1, 0, 1.0),  # 2 * 1/2
        (5, 5, 1.0),  # 2 * 638/1024 = 1.25, at most 1
        (6, 0, 0.03125),  # 2 * 1/64
    ],
)
def test_mcnemar_by_hand(only_a: int, only_b: int, p: float) -> None:
    assert significance.mcnemar_p(only_a, only_b) == pytest.approx(p, rel=1e-12)


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_a_symmetric_probability(only_a: int, only_b: int) -> None:
    p = significance.mcnemar_p(only_a, only_b)
    assert 0 < p <= 1
    assert p == significance.mcnemar_p(only_b, only_a)


def test_mcnemar_of_many_questions_does_not_overflow() -> None:
    # 4900 against 5100 of 10,000: z = (200 - 1) / 100 = 1.99 with continuity correction, so p = 0.0466
    assert significance.mcnemar_p(4900, 5100) == pytest.approx(0.0466, abs=0.0005)


def test_holm_by_hand() -> None:
    # sorted 0.01 0.02 0.03 0.04: 4*0.01 = 0.04; 3*0.02 = 0.06; 2*0.03 = 0.06; 0.04 -> 0.06, not below the one before
    assert significance.holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert significance.holm([0.5, 0.9, 0.6]) == [1.0, 1.0, 1.0]  # 1.5, 1.2, 0.9: at most 1, never falling
    assert significance.holm([0.02, 0.02]) == pytest.approx([0.04, 0.04])  # ties
    assert significance.holm([]) == []


def test_a_family_is_one_kind_and_one_metric() -> None:
    # six questions that the condition turns from gold to counter: p = 2/64 = 0.03125 for both metrics
    clean = {f"q{i}": "gold" for i in range(6)}
    turned = {f"q{i}": "counter" for i in range(6)}
    rows = compare(
        answers("clean", clean) + answers("one", turned) + answers("two", clean) + answers("clean", turned, method="x")
    )
    found = {(r["compare"], r["a"], r["metric"]): (r["p"], r["p_adjusted"]) for r in rows}
    for metric in ("accuracy_strict", "counter_rate"):
        assert found["condition", "one", metric] == (0.03125, 0.0625)  # family of one and two
        assert found["condition", "two", metric] == (1.0, 1.0)
        assert found["method", "base/x", metric] == (0.03125, 0.03125)  # a family of its own


def test_a_condition_fires_where_the_reference_gives_more_counter_answers() -> None:
    clean = {f"q{i}": "gold" for i in range(20)}
    turned = {f"q{i}": "counter" if i < 15 else "gold" for i in range(20)}
    lost = {f"q{i}": "neither" for i in range(20)}
    rows = compare(
        answers("clean", clean)
        + answers("turned", turned)
        + answers("idle", clean)
        + answers("turned", clean, method="x")
        + answers("idle", turned, method="x")
        + answers("clean", lost, method="closed-book")
        + answers("turned", lost, method="closed-book")
    )
    by_condition: dict[str, set[Any]] = {}
    for row in rows:
        by_condition.setdefault(row["a"] if row["compare"] == "condition" else row["within"], set()).add(row["fired"])
    # clean fires too: its passages make the reference right where closed-book is not
    assert by_condition == {"turned": {True}, "idle": {False}, "clean": {True}}


def test_a_few_questions_that_all_agree_do_not_fire() -> None:
    """Of 5 changes one way the bootstrap's interval is [1, 1], and McNemar's p 2 / 2^5 = 0.0625; of 6, 0.03125."""
    for questions, fires in ((5, False), (6, True)):
        names = [f"q{i}" for i in range(questions)]
        rows = compare(answers("clean", dict.fromkeys(names, "gold")) + answers("all", dict.fromkeys(names, "counter")))
        [row] = [row for row in rows if row["metric"] == "counter_rate"]
        assert (row["low"], row["p"] < 0.05, row["fired"]) == (1.0, fires, fires)


def test_closed_book_is_not_compared_between_conditions() -> None:
    """It sees no passages: its differences of 0 would only widen the family that p is corrected over."""
    seen = answers("clean", CLEAN) + answers("replaced", REPLACED)
    blind = answers("clean", CLEAN, method="closed-book") + answers("replaced", REPLACED, method="closed-book")
    rows = [row for row in compare(seen + blind) if row["compare"] == "condition"]
    assert {row["within"] for row in rows} == {"base/vanilla-rag"}
    assert [row["p_adjusted"] for row in rows] == [row["p"] for row in rows]


def test_a_control_that_is_no_better_than_closed_book_has_not_fired_and_without_one_nobody_knows() -> None:
    alike = {f"q{i}": "gold" for i in range(20)}
    rows = compare(answers("clean", alike) + answers("clean", alike, method="closed-book"))
    assert {row["fired"] for row in rows} == {False}
    assert {row["fired"] for row in compare(answers("clean", alike) + answers("clean", alike, method="x"))} == {None}


def test_the_interval_of_a_difference_is_that_of_resampled_questions() -> None:
    # of 200 questions a alone gets 40 and b alone 10; drawn here question by question
    difference = np.array([1] * 40 + [-1] * 10 + [0] * 150)
    draws = np.random.default_rng(0).integers(0, 200, size=(20000, 200))
    low, high = np.quantile(difference[draws].mean(1), [0.025, 0.975])
    assert comparisons.difference_interval(40, 10, 200, seed=1) == pytest.approx((low, high), abs=0.01)


series = st.dictionaries(st.sampled_from([f"q{i}" for i in range(8)]), st.sampled_from(LABELS), min_size=1)


@settings(deadline=None, max_examples=40)  # each example draws many bootstraps
@given(series, series, series, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(
    clean: dict[str, str], replaced: dict[str, str], other: dict[str, str], shuffler: random.Random
) -> None:
    rows = answers("clean", clean) + answers("replaced", replaced) + answers("clean", other, method="x")
    shuffled = list(rows)
    shuffler.shuffle(shuffled)
    assert uncorrected(shuffled) == uncorrected(rows)


@settings(deadline=None, max_examples=40)  # each example draws many bootstraps
@given(series, series)
def test_swapping_the_sides_turns_the_sign(one: dict[str, str], two: dict[str, str]) -> None:
    rows = answers("one", one) + answers("two", two)
    there = uncorrected(rows, "one", "")
    back = uncorrected(rows, "two", "")
    for a, b in zip(there, back, strict=True):
        assert (a["n"], a["p"]) == (b["n"], b["p"])
        assert a["difference"] == (None if b["difference"] is None else -b["difference"])
        assert (a["only_a"], a["only_b"], a["both"]) == (b["only_b"], b["only_a"], b["both"])


def aggregate(out: Path, labels: list[Path]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, SCRIPTS / "aggregate.py", "--labels", *labels, "--seed", "1", "--control", "clean"]
    command += ["--reference", "vanilla-rag", "--metrics", out / "metrics.parquet"]
    command += ["--comparisons", out / "comparisons.parquet"]
    return subprocess.run(list(map(str, command)), check=False, capture_output=True, text=True)


def test_the_script_writes_the_same_bytes_whatever_the_order_of_its_files(tmp_path: Path) -> None:
    rows = {"clean": answers("clean", CLEAN), "replaced": answers("replaced", REPLACED)}
    files = [tmp_path / f"{name}.parquet" for name in rows]
    for file, name in zip(files, rows, strict=True):
        write_rows(file, rows[name], LABELLED)
    done = aggregate(tmp_path / "one", files)
    assert done.stdout == "aggregate: n_in=12 n_metrics=72 n_comparisons=3\n", done.stderr
    aggregate(tmp_path / "two", files[::-1])
    for name in ("metrics.parquet", "comparisons.parquet"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    everything = table([row for part in rows.values() for row in part])
    series = by_series(everything)
    assert read_rows(tmp_path / "one" / "metrics.parquet", METRIC_VALUES) == summarize(series, 1, "clean")
    assert read_rows(tmp_path / "one" / "comparisons.parquet", COMPARISONS) == comparisons.compare(
        series, 1, "clean", "vanilla-rag"
    )


def test_the_csv_has_the_columns_of_the_table_six_decimals_and_empty_fields_for_null(tmp_path: Path) -> None:
    write_rows(tmp_path / "labels.parquet", answers("clean", CLEAN), LABELLED)
    aggregate(tmp_path, [tmp_path / "labels.parquet"])
    config = {"datasets": {"atlas": {}}, "models": {"m": {}}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    for name, place in (("metrics", layout.metrics), ("comparisons", layout.comparisons)):
        moved = place(tmp_path / "results", "atlas", "m")
        moved.parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{name}.parquet").rename(moved)
    command = [sys.executable, SCRIPTS / "summarize.py", "--results", tmp_path / "results"]
    command += ["--config", tmp_path / "config.json", "--metrics", tmp_path / "metrics.parquet"]
    command += ["--metrics-csv", tmp_path / "metrics.csv", "--comparisons", tmp_path / "comparisons.parquet"]
    subprocess.run(list(map(str, command)), check=True)
    with (tmp_path / "metrics.csv").open(newline="") as handle:
        rows = {row["metric"]: row for row in csv.DictReader(handle) if row["slice"] == "all"}
    assert list(rows["benefit"]) == METRIC_VALUES.names
    # gold on 5 of 6; closed-book gold throughout, so benefit has no question
    assert (rows["accuracy_strict"]["value"], rows["accuracy_strict"]["n"]) == ("0.833333", "6")
    assert [rows["benefit"][name] for name in ("value", "low", "high", "n")] == ["", "", "", "0"]


@pytest.mark.parametrize(("copies", "message"), [(0, "no labels in any of 1 files"), (2, "is labelled twice")])
def test_the_script_ends_on_bad_labels_with_one_line(tmp_path: Path, copies: int, message: str) -> None:
    write_rows(tmp_path / "labels.parquet", answers("clean", CLEAN) * copies, LABELLED)
    done = aggregate(tmp_path, [tmp_path / "labels.parquet"])
    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and message in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "metrics.parquet").exists()
