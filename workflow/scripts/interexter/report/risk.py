"""Risk over coverage: does a model err less where it may stay silent on what it is least sure of?"""

import altair as alt
from markupsafe import Markup

from .charts import svg
from .inputs import Inputs
from .numbers import Shown, few
from .studies import Study, key_of, short_names

METRIC = "accuracy_strict"  # of the slices by coverage; the risk is what it leaves to 1
_BY = "coverage="
_COLOUR = "#2b83c6"  # shows on white and on black
_FONT = 11
_SIDE = 170  # pixels of one small plot


def risk_over_coverage(study: Study, inputs: Inputs) -> Shown:
    """Plot the share of wrong answers among the surest, a small plot for each method; none without probabilities."""
    settings = inputs.config["report"]
    conditions = list(dict.fromkeys((settings["control"], settings["strongest"])))
    values = points(study, inputs, conditions)
    title = f"Risk over coverage, {study.title}"
    return {"title": study.title, "plots": [_drawn(values, study, conditions, title)] if values else []}


def points(study: Study, inputs: Inputs, conditions: list[str]) -> list[Shown]:
    """Return the points of the curves: method, condition, coverage, risk, and its interval unless there are few."""
    shown = short_names(study.series)
    rows = [
        row
        for row in inputs.metrics
        if key_of(row) == study.key
        and row["slice"].startswith(_BY)
        and (row["metric"], row["condition"] in conditions) == (METRIC, True)
        and row["value"] is not None
    ]
    return [
        {
            "method": shown[row["checkpoint"], row["method"]],
            "condition": row["condition"],
            "coverage": float(row["slice"].removeprefix(_BY).rstrip("%")) / 100,
            "risk": 1 - row["value"],
            "low": 1 - row["value" if few(row) else "high"],
            "high": 1 - row["value" if few(row) else "low"],
        }
        for row in rows
    ]


def _drawn(values: list[Shown], study: Study, conditions: list[str], title: str) -> Markup:
    share = alt.Axis(format=".0%", values=[0, 0.5, 1])
    unit = alt.Scale(domain=[0, 1])
    x = alt.X("coverage:Q", scale=unit, axis=share, title="coverage")
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", symbolSize=300, labelLimit=300)
    dash = alt.StrokeDash("condition:N", scale=alt.Scale(domain=conditions, range=[[1, 0], [5, 3]]), legend=legend)
    layers = alt.layer(
        alt.Chart()
        .mark_area(opacity=0.15, color=_COLOUR)
        .encode(x=x, y=alt.Y("low:Q", scale=unit, axis=share, title="risk"), y2="high:Q", detail="condition:N"),
        alt.Chart().mark_line(color=_COLOUR, point={"color": _COLOUR}).encode(x=x, y="risk:Q", strokeDash=dash),
        data=alt.Data(values=values),
    ).properties(width=_SIDE, height=_SIDE)
    header = alt.Header(labelFontSize=_FONT, labelFontWeight="bold", labelLimit=_SIDE, labelPadding=6)
    named = {value["method"] for value in values}
    order = [name for name in short_names(study.series).values() if name in named]
    facet = alt.Facet("method:N", sort=order, title=None, header=header)
    return svg(layers.facet(facet=facet, columns=4, spacing=20), title)
