"""Plots: altair's, drawn as static SVG that stands inside the page and takes its colours for text and lines."""

import re
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
from .studies import Series, Study, control_of, is_trained, short_names

# After Okabe and Ito (2008), whom the colour-blind can follow; made to show on white and on black. Dashes help too.
_COLOURS = ["#2b83c6", "#d55e00", "#009e73", "#cc79a7", "#8c7a00", "#56b4e9"]
_DASHES = [[1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [12, 4]]
_BASE, _TRAINED = "base model", "fine-tuned"
_FONT = 11
_COLUMN = 132  # pixels of one small plot
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
    seeds = [
        {"method": labels[series], "condition": condition, "of_seed": row["value"], "weights": _weights(series, config)}
        for (series, condition, name), rows in study.of_seeds.items()
        for row in rows
        if name == metric and row["n"]
    ]
    base = alt.Chart().encode(y=alt.Y("method:N", sort=[labels[s] for s in study.series], title=None, axis=_names()))
    x = alt.X("low:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", values=[0, 0.5, 1], title=None))
    layers = alt.layer(
        base.mark_rule(strokeWidth=2, opacity=0.55).encode(x=x, x2="high:Q", color=_colour()),
        base.mark_tick(thickness=1.5, size=14, opacity=0.8).encode(x="of_seed:Q", color=_colour()),
        base.mark_point(filled=True, size=55, opacity=1).encode(x="value:Q", color=_colour(), shape=_shape()),
        data=alt.Data(values=values + seeds),
    ).properties(width=_COLUMN, height=alt.Step(21))
    header = alt.Header(labelFontSize=_FONT, labelFontWeight="bold", labelLimit=_COLUMN + 12, labelPadding=6)
    facet = alt.Facet("condition:N", sort=list(study.conditions), title=None, header=header)
    return svg(layers.facet(facet=facet, columns=min(5, len(study.conditions)), spacing=16), title)


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
    ends = [(BASE, CLOSED_BOOK), (BASE, config["report"]["reference"])]
    line = [end for series in ends if (end := _trade(study, series, control, strongest))]
    x_scale = _scale([v for row in values for v in (row["x_low"], row["x_high"])])
    y_scale = _scale([v for row in values for v in (row["y_low"], row["y_high"])])
    _spread(values, x_scale, y_scale)
    x = alt.X("x:Q", scale=alt.Scale(domain=x_scale), title=f"strict accuracy under {control}", axis=_percent())
    y_title = f"answers other than the counter-answer under {strongest}"
    y = alt.Y("y:Q", scale=alt.Scale(domain=y_scale), title=y_title, axis=_percent())
    base = alt.Chart(alt.Data(values=values)).encode(color=_colour())
    text = {"text": "method:N", "y": alt.Y("label_y:Q"), "color": alt.value("#222")}
    right, left = alt.datum.side == "right", alt.datum.side == "left"
    mixtures = alt.Chart(alt.Data(values=line)).mark_line(strokeDash=[4, 4], opacity=0.6, color="#777")
    chart = alt.layer(
        mixtures.encode(x=x, y=y),
        base.mark_rule(opacity=0.45).encode(x=alt.X("x_low:Q", scale=alt.Scale(domain=x_scale)), x2="x_high:Q", y=y),
        base.mark_rule(opacity=0.45).encode(x=x, y=alt.Y("y_low:Q", scale=alt.Scale(domain=y_scale)), y2="y_high:Q"),
        base.mark_point(filled=True, size=90, opacity=1).encode(x=x, y=y, shape=_shape()),
        base.mark_text(align="left", dx=9, fontSize=_FONT).encode(x=x, **text).transform_filter(right),
        base.mark_text(align="right", dx=-9, fontSize=_FONT).encode(x=x, **text).transform_filter(left),
    ).properties(width=int(_SIDE * 1.5), height=_SIDE)
    return svg(chart, title)


def _trade(study: Study, series: Series, control: str, strongest: str) -> dict[str, float] | None:
    """Return where a method lies: right under the control, and not misled under the strongest condition."""
    clean = _known(study, series, control, "accuracy_strict")
    misled = _known(study, series, strongest, "counter_rate")
    if not clean or not misled:
        return None
    right, wrong = _figures(clean), _figures(misled)
    bounds = {"x_low": right["low"], "x_high": right["high"], "y_low": 1 - wrong["high"], "y_high": 1 - wrong["low"]}
    return {"x": right["value"], "y": 1 - wrong["value"], **bounds}


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
    colours = alt.Scale(domain=methods, range=[_COLOURS[i % len(_COLOURS)] for i in range(len(methods))])
    dashes = alt.Scale(domain=methods, range=[_DASHES[i // len(_COLOURS) % len(_DASHES)] for i in range(len(methods))])
    legend = alt.Legend(
        title=None, orient="top", symbolType="stroke", symbolSize=300, labelLimit=300, columnPadding=30, columns=4
    )
    x = alt.X("dose:O", sort=varied(found), title=axis, axis=alt.Axis(labelAngle=0))
    scale = alt.Scale(domain=[0, 1])
    y = alt.Y("value:Q", scale=scale, title=None, axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1]))
    base = alt.Chart().encode(
        x=x,
        xOffset=alt.XOffset("method:N", sort=methods),  # so that intervals do not hide each other
        color=alt.Color("method:N", scale=colours, legend=legend),
    )
    layers = alt.layer(
        base.mark_line(strokeWidth=1.5, opacity=0.7).encode(
            y=y, strokeDash=alt.StrokeDash("method:N", scale=dashes, legend=legend)
        ),
        base.mark_rule(strokeWidth=1.5, opacity=0.45).encode(y=alt.Y("low:Q", scale=scale, title=None), y2="high:Q"),
        base.mark_point(filled=True, size=40, opacity=1).encode(y=y),
        data=alt.Data(values=points),
    ).properties(width=max(260, 70 * len(varied(found))), height=230)
    header = alt.Header(labelFontSize=_FONT, labelFontWeight="bold", labelLimit=300, labelPadding=6)
    facet = alt.Facet("family:N", sort=[family.name for family in found], title=None, header=header)
    return svg(layers.facet(facet=facet, columns=3 if len(varied(found)) < 4 else 2, spacing=24), title)


def training_curves(logs: Sequence[tuple[str, Sequence[Row]]], column: str, label: str, title: str) -> Markup | None:
    """Plot a column of the training log of each recipe over the steps; None where no step has a value."""
    values = [
        {"recipe": recipe, "step": row["step"], "value": row[column]}
        for recipe, rows in logs
        for row in sorted(rows, key=lambda row: row["step"])
        if row.get(column) is not None
    ]
    if not values:
        return None
    recipes = [recipe for recipe, _ in logs]
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", symbolSize=300, labelLimit=300, columnPadding=24)
    colours = alt.Scale(domain=recipes, range=[_COLOURS[i % len(_COLOURS)] for i in range(len(recipes))])
    dashes = alt.Scale(domain=recipes, range=[_DASHES[i % len(_DASHES)] for i in range(len(recipes))])
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_line(strokeWidth=2, point=len(values) <= 12 * len(recipes))
        .encode(
            x=alt.X("step:Q", title="step", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("value:Q", title=label, scale=alt.Scale(zero=True)),
            color=alt.Color("recipe:N", scale=colours, legend=legend),
            strokeDash=alt.StrokeDash("recipe:N", scale=dashes, legend=legend),
        )
        .properties(width=640, height=260)
    )
    return svg(chart, title)


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


def _colour() -> alt.Color:
    scale = alt.Scale(domain=[_BASE, _TRAINED], range=_COLOURS[:2])
    return alt.Color("weights:N", scale=scale, legend=alt.Legend(title=None, orient="top"))


def _shape() -> alt.Shape:
    return alt.Shape("weights:N", scale=alt.Scale(domain=[_BASE, _TRAINED], range=["circle", "diamond"]))


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
