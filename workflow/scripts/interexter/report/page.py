"""The page: its sections in order, put into the template; and a page for each condition where there are many.

The page itself shows SHOWN conditions in full and the rest in short, so that it opens quickly however many there are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from ..scoring.intervals import FEW
from . import analyses, outcomes, overview, risk, stages
from .cases import case_studies
from .inputs import Inputs
from .studies import Study, at_most, control_of, is_about, studies

SHOWN = 12  # conditions of a study in each table and chart of the page
CURVED = 60  # conditions that curves of dose and response are drawn from: a curve needs several

HERE = Path(__file__).parent
CONTENTS = (
    ("run", "What was run"),
    ("primary", "Primary comparisons"),
    ("fired", "Did the conflict fire?"),
    ("methods", "Methods and conditions"),
    ("published", "Published figures"),
    ("regimes", "What is wanted"),
    ("doses", "Dose and response"),
    ("confusion", "From memory to answer"),
    ("slices", "Slices"),
    ("risk", "Risk over coverage"),
    ("plots", "Plots"),
    ("comparisons", "Comparisons"),
    ("evidence", "Recall and evidence"),
    ("rationales", "Rationales"),
    ("gates", "Gates"),
    ("retrieval", "Retrieval"),
    ("training", "Training"),
    ("cases", "Case studies"),
    ("costs", "Costs"),
    ("reproduce", "Reproduce"),
)


def render(inputs: Inputs, folder: str) -> str:
    """Return the report as one HTML page without external resources; the same inputs give the same bytes.

    `folder` is the folder beside the page that the pages of `condition_pages` lie in.
    """
    whole = studies(inputs.metrics, inputs.config)
    found = [at_most(study, inputs.config, SHOWN) for study in whole]
    curved = [at_most(study, inputs.config, CURVED) for study in whole]
    pages = _pages(whole)
    return _template("page.html.j2").render(
        **_by_condition(found, inputs),
        overview=overview.overview(whole, inputs),
        models=overview.models(inputs),
        notices=[(name, notice) for name, said in sorted(inputs.notices.items()) for notice in said],
        conditions=overview.conditions(inputs),
        primary=overview.primary(inputs),
        verdicts=overview.verdicts(found, inputs),
        control_of_strongest=control_of(inputs.config["report"]["strongest"], inputs.config),
        preferences=overview.preferences(inputs),
        folder=folder,
        shown=SHOWN,
        curved=CURVED,
        in_short=[
            outcomes.in_short(study, {name: page for (of, name), page in pages.items() if of == number})
            for number, study in enumerate(whole)
            if len(study.conditions) > SHOWN
        ],
        published=[outcomes.published(study, inputs) for study in found],
        regimes=[analyses.regimes(study, inputs) for study in found],
        doses=[analyses.dose_response(study, inputs.config) for study in curved],
        slices=[analyses.slices(study, inputs) for study in found],
        risk=[shown for study in found if (shown := risk.risk_over_coverage(study, inputs))["plots"]],
        plots=[outcomes.plots(study, inputs) for study in found],
        rationales=stages.rationales(inputs),
        gates=stages.gates(inputs),
        retrieval=stages.retrieval(inputs),
        training=stages.training(inputs),
        cases=[{"title": study.title, "cases": case_studies(study, inputs)} for study in whole],
        costs=stages.costs(inputs),
        answer_costs=analyses.answer_costs(found, inputs),
        reproduce=overview.reproduce(inputs),
    )


def condition_pages(inputs: Inputs) -> Iterator[tuple[str, str]]:
    """Yield the name and the HTML of a page for each condition of the studies that have more than SHOWN."""
    found = studies(inputs.metrics, inputs.config)
    template = _template("condition.html.j2")
    for (number, condition), name in _pages(found).items():
        labels, about = inputs.labels, [row for row in inputs.comparisons if is_about(row, [condition])]
        part = replace(inputs, labels=labels[labels["condition"] == condition], comparisons=about)
        study = replace(found[number], conditions=(condition,))
        yield name, template.render(**_by_condition([study], part), title=f"{study.title}: {condition}")


def _pages(found: Sequence[Study]) -> dict[tuple[int, str], str]:
    """Name the pages of conditions, by the number of the study and the condition."""
    return {
        (number, condition): f"study-{number + 1}-condition-{index + 1}.html"
        for number, study in enumerate(found)
        if len(study.conditions) > SHOWN
        for index, condition in enumerate(study.conditions)
    }


def _by_condition(found: Sequence[Study], inputs: Inputs) -> dict[str, Any]:
    """Return what the page has for each condition, and what its template needs for that."""
    return {
        "contents": CONTENTS,
        "few": FEW,
        "style": Markup((HERE / "style.css").read_text(encoding="utf-8")),
        "settings": inputs.config["report"],
        "outcomes": [outcomes.outcome(study, inputs) for study in found],
        "confusion": [analyses.confusion(study, inputs) for study in found],
        "comparisons": [table for study in found for table in outcomes.comparisons(study, inputs)],
        "evidence": [stages.evidence(study, inputs) for study in found],
    }


def _template(name: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
