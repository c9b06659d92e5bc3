"""How the page lies in a real browser: widths, signs of what scrolls, sheets of paper; and colours, computed."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from chromium import asked, opened, sheets
from interexter.core.tables import Row
from interexter.report import charts, outcomes, palette
from interexter.report.inputs import Inputs
from interexter.report.page import render
from interexter.report.studies import studies
from interexter.text.labels import LABELS
from numpy.typing import NDArray

SHEETS = 20
WIDE, TABLET, PHONE = 1400, 1024, 390
# Of whatever can scroll: what it is, how far it overflows, and whether it says so. Details are opened.
SCROLLERS = """(async () => {
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  await new Promise((drawn) => setTimeout(drawn, 1000));
  return [...document.querySelectorAll(".scroll, .plot")].map((one) => [
    one.getAttribute("aria-label") || "a plot",
    one.scrollWidth - one.clientWidth,
    parseFloat(getComputedStyle(one, "::before").height) > 0,
  ]);
})()"""
NEEDS_WIDTH = "What whole texts and final answers hold"  # a table of fifteen metrics

# How eyes without one kind of cone see linear RGB. Source: Machado, Oliveira & Fernandes, "A physiologically-based
# model for simulation of color vision deficiency", IEEE TVCG 15(6), 2009, table 1, severity 1.0.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
APART = 20.0  # distance in CIE Lab: 2.3 can just be seen side by side
MARKS, TEXT = 3.0, 4.5  # least contrast by WCAG 2.2, 1.4.11 and 1.4.3


def linear(colour: str) -> NDArray[np.float64]:
    """The linear RGB of a colour, IEC 61966-2-1."""
    value = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(colour: str, vision: str) -> NDArray[np.float64]:
    """Where a colour lies in CIE 1976 L*a*b*, white D65, for these eyes."""
    ratio = XYZ @ np.clip(VISION[vision] @ linear(colour), 0, 1) / XYZ.sum(axis=1)
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2."""
    low, high = sorted(float(XYZ[1] @ linear(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def test_lab_and_contrast_by_hand() -> None:
    assert lab("#ff0000", "normal") == pytest.approx([53.24, 80.09, 67.20], abs=0.1)
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    red, green = lab("#ff0000", "deuteranopia"), lab("#ff0000", "normal")
    assert abs(red[1]) < abs(green[1]) / 2  # what tells red from green is lost


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("paper", palette.PAPER)
def test_every_two_colours_of_a_kind_are_told_apart(paper: str, vision: str) -> None:
    for colours in (palette.LABEL[paper], dict(enumerate(palette.SERIES[paper]))):
        for one, other in itertools.combinations(colours, 2):
            distance = np.linalg.norm(lab(colours[one], vision) - lab(colours[other], vision))
            assert distance >= APART, (one, other)


@pytest.mark.parametrize("paper", palette.PAPER)
def test_colours_stand_out_from_the_paper_and_text_from_what_is_behind_it(paper: str) -> None:
    for colour in (*palette.LABEL[paper].values(), *palette.SERIES[paper]):
        assert contrast(colour, palette.PAPER[paper]) >= MARKS
    for label, back in palette.BACK[paper].items():
        assert min(contrast(palette.LABEL[paper][label], one) for one in (back, palette.PAPER[paper])) >= TEXT


def test_every_label_and_every_series_has_a_colour_and_a_shape() -> None:
    for paper in palette.PAPER:
        assert set(palette.LABEL[paper]) == set(LABELS)
        assert len(palette.SERIES[paper]) == len(palette.SHAPES) == len({*palette.SHAPES})


@pytest.fixture(scope="module")
def page(run: Inputs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(render(run, "examples"), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [WIDE, TABLET, PHONE])
def test_the_page_is_as_wide_as_the_window_and_what_scrolls_says_so(page: Path, width: int) -> None:
    assert asked(page, "[innerWidth, document.documentElement.scrollWidth <= innerWidth]", width) == [width, True]
    found = asked(page, SCROLLERS, width)
    assert len(found) > 30
    for name, overflow, says in found:
        assert says == (overflow > 0), name
        assert overflow <= 0 or width < WIDE or name.startswith(NEEDS_WIDTH), name
    assert width == WIDE or any(says for _, _, says in found)


def test_in_a_frame_no_link_leads_beside_the_page(page: Path) -> None:
    """Snakemake's own report shows the page in a frame, where examples.html is not beside it."""
    words = "document.querySelector('#run').textContent.includes('examples.html')"
    links = "[...document.links].filter((link) => !link.getAttribute('href').startsWith('#')).length"
    assert asked(page, f"[{links}, {words}]", WIDE) == [0, True]
    assert '<a href="examples.html">' in opened(page)


def test_a_legend_names_the_weights_that_answered() -> None:
    assert charts._kinds([{"weights": "base model"}] * 2) == ["base model"]
    assert charts._kinds([{"weights": "fine-tuned"}, {"weights": "base model"}]) == ["base model", "fine-tuned"]


def test_no_row_of_small_plots_ends_early() -> None:
    assert [charts._columns(plots) for plots in (1, 5, 6, 7, 9, 11, 12)] == [1, 5, 3, 4, 5, 4, 4]


def test_the_line_of_mixtures_goes_on_to_the_ends_of_the_axis() -> None:
    line = [{"x": 0.4, "y": 1.0}, {"x": 0.6, "y": 0.5}]
    _, left, _, right = charts._beyond(line[::-1], [0.3, 1.0], [0.25, 1.0])
    assert (left["x"], left["y"]) == (0.4, 1.0)  # at the edge already
    assert (right["x"], right["y"]) == pytest.approx((0.7, 0.25))
    _, left, _, right = charts._beyond(line, [0.3, 0.7], [0.0, 2.0])
    assert (left["x"], left["y"], right["x"], right["y"]) == pytest.approx((0.3, 1.25, 0.7, 0.25))
    assert charts._beyond(line[:1], [0.3, 0.8], [0, 1]) == charts._beyond([line[0]] * 2, [0.3, 0.8], [0, 1]) == []


def test_in_print_the_page_takes_few_sheets(page: Path) -> None:
    assert 3 < sheets(page) <= SHEETS


def test_words_are_explained_where_they_stand_and_in_the_glossary(page: Path) -> None:
    words = asked(
        page,
        """[...document.querySelectorAll("a.term")].map((one) => [
          one.title, document.querySelector(one.getAttribute("href") + " dd").textContent, one.tabIndex,
        ])""",
        WIDE,
    )
    assert len(words) > 60
    for title, said, order in words:
        assert title == said != "" and order == 0  # the keyboard gets there


def seeded(run: Inputs) -> Inputs:
    """A study of three seeds: figures of all together, and of each a little off."""
    apart = [
        row | {"seed": seed, "value": row["value"] and min(1.0, max(0.0, row["value"] + by))}
        for row in run.metrics
        for seed, by in ((0, -0.04), (1, 0.0), (2, 0.04))
    ]
    together: list[Row] = [row | {"seed": None} for row in run.metrics]
    comparisons = [row | {"seed": None} for row in run.comparisons]
    labels = run.labels.assign(seed=0)
    config = {**run.config, "seeds": [0, 1, 2]}
    return replace(run, metrics=together + apart, comparisons=comparisons, config=config, labels=labels)


def test_the_spread_over_seeds_is_drawn(run: Inputs, page: Path) -> None:
    path = page.with_name("seeds.html")
    path.write_text(render(seeded(run), "examples"), encoding="utf-8")
    marks = "[...document.querySelectorAll('#trade-off svg .mark-symbol path')].length"
    ticks = "[...document.querySelectorAll('#plots svg .mark-rect path')].length"
    one, legend = asked(page, marks, WIDE), 2
    assert asked(path, marks, WIDE) - legend == 4 * (one - legend) > 0  # one together, three apart
    assert asked(path, ticks, WIDE) > asked(page, ticks, WIDE) == 0


def test_seeds_are_drawn_under_the_conditions_that_are_shown(run: Inputs) -> None:
    run = seeded(run)
    [study] = studies(run.metrics, run.config)
    plots = outcomes.plots(replace(study, conditions=("clean",)), run)["drawn"]
    assert len(plots) == 2
    for _, plot in plots:
        assert plot.count("mark-rect role-mark") == 1  # one facet
