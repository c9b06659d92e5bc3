"""The headline of a run for a terminal: the table of methods and conditions, and whether the conflict fired.

ASCII only: it also goes to logs and to terminals without Unicode.
"""

import textwrap
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..core.tables import Row
from .conflict import Fired, fired
from .inputs import Config
from .numbers import few, probability
from .studies import Study, control_of, short_names, studies

_CELL = 10  # characters of a condition's column
_VERDICT = {
    "fired": ("Yes", "green"),
    "unclear": ("NOT SHOWN, the interval includes 0", "yellow"),
    "few": ("NOT SHOWN, too few questions", "yellow"),
    "reversed": ("NO, fewer counter-answers with injected passages than without", "yellow"),
    "missing": ("NOT KNOWN, a condition or the reference method is missing", "yellow"),
}


def show(console: Console, metrics: Sequence[Row], comparisons: Sequence[Row], config: Config, report: Path) -> None:
    """Print the table and the verdict of each study, and where the report lies."""
    for study in studies(metrics, config):
        names = short_names(study.series)
        first = min(max(map(len, names.values()), default=6), console.width // 4 + 2)
        fits = max(1, (console.width - first) // (_CELL + 1))
        title = f"{study.dataset}, {study.model}: strict accuracy / counter-answer rate, in %"
        console.print(Text(f"\n{title}", style="bold"))
        for start in range(0, len(study.conditions), fits):
            console.print(_table(study, study.conditions[start : start + fits], first))
        verdict = fired(study, comparisons, config)
        console.print(Text(_line(verdict, config), style=_VERDICT[verdict.status][1]))
    for row in comparisons:
        if row["primary"] and row["n"]:
            console.print(Text(_primary(row), style="bold"))
    console.print(Text(f"\nReport: {report}"), soft_wrap=True)


def _table(study: Study, conditions: Sequence[str], first: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    table.add_column("method", width=first, overflow="fold")
    for condition in conditions:
        heading = textwrap.wrap(condition.replace("_", "_ "), _CELL, break_on_hyphens=True)
        heading += textwrap.wrap(f"n={_asked(study, condition)}", _CELL)
        table.add_column("\n".join(heading).replace("_ ", "_"), width=_CELL, justify="right", overflow="fold")
    for series, name in short_names(study.series).items():
        cells = (
            f"{_share(study.cells.get((series, c, 'accuracy_strict')))} / "
            f"{_share(study.cells.get((series, c, 'counter_rate')))}"
            for c in conditions
        )
        table.add_row(Text(name), *(Text("-" if cell == "- / -" else cell) for cell in cells))
    return table


def _asked(study: Study, condition: str) -> str:
    """Return how many questions a condition was asked of, the fewest and the most where its series differ."""
    found = (study.cells.get((series, condition, "accuracy_strict")) for series in study.series)
    counts = {row["n"] for row in found if row} or {0}
    return " to ".join(str(count) for count in sorted({min(counts), max(counts)}))


def _share(row: Row | None) -> str:
    return "-" if row is None or row["value"] is None else f"{100 * row['value']:.0f}"


def _primary(row: Row) -> str:
    """Write a primary comparison as one line."""
    figures = f"{_points(row)}, p after Holm {probability(row['p_adjusted'])}, n={row['n']}"
    within = f" ({row['within']})" if row["within"] else ""
    return f"Primary: {row['metric'].replace('_', ' ')}, {row['a']} minus {row['b']}{within}: {figures}."


def _line(verdict: Fired, config: Config) -> str:
    settings, row = config["report"], verdict.row
    said = _VERDICT[verdict.status][0]
    if row is None:
        return f"Did the conflict fire? {said}."
    figures = f"{_points(row)}, n={row['n']}"
    compared = f"{settings['reference']}, {settings['strongest']} minus {control_of(settings['strongest'], config)}"
    return f"Did the conflict fire? {said}. Counter-answer rate of {compared}: {figures}."


def _points(row: Row) -> str:
    """Write a difference in points with its interval; of few questions without."""
    ends = "" if few(row) else f" [{100 * row['low']:+.1f}, {100 * row['high']:+.1f}]"
    return f"{100 * row['difference']:+.1f} points{ends}"
