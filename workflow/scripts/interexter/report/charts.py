"""Plots: altair's, drawn as static SVG that stands inside the page and takes its colours for text and lines."""

import json
import math
import re
import textwrap
from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert
from markupsafe import Markup, escape

from ..core.tables import Row
from ..scoring.comparisons import BASE
from ..scoring.series_columns import CLOSED_BOOK
from .doses import Family, varied
from .inputs import Config
from .numbers import few
from .palette import SHAPES
from .palette import series as colour
from .studies import Series, Study, control_of, is_trained, short_names

_DASHES = [[1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [12, 4]]
_BASE, _TRAINED = "base model", "fine-tuned"
_FONT = 11
_INTERVAL = 0.7  # opacity of an interval: its mark stands out, and it is seen on dark paper
_COLUMN = 132  # pixels of one small plot
_LINE = 20  # characters of a line of its heading
_SIDE = 400  # pixels of the trade-off plot
_ROOM = {"left": 30, "right": 40, "top": 5, "bottom": 5}  # a reader's font may be wider than the one measured here


def by_condition(study: Study, config: Config, metric: str, title: str) -> Markup | None:
    """Plot a metric with its intervals: one small plot for each condition, one line for each method."""
    labels = short_names(study.series)
    values = [
        {"method": labels[series], "condition": condition, **_figures(row), "weights": _weights(series, config)}
        for series in study.series
        for condition in study.conditions
        if (row := _known(study, series, condition, metric))
    ]
    if not values:
        return None
    kinds = _kinds(values)
    seeds = [
        {"method": labels[series], "condition": condition, "of_seed": row["value"], "weights": _weights(series, config)}
        for (series, condition, name), rows in study.of_seeds.items()
        for row in rows
        if name == metric and condition in study.conditions and row["n"]
    ]
    base = alt.Chart().encode(y=alt.Y("method:N", sort=[labels[s] for s in study.series], title=None, axis=_names()))
    x = alt.X("low:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", values=[0, 0.5, 1], title=None))
    layers = alt.layer(
        base.mark_rule(strokeWidth=2, opacity=_INTERVAL).encode(x=x, x2="high:Q", color=_colour(kinds)),
        base.mark_tick(thickness=1.5, size=14, opacity=0.8).encode(x="of_seed:Q", color=_colour(kinds)),
        base.mark_point(filled=True, size=55, opacity=1).encode(x="value:Q", color=_colour(kinds), shape=_shape(kinds)),
        data=alt.Data(values=values + seeds),
    ).properties(width=_COLUMN, height=alt.Step(21))
    lines = f"({json.dumps({name: textwrap.wrap(name, _LINE) for name in study.conditions})})[datum.label]"
    header = alt.Header(
        labelFontSize=_FONT, labelFontWeight="bold", labelLimit=_COLUMN + 12, labelPadding=6, labelExpr=lines
    )
    facet = alt.Facet("condition:N", sort=list(study.conditions), title=None, header=header)
    drawn = layers.facet(facet=facet, columns=_columns(len(study.conditions)), spacing=16)
    return svg(drawn.resolve_axis(x="independent"), title)  # or a row that is not full has axes without a plot


def _columns(plots: int) -> int:
    """Return how many small plots stand in a row: at most five, and as many in the last row as may be."""
    return math.ceil(plots / math.ceil(plots / 5))


def trade_off(study: Study, config: Config, title: str) -> Markup | None:
    """Plot resistance against the clean tax: one point for each method, top right is best."""
    strongest = config["report"]["strongest"]
    control = control_of(strongest, config)
    values: list[dict[str, Any]] = [
        {"method": name, "weights": _weights(series, config), **point}
        for series, name in short_names(study.series).items()
        if (series[0] == BASE or series[1] != CLOSED_BOOK)  # closed-book is an end of the line, once
        and (point := _trade(study, series, control, strongest))
    ]
    if not values:
        return None
    kinds = _kinds(values)
    ends = [(BASE, CLOSED_BOOK), (BASE, config["report"]["reference"])]
    line = [end for series in ends if (end := _trade(study, series, control, strongest))]
    seeds = _seeds(study, config, control, strongest)
    x_scale = _scale([v for row in values for v in (row["x_low"], row["x_high"])] + [row["x"] for row in seeds])
    y_scale = _scale([v for row in values for v in (row["y_low"], row["y_high"])] + [row["y"] for row in seeds])
    _spread(values, x_scale, y_scale)
    x = alt.X("x:Q", scale=alt.Scale(domain=x_scale), title=f"strict accuracy under {control}", axis=_percent())
    y_title = f"answers other than the counter-answer under {strongest}"
    y = alt.Y("y:Q", scale=alt.Scale(domain=y_scale), title=y_title, axis=_percent())
    base = alt.Chart(alt.Data(values=values)).encode(color=_colour(kinds))
    interval = base.mark_rule(opacity=_INTERVAL)
    text = {"text": "method:N", "y": alt.Y("label_y:Q"), "color": alt.value("#222")}
    right, left = alt.datum.side == "right", alt.datum.side == "left"
    mixtures = alt.Chart(alt.Data(values=line)).mark_line(strokeDash=[4, 4], color="var(--soft)")
    going_on = alt.Chart(alt.Data(values=_beyond(line, x_scale, y_scale)))
    beyond = going_on.mark_line(strokeDash=[1, 4], strokeWidth=1.5, color="var(--soft)")
    of_seeds = alt.Chart(alt.Data(values=seeds)).mark_point(size=16, opacity=0.8)
    chart = alt.layer(
        mixtures.encode(x=x, y=y),
        beyond.encode(x=x, y=y, detail="end:N"),
        interval.encode(x=alt.X("x_low:Q", scale=alt.Scale(domain=x_scale)), x2="x_high:Q", y=y),
        interval.encode(x=x, y=alt.Y("y_low:Q", scale=alt.Scale(domain=y_scale)), y2="y_high:Q"),
        of_seeds.encode(x=x, y=y, color=_colour(kinds), shape=_shape(kinds)),
        base.mark_point(filled=True, size=90, opacity=1).encode(x=x, y=y, shape=_shape(kinds)),
        base.mark_text(align="left", dx=7, dy=-9, fontSize=_FONT).encode(x=x, **text).transform_filter(right),
        base.mark_text(align="right", dx=-7, dy=-9, fontSize=_FONT).encode(x=x, **text).transform_filter(left),
    ).properties(width=int(_SIDE * 1.5), height=_SIDE)
    return svg(chart, title)


def _beyond(line: Sequence[Row], x_scale: Sequence[float], y_scale: Sequence[float]) -> list[Row]:
    """Return the two pieces by which a line goes on from its ends to the edges of the plot; none of a point."""
    if len(line) < 2 or line[0]["x"] == line[1]["x"]:
        return []
    a, b = sorted(line, key=lambda end: end["x"])
    slope = (b["y"] - a["y"]) / (b["x"] - a["x"])
    pieces = []
    for side, end, edge in (("left", a, x_scale[0]), ("right", b, x_scale[1])):
        rise = slope * (edge - end["x"])
        room = (y_scale[1] if rise > 0 else y_scale[0]) - end["y"]
        share = min(1.0, room / rise) if rise else 1.0
        pieces.append({"end": side, "x": end["x"], "y": end["y"]})
        pieces.append({"end": side, "x": end["x"] + share * (edge - end["x"]), "y": end["y"] + share * rise})
    return pieces


def _trade(study: Study, series: Series, control: str, strongest: str) -> dict[str, float] | None:
    """Return where a method lies: right under the control, and not misled under the strongest condition."""
    clean = _known(study, series, control, "accuracy_strict")
    misled = _known(study, series, strongest, "counter_rate")
    if not clean or not misled:
        return None
    right, wrong = _figures(clean), _figures(misled)
    bounds = {"x_low": right["low"], "x_high": right["high"], "y_low": 1 - wrong["high"], "y_high": 1 - wrong["low"]}
    return {"x": right["value"], "y": 1 - wrong["value"], **bounds}


def _seeds(study: Study, config: Config, control: str, strongest: str) -> list[dict[str, Any]]:
    """Return where each method lies by each seed; empty of one seed."""
    points = []
    for series in study.series:
        misled = {row["seed"]: row for row in study.of_seeds.get((series, strongest, "counter_rate"), []) if row["n"]}
        points += [
            {"weights": _weights(series, config), "x": clean["value"], "y": 1 - misled[clean["seed"]]["value"]}
            for clean in study.of_seeds.get((series, control, "accuracy_strict"), [])
            if clean["n"] and clean["seed"] in misled
        ]
    return points


def _answering_from_passages(study: Study) -> dict[Series, str]:
    """Return the series that see passages, with their short names: closed-book resists by not looking."""
    return {series: name for series, name in short_names(study.series).items() if series[1] != CLOSED_BOOK}


def curves(study: Study, found: Sequence[Family], metric: str, axis: str, title: str) -> Markup | None:
    """Plot a metric over one setting of the conditions: a small plot for each family, a line for each method."""
    labels = _answering_from_passages(study)
    methods = list(labels.values())
    points = [
        {"method": labels[series], "family": family.name, "dose": dose, **_figures(row)}
        for family in found
        for dose, condition in family.points
        for series in labels
        if (row := _known(study, series, condition, metric))
    ]
    if not points:
        return None
    x = alt.X("dose:O", sort=varied(found), title=axis, axis=alt.Axis(labelAngle=0))
    scale = alt.Scale(domain=[0, 1])
    y = alt.Y("value:Q", scale=scale, title=None, axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1]))
    base = alt.Chart().encode(
        x=x,
        xOffset=alt.XOffset("method:N", sort=methods),  # so that intervals do not hide each other
        color=_named_colour("method", methods),
    )
    interval = base.mark_rule(strokeWidth=1.5, opacity=_INTERVAL)
    layers = alt.layer(
        base.mark_line(strokeWidth=1.5, opacity=0.7).encode(y=y, strokeDash=_named_dash("method", methods)),
        interval.encode(y=alt.Y("low:Q", scale=scale, title=None), y2="high:Q"),
        base.mark_point(filled=True, size=50, opacity=1).encode(y=y, shape=_named_shape("method", methods)),
        data=alt.Data(values=points),
    ).properties(width=max(260, 70 * len(varied(found))), height=230)
    lines = "split(datum.label, '\\n')"
    header = alt.Header(labelFontSize=_FONT, labelFontWeight="bold", labelLimit=300, labelPadding=6, labelExpr=lines)
    facet = alt.Facet("family:N", sort=[family.name for family in found], title=None, header=header)
    return svg(layers.facet(facet=facet, columns=3 if len(varied(found)) < 4 else 2, spacing=24), title)


def training_curves(logs: Sequence[tuple[str, Sequence[Row]]], column: str, label: str, title: str) -> Markup | None:
    """Plot a column of the training log of each recipe over the steps; None where no step has a value.

    With the loss goes that of the held-out rows, dashed, with a mark where they were evaluated.
    """
    values = _logged(logs, column)
    if not values:
        return None
    recipes = [recipe for recipe, _ in logs]
    x = alt.X("step:Q", title="step", axis=alt.Axis(tickMinStep=1))
    y = alt.Y("value:Q", title=label, scale=alt.Scale(zero=True))
    drawn = alt.Chart(alt.Data(values=values)).encode(x=x, y=y, color=_named_colour("recipe", recipes))
    dashed = _named_dash("recipe", recipes)
    layers = [drawn.mark_line(strokeWidth=2).encode(strokeDash=dashed)]
    marked = values if len(values) <= 12 * len(recipes) else []
    if column == "loss" and (held_out := _logged(logs, "held_out_loss")):
        kept = alt.Chart(alt.Data(values=held_out)).encode(x=x, y=y, color=_named_colour("recipe", recipes))
        layers.append(kept.mark_line(strokeWidth=1.5, strokeDash=[2, 3]))
        marked = held_out
    marks = alt.Chart(alt.Data(values=marked)).mark_point(filled=True, size=60, opacity=1)
    layers.append(marks.encode(x=x, y=y, color=_named_colour("recipe", recipes), shape=_named_shape("recipe", recipes)))
    return svg(alt.layer(*layers).properties(width=640, height=260), title)


def _logged(logs: Sequence[tuple[str, Sequence[Row]]], column: str) -> list[Row]:
    return [
        {"recipe": recipe, "step": row["step"], "value": row[column]}
        for recipe, rows in logs
        for row in sorted(rows, key=lambda row: row["step"])
        if row.get(column) is not None
    ]


def svg(chart: alt.LayerChart | alt.FacetChart | alt.Chart, title: str) -> Markup:
    """Draw a chart as SVG for use inside an HTML page, with a title that screen readers say."""
    styled = chart.configure(font="sans-serif", background="transparent", aria=False, padding=_ROOM)
    styled = styled.configure_view(stroke=None).configure_axis(
        labelFontSize=_FONT, titleFontSize=_FONT, titleFontWeight="normal", domain=False, ticks=False, labelPadding=6
    )
    styled = styled.configure_legend(labelFontSize=_FONT, titleFontSize=_FONT)
    drawn: str = vl_convert.vegalite_to_svg(styled.to_dict())
    drawn = re.sub(r'\s+xmlns(:\w+)?="[^"]*"', "", drawn, count=2)  # inside HTML the namespace is known
    # Ids are the page's: two plots must not share them.
    mark = re.sub(r"\W+", "-", title.lower()).strip("-")
    drawn = re.sub(r'\bid="([^"]+)"', rf'id="{mark}-\1"', drawn)
    drawn = re.sub(r"url\(#([^)]+)\)", rf"url(#{mark}-\1)", drawn)
    opening, rest = drawn.split(">", 1)
    return Markup(f'{opening} role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>{rest}')


def _known(study: Study, series: Series, condition: str, metric: str) -> Row | None:
    row = study.cells.get((series, condition, metric))
    return row if row and row["n"] and None not in (row["value"], row["low"], row["high"]) else None


def _figures(row: Row) -> Row:
    ends = ("value", "value") if few(row) else ("low", "high")  # of few questions no interval is drawn
    return {"value": row["value"], "low": row[ends[0]], "high": row[ends[1]]}


def _weights(series: Series, config: Config) -> str:
    return _TRAINED if is_trained(series, config) else _BASE


def _kinds(values: Sequence[Row]) -> list[str]:
    """Return which kinds of weights answered, in the order of their colours and shapes."""
    return [kind for kind in (_BASE, _TRAINED) if any(row["weights"] == kind for row in values)]


def _colour(kinds: Sequence[str]) -> alt.Color:
    scale = alt.Scale(domain=kinds, range=[colour(int(kind == _TRAINED)) for kind in kinds])
    return alt.Color("weights:N", scale=scale, legend=alt.Legend(title=None, orient="top", symbolOpacity=1))


def _shape(kinds: Sequence[str]) -> alt.Shape:
    return alt.Shape(
        "weights:N", scale=alt.Scale(domain=kinds, range=[SHAPES[int(kind == _TRAINED)] for kind in kinds])
    )


def _named_colour(field: str, names: Sequence[str]) -> alt.Color:
    """Give each name a colour of its own; where there are more names than colours, shape and dash tell them apart."""
    scale = alt.Scale(domain=names, range=[colour(i) for i in range(len(names))])
    return alt.Color(f"{field}:N", scale=scale, legend=_legend())


def _named_shape(field: str, names: Sequence[str]) -> alt.Shape:
    shapes = [SHAPES[(i + i // len(SHAPES)) % len(SHAPES)] for i in range(len(names))]
    return alt.Shape(f"{field}:N", scale=alt.Scale(domain=names, range=shapes), legend=_legend())


def _named_dash(field: str, names: Sequence[str]) -> alt.StrokeDash:
    dashes = [_DASHES[i // len(SHAPES) % len(_DASHES)] for i in range(len(names))]
    return alt.StrokeDash(f"{field}:N", scale=alt.Scale(domain=names, range=dashes), legend=_legend())


def _legend() -> alt.Legend:
    return alt.Legend(
        title=None, orient="top", symbolSize=90, symbolOpacity=1, labelLimit=300, columnPadding=24, columns=4
    )


def _names() -> alt.Axis:
    return alt.Axis(labelLimit=240, grid=True)


def _percent() -> alt.Axis:
    return alt.Axis(format=".0%", tickCount=6)


def _scale(values: Sequence[float]) -> list[float]:
    """Return the bounds of an axis: tenths around the values, within 0 and 1, at least two tenths apart."""
    low, high = int(min(values) * 10) / 10, -int(-max(values) * 10 // 1) / 10
    low, high = (max(0.0, high - 0.2), high) if high - low < 0.2 else (low, high)
    return [low, max(high, low + 0.2)]


def _spread(points: list[Row], x_scale: Sequence[float], y_scale: Sequence[float]) -> None:
    """Give each point a side and a height for its label, so that labels of one side do not overlap."""
    line = (y_scale[1] - y_scale[0]) * 15 / _SIDE
    middle = sum(x_scale) / 2
    for side in ("left", "right"):
        members = [p for p in points if (p["x"] > middle) == (side == "left")]
        below = float("inf")
        for point in sorted(members, key=lambda p: (-p["y"], p["method"])):
            below = min(point["y"], below - line)
            point |= {"side": side, "label_y": below}
