"""Did the conflict fire? Without more counter-answers than by chance, nothing else in the report means much."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..core.tables import Row
from ..scoring.significance import LEVEL
from .inputs import Config
from .studies import Study, control_of, key_of, reference, series_name


@dataclass(frozen=True)
class Fired:
    """The verdict on one study: `status` is fired, few, unclear, reversed or missing."""

    status: str
    row: Row | None  # the comparison: strongest condition minus control, counter-answer rate of the reference
    sentence: str


def fired(study: Study, comparisons: Iterable[Row], config: Config) -> Fired:
    """Judge whether injected passages made the reference method give more counter-answers."""
    strongest = config["report"]["strongest"]
    control = control_of(strongest, config)
    series = reference(study, config)
    wanted = None if series is None else ("condition", "counter_rate", strongest, control, series_name(series))
    row = next(
        (
            row
            for row in comparisons
            if key_of(row) == study.key
            and (row["compare"], row["metric"], row["a"], row["b"], row["within"]) == wanted
            and row["n"]
        ),
        None,
    )
    method = config["report"]["reference"]
    if row is None or row["low"] is None or row["high"] is None:
        return Fired(
            "missing",
            None,
            f"No comparison of {method} under {strongest} and {control} is there, so it is not known whether the "
            "injected passages changed any answer. Run both conditions with this method.",
        )
    if row["low"] > 0 and row["p"] >= LEVEL:
        return Fired(
            "few",
            row,
            f"The interval lies above 0, but {row['n']} questions are too few to tell: McNemar's exact test "
            f"gives p = {row['p']:.2f}. Take more questions.",
        )
    if row["low"] > 0:
        sentence = f"The injected passages make {method} give the counter-answer: the interval lies above 0."
        return Fired("fired", row, sentence)
    if row["high"] < 0:
        return Fired(
            "reversed",
            row,
            f"With injected passages {method} gives fewer counter-answers than without: the interval lies below 0. "
            "Check the conditions and their gates before you read on.",
        )
    return Fired(
        "unclear",
        row,
        f"The interval includes 0: this run does not show that the injected passages made {method} give the "
        "counter-answer. Differences between methods below then say little about knowledge conflict; "
        "take more questions, a stronger condition or another model.",
    )
