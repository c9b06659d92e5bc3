"""Metrics of labelled answers, each with its number of questions and a bootstrap interval over questions.

A metric is a share of questions: those that count (numerator) among those that it is about
(denominator, reported as n). An answer labelled `both` counts as neither gold nor counter.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .errors import UserError
from .identity import canonical_json, row_seed
from .labels import LABELS
from .tables import Row

# What a set of answers belongs to: with a question_id, it names one answer.
SERIES = ("dataset", "model", "checkpoint", "condition", "method", "prompt_set", "order", "seed")
RESAMPLES = 2000
CONFIDENCE = 0.95

Flags = NDArray[np.bool_]
Columns = Mapping[str, Flags]
Metric = Callable[[Columns], tuple[Flags, Flags]]


def accuracy_official(answers: Columns) -> tuple[Flags, Flags]:
    """Share of answers with a gold alias as a substring of the whole text: the accuracy of InstructRAG."""
    return answers["official"], answers["any"]


def accuracy_strict(answers: Columns) -> tuple[Flags, Flags]:
    """Share of answers labelled gold: the final answer holds a gold alias at token boundaries, and not the counter."""
    return answers["gold"], answers["any"]


def counter_rate(answers: Columns) -> tuple[Flags, Flags]:
    """Share of answers labelled counter: the counter-answer and no gold alias.

    Its base rate is the same metric under the condition without injected passages. The attack
    success rate of PoisonedRAG counts answers that hold both as well.
    """
    return answers["counter"], answers["any"]


def both_rate(answers: Columns) -> tuple[Flags, Flags]:
    """Share of answers that hold a gold alias and the counter-answer, whatever they say of them."""
    return answers["both"], answers["any"]


def abstention_rate(answers: Columns) -> tuple[Flags, Flags]:
    """Share of answers that say that the answer is not known, and name neither side."""
    return answers["abstain"], answers["any"]


def memorization_ratio(answers: Columns) -> tuple[Flags, Flags]:
    """p_o / (p_o + p_s), the shares of answers with the original (gold) and the substitute (counter-answer).

    Source: Longpre et al., EMNLP 2021, arXiv 2109.05052. n is the number of answers labelled gold or counter.
    """
    return answers["gold"], answers["gold"] | answers["counter"]


def resistance(answers: Columns) -> tuple[Flags, Flags]:
    """P(gold | closed-book gold; the passages hold the counter-answer and no gold alias).

    The quadrant "memory true, evidence false", TiFe, of Knowledgeable-R1 (arXiv 2506.05154).
    """
    misled = answers["passages_counter"] & ~answers["passages_gold"]
    return _within(answers["gold"], answers["closed_book_gold"] & misled)


def benefit(answers: Columns) -> tuple[Flags, Flags]:
    """P(gold | closed-book not gold; the passages hold a gold alias and not the counter-answer).

    The quadrant "memory false, evidence true", FiTe, of Knowledgeable-R1 (arXiv 2506.05154).
    """
    helped = answers["passages_gold"] & ~answers["passages_counter"]
    return _within(answers["gold"], ~answers["closed_book_gold"] & helped)


def harm(answers: Columns) -> tuple[Flags, Flags]:
    """P(not gold | closed-book gold): what the passages of the condition, whatever they hold, took away."""
    return _within(~answers["gold"], answers["closed_book_gold"])


METRICS: dict[str, Metric] = {
    metric.__name__: metric
    for metric in (
        accuracy_official,
        accuracy_strict,
        counter_rate,
        both_rate,
        abstention_rate,
        memorization_ratio,
        resistance,
        benefit,
        harm,
    )
}
SLICED = ("accuracy_strict", "counter_rate")  # also by relation and by evidence state


def summarize(labels: Iterable[Row], seed: int) -> list[Row]:
    """Return the METRICS rows of LABELS rows, sorted: every metric of every series of answers.

    Value and interval are null where n is 0. The result does not depend on the order of the rows.
    """
    rows = []
    for key, answers in by_series(labels).items():
        for name, metric_names, members in _slices(answers):
            flags = columns(members)
            for metric in metric_names:
                about = {**dict(zip(SERIES, key, strict=True)), "slice": name, "metric": metric}
                rows.append(about | _estimate(*METRICS[metric](flags), seed=row_seed(seed, "bootstrap", _text(about))))
    return sorted(rows, key=lambda row: [row[name] for name in (*SERIES, "slice", "metric")])


def by_series(labels: Iterable[Row]) -> dict[tuple[str | int, ...], list[Row]]:
    """Group LABELS rows by SERIES; raise UserError on an unknown label or a question answered twice."""
    series: dict[tuple[str | int, ...], dict[str, Row]] = defaultdict(dict)
    for row in labels:
        key = tuple(row[name] for name in SERIES)
        where = "/".join(map(str, key))
        if row["label"] not in LABELS:
            raise UserError(f"{where}: question {row['question_id']} is labelled {row['label']!r}, not one of {LABELS}")
        if row["question_id"] in series[key]:
            raise UserError(
                f"{where}: question {row['question_id']} is labelled twice. Give every labels file once, "
                "and delete files that another config left behind."
            )
        series[key][row["question_id"]] = row
    return {key: list(answers.values()) for key, answers in series.items()}


def columns(answers: Sequence[Row]) -> Columns:
    """Turn LABELS rows into flags, each an array of shape (answers,), which the metrics combine."""
    label = np.array([row["label"] for row in answers])
    flags = {name: label == name for name in ("gold", "counter", "both", "abstain")}
    for name in ("official", "passages_gold", "passages_counter"):
        flags[name] = np.array([row[name] for row in answers], dtype=bool)
    flags["closed_book_gold"] = np.array([row["closed_book_label"] == "gold" for row in answers], dtype=bool)
    flags["any"] = np.ones(len(answers), dtype=bool)
    return flags


def share_interval(hits: int, about: int, questions: int, seed: int) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of hits/about when `questions` questions are resampled.

    To draw questions with replacement and count three kinds of them (a hit, in the denominator
    only, in neither) is to draw the three counts from a multinomial distribution: the same
    bootstrap, without an array of questions. Resamples without a denominator are left out.
    Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
    """
    kinds = np.array([hits, about - hits, questions - about])
    counts = np.random.default_rng(seed).multinomial(questions, kinds / questions, size=RESAMPLES)
    denominators = counts[:, 0] + counts[:, 1]
    filled = denominators > 0
    return percentile_interval(counts[filled, 0] / denominators[filled])


def percentile_interval(estimates: NDArray[np.float64]) -> tuple[float, float]:
    """Return the bounds of the middle 95 % of resampled estimates, of shape (resamples,)."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(estimates, [tail, 1 - tail])
    return float(low), float(high)


def _estimate(hit: Flags, about: Flags, seed: int) -> Row:
    hits, n = int(hit.sum()), int(about.sum())
    if n == 0:
        return {"value": None, "low": None, "high": None, "n": 0}
    low, high = share_interval(hits, n, len(about), seed)
    return {"value": hits / n, "low": low, "high": high, "n": n}


def _slices(answers: Sequence[Row]) -> Iterable[tuple[str, Iterable[str], list[Row]]]:
    """Yield the slices of a series: name, the metrics to take, rows. Questions of no relation are in none."""
    yield "all", METRICS, list(answers)
    for column in ("relation", "state"):
        for value in sorted({row[column] for row in answers} - {""}):
            yield f"{column}={value}", SLICED, [row for row in answers if row[column] == value]


def _within(hit: Flags, about: Flags) -> tuple[Flags, Flags]:
    return hit & about, about


def _text(about: Row) -> str:
    return canonical_json(about)
