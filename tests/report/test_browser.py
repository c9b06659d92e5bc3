"""The page of single examples in a real browser, with 50,000 answers: what filters find, and how little is drawn."""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from interexter.core.tables import Row
from interexter.report import browser
from interexter.report.inputs import Inputs
from test_report import synthetic

TIMES = 27  # of 48 questions under 5 conditions by 8 series
PER_PAGE = 20
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
const outcomes = [];
for (const step of %s) {
  for (const name of ["method-a", "condition-a", "label", "closed", "relation"]) field(name).value = ANY;
  field("method-b").value = "none";
  field("words").value = "";
  for (const [name, value] of Object.entries(step)) field(name).value = value;
  field("controls").dispatchEvent(new Event("input", { bubbles: true }));
  const shown = [field("count").textContent, field("page").textContent, field("outcomes").textContent];
  if (!field("next").disabled) field("next").click();
  const questions = [...document.querySelectorAll("#rows h3")].map((one) => one.textContent);
  outcomes.push([...shown, questions, document.querySelectorAll("#rows *").length]);
}
document.getElementById("data").remove();
field("rows").replaceChildren(element("pre", { id: "outcomes-found" }, JSON.stringify(outcomes)));
"""


@pytest.fixture(scope="module")
def run() -> Inputs:
    """A run of 48 questions, told 27 times under other ids."""
    once = synthetic()

    def again(row: Row, time: int) -> Row:
        return row | {"question_id": f"{time:02}-{row['question_id']}"}

    return replace(
        once,
        labels=[again(row, time) for time in range(TIMES) for row in once.labels],
        answers={
            key: {f"{time:02}-{name}": again(row, time) for time in range(TIMES) for name, row in rows.items()}
            for key, rows in once.answers.items()
        },
        examples={
            key: [again(row, time) for time in range(TIMES) for row in rows] for key, rows in once.examples.items()
        },
    )


@pytest.fixture(scope="module")
def driven(run: Inputs, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What the page shows after each step, and after two runs are compared."""
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("there is no chromium")
    folder = tmp_path_factory.mktemp("browser")
    compared = {"method-a": COMPARED[0], "method-b": COMPARED[1], "condition-a": "clean", "condition-b": "all-replaced"}
    page = re.sub(r'<meta http-equiv="Content-Security-Policy".*?>', "", browser.render(run))  # it lets no test in
    drive = DRIVE % json.dumps([*(step for step, _ in STEPS), compared])
    (folder / "page.html").write_text(page.replace("</body>", f"<script>{drive}</script></body>"), encoding="utf-8")
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    command += [f"--user-data-dir={folder / 'profile'}", "--dump-dom", (folder / "page.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    [told] = re.findall(r'<pre id="outcomes-found">(.*?)</pre>', done.stdout, re.DOTALL)
    return json.loads(html.unescape(told))


def answer_of(run: Inputs, label: Row) -> Row:
    key = tuple(label[name] for name in ("dataset", "model", "checkpoint", "method", "condition"))
    return run.answers[key][label["question_id"]]


@pytest.mark.parametrize("place", range(len(STEPS)))
def test_a_filter_finds_what_it_says(run: Inputs, driven: list[Any], place: int) -> None:
    _, kept = STEPS[place]
    wanted = sum(kept(label, answer_of(run, label)) for label in run.labels)
    assert wanted > 0 and (place > 0 or wanted >= 50_000)
    count, pages, outcomes, questions, _ = driven[place]
    assert (count, outcomes) == (f"{wanted:,} found", "")
    total = -(-wanted // PER_PAGE)
    assert pages == f"Page 1 of {total}"
    assert len(questions) == (PER_PAGE if total > 2 else wanted - PER_PAGE * (total - 1))


def test_two_runs_are_compared_question_by_question(run: Inputs, driven: list[Any]) -> None:
    labels = {(row["method"], row["condition"], row["question_id"]): row["label"] == "gold" for row in run.labels}
    ids = sorted({row["question_id"] for row in run.labels})
    both = [(labels[COMPARED[0], "clean", i], labels[COMPARED[1], "all-replaced", i]) for i in ids]
    names = {"both right": (True, True), "only the first": (True, False), "only the second": (False, True)}
    names |= {"both wrong": (False, False)}
    told = f"all: {len(ids)}" + "".join(f"{name}: {both.count(pair)}" for name, pair in names.items())
    assert driven[-1][:3] == [f"{len(ids):,} found", f"Page 1 of {-(-len(ids) // PER_PAGE)}", told]


def test_however_many_are_found_a_page_of_them_is_drawn(driven: list[Any]) -> None:
    for *_, questions, elements in driven:
        assert len(questions) <= PER_PAGE
        assert elements < 100 * PER_PAGE
