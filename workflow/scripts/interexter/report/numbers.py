"""Numbers as people read them: shares as per cent, differences with their sign, and "-" for what is not there."""

from typing import Any

from ..core.tables import Row
from ..scoring.intervals import FEW

MISSING = "-"
Shown = dict[str, Any]  # what the template shows, ready to print


def percent(value: float | None) -> str:
    """Write a share as per cent: 0.625 is "62.5%"."""
    return MISSING if value is None else f"{100 * value:.1f}%"


def points(value: float | None) -> str:
    """Write a difference of shares in percentage points, with its sign: 0.1 is "+10.0"."""
    if value is None:
        return MISSING
    text = f"{100 * value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "\u2212")


def few(row: Row) -> bool:
    """Tell whether a figure is of so few questions that it is shown in grey and without its interval."""
    return 0 < row["n"] < FEW


def interval(row: Row) -> str:
    """Write the interval of a METRICS row in per cent, without the sign, low and high around a dash; "" of few."""
    if row["low"] is None or row["high"] is None:
        return MISSING
    return "" if few(row) else f"{100 * row['low']:.1f}\u2013{100 * row['high']:.1f}"


def points_interval(row: Row) -> str:
    """Write the interval of a COMPARISONS row in percentage points: "+3.1 to +12.4"; "" of few questions."""
    if row["low"] is None or row["high"] is None:
        return MISSING
    return "" if few(row) else f"{points(row['low'])} to {points(row['high'])}"


def probability(value: float | None) -> str:
    """Write a p-value with three decimals, or "<0.001"."""
    if value is None:
        return MISSING
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def two_digits(value: float | None) -> str:
    """Write a number with two decimals."""
    return MISSING if value is None else f"{value:.2f}".replace("-", "\u2212")


def heading(name: str) -> str:
    """Write a name with a capital at its head; what is a capital elsewhere stays one."""
    return name[:1].upper() + name[1:]


def count(value: float | None, digits: int = 0) -> str:
    """Write a number with a thin space between thousands."""
    return MISSING if value is None else f"{value:,.{digits}f}".replace(",", "\u202f")


def share(part: int, whole: int, low: float | None, high: float | None) -> Shown:
    """Return a share with its parts and its interval, for a cell."""
    row = {"low": low, "high": high, "n": whole}
    about = {"interval": interval(row), "part": part, "n": whole, "few": few(row)}
    return {"text": percent(part / whole if whole else None), **about}


def estimate(row: Row | None) -> Shown:
    """Return a METRICS row for a cell: value, interval and n; "-" where there is none or n is 0."""
    if row is None or row["n"] == 0 or row["value"] is None:
        return {"value": MISSING, "interval": "", "n": 0 if row is None else row["n"], "known": False, "few": False}
    return {"value": percent(row["value"]), "interval": interval(row), "n": row["n"], "known": True, "few": few(row)}
