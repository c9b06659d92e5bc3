"""Tests, corrections and effect sizes against values worked out by hand."""

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interexter.scoring import significance
from interexter.scoring.intervals import tango_interval
from scipy.stats import ttest_1samp


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


def test_holm_by_hand() -> None:
    # sorted 0.01 0.02 0.03 0.04: 4*0.01 = 0.04; 3*0.02 = 0.06; 2*0.03 = 0.06; 0.04 -> 0.06, not below the one before
    assert significance.holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert significance.holm([0.5, 0.9, 0.6]) == [1.0, 1.0, 1.0]  # 1.5, 1.2, 0.9: at most 1, never falling
    assert significance.holm([0.02, 0.02]) == pytest.approx([0.04, 0.04])  # ties
    assert significance.holm([]) == []


def test_benjamini_hochberg_by_hand() -> None:
    # sorted 0.01 0.02 0.03 0.04: 4*0.01/1 = 0.04, 4*0.02/2 = 0.04, 4*0.03/3 = 0.04, 4*0.04/4 = 0.04
    assert significance.benjamini_hochberg([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.04] * 4)
    # sorted 0.01 0.5 0.5: 0.03, 0.75, 0.5 -> the second is not above the third
    assert significance.benjamini_hochberg([0.5, 0.01, 0.5]) == pytest.approx([0.5, 0.03, 0.5])
    assert significance.benjamini_hochberg([1.0, 1.0]) == [1.0, 1.0]
    assert significance.benjamini_hochberg([]) == []


@settings(max_examples=8)  # statsmodels collects garbage at each call
@given(st.lists(st.floats(0, 1), max_size=12))
def test_the_corrections_lie_in_order(ps: list[float]) -> None:
    rate, family = significance.benjamini_hochberg(ps), significance.holm(ps)
    for p, q, h in zip(ps, rate, family, strict=True):
        assert p <= q + 1e-12 and q <= h + 1e-12 and h <= 1


def test_differences_of_one_size_are_tested_by_mcnemar() -> None:
    differences = np.array([1.0] * 8 + [-1.0] * 2 + [0.0] * 30)
    assert significance.permutation_p(differences, seed=1) == 0.109375  # as in the test of McNemar
    assert significance.permutation_p(differences / 2, seed=1) == 0.109375
    assert significance.permutation_p(np.zeros(5), seed=1) == 1.0
    assert significance.permutation_p(np.array([]), seed=1) == 1.0


def test_the_permutation_test_draws_what_all_sign_patterns_give() -> None:
    differences = np.array([0.5, 0.25, 1.0, -0.25, 0.75, 0.5, 0.1, 1.0])
    sums = [abs(sum(s * d for s, d in zip(signs, differences, strict=True))) for signs in product((1, -1), repeat=8)]
    exact = sum(total >= abs(differences.sum()) - 1e-9 for total in sums) / len(sums)
    assert significance.permutation_p(differences, seed=1) == pytest.approx(exact, abs=0.01)


@given(st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1.0]), max_size=20), st.randoms(use_true_random=False))
def test_the_permutation_test_depends_neither_on_order_nor_on_sides(values: list[float], shuffler: object) -> None:
    p = significance.permutation_p(np.array(values), seed=3)
    shuffler.shuffle(values)  # type: ignore[attr-defined]
    assert significance.permutation_p(np.array(values), seed=3) == p
    assert significance.permutation_p(-np.array(values), seed=3) == p
    assert 0 < p <= 1


def test_mcnemar_of_a_million_discordant_pairs() -> None:
    # 500,980 against 499,020: z = (1960 - 1) / 1000 = 1.959 with correction, p = 0.0501
    assert significance.mcnemar_p(500_980, 499_020) == pytest.approx(0.0501, abs=0.0002)
    assert significance.mcnemar_p(1500, 1500) == 1.0


def test_a_paired_difference_of_right_and_wrong_by_hand() -> None:
    # 8 questions that a alone gets, 2 that b alone gets, 30 alike: McNemar's p as above
    a, b = [True] * 8 + [False] * 2 + [True] * 30, [False] * 8 + [True] * 2 + [True] * 30
    found = significance.paired_difference(a, b)
    assert (found.difference, found.p) == (pytest.approx(6 / 40), pytest.approx(0.109375))
    back = significance.paired_difference(b, a)
    assert (back.difference, back.p) == (pytest.approx(-6 / 40), found.p)
    assert (found.low, found.high) == pytest.approx(tango_interval(8, 2, 40))


def test_questions_of_a_cluster_count_as_one() -> None:
    """The same three times over tells no more: p is that of the clusters, the interval but for the t quantiles."""
    a, b = [1.0] * 8 + [0.0] * 2 + [1.0] * 30, [0.0] * 8 + [1.0] * 2 + [1.0] * 30
    alone, names = significance.paired_difference(a, b), [str(i) for i in range(40)]
    thrice = significance.paired_difference(a * 3, b * 3, names * 3)
    assert (thrice.difference, thrice.p) == (alone.difference, alone.p)
    assert (thrice.low, thrice.high) == pytest.approx((alone.low, alone.high), abs=0.01)
    as_many = significance.paired_difference(a * 3, b * 3)
    assert as_many.p < alone.p and as_many.low > alone.low


@given(st.lists(st.integers(-3, 3), max_size=9))
def test_the_p_of_signs_is_that_of_all_patterns(sums: list[int]) -> None:
    totals = [abs(sum(s * x for s, x in zip(signs, sums, strict=True))) for signs in product((1, -1), repeat=len(sums))]
    exact = sum(total >= abs(sum(sums)) for total in totals) / len(totals)
    assert significance.signed_p(np.array(sums, dtype=np.int64)) == pytest.approx(exact)


def test_questions_that_differ_in_clusters_of_their_own_are_tested_by_mcnemar() -> None:
    # 8 against 2; a cluster of two has one question that differs
    differences, clusters = np.array([1.0] * 8 + [-1.0] * 2 + [0.0] * 10), np.array([*range(10), *range(10)])
    assert significance.paired_p(differences, clusters, 0) == significance.mcnemar_p(8, 2)
    # two by two alike: 4 against 1, 2 (C(5,0) + C(5,1)) / 2^5
    assert significance.paired_p(differences, np.arange(20) // 2, 0) == pytest.approx(12 / 32)


def over_seeds(rows: list[list[int]]) -> tuple[Any, Any, Any]:
    """Differences of questions (rows) with each seed (columns), and the numbers of both."""
    found = np.array(rows, dtype=float)
    return found.ravel(), np.repeat(np.arange(len(rows)), len(rows[0])), np.tile(np.arange(len(rows[0])), len(rows))


def test_what_one_seed_does_is_no_evidence_however_many_questions_it_asks() -> None:
    # One seed of three wins all eight questions. By clusters: 2 / 2^8. By seeds: the sums 8, 0, 0 deviate from their
    # mean 8/3 by 16/3, -8/3, -8/3; 384/9 / (1 - 1/3) / 24^2 = 1/9 = mean^2, so t = 1, and with two degrees of freedom
    # p = 1 - t / sqrt(2 + t^2).
    differences, clusters, seeds = over_seeds([[1, 0, 0]] * 8)
    assert significance.paired_p(differences, clusters, 0) == 2 / 2**8
    p = significance.paired_p_over_seeds(differences, clusters, seeds, 0)
    assert p == pytest.approx(1 - 1 / math.sqrt(3))
    assert p == significance.paired_p_over_seeds(-differences, clusters, seeds, 0)


def test_seeds_that_say_the_same_leave_the_p_of_the_questions() -> None:
    differences, clusters, seeds = over_seeds([[1, 1, 1]] * 9 + [[-1, -1, -1]] + [[0, 0, 0]] * 10)
    p = significance.paired_p_over_seeds(differences, clusters, seeds, 0)
    assert p == significance.paired_p(differences, clusters, 0) == significance.mcnemar_p(9, 1)
    assert significance.paired_p_over_seeds(0 * differences, clusters, seeds, 0) == 1.0


def test_the_p_of_a_mean_is_that_of_student_where_its_variance_has_one_part() -> None:
    values = np.array([0.2, 0.5, -0.1, 0.4])
    variance = values.var(ddof=1) / 4
    assert significance.mean_p(values.mean(), [(variance, 3)]) == pytest.approx(ttest_1samp(values, 0).pvalue)
    assert significance.mean_p(0.0, [(0.0, 3)]) == 1.0 and significance.mean_p(0.1, [(0.0, 3)]) == 0.0
    # of two parts it is where the reach is the mean: t(.975, 1) = 12.706, t(.975, 2) = 4.303
    parts = [(4.0, 1.0), (9.0, 2.0)]
    assert significance.mean_reach(parts) == pytest.approx(math.hypot(2 * 12.7062, 3 * 4.30265), rel=1e-5)
    assert significance.mean_p(significance.mean_reach(parts), parts) == pytest.approx(0.05)


def test_methods_that_are_alike_but_for_their_seeds_are_told_apart_in_one_study_of_twenty() -> None:
    rng = np.random.default_rng(0)
    alone = both = 0
    for _ in range(400):
        hard = rng.normal(0, 1.5, 60)[:, None]
        sides = [rng.random((60, 3)) < 1 / (1 + np.exp(-hard)) + rng.normal(0, 0.1, 3) for _ in range(2)]
        differences, clusters, seeds = over_seeds((sides[0].astype(int) - sides[1]).tolist())
        alone += significance.paired_p(differences, clusters, 0) < 0.05
        both += significance.paired_p_over_seeds(differences, clusters, seeds, 0) < 0.05
    assert both <= 0.06 * 400 < 0.15 * 400 < alone


def test_scores_beyond_zero_and_one_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        significance.paired_difference([40.0], [35.0])


@pytest.mark.parametrize(("a", "b", "clusters"), [([], [], None), ([1], [1, 0], None), ([1, 0], [1, 0], ["x"])])
def test_lists_that_do_not_belong_together_are_refused(a: list[float], b: list[float], clusters: Any) -> None:
    with pytest.raises(ValueError, match="as long as each other, and not empty: got "):
        significance.paired_difference(a, b, clusters)


def test_effect_sizes_by_hand() -> None:
    # arcsin sqrt(0.5) = pi/4, arcsin sqrt(1) = pi/2
    assert significance.cohens_h(1.0, 0.5) == pytest.approx(math.pi / 2)
    assert significance.cohens_h(0.3, 0.3) == 0.0
    assert significance.cohens_h(0.5, 1.0) == -significance.cohens_h(1.0, 0.5)
    assert significance.odds_ratio(8, 2) == 8.5 / 2.5
    assert significance.odds_ratio(0, 0) == 1.0


def test_the_detectable_difference_by_hand() -> None:
    # d = 0.5, n = 100: x solves 10 x = 1.960 sqrt(0.5) + 0.842 sqrt(0.5 - x^2). At x = 0.195: 1.95 against
    # 1.3859 + 0.8416 * 0.6797 = 1.9579; at 0.196: 1.96 against 1.3859 + 0.8416 * 0.6794 = 1.9577
    found = significance.detectable(50, 100)
    assert found is not None and 0.195 < found < 0.196
    assert significance.detectable(0, 100) is None  # nothing differs
    # one discordant question of ten: sqrt(10) * 0.1 = 0.32 < 1.96 * sqrt(0.1)
    assert significance.detectable(1, 10) is None


@given(st.integers(1, 500), st.integers(0, 500))
def test_more_questions_detect_less(discordant: int, more: int) -> None:
    questions = discordant + more
    found, finer = (
        significance.detectable(discordant, questions),
        significance.detectable(4 * discordant, 4 * questions),
    )
    if found is not None:
        assert finer is not None and finer <= found <= discordant / questions
