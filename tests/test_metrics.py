"""Every metric against a value worked out by hand, and the bootstrap against known cases."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interexter import metrics
from interexter.errors import UserError
from interexter.labels import LABELS
from interexter.tables import METRICS, Row, write_rows

SERIES = {
    "dataset": "atlas",
    "model": "m",
    "checkpoint": "base",
    "condition": "replaced",
    "method": "vanilla-rag",
    "prompt_set": "ours",
    "order": "given",
    "seed": 1,
}


def answer(number: int, label: str, closed_book: str = "neither", passages: str = "", **other: Any) -> Row:
    """A LABELS row; `passages` names what the passages hold: "g", "c", "gc" or nothing."""
    return {
        **SERIES,
        "question_id": f"q{number:04}",
        "relation": "capital",
        "official": label == "gold",
        "strict": label == "gold",
        "label": label,
        "closed_book_label": closed_book,
        "state": "both",
        "passages_gold": "g" in passages,
        "passages_counter": "c" in passages,
        **other,
    }


# label, closed-book label, what the passages hold
TEN = [
    ("gold", "gold", "c"),  # 0 resisted
    ("counter", "gold", "c"),  # 1 misled: harm
    ("both", "gold", "c"),  # 2 misled, and in neither count of the memorization ratio: harm
    ("abstain", "gold", "gc"),  # 3 the passages hold both: no resistance, but harm
    ("gold", "gold", "g"),  # 4 closed-book gold: no benefit
    ("gold", "neither", "g"),  # 5 benefited
    ("neither", "both", "g"),  # 6 closed-book both is not gold: in the denominator of benefit
    ("counter", "counter", "c"),  # 7
    ("abstain", "abstain", ""),  # 8
    ("gold", "abstain", "gc"),  # 9 the passages hold the counter-answer too: no benefit
]


def ten() -> list[Row]:
    rows = [answer(i, *what) for i, what in enumerate(TEN)]
    for i in (2, 8):
        rows[i]["official"] = True  # official: 0 4 5 9 by their label, and 2 and 8
    return rows


def by_metric(rows: list[Row], part: str = "all") -> dict[str, Row]:
    return {row["metric"]: row for row in rows if row["slice"] == part}


@pytest.mark.parametrize(
    ("metric", "value", "n"),
    [
        ("accuracy_official", 6 / 10, 10),  # 0 2 4 5 8 9
        ("accuracy_strict", 4 / 10, 10),  # 0 4 5 9
        ("counter_rate", 2 / 10, 10),  # 1 7
        ("both_rate", 1 / 10, 10),  # 2
        ("abstention_rate", 2 / 10, 10),  # 3 8
        ("memorization_ratio", 4 / 6, 6),  # gold 0 4 5 9; counter 1 7; both (2) in neither count
        ("resistance", 1 / 3, 3),  # 0 of 0 1 2; 3 is left out, its passages hold gold too
        ("benefit", 1 / 2, 2),  # 5 of 5 6
        ("harm", 3 / 5, 5),  # 1 2 3 of 0 1 2 3 4
    ],
)
def test_each_metric_by_hand(metric: str, value: float, n: int) -> None:
    row = by_metric(metrics.summarize(ten(), seed=1))[metric]
    assert (row["value"], row["n"]) == (value, n)
    assert 0 <= row["low"] <= value <= row["high"] <= 1


def test_the_case_list_is_every_metric() -> None:
    assert set(by_metric(metrics.summarize(ten(), seed=1))) == set(metrics.METRICS)


@pytest.mark.parametrize(
    ("metric", "rows"),
    [
        ("memorization_ratio", [answer(0, "both"), answer(1, "abstain")]),  # neither gold nor counter
        ("resistance", [answer(0, "gold", "gold", "gc"), answer(1, "gold", "neither", "c")]),
        ("benefit", [answer(0, "gold", "gold", "g"), answer(1, "gold", "neither", "gc")]),
        ("harm", [answer(0, "gold", "neither", "g"), answer(1, "gold", "both", "g")]),
    ],
)
def test_an_empty_denominator_gives_null(metric: str, rows: list[Row]) -> None:
    row = by_metric(metrics.summarize(rows, seed=1))[metric]
    assert (row["value"], row["low"], row["high"], row["n"]) == (None, None, None, 0)


def test_a_tie_of_gold_and_counter_is_a_memorization_ratio_of_one_half() -> None:
    rows = [answer(0, "gold"), answer(1, "counter"), answer(2, "both")]
    row = by_metric(metrics.summarize(rows, seed=1))["memorization_ratio"]
    assert (row["value"], row["n"]) == (0.5, 2)


def test_no_labels_give_no_metrics() -> None:
    assert metrics.summarize([], seed=1) == []


def test_slices_by_relation_and_state() -> None:
    rows = [
        answer(0, "gold", relation="capital", state="both"),
        answer(1, "counter", relation="capital", state="external"),
        answer(2, "gold", relation="currency", state="external"),
        answer(3, "gold", relation="", state="external"),  # of no relation
    ]
    found = {(r["slice"], r["metric"]): (r["value"], r["n"]) for r in metrics.summarize(rows, 1) if r["slice"] != "all"}
    assert found == {
        ("relation=capital", "accuracy_strict"): (1 / 2, 2),
        ("relation=capital", "counter_rate"): (1 / 2, 2),
        ("relation=currency", "accuracy_strict"): (1.0, 1),
        ("relation=currency", "counter_rate"): (0.0, 1),
        ("state=both", "accuracy_strict"): (1.0, 1),
        ("state=both", "counter_rate"): (0.0, 1),
        ("state=external", "accuracy_strict"): (2 / 3, 3),
        ("state=external", "counter_rate"): (1 / 3, 3),
    }


@pytest.mark.parametrize("column", metrics.SERIES)
def test_series_are_kept_apart_in_every_column(column: str) -> None:
    other: Any = 2 if column == "seed" else "other"
    rows = [answer(0, "gold"), answer(0, "counter", **{column: other})]
    strict = {r[column]: r["value"] for r in metrics.summarize(rows, seed=1) if r["metric"] == "accuracy_strict"}
    assert strict == {SERIES[column]: 1.0, other: 0.0}


def test_all_answers_alike_give_an_interval_without_width() -> None:
    rows = by_metric(metrics.summarize([answer(i, "gold") for i in range(7)], seed=1))
    assert (rows["accuracy_strict"]["low"], rows["accuracy_strict"]["high"]) == (1.0, 1.0)
    assert (rows["counter_rate"]["low"], rows["counter_rate"]["high"]) == (0.0, 0.0)


def test_the_interval_of_fifty_of_a_hundred() -> None:
    # Binomial(100, 0.5): standard deviation 5, so the middle 95 % is 50 +- 9.8: 40 to 60 in whole numbers
    low, high = metrics.share_interval(50, 100, 100, seed=3)
    assert low == pytest.approx(0.40, abs=0.015)
    assert high == pytest.approx(0.60, abs=0.015)


def test_the_interval_of_a_ratio_is_that_of_resampled_questions() -> None:
    # 200 questions, 60 in the denominator, 45 of them hits: drawn here question by question
    hit = np.array([1] * 45 + [0] * 155)
    about = np.array([1] * 60 + [0] * 140)
    draws = np.random.default_rng(0).integers(0, 200, size=(20000, 200))
    low, high = np.quantile(hit[draws].sum(1) / about[draws].sum(1), [0.025, 0.975])
    found = metrics.share_interval(45, 60, 200, seed=1)
    assert found == pytest.approx((low, high), abs=0.015)


def test_resamples_without_a_denominator_are_left_out() -> None:
    # one of three questions counts, and (2/3)**3 = 30 % of the resamples miss it: the others all give 1
    assert metrics.share_interval(1, 1, 3, seed=1) == (1.0, 1.0)


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))), st.data())
def test_an_interval_lies_within_zero_and_one(sizes: tuple[int, int], data: st.DataObject) -> None:
    questions, about = sizes
    hits = data.draw(st.integers(0, about))
    low, high = metrics.share_interval(hits, about, questions, seed=1)
    assert 0 <= low <= high <= 1


random_rows = st.lists(
    st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS), st.sampled_from(["", "g", "c", "gc"])),
    min_size=1,
    max_size=12,
)


@settings(deadline=None, max_examples=40)  # each example draws many bootstraps
@given(random_rows, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(cases: list[tuple[str, str, str]], shuffler: random.Random) -> None:
    rows = [answer(i, *case) for i, case in enumerate(cases)] + [answer(0, "gold", condition="clean")]
    shuffled = list(rows)
    shuffler.shuffle(shuffled)
    assert metrics.summarize(shuffled, seed=5) == metrics.summarize(rows, seed=5)


@settings(deadline=None, max_examples=40)  # each example draws many bootstraps
@given(random_rows)
def test_the_rates_of_the_labels_fit_together(cases: list[tuple[str, str, str]]) -> None:
    found = by_metric(metrics.summarize([answer(i, *case) for i, case in enumerate(cases)], seed=1))
    neither = sum(case[0] == "neither" for case in cases) / len(cases)
    rates = [found[m]["value"] for m in ("accuracy_strict", "counter_rate", "both_rate", "abstention_rate")]
    assert sum(rates) + neither == pytest.approx(1)


def test_another_seed_gives_another_interval_and_the_same_value() -> None:
    rows = [answer(i, "gold" if i % 3 else "counter") for i in range(100)]
    one, other = (by_metric(metrics.summarize(rows, seed))["accuracy_strict"] for seed in (1, 2))
    assert one["value"] == other["value"]
    assert (one["low"], one["high"]) != (other["low"], other["high"])


def test_rows_are_sorted_and_fit_their_table(tmp_path: Any) -> None:
    rows = metrics.summarize([*ten(), answer(0, "gold", condition="clean")], seed=1)
    assert [r["condition"] for r in rows] == sorted(r["condition"] for r in rows)
    write_rows(tmp_path / "metrics.parquet", rows, METRICS)


def test_a_question_labelled_twice_is_refused() -> None:
    with pytest.raises(UserError, match=r"vanilla-rag.*q0001 is labelled twice"):
        metrics.summarize([answer(1, "gold"), answer(1, "gold")], seed=1)


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(UserError, match="q0001 is labelled 'right'"):
        metrics.summarize([answer(1, "right")], seed=1)
