"""What the conditions of a split came to: how many questions each has left, and when that is too few."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..core.tables import Row
from .assembly import setting_of
from .conditions import Condition


@dataclass
class Tally:
    """Counts of one condition's questions."""

    passages: int  # that each question should be shown
    passed: int = 0
    without_counter_answer: int = 0  # of those that passed, like the next two
    with_fewer_passages: int = 0
    most_passages: int = 0
    reasons: Counter[str] = field(default_factory=Counter)  # of those that did not pass

    def add(self, rows: Sequence[Row], rejected: Sequence[Row]) -> None:
        """Count rows of EXAMPLES and of REJECTED_EXAMPLES."""
        shown = [len(row["passages"]) for row in rows]
        self.passed += len(rows)
        self.without_counter_answer += sum(not row["counter_aliases"] for row in rows)
        self.with_fewer_passages += sum(n < self.passages for n in shown)
        self.most_passages = max([self.most_passages, *shown])
        self.reasons.update(row["reason"] for row in rejected)

    def __str__(self) -> str:
        """Return the counts, those of zero left out but for the first two."""
        told = dict(sorted(self.reasons.items()))
        told |= {name: n for name in ("without_counter_answer", "with_fewer_passages") if (n := getattr(self, name))}
        both = f"n_out={self.passed} n_rejected={self.reasons.total()}"
        return " ".join([both, *(f"{name}={n}" for name, n in told.items())])


def too_few_passages(conditions: dict[str, Condition], tallies: dict[str, Tally]) -> int | None:
    """Return the most passages that a question of a baseline has, where that is less than was asked for.

    A study with a condition that shows all passages of a question as they are has no such number.
    """
    settings = {name: setting_of(name, condition) for name, condition in conditions.items()}
    if any(setting.everything for setting in settings.values()):
        return None
    baselines = (tally for name, tally in tallies.items() if settings[name].baseline)
    return next((tally.most_passages for tally in baselines if 0 < tally.most_passages < tally.passages), None)


def empty(tallies: dict[str, Tally]) -> dict[str, Tally]:
    """Return the conditions that no question passed.

    A split without questions is a study's affair: one that trains nothing may have no training questions.
    """
    return {name: tally for name, tally in tallies.items() if tally.reasons and not tally.passed}
