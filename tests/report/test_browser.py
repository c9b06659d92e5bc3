"""The page of single examples in a real browser, with 50,000 answers: what filters find, and how little is drawn."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chromium import asked, opened
from interexter.core.tables import Row
from interexter.report import browser
from made_study import EVIL, Made, read, synthetic, write

TIMES = 27  # of 48 questions under 5 conditions by 8 series
PER_PAGE = 20
WIDTH = 1400  # pixels
COMPARED = ("instructrag-icl", "vanilla-rag")
# What is set in the page, one after the other, and which answers it leaves.
STEPS: list[tuple[dict[str, str], Callable[[Row, Row], bool]]] = [
    ({}, lambda label, answer: True),
    ({"method-a": "vanilla-rag"}, lambda label, answer: label["method"] == "vanilla-rag"),
    ({"condition-a": "clean"}, lambda label, answer: label["condition"] == "clean"),
    ({"label": "counter"}, lambda label, answer: label["label"] == "counter"),
    ({"closed": "abstain"}, lambda label, answer: label["closed_book_label"] == "abstain"),
    ({"relation": "capital"}, lambda label, answer: True),
    ({"words": "land 7?"}, lambda label, answer: label["question_id"].endswith("q007")),
    (
        {"condition-a": "all-replaced", "label": "gold", "words": "EXTERNAL evidence"},
        lambda label, answer: (
            (label["condition"], label["label"]) == ("all-replaced", "gold") and "External evidence" in answer["text"]
        ),
    ),
]
DRIVE = """
(async () => {
  const outcomes = [];
  for (const step of %s) {
    for (const name of ["method-a", "condition-a", "label", "closed", "relation"]) field(name).value = ANY;
    field("method-b").value = "none";
    field("words").value = "";
    for (const [name, value] of Object.entries(step)) field(name).value = value;
    await search();
    const shown = [field("count").textContent, field("page").textContent, field("outcomes").textContent];
    if (!field("next").disabled) await turnPage(1);
    const questions = [...document.querySelectorAll("#rows h3")].map((one) => one.textContent);
    outcomes.push([...shown, questions, document.querySelectorAll("#rows *").length]);
  }
  document.querySelector("details").open = true;
  await new Promise((resolve) => setTimeout(resolve, 1000));
  outcomes.push(document.querySelectorAll("#rows .documents li").length);
  return outcomes;
})()
"""


@pytest.fixture(scope="module")
def made() -> Made:
    """A study of 48 questions, told 27 times under other ids."""
    once = synthetic()

    def again(rows: list[Row]) -> list[Row]:
        return [row | {"question_id": f"{time:02}-{row['question_id']}"} for time in range(TIMES) for row in rows]

    return replace(
        once,
        labels=again(once.labels),
        answers={part: again(rows) for part, rows in once.answers.items()},
        examples={name: again(rows) for name, rows in once.examples.items()},
    )


@pytest.fixture(scope="module")
def page(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page with its pieces beside it, in files."""
    folder = tmp_path_factory.mktemp("browser")
    (folder / "pieces").mkdir()
    html = browser.render(read(write(made, folder / "results")), folder / "pieces", "pieces")
    (folder / "page.html").write_text(html, encoding="utf-8")
    return folder / "page.html"


@pytest.fixture(scope="module")
def driven(page: Path) -> list[Any]:
    """What the page shows after each step, after two runs are compared, and after documents are opened."""
    compared = {"method-a": COMPARED[0], "method-b": COMPARED[1], "condition-a": "clean", "condition-b": "all-replaced"}
    return asked(page, DRIVE % json.dumps([*(step for step, _ in STEPS), compared]), WIDTH)


@pytest.fixture(scope="module")
def labelled(made: Made) -> list[tuple[Row, Row]]:
    """Each label with its answer."""
    names = ("method", "condition", "question_id")
    answers = {(part[2], *(row[n] for n in names)): row for part, rows in made.answers.items() for row in rows}
    return [(row, answers[row["checkpoint"], *(row[n] for n in names)]) for row in made.labels]


def test_as_it_is_the_page_loads_its_pieces_from_a_file(page: Path) -> None:
    shown = opened(page)
    assert shown.count('<article class="case">') == PER_PAGE
    assert '<pre class="text"' in shown and "found</span>" in shown


@pytest.mark.parametrize("number", range(len(STEPS)))
def test_a_filter_finds_what_it_says(labelled: list[tuple[Row, Row]], driven: list[Any], number: int) -> None:
    _, kept = STEPS[number]
    wanted = sum(kept(label, answer) for label, answer in labelled)
    assert wanted > 0 and (number > 0 or wanted >= 50_000)
    count, pages, outcomes, questions, _ = driven[number]
    assert (count, outcomes) == (f"{wanted:,} found", "")
    total = -(-wanted // PER_PAGE)
    assert pages == f"Page 1 of {total}"
    assert len(questions) == (PER_PAGE if total > 2 else wanted - PER_PAGE * (total - 1))


def test_two_runs_are_compared_question_by_question(made: Made, driven: list[Any]) -> None:
    labels = {(row["method"], row["condition"], row["question_id"]): row["label"] == "gold" for row in made.labels}
    ids = sorted({row["question_id"] for row in made.labels})
    both = [(labels[COMPARED[0], "clean", i], labels[COMPARED[1], "all-replaced", i]) for i in ids]
    names = {"both right": (True, True), "only the first": (True, False), "only the second": (False, True)}
    names |= {"both wrong": (False, False)}
    told = f"all: {len(ids)}" + "".join(f"{name}: {both.count(pair)}" for name, pair in names.items())
    assert driven[len(STEPS)][:3] == [f"{len(ids):,} found", f"Page 1 of {-(-len(ids) // PER_PAGE)}", told]


def test_however_many_are_found_a_page_of_them_is_drawn(driven: list[Any]) -> None:
    for *_, questions, elements in driven[:-1]:
        assert len(questions) <= PER_PAGE
        assert elements < 100 * PER_PAGE


def test_documents_are_loaded_when_they_are_opened(driven: list[Any]) -> None:
    assert driven[-1] == 2  # of the condition clean


def test_what_was_asked_is_shown_when_it_is_opened_and_stays_text(tmp_path: Path) -> None:
    made = synthetic(4)
    results = write(
        replace(made, config={**made.config, "generate": {"shards": 2, "keep_prompts": True}}), tmp_path / "r"
    )
    (tmp_path / "pieces").mkdir()
    page = tmp_path / "page.html"
    page.write_text(browser.render(read(results), tmp_path / "pieces", "pieces"), encoding="utf-8")
    drive = """
    (async () => {
      await search();
      const closed = document.querySelectorAll("pre.asked").length;
      for (const one of document.querySelectorAll("details")) one.open = true;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const shown = [...document.querySelectorAll("pre.asked")].map((one) => one.textContent);
      return [closed, shown, document.querySelectorAll("#rows script").length];
    })()
    """
    closed, shown, scripts = asked(page, drive, WIDTH)
    assert (closed, scripts) == (0, 0)
    assert len(shown) == 2 * PER_PAGE  # a system and a user turn each
    assert shown[1] == f"{EVIL} closed-book clean q000"
