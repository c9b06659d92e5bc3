"""What a model prefers before it reads anything: gold answers, or the counter-answers that passages will claim."""

from collections.abc import Sequence

from scipy.stats import mannwhitneyu

from ..core.tables import Row
from ..injection.candidates import plausible

Preferences = dict[str, dict[str, float | None]]  # of random and of plausible counter-answers: preferred, auc


def preferences(rows: Sequence[Row]) -> Preferences:
    """Return what the model prefers, gold answers or counter-answers: those drawn at random, and the plausible ones.

    Of each, `preferred` is the share of questions whose gold answer is likelier than its counter-answer; `auc` that of
    all pairs of a gold answer and a counter-answer, of whatever questions (Mann and Whitney's U by its greatest
    value). One half where it prefers neither; None without questions.
    """
    pairs: dict[str, list[tuple[float, float]]] = {"random": [], "plausible": []}
    for row in rows:
        weighed = {one["answer"]: one["log_probability"] for one in row["candidates"]}
        if weighed:
            pairs["random"].append((row["gold_log_probability"], next(iter(weighed.values()))))
            pairs["plausible"].append((row["gold_log_probability"], weighed[str(plausible(row))]))
    return {kind: _preference(found) for kind, found in pairs.items()}


def _preference(pairs: Sequence[tuple[float, float]]) -> dict[str, float | None]:
    if not pairs:
        return {"preferred": None, "auc": None}
    gold, counter = zip(*pairs, strict=True)
    preferred = sum((g > c) + (g == c) / 2 for g, c in pairs) / len(pairs)
    auc = mannwhitneyu(gold, counter).statistic / (len(gold) * len(counter))
    return {"preferred": round(preferred, 4), "auc": round(float(auc), 4)}
