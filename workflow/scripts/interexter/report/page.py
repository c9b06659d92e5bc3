"""The page: its sections in order, each with a template of its own; and a page for each condition of large studies.

A section more is a line in SECTIONS, a function that fills it, and a template with its name. One that has nothing to
show is left out, and the page says so at its end. The page shows SHOWN conditions in full and the rest in short, so
that it opens quickly however many there are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..scoring.intervals import FEW
from . import analyses, glossary, outcomes, overview, palette, risk, scripts, stages
from .cases import case_studies
from .inputs import Inputs
from .numbers import Shown
from .studies import Study, at_most, control_of, is_about, studies

SHOWN = 12  # conditions of a study in each table and chart of the page
CURVED = 60  # conditions that curves of dose and response are drawn from: a curve needs several

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Page:
    """What the sections are filled from."""

    inputs: Inputs
    whole: list[Study]  # with all conditions
    shown: list[Study]  # with those that the page shows
    folder: str  # beside the page, with a page for each condition


class Section(NamedTuple):
    """A part of the page: `fill` gives the values of the template NAME.html.j2, or None where there is nothing."""

    name: str
    title: str
    lacking: str  # why it is left out, where it is
    fill: Callable[[Page], Shown | None]


def _each(name: str, about: Callable[[Study, Inputs], Shown], has: str) -> Callable[[Page], Shown | None]:
    """Fill a section with a list, one item for each study that has something under the key `has`."""
    return lambda page: _list(name, (item for study in page.shown if (item := about(study, page.inputs))[has]))


def _list(name: str, items: Iterable[Shown]) -> Shown | None:
    found = list(items)
    return {name: found} if found else None


def _run(page: Page) -> Shown:
    pages = _pages(page.whole)
    return {
        "overview": overview.overview(page.whole, page.inputs),
        "models": overview.models(page.inputs),
        "notices": [(name, notice) for name, said in sorted(page.inputs.notices.items()) for notice in said],
        "together": overview.decoded_together(page.inputs),
        "conditions": overview.conditions(page.inputs),
        "folder": page.folder,
        "shown": SHOWN,
        "curved": CURVED,
        "in_short": [
            outcomes.in_short(study, {name: file for (of, name), file in pages.items() if of == number})
            for number, study in enumerate(page.whole)
            if len(study.conditions) > SHOWN
        ],
    }


def _fired(page: Page) -> Shown | None:
    preferences = overview.preferences(page.inputs)
    verdicts = overview.verdicts(page.shown, page.inputs)
    return {"verdicts": verdicts, "preferences": preferences} if verdicts else None


def _primary(page: Page) -> Shown | None:
    primary = overview.primary(page.inputs)
    return {"primary": primary} if primary["named"] or primary["rows"] else None


def _doses(page: Page) -> Shown | None:
    curved = (at_most(study, page.inputs.config, CURVED) for study in page.whole)
    return _list("doses", (item for study in curved if (item := analyses.dose_response(study, page.inputs))["curves"]))


def _comparisons(page: Page) -> Shown | None:
    return _list("comparisons", (table for study in page.shown for table in outcomes.comparisons(study, page.inputs)))


def _rationales(page: Page) -> Shown | None:
    found = _list("rationales", (source for source in stages.rationales(page.inputs) if source["rows"]))
    check = page.inputs.config["rationales"]["check"]
    return {**found, "check": check, "training_asked": page.inputs.training_asked} if found else None


def _gates(page: Page) -> Shown | None:
    gates = stages.gates(page.inputs)
    return {"gates": gates} if any(gates.values()) else None


def _retrieval(page: Page) -> Shown | None:
    retrieval = stages.retrieval(page.inputs)
    return {"retrieval": retrieval} if retrieval["rows"] else None


def _training(page: Page) -> Shown | None:
    return _list("training", (group for group in stages.training(page.inputs) if group["rows"]))


def _cases(page: Page) -> Shown | None:
    found = ({"title": study.title, "cases": case_studies(study, page.inputs)} for study in page.whole)
    return _list("cases", (study for study in found if study["cases"]))


def _costs(page: Page) -> Shown | None:
    costs = stages.costs(page.inputs)
    answers = analyses.answer_costs(page.shown, page.inputs)
    return {"costs": costs, "answer_costs": answers} if costs["rows"] else None


SECTIONS = (
    Section("run", "What was run", "", _run),
    Section("fired", "Did the conflict fire?", "this run has no metrics", _fired),
    Section(
        "methods", "Methods and conditions", "this run has no metrics", _each("outcomes", outcomes.outcome, "rows")
    ),
    Section(
        "trade-off",
        "The trade-off",
        "no method has answers under both the strongest condition and its control",
        _each("trade_offs", outcomes.trade_off, "plot"),
    ),
    Section(
        "primary", "Primary comparisons", "the config names none: everything on this page is exploratory", _primary
    ),
    Section("regimes", "What is wanted", "this run has no metrics", _each("regimes", analyses.regimes, "rows")),
    Section("plots", "Methods by condition, drawn", "this run has no metrics", _each("plots", outcomes.plots, "drawn")),
    Section(
        "doses",
        "Dose and response",
        "no two conditions differ in the number or the position of counter-passages alone",
        _doses,
    ),
    Section(
        "confusion",
        "From memory to answer",
        "no labels were given to the report",
        _each("confusion", analyses.confusion, "tables"),
    ),
    Section("slices", "Slices", "no answer of this run is in a slice", _each("slices", analyses.slices, "tables")),
    Section(
        "risk", "Risk over coverage", "no answer has a probability", _each("risk", risk.risk_over_coverage, "plots")
    ),
    Section("comparisons", "Exploratory comparisons", "nothing is compared but by the primary ones", _comparisons),
    Section(
        "published",
        "Published figures",
        "none was published for a data set, method and number of passages of this run",
        _each("published", outcomes.published, "rows"),
    ),
    Section(
        "evidence",
        "Recall and evidence",
        "no labels were given to the report",
        _each("evidence", stages.evidence, "rows"),
    ),
    Section("rationales", "Rationales", "this run writes none", _rationales),
    Section("gates", "Gates", "none were given to the report", _gates),
    Section("retrieval", "Retrieval", "the data set ships the passages", _retrieval),
    Section("training", "Training", "this run trains nothing", _training),
    Section("cases", "Case studies", "no question was answered by two methods", _cases),
    Section("costs", "Costs", "none were recorded", _costs),
    Section("reproduce", "Reproduce", "", lambda page: {"reproduce": overview.reproduce(page.inputs)}),
    Section("glossary", "Glossary", "", lambda page: {}),
)
OF_A_CONDITION = ("methods", "confusion", "comparisons", "evidence")  # sections of a condition's own page


def render(inputs: Inputs, folder: str) -> str:
    """Return the report as one HTML page without external resources; the same inputs give the same bytes.

    `folder` is the folder beside the page that the pages of `condition_pages` lie in.
    """
    whole = studies(inputs.metrics, inputs.config)
    page = Page(inputs, whole, [at_most(study, inputs.config, SHOWN) for study in whole], folder)
    title = "Knowledge conflict in retrieval-augmented generation"
    return _written("page.html.j2", page, SECTIONS, several=len(whole) > 1, title=title, home="")


def condition_pages(inputs: Inputs) -> Iterator[tuple[str, str]]:
    """Yield the name and the HTML of a page for each condition of the studies that have more than SHOWN."""
    found = studies(inputs.metrics, inputs.config)
    sections = [section for section in SECTIONS if section.name in OF_A_CONDITION]
    for (number, condition), name in _pages(found).items():
        labels, about = inputs.labels, [row for row in inputs.comparisons if is_about(row, [condition])]
        part = replace(inputs, labels=labels[labels["condition"] == condition], comparisons=about)
        study = replace(found[number], conditions=(condition,))
        page = Page(part, [study], [study], "")
        title = f"{study.title}: {condition}"
        yield name, _written("condition.html.j2", page, sections, several=False, title=title, home="../index.html")


def _written(template: str, page: Page, sections: Sequence[Section], **about: Any) -> str:
    """Return a page of these sections; `home` is the page that holds the glossary."""
    strongest = page.inputs.config["report"]["strongest"]
    common = {
        **about,
        "few": FEW,
        "glossary": glossary.entries(),
        "settings": page.inputs.config["report"],
        "control_of_strongest": control_of(strongest, page.inputs.config),
        "first_seed": page.inputs.config["seeds"][0] if len(page.inputs.config["seeds"]) > 1 else None,
    }
    environment = _environment()
    filled = [(section, section.fill(page)) for section in sections]
    written = [
        (section, Markup(environment.get_template(f"{section.name}.html.j2").render(**common, **values)))
        for section, values in filled
        if values is not None
    ]
    left_out = [section for section, values in filled if values is None]
    style = Markup(palette.style() + (HERE / "style.css").read_text(encoding="utf-8"))
    code = scripts.read("page.js")
    return environment.get_template(template).render(
        **common, style=style, script=code.text, script_hash=code.digest, sections=written, left_out=left_out
    )


@cache
def _environment() -> Environment:
    """Return the templates, compiled once for all pages."""
    return Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _pages(found: Sequence[Study]) -> dict[tuple[int, str], str]:
    """Name the pages of conditions, by the number of the study and the condition."""
    return {
        (number, condition): f"study-{number + 1}-condition-{index + 1}.html"
        for number, study in enumerate(found)
        if len(study.conditions) > SHOWN
        for index, condition in enumerate(study.conditions)
    }
