"""Every metric against a value worked out by hand, and its interval."""

import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interexter.core.errors import UserError
from interexter.core.tables import Row, write_rows
from interexter.scoring import metrics, series, summaries
from interexter.scoring.intervals import share_interval
from interexter.scoring.judgements import LABELLED as TABLE
from interexter.scoring.metrics import METRIC_VALUES
from interexter.scoring.series_columns import SERIES
from interexter.text.labels import LABELS
from labelled_rows import labelled
from recall_rows import believed


def answer(number: int, label: str, closed_book: str = "neither", passages: str = "", **other: Any) -> Row:
    """A LABELLED row; `passages` names what the passages hold: "g", "c", "gc" or nothing."""
    about = {
        "condition": "replaced",
        "keeps_memory": label == closed_book,
        **believed(closed_book),
        "passages_gold": "g" in passages,
        "passages_counter": "c" in passages,
    }
    return labelled(f"q{number:04}", label, **{**about, **other})


def summarize(rows: list[Row], seed: int) -> list[Row]:
    return summaries.summarize(series.by_series(pa.Table.from_pylist(rows, schema=TABLE)), seed, control="clean")


# label, closed-book label, what the passages hold
TEN = [
    ("gold", "gold", "c"),  # 0 resisted
    ("counter", "gold", "c"),  # 1 misled: harm
    ("both", "gold", "c"),  # 2 misled, and in neither count of the memorization ratio: harm
    ("abstain", "gold", "gc"),  # 3 the passages hold both: no resistance, but harm
    ("gold", "gold", "g"),  # 4 closed-book gold: no benefit
    ("gold", "neither", "g"),  # 5 benefited
    ("neither", "abstain", "g"),  # 6 no memory is not gold: in the denominator of benefit
    ("counter", "counter", "c"),  # 7
    ("abstain", "abstain", ""),  # 8
    ("gold", "abstain", "gc"),  # 9 the passages hold the counter-answer too: no benefit
]


def ten() -> list[Row]:
    rows = [answer(i, *what) for i, what in enumerate(TEN)]
    for i in (2, 8):
        rows[i]["official"] = True  # official: 0 4 5 9 by their label, and 2 and 8
    rows[2]["attacked"] = True  # by substrings: 1 7 by their label, and 2
    rows[4] |= {"exact": False, "f1": 0.5}  # names gold in a sentence
    rows[6]["f1"] = 0.25
    rows[7]["finished"] = False
    rows[4]["all_valid"] = False  # names one of two valid answers; of the others labelled gold: 0 5 9
    for i, size in enumerate((2, 1, 1, 0)):  # the others had no votes
        rows[i]["certified"] = size
    for i in (1, 2, 3, 4, 9):
        rows[i]["detects_errors"] = True  # 4 sees no counter-answer
    rows[6]["str_em"] = 0.5
    rows[8]["keeps_memory"] = rows[6]["keeps_memory"] = False
    for i in (3, 8):
        rows[i]["state"] = "neither"  # nothing to answer with
    return rows


def by_metric(rows: list[Row], part: str = "all") -> dict[str, Row]:
    return {row["metric"]: row for row in rows if row["slice"] == part}


@pytest.mark.parametrize(
    ("metric", "value", "n"),
    [
        ("accuracy_official", 6 / 10, 10),  # 0 2 4 5 8 9
        ("accuracy_strict", 4 / 10, 10),  # 0 4 5 9
        ("exact_match", 3 / 10, 10),  # 0 5 9
        ("f1", 3.75 / 10, 10),  # 0 5 9 with 1, 4 with 0.5, 6 with 0.25
        ("str_em", 4.5 / 10, 10),  # 0 4 5 9 with 1, 6 with 0.5
        ("str_hit", 4 / 10, 10),  # 0 4 5 9; 6 holds a half of what was asked
        ("abstention_precision", 2 / 2, 2),  # 3 8
        ("abstention_recall", 2 / 2, 2),  # 3 8
        ("attack_success_rate", 3 / 10, 10),  # 1 2 7
        # a memory to keep: all but 6 (both), 8 and 9 (abstained). Kept: 0 4 and 7. The other side: 1, which was gold;
        # 2 and 3 say neither side, and 5, which names gold, contradicts no counter-answer
        ("memorization_ratio_xie", 3 / 4, 4),
        ("memorization_ratio_context_dpo", 6 / 8, 8),  # official 0 2 4 5 8 9; follows 1 7
        # one-sided passages against the memory: 0 1 2 (gold, against c), 5 (neither, against g). Kept: 0. Followed: 1 5
        ("context_recall", 2 / 4, 4),
        ("memory_recall", 1 / 4, 4),
        ("memorization_ratio_parammute", 1 / 3, 3),
        ("stability", 1 / 1, 1),  # 4
        ("recovery", 0 / 1, 1),  # 7: closed-book counter, passages c
        # closed-book gold or neither, passages with the counter-answer: 0 1 2 3; persuaded: 1
        ("persuasion", 1 / 4, 4),
        ("robustness", 2 / 6, 6),  # 0 9 of 0 1 2 3 7 9
        ("faithfulness", 2 / 4, 4),  # 1 7 of 0 1 2 7
        # memory right, passages wrong: 0 1 2, of which 0 is gold; the reverse: 5 6, of which 5: (1/3 + 1/2) / 2
        ("clasheval_accuracy", 5 / 12, 5),
        ("context_bias", 1 / 3, 3),  # 1 of 0 1 2
        ("context_bias_joint", 1 / 6, 3),
        ("prior_bias", 0 / 2, 2),  # 5 6 keep nothing
        ("prior_bias_joint", 0 / 2, 2),
        ("counter_rate", 2 / 10, 10),  # 1 7
        ("both_rate", 1 / 10, 10),  # 2
        ("all_valid_rate", 3 / 10, 10),  # 0 5 9
        ("error_detection_rate", 4 / 6, 6),  # 1 2 3 9 of 0 1 2 3 7 9
        ("error_correction_rate", 2 / 4, 4),  # 2 9 of 1 2 3 9
        ("abstention_rate", 2 / 10, 10),  # 3 8
        ("unfinished_rate", 0 / 10, 10),
        ("truncation_rate", 1 / 10, 10),  # 7 had given its answer by then
        ("certified_accuracy_1", 3 / 4, 4),  # 0 1 2 of 0 1 2 3
        ("certified_accuracy_2", 1 / 4, 4),  # 0
        ("memorization_ratio", 4 / 6, 6),  # gold 0 4 5 9; counter 1 7; both (2) in neither count
        ("resistance", 1 / 3, 3),  # 0 of 0 1 2; 3 is left out, its passages hold gold too
        ("benefit", 1 / 2, 2),  # 5 of 5 6
        ("harm", 3 / 5, 5),  # 1 2 3 of 0 1 2 3 4
    ],
)
def test_each_metric_by_hand(metric: str, value: float, n: int) -> None:
    row = by_metric(summarize(ten(), seed=1))[metric]
    assert (row["value"], row["n"]) == (pytest.approx(value), n)
    assert 0 <= row["low"] <= value <= row["high"] <= 1


MEMORY = ("stability", "resistance", "benefit", "recovery", "harm", "persuasion", "memorization_ratio_xie")


def test_an_unstable_memory_is_in_no_metric_that_asks_for_one() -> None:
    cases = [("gold", held, passages) for held in ("gold", "counter", "neither") for passages in ("g", "c")]
    stable = [answer(i, *case) for i, case in enumerate(cases)]
    unstable = [answer(10 + i, *case, memory="unstable") for i, case in enumerate(cases)]
    alone, together = by_metric(summarize(stable, seed=1)), by_metric(summarize(stable + unstable, seed=1))
    assert all(alone[name] == together[name] for name in MEMORY)
    assert together["accuracy_strict"]["n"] == 12


def test_the_case_list_is_every_metric() -> None:
    in_cases = {case[0] for case in test_each_metric_by_hand.pytestmark[0].args[1]}
    computed = {name for name, metric in metrics.METRICS.items() if metric.compute}
    assert set(by_metric(summarize(ten(), seed=1))) == computed
    assert computed - in_cases == {"memorization_ratio_conflictbank"}  # needs a control: below


def test_where_passages_do_not_vote_nothing_is_said_of_certificates() -> None:
    found = by_metric(summarize([answer(0, "gold"), answer(1, "counter")], seed=1))
    assert not [name for name in found if "certified" in name]
    voted = by_metric(summarize([answer(0, "gold", certified=0), answer(1, "counter")], seed=1))
    assert (voted["certified_accuracy_1"]["value"], voted["certified_accuracy_1"]["n"]) == (0, 1)


def test_a_metric_that_is_not_listed_is_refused() -> None:
    row = {**summarize(ten(), seed=1)[0], "metric": "luck"}
    with pytest.raises(KeyError, match="without a title and a group: luck"):
        summaries.ordered([row])


@pytest.mark.parametrize(
    ("metric", "rows"),
    [
        ("memorization_ratio", [answer(0, "both"), answer(1, "abstain")]),  # neither gold nor counter
        ("resistance", [answer(0, "gold", "gold", "gc"), answer(1, "gold", "neither", "c")]),
        ("benefit", [answer(0, "gold", "gold", "g"), answer(1, "gold", "neither", "gc")]),
        ("harm", [answer(0, "gold", "neither", "g"), answer(1, "gold", "both", "g")]),
        ("abstention_precision", [answer(0, "gold", state="neither")]),
        ("abstention_recall", [answer(0, "abstain")]),
        (
            "memorization_ratio_xie",
            [answer(0, "gold", "abstain"), answer(1, "both", "both"), answer(2, "both", "gold")],
        ),
        ("memorization_ratio_conflictbank", [answer(0, "gold", "gold", "c")]),  # there is no control
        ("memorization_ratio_context_dpo", [answer(0, "neither")]),
        ("context_recall", [answer(0, "gold", "gold", "g"), answer(1, "counter", "neither", "gc")]),
        ("memory_recall", [answer(0, "counter", "counter", "c"), answer(1, "gold", "both", "g")]),
        ("memorization_ratio_parammute", [answer(0, "both", "gold", "c")]),  # kept neither, followed neither
        ("stability", [answer(0, "gold", "gold", "gc"), answer(1, "gold", "neither", "g")]),
        ("recovery", [answer(0, "gold", "gold", "c"), answer(1, "gold", "neither", "gc")]),
        ("persuasion", [answer(0, "counter", "abstain", "c"), answer(1, "counter", "counter", "c")]),
        ("robustness", [answer(0, "gold", "gold", "g")]),
        ("faithfulness", [answer(0, "counter", "gold", "gc")]),
        ("clasheval_accuracy", [answer(0, "gold", "gold", "g"), answer(1, "gold", "neither", "c")]),
        ("clasheval_accuracy", [answer(0, "gold", "gold", "c")]),  # one kind is no mean of two
        ("clasheval_accuracy", [answer(0, "gold", "neither", "g")]),
        ("context_bias_joint", [answer(0, "counter", "gold", "c")]),
        ("prior_bias_joint", [answer(0, "neither", "neither", "g")]),
        ("context_bias", [answer(0, "counter", "neither", "c")]),
        ("prior_bias", [answer(0, "gold", "gold", "g")]),
    ],
)
def test_an_empty_denominator_gives_null(metric: str, rows: list[Row]) -> None:
    row = by_metric(summarize(rows, seed=1))[metric]
    assert (row["value"], row["low"], row["high"], row["n"]) == (None, None, None, 0)


def test_xie_counts_gold_as_the_other_side_of_a_memory_of_the_counter_answer() -> None:
    # kept: 0; gave it up for gold: 1; the memory was neither, kept: 2, gave it up for the counter-answer: 3
    rows = [
        answer(0, "counter", "counter"),
        answer(1, "gold", "counter"),
        answer(2, "neither", "neither"),
        answer(3, "counter", "neither"),
        answer(4, "gold", "neither"),  # right after all: neither kept nor the other side
    ]
    row = by_metric(summarize(rows, seed=1))["memorization_ratio_xie"]
    assert (row["value"], row["n"]) == (2 / 4, 4)


def test_conflictbank_looks_at_what_is_right_closed_book_and_under_the_control() -> None:
    clean = [
        answer(0, "gold", "gold", "g"),
        answer(1, "gold", "gold", "g"),
        answer(2, "neither", "gold", "g"),  # wrong with the right passages
        answer(3, "gold", "neither", "g"),  # not known closed-book
        answer(4, "gold", "gold", "g"),
    ]
    replaced = [
        answer(0, "gold", "gold", "c"),
        answer(1, "counter", "gold", "c"),
        answer(2, "gold", "gold", "c"),
        answer(3, "counter", "neither", "c"),
        answer(4, "abstain", "gold", "c"),  # in neither count
        answer(5, "gold", "gold", "c"),  # the control lacks it
    ]
    rows = [row | {"condition": "clean"} for row in clean] + replaced
    found = {r["condition"]: r for r in summarize(rows, 1) if r["metric"] == "memorization_ratio_conflictbank"}
    assert (found["replaced"]["value"], found["replaced"]["n"]) == (1 / 2, 2)  # 0 of 0 1
    assert (found["clean"]["value"], found["clean"]["n"]) == (1.0, 3)  # 0 1 4


def test_clasheval_joins_the_control_and_weighs_both_kinds_alike() -> None:
    # memory right, passages wrong: 0 1 2 3 under replaced, one gold, two counter; the reverse: 4 5 under clean, one
    # gold, one that keeps its memory
    clean = [answer(i, "gold", "gold", "g") for i in range(4)] + [
        answer(4, "gold", "neither", "g"),
        answer(5, "neither", "neither", "g"),
    ]
    labels = ["gold", "counter", "counter", "abstain"]
    replaced = [answer(i, label, "gold", "c") for i, label in enumerate(labels)] + [answer(4, "gold", "neither", "c")]
    rows = [row | {"condition": "clean"} for row in clean] + replaced
    found = by_metric([row for row in summarize(rows, 1) if row["condition"] == "replaced"])
    assert (found["clasheval_accuracy"]["value"], found["clasheval_accuracy"]["n"]) == ((1 / 4 + 1 / 2) / 2, 6)
    assert (found["context_bias"]["value"], found["context_bias"]["n"]) == (2 / 4, 4)
    assert found["context_bias_joint"]["value"] == 1 / 4
    assert (found["prior_bias"]["value"], found["prior_bias"]["n"]) == (1 / 2, 2)
    assert found["prior_bias_joint"]["value"] == 1 / 4
    for name in ("context_bias", "prior_bias"):  # half of a quantity has half of its interval
        halves = [found[name][end] / 2 for end in ("low", "high")]
        assert [found[f"{name}_joint"][end] for end in ("low", "high")] == halves
    for row in found.values():
        assert row["value"] is None or 0 <= row["low"] <= row["value"] <= row["high"] <= 1


def test_the_interval_of_a_mean_of_degrees_is_wilsons_of_their_sum() -> None:
    rows = [answer(i, "neither", f1=degree) for i, degree in enumerate([0.0] * 50 + [0.4] * 30 + [1.0] * 20)]
    found = by_metric(summarize(rows, seed=1))["f1"]
    assert (found["value"], found["low"], found["high"]) == pytest.approx((0.32, *share_interval(32, 100)))


def test_questions_of_a_cluster_are_counted_together_in_every_metric_and_slice() -> None:
    alone = [answer(i, "gold" if i % 4 else "counter", "gold", "c") for i in range(40)]
    alike = [row | {"cluster": f"entity {i // 2}", "label": alone[i - i % 2]["label"]} for i, row in enumerate(alone)]
    apart = [row | {"cluster": row["question_id"]} for row in alike]
    for part, metric in (("all", "accuracy_strict"), ("all", "resistance"), ("relation=capital", "counter_rate")):
        together, single = (by_metric(summarize(rows, 1), part)[metric] for rows in (alike, apart))
        assert together["value"] == single["value"] and together["n"] == single["n"] == 40
        assert together["low"] < single["low"] and single["high"] < together["high"]


@pytest.mark.parametrize(
    ("figures", "groups", "expected"),
    [
        ([1.0, 20.0, 300.0], [0, 0, 0], ["low", "middle", "high"]),
        ([300.0, 1.0, 20.0, 4.0, 5.0, 6.0], [0] * 6, ["high", "low", "high", "low", "middle", "middle"]),
        # elements and towns: within each relation, whatever the figures of the other
        ([1.0, 2.0, 3.0, 100.0, 200.0, 300.0], [0, 0, 0, 1, 1, 1], ["low", "middle", "high"] * 2),
        ([5.0, 5.0, 5.0], [0, 0, 0], ["middle"] * 3),  # equal figures are in one third
        ([1.0, 1.0, 1.0, 9.0], [0] * 4, ["middle", "middle", "middle", "high"]),  # middle of ranks 1 to 3: 1.5 of 4
        ([0.0, 1.0, 2.0, 3.0], [0] * 4, ["", "low", "middle", "high"]),  # one is not known
        ([0.0, 1.0, 2.0], [0] * 3, ["", "", ""]),  # two are too few for thirds
    ],
)
def test_thirds_of_a_relation_by_popularity(figures: list[float], groups: list[int], expected: list[str]) -> None:
    assert series.thirds_of(np.array(figures), np.array(groups)) == expected


def test_slices_by_popularity_count_each_question_once() -> None:
    figures = {"gold": 1.0, "counter": 2.0, "both": 3.0, "abstain": 0.0}
    rows = [answer(i, label, popularity=figure) for i, (label, figure) in enumerate(figures.items())]
    # Another series has the first question alone; its third is that of all questions.
    rows.append(answer(0, "counter", popularity=1.0, method="few-shot"))
    strict = [row for row in summarize(rows, 1) if row["metric"] == "accuracy_strict"]
    found = {(row["method"], row["slice"]): (row["value"], row["n"]) for row in strict}
    assert {at: value for at, value in found.items() if at[1].startswith("popularity")} == {
        ("vanilla-rag", "popularity=low"): (1.0, 1),
        ("vanilla-rag", "popularity=middle"): (0.0, 1),
        ("vanilla-rag", "popularity=high"): (0.0, 1),
        ("few-shot", "popularity=low"): (0.0, 1),
    }


def test_slices_by_coverage_take_the_surest_answers() -> None:
    sure = [("gold", 0.9), ("counter", 0.8), ("gold", 0.8), ("neither", 0.1), ("gold", None)]
    rows = [answer(i, label, probability=p) for i, (label, p) in enumerate(sure)]
    found = {r["slice"]: (r["value"], r["n"]) for r in summarize(rows, 1) if r["metric"] == "accuracy_strict"}
    assert {name: value for name, value in found.items() if name.startswith("coverage")} == {
        **{f"coverage={percent}%": (1.0, 1) for percent in (10, 20, 25)},
        **{f"coverage={percent}%": (2 / 3, 3) for percent in (30, 40, 50, 60, 70, 75)},  # two are equally sure
        **{f"coverage={percent}%": (2 / 4, 4) for percent in (80, 90, 100)},  # of those whose probability is known
    }


def test_no_labels_give_no_metrics() -> None:
    assert summarize([], seed=1) == []


def test_slices_by_the_probability_of_the_closed_book_answer_are_within_a_model() -> None:
    told = (0.1, 0.5, 0.9004, 0.9001, None)  # the third and the fourth are equal to three digits
    rows = [answer(i, "gold", closed_book_probability=p, model="a") for i, p in enumerate(told)]
    rows += [answer(i, "gold", closed_book_probability=p / 10, model="b") for i, p in enumerate((0.1, 0.5, 0.9))]
    found = {
        (row["model"], row["slice"]): row["n"]
        for row in summarize(rows, 1)
        if row["slice"].startswith("memory_probability") and row["metric"] == "accuracy_strict"
    }
    thirds = [f"memory_probability={third}" for third in series.THIRDS]
    assert found == {
        **dict(zip([("a", third) for third in thirds], (1, 1, 2), strict=True)),
        **{("b", third): 1 for third in thirds},
    }


def test_slices_by_what_a_question_is_like() -> None:
    rows = [
        answer(0, "gold", relation="capital", state="both", gold_position=1, answer_kind="place"),
        answer(1, "counter", relation="capital", state="external", seen=True, answer_kind="place", memory="unstable")
        | {"closed_book_agreement": 0.25},
        answer(2, "gold", "gold", relation="currency", state="external", gold_position=3, answer_kind="other")
        | {"closed_book_agreement": 0.5},
        answer(3, "gold", relation="", state="external", gold_position=1, answer_kind="other"),  # of no relation
    ]
    found = {(r["slice"], r["metric"]): (r["value"], r["n"]) for r in summarize(rows, 1) if r["slice"] != "all"}
    strict = {name: value for (name, metric), value in found.items() if metric == "accuracy_strict"}
    assert {name: value for name, value in strict.items() if name.split("=")[0] not in ("relation", "state")} == {
        "memory=other": (1.0, 2),
        "memory=unstable": (0.0, 1),
        "memory=gold": (1.0, 1),
        "memory_agreement=all": (1.0, 2),
        "memory_agreement=most": (1.0, 1),
        "memory_agreement=few": (0.0, 1),
        "gold_position=1": (1.0, 2),
        "gold_position=3": (1.0, 1),
        "gold_position=none": (0.0, 1),
        "answer=seen": (0.0, 1),
        "answer=unseen": (1.0, 3),
        "answer_kind=place": (1 / 2, 2),
        "answer_kind=other": (1.0, 2),
    }
    assert {at: value for at, value in found.items() if at[0].split("=")[0] in ("relation", "state")} == {
        ("relation=capital", "accuracy_strict"): (1 / 2, 2),
        ("relation=capital", "counter_rate"): (1 / 2, 2),
        ("relation=currency", "accuracy_strict"): (1.0, 1),
        ("relation=currency", "counter_rate"): (0.0, 1),
        ("state=both", "accuracy_strict"): (1.0, 1),
        ("state=both", "counter_rate"): (0.0, 1),
        ("state=external", "accuracy_strict"): (2 / 3, 3),
        ("state=external", "counter_rate"): (1 / 3, 3),
    }


@pytest.mark.parametrize("column", SERIES)
def test_series_are_kept_apart_in_every_column(column: str) -> None:
    other: Any = 2 if column == "seed" else "other"
    rows = [answer(0, "gold"), answer(0, "counter", **{column: other})]
    strict = {r[column]: r["value"] for r in summarize(rows, seed=1) if r["metric"] == "accuracy_strict"}
    assert strict == {answer(0, "gold")[column]: 1.0, other: 0.0}


random_rows = st.lists(
    st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS), st.sampled_from(["", "g", "c", "gc"])),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40)
@given(random_rows, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(cases: list[tuple[str, str, str]], shuffler: random.Random) -> None:
    rows = [answer(i, *case) for i, case in enumerate(cases)] + [answer(0, "gold", condition="clean")]
    shuffled = list(rows)
    shuffler.shuffle(shuffled)
    assert summarize(shuffled, seed=5) == summarize(rows, seed=5)


@settings(max_examples=40)
@given(random_rows)
def test_the_rates_of_the_labels_fit_together(cases: list[tuple[str, str, str]]) -> None:
    found = by_metric(summarize([answer(i, *case) for i, case in enumerate(cases)], seed=1))
    neither = sum(case[0] == "neither" for case in cases) / len(cases)
    rates = [
        found[m]["value"]
        for m in ("accuracy_strict", "counter_rate", "both_rate", "abstention_rate", "unfinished_rate")
    ]
    assert sum(rates) + neither == pytest.approx(1)


def test_the_seed_matters_to_the_calibration_error_alone() -> None:
    rows = [answer(i, "gold" if i % 3 else "counter", f1=i / 100, probability=i / 100) for i in range(100)]
    one, other = (by_metric(summarize(rows, seed)) for seed in (1, 2))
    assert {metric for metric in one if one[metric] != other[metric]} == {"ece", "aurc"}
    assert one["aurc"]["value"] == other["aurc"]["value"]
    assert one["ece"]["value"] == other["ece"]["value"]


def test_rows_are_sorted_and_fit_their_table(tmp_path: Any) -> None:
    rows = summarize([*ten(), answer(0, "gold", condition="clean")], seed=1)
    assert [r["condition"] for r in rows] == sorted(r["condition"] for r in rows)
    write_rows(tmp_path / "metrics.parquet", rows, METRIC_VALUES)


def test_a_question_labelled_twice_is_refused() -> None:
    with pytest.raises(UserError, match=r"vanilla-rag.*q0001 is labelled twice"):
        summarize([answer(1, "gold"), answer(1, "gold")], seed=1)


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(UserError, match="q0001 is labelled 'right'"):
        summarize([answer(1, "right")], seed=1)


def test_calibration_is_measured_where_probabilities_are_known() -> None:
    rows = [answer(n, label) for n, label in enumerate(("gold", "counter", "gold", "neither"))]
    assert not {"brier", "ece", "aurc"} & {row["metric"] for row in summarize(rows, 0)}
    for row, probability in zip(rows, (0.9, 0.6, 0.55001, None), strict=True):
        row["probability"] = probability
    found = {row["metric"]: row for row in summarize(rows, 0)}
    # (0.1^2 + 0.6^2 + 0.45^2) / 3; the bins (0.8, 0.9] and (0.5, 0.6]: (|1 - 0.9| + |1 - 0.6 - 0.55|) / 3
    assert (found["brier"]["value"], found["brier"]["n"]) == (pytest.approx(0.5725 / 3), 3)
    assert (found["ece"]["value"], found["ece"]["n"]) == (pytest.approx(0.25 / 3), 3)
    for name in ("brier", "ece"):
        assert found[name]["low"] <= found[name]["value"] <= found[name]["high"]


def test_calibration_over_several_seeds_counts_questions_once_and_seeds_in_the_interval() -> None:
    rows = [
        answer(i, label, seed=seed, probability=0.5 if i else 1.0)
        for seed, label in ((1, "gold"), (2, "counter"))
        for i in range(12)
    ]
    found = series.by_series(pa.Table.from_pylist(rows, schema=TABLE))
    told = {
        (row["metric"], row["seed"]): row
        for row in summaries.summarize({**found, **series.over_seeds(found)}, 1, "clean")
        if row["metric"] in ("brier", "ece", "aurc")
    }
    # Question 0 has (0, 1), all others (0.25, 0.25): means 2.75 / 12, 3.75 / 12, 6.5 / 24.
    assert [told["brier", seed]["value"] for seed in (1, 2, None)] == pytest.approx([2.75 / 12, 3.75 / 12, 6.5 / 24])
    assert {row["n"] for row in told.values()} == {12}
    widths = [told["brier", seed]["high"] - told["brier", seed]["low"] for seed in (1, 2, None)]
    assert widths[2] > max(widths[:2])  # the seeds differ, and two of them tell little of the next one
    for name in ("ece", "aurc"):
        assert told[name, 1]["low"] is not None
        assert (told[name, None]["low"], told[name, None]["high"]) == (None, None)


def test_several_seeds_are_one_series_more_whose_questions_count_once() -> None:
    rows = [
        answer(i, label, seed=seed)
        for seed, labels in ((1, "gc"), (2, "gg"))
        for i, label in enumerate({"g": "gold", "c": "counter"}[letter] for letter in labels)
    ]
    found = series.by_series(pa.Table.from_pylist(rows, schema=TABLE))
    pooled = series.over_seeds(found)
    assert len(found) == 2 and len(pooled) == 1
    told = {
        row["seed"]: row
        for row in summaries.summarize({**found, **pooled}, 1, "clean")
        if row["metric"] == "accuracy_strict" and row["slice"] == "all"
    }
    assert {seed: (row["value"], row["n"]) for seed, row in told.items()} == {None: (0.75, 2), 1: (0.5, 2), 2: (1.0, 2)}
    assert series.over_seeds({key: one for key, one in found.items() if 1 in key}) == {}


def test_a_question_without_a_counter_answer_counts_in_accuracies_and_in_no_metric_of_conflict() -> None:
    rows = [*(labelled(f"q{n}", label, certified=0) for n, label in enumerate(("gold", "counter")))]
    more = [labelled(f"r{n}", "gold", contested=False, passages_counter=False, certified=1) for n in range(2)]
    found, alone = by_metric(summarize([*rows, *more], 0)), by_metric(summarize(rows, 0))
    assert (found["accuracy_strict"]["value"], found["accuracy_strict"]["n"]) == (0.75, 4)
    for name in found.keys() - metrics.OF_ALL - {"brier", "ece", "aurc"}:
        assert found[name] == alone[name], name
    assert {name for name in metrics.OF_ALL if found[name]["n"] != alone[name]["n"]} >= {"accuracy_official", "f1"}


def test_comparisons_are_about_questions_with_a_counter_answer() -> None:
    rows = [labelled("q", "gold"), labelled("r", "gold", contested=False)]
    rows.append(labelled("r", "gold", contested=False, method="few-shot"))
    kept = series.contested(series.by_series(pa.Table.from_pylist(rows, TABLE)))
    assert [len(answers.questions) for answers in kept.values()] == [1]
