"""Flow: where the evidence lies without conflict, where under it, and what is answered, from left to right."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

import pandas as pd
from markupsafe import Markup, escape

from ..text.evidence_states import STATES
from ..text.labels import LABELS
from . import palette
from .inputs import Inputs
from .numbers import Shown
from .studies import Series, Study, control_of, reference, rival, short_names

_WIDTH, _HEIGHT = 860, 300  # pixels
_TOP, _LEFT, _RIGHT = 26, 130, 130  # room for headings and for the names at both sides
_BAR, _GAP, _FOOT = 14, 12, 8
_COLOURS = {f"state {name}": palette.series(i) for i, name in enumerate(STATES)}
_COLOURS |= {f"label {name}": palette.label(name) for name in LABELS}


def flows(study: Study, inputs: Inputs) -> list[Shown]:
    """Draw the flow of the reference and of its rival under the strongest condition, or the only one."""
    strongest = inputs.config["report"]["strongest"]
    condition = strongest if strongest in study.conditions else study.conditions[0]
    control = control_of(condition, inputs.config)
    labels = study.labels(inputs.labels)
    names = short_names(study.series)
    drawn = []
    for series in (reference(study, inputs.config), rival(study, inputs.config)):
        if series is not None and (steps := _steps(labels, series, control, condition)):
            title = f"Evidence and answers of {names[series]} under {condition}, {study.title}"
            drawn.append({"method": names[series], "condition": condition, "plot": picture(steps, title)})
    return drawn


def _steps(labels: pd.DataFrame, series: Series, control: str, condition: str) -> list[tuple[str, list[str]]]:
    """Return each column's heading and what it says of each question that is in all; empty where there is none."""
    mine = labels[(labels["checkpoint"] == series[0]) & (labels["method"] == series[1])]
    before, after = (mine[mine["condition"] == name].set_index("question_id") for name in (control, condition))
    columns = [(f"evidence, {condition}", "state ", after["state"]), (f"answer, {condition}", "label ", after["label"])]
    if control != condition and len(before):
        columns.insert(0, (f"evidence, {control}", "state ", before["state"]))
        after = after.loc[after.index.intersection(before.index)]
    ids = sorted(after.index)
    if not ids:
        return []
    return [(heading, [kind + value for value in column.loc[ids].astype(str)]) for heading, kind, column in columns]


def picture(steps: Sequence[tuple[str, Sequence[str]]], title: str) -> Markup:
    """Return columns of bars and the ribbons between them as SVG; steps are headings, each with a value a question."""
    n = len(steps[0][1])
    scale = (_HEIGHT - _TOP - _FOOT - _GAP * (max(len(set(values)) for _, values in steps) - 1)) / n
    lefts = [_LEFT + i * (_WIDTH - _LEFT - _RIGHT - _BAR) / (len(steps) - 1) for i in range(len(steps))]
    tops = [_stacked(Counter(values), scale) for _, values in steps]
    drawn = []
    for (left, right), (above, below), ((_, first), (_, second)) in zip(
        pairwise(lefts), pairwise(tops), pairwise(steps), strict=True
    ):
        drawn += _ribbons(Counter(zip(first, second, strict=True)), scale, (left + _BAR, above), (right, below))
    for index, ((heading, values), left, top) in enumerate(zip(steps, lefts, tops, strict=True)):
        side = ("end", -8) if index < len(steps) - 1 else ("start", _BAR + 8)
        drawn.append(_text(left + _BAR / 2, 12, "middle", heading, "heading"))
        for name, count in sorted(Counter(values).items(), key=lambda item: top[item[0]]):
            height = count * scale
            place = f'x="{left:.1f}" y="{top[name]:.1f}" width="{_BAR}" height="{height:.1f}"'
            drawn.append(f'<rect {place} fill="{_COLOURS[name]}"/>')
            shown = f"{name.split(' ', 1)[1]} {count}"
            drawn.append(_text(left + side[1], top[name] + height / 2 + 4, side[0], shown))
    about = f'role="img" aria-label="{escape(title)}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    size = f'width="{_WIDTH}" height="{_HEIGHT}"'
    return Markup(f'<svg class="flow" {size} {about}><title>{escape(title)}</title>{"".join(drawn)}</svg>')


def _stacked(counts: Mapping[str, int], scale: float) -> dict[str, float]:
    """Return the top of each bar of a column, in the order of states and labels."""
    tops, y = {}, float(_TOP)
    for name in (name for name in _COLOURS if name in counts):
        tops[name] = y
        y += counts[name] * scale + _GAP
    return tops


def _ribbons(
    flows: Mapping[tuple[str, str], int],
    scale: float,
    start: tuple[float, Mapping[str, float]],
    end: tuple[float, Mapping[str, float]],
) -> list[str]:
    """Return the ribbons between two columns, each from below the one before it at both ends."""
    (x, above), (to, below) = (start[0], dict(start[1])), (end[0], dict(end[1]))
    middle, order, drawn = (x + to) / 2, list(_COLOURS), []
    for a, b in sorted(flows, key=lambda pair: (order.index(pair[0]), order.index(pair[1]))):
        height = flows[a, b] * scale
        y, at = above[a], below[b]
        over = f"M{x:.1f},{y:.1f}C{middle:.1f},{y:.1f} {middle:.1f},{at:.1f} {to:.1f},{at:.1f}"
        back = f"v{height:.1f}C{middle:.1f},{at + height:.1f} {middle:.1f},{y + height:.1f} {x:.1f},{y + height:.1f}Z"
        said = f"{a.split(' ', 1)[1]} to {b.split(' ', 1)[1]}: {flows[a, b]}"
        drawn.append(f'<path d="{over}{back}" fill="{_COLOURS[a]}" opacity="0.35"><title>{said}</title></path>')
        above[a] += height
        below[b] += height
    return drawn


def _text(x: float, y: float, anchor: str, text: str, kind: str = "") -> str:
    about = f' class="{kind}"' if kind else ""
    return f'<text{about} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
