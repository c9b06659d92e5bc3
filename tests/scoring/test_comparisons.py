"""Paired comparisons: differences, McNemar and Holm by hand, and the question whether the conflict fired."""

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interexter.core.tables import Row, read_rows, write_rows
from interexter.scoring import comparisons, significance
from interexter.scoring.comparisons import COMPARISONS
from interexter.scoring.judgements import LABELLED
from interexter.scoring.metrics import METRIC_VALUES
from interexter.scoring.series import by_series, over_seeds
from interexter.scoring.summaries import summarize
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


def uncorrected(rows: list[Row], control: str = "clean", reference: str = "vanilla-rag", **named: Any) -> list[Row]:
    """As statsmodels' Holm collects garbage at each call, which takes a second where much is loaded."""
    return comparisons.compare(by_series(table(rows)), 1, control, reference, named)


# Shared: q1 to q5. q0 survives the gate under clean only, q6 under replaced only.
CLEAN = {"q0": "gold", "q1": "gold", "q2": "gold", "q3": "gold", "q4": "neither", "q5": "gold"}
REPLACED = {"q1": "counter", "q2": "counter", "q3": "gold", "q4": "gold", "q5": "both", "q6": "counter"}


def test_conditions_are_compared_on_shared_questions() -> None:
    known = {"closed_book_label": "neither", "passages_counter": False}  # so that nothing is known to resist or harm
    rows = compare(answers("clean", CLEAN, **known) + answers("replaced", REPLACED, **known))
    assert [(r["compare"], r["within"], r["a"], r["b"], r["metric"], r["condition"], r["n"]) for r in rows] == [
        ("condition", "base/vanilla-rag", "replaced", "clean", "accuracy_strict", "replaced", 5),
        ("condition", "base/vanilla-rag", "replaced", "clean", "counter_rate", "replaced", 5),
        ("condition", "base/vanilla-rag", "replaced", "clean", "f1", "replaced", 5),
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
        assert row["low"] < row["high"] and not row["primary"]
    assert strict["p_mcnemar"] == strict["p"] and f1["p_mcnemar"] is None  # no cluster has two questions
    assert [row["p_adjusted"] for row in rows] == pytest.approx(significance.benjamini_hochberg([r["p"] for r in rows]))


def test_methods_are_compared_with_the_reference_of_the_base_checkpoint() -> None:
    rows = compare(
        answers("clean", CLEAN)
        + answers("clean", {"q1": "gold", "q4": "gold"}, method="interexter-icl")
        + answers("clean", {"q1": "abstain", "q9": "gold"}, method="interexter-ft", checkpoint="interexter-ft")
        # a trained checkpoint that was asked with the reference's method is compared with the reference, too
        + answers("clean", {"q0": "gold"}, checkpoint="interexter-ft")
    )
    found = {(r["within"], r["a"], r["b"]): (r["difference"], r["n"]) for r in rows if r["metric"] == "clean_tax"}
    assert {r["compare"] for r in rows} == {"method"}
    # under the control strict accuracy is compared as the tax, the loss of it, and not a second time
    assert "accuracy_strict" not in {r["metric"] for r in rows}
    assert found == {
        ("clean", "base/interexter-icl", "base/vanilla-rag"): (-1 / 2, 2),  # q4 won, q1 tied
        ("clean", "interexter-ft/interexter-ft", "base/vanilla-rag"): (1.0, 1),  # q1 lost
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
    assert [(r["metric"], r["n"]) for r in empty] == [("accuracy_strict", 0), ("counter_rate", 0), ("f1", 0)]
    for name in COMPARISONS.names[COMPARISONS.names.index("value_a") : -1]:
        assert [r[name] for r in empty] == [None, None, None]
    # and such a pair is no member of the family: added shares q1, the only one left
    assert {r["p_adjusted"] for r in rows if r["a"] == "added"} == {1.0}


def test_ties_give_no_difference_and_an_interval_all_the_same() -> None:
    for row in compare(answers("clean", CLEAN) + answers("replaced", CLEAN)):
        # Wilson's of 0 of n on both sides: z^2 / (n + z^2)
        end = 3.8415 / (row["n"] + 3.8415)
        assert (row["difference"], row["p"]) == (0.0, 1.0)
        assert (row["low"], row["high"]) == pytest.approx((-end, end), abs=1e-4)


def test_what_is_not_primary_is_one_family() -> None:
    # six questions that the condition turns from gold to counter: p = 2/64 = 0.03125
    clean = {f"q{i}": "gold" for i in range(6)}
    turned = {f"q{i}": "counter" for i in range(6)}
    rows = compare(
        answers("clean", clean) + answers("one", turned) + answers("two", clean) + answers("clean", turned, method="x")
    )
    small = [row for row in rows if row["p"] < 0.05]
    assert {(row["compare"], row["a"]) for row in small} == {("condition", "one"), ("method", "base/x")}
    # m rows of which k have 0.03125 and the others 1: m / k times it
    assert [row["p_adjusted"] for row in small] == pytest.approx([0.03125 * len(rows) / len(small)] * len(small))


NAMED = {
    "metric": "counter_rate",
    "condition": "turned",
    "a": {"method": "x", "checkpoint": "c"},
    "b": {"method": "y", "checkpoint": "d"},
}


def two_recipes() -> list[Row]:
    clean, turned = ({f"q{i}": label for i in range(10)} for label in ("gold", "counter"))
    return (
        answers("turned", turned, method="x", checkpoint="c")
        + answers("turned", clean, method="y", checkpoint="d")
        + answers("clean", clean)
        + answers("turned", turned)
    )


def test_primary_comparisons_are_corrected_among_themselves_by_holm() -> None:
    again = NAMED | {"metric": "accuracy_strict"}
    rows = comparisons.corrected(uncorrected(two_recipes(), primary=[NAMED, again]))
    primary = [row for row in rows if row["primary"]]
    assert [(row["compare"], row["metric"], row["within"], row["a"], row["b"]) for row in primary] == [
        ("method", "accuracy_strict", "turned", "c/x", "d/y"),
        ("method", "counter_rate", "turned", "c/x", "d/y"),
    ]
    assert [row["difference"] for row in primary] == [-1.0, 1.0]
    assert [row["p_adjusted"] for row in primary] == [pytest.approx(2 * 2 / 2**10)] * 2  # ten of ten: 2 / 2^10, twice
    others = [row for row in rows if not row["primary"]]
    adjusted = significance.benjamini_hochberg([row["p"] for row in others])
    assert [row["p_adjusted"] for row in others] == pytest.approx(adjusted)


def test_a_named_comparison_that_is_made_anyway_is_not_made_twice() -> None:
    named = {"metric": "counter_rate", "condition": "turned"}
    named |= {"a": {"method": "vanilla-rag"}, "b": {"method": "vanilla-rag", "condition": "clean"}}
    without, rows = uncorrected(two_recipes()), uncorrected(two_recipes(), primary=[named])
    assert len(rows) == len(without)
    [primary] = [row for row in rows if row["primary"]]
    assert (primary["compare"], primary["a"], primary["b"], primary["fired"]) == ("condition", "turned", "clean", True)
    assert primary in [row | {"primary": True} for row in without]


def test_models_are_compared_on_the_questions_of_both() -> None:
    rows = answers("turned", {"q1": "gold", "q2": "gold", "q3": "gold"}, model="m", method="x")
    rows += answers("turned", {"q2": "counter", "q3": "gold", "q4": "gold"}, model="n", method="x")
    sides = {"a": {"method": "x", "model": "m"}, "b": {"method": "x", "model": "n"}}
    [row] = uncorrected(rows, exploratory=[{"metric": "accuracy_strict", "condition": "turned", **sides}])
    assert (row["compare"], row["model"], row["a"], row["b"], row["within"]) == (
        "model",
        "m",
        "m",
        "n",
        "base/x, turned",
    )
    assert (row["difference"], row["n"], row["primary"]) == (1 / 2, 2, False)


def test_without_models_a_named_comparison_is_made_within_each() -> None:
    rows = [row | {"model": model} for row in two_recipes() for model in ("m", "n")]
    found = [row for row in uncorrected(rows, primary=[NAMED]) if row["primary"]]
    assert [(row["model"], row["compare"]) for row in found] == [("m", "method"), ("n", "method")]


def test_conditional_shares_are_compared_on_the_questions_that_they_are_about_on_both_sides() -> None:
    about = {"closed_book_label": "gold", "passages_counter": True, "passages_gold": False}
    rows = answers("turned", {"q1": "gold", "q2": "gold", "q3": "counter"}, method="x", **about)
    rows += answers("turned", {"q1": "counter", "q2": "gold", "q3": "counter"}, **about)
    # not known closed-book: it asks for no resistance and can do no harm
    rows += answers("turned", {"q4": "counter"}, method="x", **about | {"closed_book_label": "neither"})
    rows += answers("turned", {"q4": "gold"}, **about | {"closed_book_label": "neither"})
    found = {row["metric"]: row for row in uncorrected(rows)}
    assert found["counter_rate"]["n"] == 4 and "benefit" not in found  # nothing could benefit
    resisted, harmed = found["resistance"], found["harm"]
    assert (resisted["value_a"], resisted["value_b"], resisted["n"]) == (2 / 3, 1 / 3, 3)
    assert (resisted["only_a"], resisted["only_b"], resisted["p"]) == (1, 0, 1.0)
    assert (harmed["difference"], harmed["n"]) == (pytest.approx(-1 / 3), 3)


def test_a_question_counts_only_where_the_share_is_about_it_on_both_sides() -> None:
    """As between two models, of which one alone knows it."""
    rows = answers("turned", {"q1": "gold", "q2": "gold"}, model="m", closed_book_label="gold")
    rows += answers("turned", {"q1": "counter"}, model="n", closed_book_label="gold")
    rows += answers("turned", {"q2": "counter"}, model="n", closed_book_label="neither")
    sides = {side: {"method": "vanilla-rag", "model": model} for side, model in (("a", "m"), ("b", "n"))}
    [row] = uncorrected(rows, primary=[{"metric": "resistance", "condition": "turned", **sides}])
    assert (row["n"], row["value_a"], row["value_b"]) == (1, 1.0, 0.0)


def test_answers_of_several_seeds_are_counted_by_seed_and_have_no_figure_of_independent_answers() -> None:
    rows = [
        row
        for seed in (1, 2)
        for condition, label in (("clean", "neither"), ("replaced", "counter"))
        for row in answers(condition, {f"q{i}": label if i else "neither" for i in range(8)}, seed=seed)
    ]
    series = by_series(table(rows))
    [one, *_], [all_seeds, *_] = (
        [
            row
            for row in comparisons.compare(found, 1, "clean", "vanilla-rag")
            if row["metric"] == "counter_rate" and row["compare"] == "condition"
        ]
        for found in (series, over_seeds(series))
    )
    assert (one["n"], one["only_a"], one["neither"]) == (8, 7, 1)
    assert one["p_mcnemar"] == significance.mcnemar_p(7, 0) and one["detectable"] is not None
    assert (all_seeds["n"], all_seeds["only_a"], all_seeds["neither"]) == (8, 14, 2)
    assert (all_seeds["p_mcnemar"], all_seeds["detectable"]) == (None, None)


def test_questions_of_a_cluster_count_together() -> None:
    clean, turned = ({f"q{i}": label for i in range(12)} for label in ("gold", "counter"))
    alone = answers("clean", clean) + answers("turned", turned)
    alike = [row | {"cluster": str(int(row["question_id"][1:]) // 2)} for row in alone]
    for one, other in zip(uncorrected(alone), uncorrected(alike), strict=True):
        assert one["difference"] == other["difference"] and one["n"] == other["n"]
        assert other["high"] - other["low"] > one["high"] - one["low"]
    [row] = [row for row in uncorrected(alike) if row["metric"] == "counter_rate"]
    assert (row["p"], row["p_mcnemar"]) == (2 / 2**6, 2 / 2**12)  # six clusters, twelve questions


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
    """Of 5 changes one way McNemar's p is 2 / 2^5 = 0.0625, of 6 it is 0.03125; the interval lies above 0 of both."""
    for questions, fires in ((5, False), (6, True)):
        names = [f"q{i}" for i in range(questions)]
        rows = compare(answers("clean", dict.fromkeys(names, "gold")) + answers("all", dict.fromkeys(names, "counter")))
        [row] = [row for row in rows if row["metric"] == "counter_rate"]
        assert (row["low"] > 0, row["high"], row["p"] < 0.05, row["fired"]) == (True, 1.0, fires, fires)


def test_closed_book_is_compared_once() -> None:
    """It sees no passages and says the same under every condition: its rows would cost the others significance."""
    seen = answers("clean", CLEAN) + answers("replaced", REPLACED)
    blind = answers("clean", CLEAN, method="closed-book") + answers("replaced", REPLACED, method="closed-book")
    tuned = answers("clean", CLEAN, method="closed-book", checkpoint="c")
    rows = [row for row in compare(seen + blind + tuned) if "closed-book" in row["a"] + row["within"]]
    [row] = rows
    assert (row["metric"], row["within"], row["a"]) == ("accuracy_strict", "clean", "base/closed-book")


def test_a_control_that_is_no_better_than_closed_book_has_not_fired_and_without_one_nobody_knows() -> None:
    alike = {f"q{i}": "gold" for i in range(20)}
    rows = compare(answers("clean", alike) + answers("clean", alike, method="closed-book"))
    assert {row["fired"] for row in rows} == {False}
    assert {row["fired"] for row in compare(answers("clean", alike) + answers("clean", alike, method="x"))} == {None}


series = st.dictionaries(st.sampled_from([f"q{i}" for i in range(8)]), st.sampled_from(LABELS), min_size=1)


@settings(max_examples=40)
@given(series, series, series, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(
    clean: dict[str, str], replaced: dict[str, str], other: dict[str, str], shuffler: random.Random
) -> None:
    rows = answers("clean", clean) + answers("replaced", replaced) + answers("clean", other, method="x")
    shuffled = list(rows)
    shuffler.shuffle(shuffled)
    assert uncorrected(shuffled) == uncorrected(rows)


@settings(max_examples=40)
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
    assert done.stdout == "aggregate: n_in=12 n_metrics=102 n_comparisons=5\n", done.stderr
    aggregate(tmp_path / "two", files[::-1])
    for name in ("metrics.parquet", "comparisons.parquet"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    everything = table([row for part in rows.values() for row in part])
    series = by_series(everything)
    assert read_rows(tmp_path / "one" / "metrics.parquet", METRIC_VALUES) == summarize(series, 1, "clean")
    assert read_rows(tmp_path / "one" / "comparisons.parquet", COMPARISONS) == comparisons.compare(
        series, 1, "clean", "vanilla-rag"
    )


@pytest.mark.parametrize(("copies", "message"), [(0, "no labels in any of 1 files"), (2, "is labelled twice")])
def test_the_script_ends_on_bad_labels_with_one_line(tmp_path: Path, copies: int, message: str) -> None:
    write_rows(tmp_path / "labels.parquet", answers("clean", CLEAN) * copies, LABELLED)
    done = aggregate(tmp_path, [tmp_path / "labels.parquet"])
    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and message in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "metrics.parquet").exists()


def test_a_condition_is_compared_with_its_own_control() -> None:
    """The same prompts, other counter-answers: what counts as giving in differs, and so does the base rate."""
    asked = [
        *answers("clean", CLEAN),
        *answers("clean-plausible", {**CLEAN, "q1": "counter"}),
        *answers("plausible", REPLACED),
    ]
    found = comparisons.compare(
        by_series(table(asked)), 1, "clean", "vanilla-rag", controls={"plausible": "clean-plausible"}
    )
    [rate] = [row for row in found if (row["metric"], row["a"]) == ("counter_rate", "plausible")]
    assert (rate["b"], rate["value_a"], rate["value_b"]) == ("clean-plausible", 2 / 5, 1 / 5)
    assert [row["b"] for row in found if row["a"] == "clean-plausible" and row["metric"] == "counter_rate"] == ["clean"]
    fired = {row["condition"]: row["fired"] for row in found}
    assert fired["plausible"] is False  # judged against its own control, if on few questions
