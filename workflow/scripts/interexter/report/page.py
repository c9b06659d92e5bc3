"""The page: its sections in order, put into the template."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from . import analyses, sections
from .inputs import Inputs
from .studies import studies

HERE = Path(__file__).parent
CONTENTS = (
    ("run", "What was run"),
    ("fired", "Did the conflict fire?"),
    ("methods", "Methods and conditions"),
    ("published", "Published figures"),
    ("regimes", "What is wanted"),
    ("doses", "Dose and response"),
    ("confusion", "From memory to answer"),
    ("slices", "Slices"),
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


def render(inputs: Inputs) -> str:
    """Return the report as one HTML page without external resources; the same inputs give the same bytes."""
    found = studies(inputs.metrics, inputs.config)
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(
        contents=CONTENTS,
        style=Markup((HERE / "style.css").read_text(encoding="utf-8")),
        settings=inputs.config["report"],
        overview=sections.overview(found, inputs),
        conditions=sections.conditions(inputs),
        verdicts=sections.verdicts(found, inputs),
        outcomes=[sections.outcome(study, inputs) for study in found],
        published=[sections.published(study, inputs) for study in found],
        regimes=[analyses.regimes(study, inputs) for study in found],
        doses=[analyses.dose_response(study, inputs.config) for study in found],
        confusion=[analyses.confusion(study, inputs) for study in found],
        slices=[analyses.slices(study, inputs) for study in found],
        plots=[sections.plots(study, inputs.config) for study in found],
        comparisons=[table for study in found for table in sections.comparisons(study, inputs)],
        evidence=[sections.evidence(study, inputs) for study in found],
        rationales=sections.rationales(inputs),
        gates=sections.gates(inputs),
        retrieval=sections.retrieval(inputs),
        training=sections.training(inputs),
        cases=[sections.cases(study, inputs) for study in found],
        costs=sections.costs(inputs),
        answer_costs=analyses.answer_costs(found, inputs),
        reproduce=sections.reproduce(inputs),
    )
