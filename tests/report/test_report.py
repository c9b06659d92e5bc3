"""Tests of the report's page, on the tables of a study that never happened."""

import base64
import hashlib
import io
import os
import random
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from interexter.core import tables
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.injection.compose import EXAMPLES
from interexter.report import (
    analyses,
    browser,
    doses,
    flow,
    glossary,
    inputs,
    numbers,
    outcomes,
    overview,
    risk,
    stages,
)
from interexter.report.cases import case_studies
from interexter.report.conflict import fired
from interexter.report.headline import show
from interexter.report.highlight import marked, marks
from interexter.report.inputs import Inputs
from interexter.report.page import SECTIONS, render
from interexter.report.studies import Study, studies
from interexter.scoring.judgements import LABELLED
from interexter.scoring.metrics import METRICS
from interexter.scoring.series import by_series
from interexter.scoring.summaries import summarize
from interexter.text.labels import LABELS
from made_study import CONDITIONS, CONFIG, EVIL, SERIES, Made, cost, read, synthetic, write
from rich.console import Console

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
FOLDER = "examples"


def without_parts(run: Inputs) -> Inputs:
    """Leave out all that a small run may lack."""
    files = replace(run.files, answers={}, examples={}, rationales={})
    lacking: dict[str, Any] = {name: {} for name in ("recall_at_k", "kept", "training_logs", "training_speed")}
    return replace(run, **lacking, labels=run.labels.iloc[:0], gates=[], costs=[], comparisons=[], files=files)


class Elements(HTMLParser):
    """Collects the tags of a page with their attributes, and checks that they close in order."""

    VOID = frozenset({"meta", "br", "img", "link", "input", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> at {self.getpos()} closes nothing"


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Elements()
    parser.feed(html)
    assert not parser.open
    return parser.found


def script(html: str) -> str:
    """The one script that a page runs, whose hash alone its policy names."""
    [code] = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    [policy] = [a["content"] or "" for _, a in elements(html) if a.get("http-equiv") == "Content-Security-Policy"]
    assert re.findall(r"'sha256-(.*?)'", policy) == [digest]
    return str(code)


@pytest.fixture(scope="module")
def html(run: Inputs) -> str:
    return render(run, FOLDER)


def sections(html: str) -> dict[str, str]:
    """The text of each section, by its id, in the order of the page."""
    found = re.findall(r'<section id="([^"]*)">(.*?)</section>', html, re.DOTALL)
    return {name: " ".join(re.sub(r"<[^>]*>", " ", body).split()) for name, body in found}


def test_sections_stand_in_order_with_what_matters_first_and_the_contents_lead_to_them(html: str) -> None:
    ids = [attributes["id"] for tag, attributes in elements(html) if tag == "section"]
    absent = {"primary", "published", "risk"}  # it names and compares with none, and knows no probability
    assert ids == [section.name for section in SECTIONS if section.name not in absent]
    assert [s.name for s in SECTIONS][:5] == ["run", "fired", "methods", "trade-off", "primary"]
    contents = re.findall(r'<li><a href="#([^"]*)">', html[html.index("<nav") : html.index("</nav>")])
    assert contents == ids


def test_every_link_leads_somewhere_and_ids_are_unique(html: str) -> None:
    found = elements(html)
    ids = [f"#{attributes['id']}" for _, attributes in found if "id" in attributes]
    links = {attributes["href"] for tag, attributes in found if tag == "a"}
    assert links - {*ids} == {"examples.html"} and len(ids) == len({*ids})


def test_text_of_data_and_model_is_escaped(html: str) -> None:
    assert EVIL not in html and "<img" not in html and "<b>" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 8  # question, internal documents, answers, a reason
    assert "&amp;lt;" not in html  # escaped once
    tags = [tag for tag, _ in elements(html)]
    assert not {*tags} & {"img", "iframe", "object", "link"}
    assert tags.count("script") == 1
    assert not [name for _, attributes in elements(html) for name in attributes if name.startswith("on")]


def test_markup_in_names_is_escaped_too(made: Made, tmp_path: Path) -> None:
    def evil(rows: list[Row]) -> list[Row]:
        return [row | {"method": EVIL if row["method"] == "vanilla-sft" else row["method"]} for row in rows]

    answers = {part: evil(rows) for part, rows in made.answers.items()}
    study = replace(made, metrics=evil(made.metrics), labels=evil(made.labels), answers=answers)
    page = render(read(write(study, tmp_path / "results")), FOLDER)
    assert page.count("<script") == 1 and "&lt;script&gt;alert(1)&lt;/script&gt;<br><small>vanilla-sft" in page
    elements(page)


def test_nothing_is_loaded_from_elsewhere(html: str) -> None:
    for tag, attributes in elements(html):
        assert not {"src", "srcset", "data", "action"} & attributes.keys(), tag
        for name in ("href", "xlink:href"):
            link = attributes.get(name) or "#"
            assert link.startswith("#") or (tag, link) == ("a", "examples.html")  # the page beside this one
    assert "http://" not in html and "https://" not in html
    assert "@import" not in html and not re.search(r"url\((?!#)", html)


def test_the_one_script_of_the_page_is_allowed_by_its_hash(html: str) -> None:
    assert "top" in script(html)
    [policy] = [a["content"] for _, a in elements(html) if a.get("http-equiv") == "Content-Security-Policy"]
    assert (policy or "").startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")


def test_same_tables_in_another_order_give_same_bytes(made: Made, html: str, tmp_path: Path) -> None:
    rng = random.Random(1)

    def mixed(rows: list[Row]) -> list[Row]:
        return rng.sample(rows, len(rows))

    again = replace(
        made,
        labels=mixed(made.labels),
        metrics=mixed(made.metrics),
        comparisons=mixed(made.comparisons),
        costs=mixed(made.costs),
        answers={part: mixed(rows) for part, rows in reversed(made.answers.items())},
        examples={name: mixed(rows) for name, rows in made.examples.items()},
    )
    assert render(read(write(again, tmp_path / "results")), FOLDER) == html


def test_the_program_writes_both_pages_from_files(results: Path, html: str, tmp_path: Path) -> None:
    out, beside, folder = tmp_path / "index.html", tmp_path / "examples.html", tmp_path / FOLDER
    folder.mkdir()
    (folder / "999.js").touch()  # of a run before
    command = [sys.executable, str(SCRIPTS / "report.py"), "--results", str(results)]
    command += ["--config", str(results / "config.json"), "--out", str(out)]
    command += ["--examples-out", str(beside), "--examples-folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONHASHSEED": "5"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("report: n_metrics=")
    assert out.read_text(encoding="utf-8") == html
    (tmp_path / "again").mkdir()
    assert beside.read_text(encoding="utf-8") == browser.render(read(results), tmp_path / "again", FOLDER)
    written = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert written == {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}


def test_missing_parts_are_said_and_do_not_stop_the_page(run: Inputs) -> None:
    page = render(without_parts(run), FOLDER)
    kept = ["run", "fired", "methods", "trade-off", "regimes", "plots", "doses", "slices", "reproduce", "glossary"]
    assert list(sections(page)) == kept
    [told] = re.findall(r'<p class="note" id="left-out">(.*?)</p>', page)
    for section in SECTIONS:
        assert (f"{section.title.lower()} ({section.lacking})" in told) == (section.name not in kept)
    assert "Not known" in page
    nothing = render(replace(without_parts(run), metrics=[]), FOLDER)
    assert list(sections(nothing)) == ["run", "reproduce", "glossary"]
    elements(nothing)
    assert "training" not in sections(render(replace(run, training_logs={("a", "b", "c"): []}), FOLDER))


def test_no_section_is_empty(html: str, run: Inputs) -> None:
    for page in (html, render(without_parts(run), FOLDER)):
        titles = {section.name: section.title for section in SECTIONS[1:]}
        for name, text in sections(page).items():
            assert len(text.removeprefix(titles.get(name, ""))) > 100, name


def test_metrics_without_questions_show_a_dash(run: Inputs) -> None:
    none = {"value": None, "low": None, "high": None, "n": 0}
    page = render(replace(run, metrics=[row | none for row in run.metrics]), FOLDER)
    assert "None" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert numbers.estimate({**none}) == {"value": "-", "interval": "", "n": 0, "known": False, "few": False}


def test_numbers_by_hand() -> None:
    assert numbers.percent(0.625) == "62.5%"
    assert numbers.points(-0.1) == "\u221210.0" and numbers.points(0.1) == "+10.0" and numbers.points(-1e-9) == "0.0"
    assert numbers.interval({"low": 0.48, "high": 0.751, "n": 10}) == "48.0\u201375.1"
    assert numbers.probability(0.0004) == "<0.001" and numbers.probability(0.04) == "0.040"
    assert numbers.count(1234567) == "1\u202f234\u202f567"


def test_marks_by_hand() -> None:
    text = "<i>Paris's mayor</i>, not Lyon & not Parisian"
    # "Paris" is 3..8, without its possessive; "<i>Paris's mayor</i>" has 20 characters, ", not " 6: "Lyon" is 26..30.
    assert marks(text, ["Paris"], ["Lyon"]) == [((3, 8), "gold"), ((26, 30), "counter")]
    assert marked(text, ["Paris"], ["Lyon"]) == (
        '&lt;i&gt;<mark class="gold" title="names a gold answer">Paris</mark>&#39;s mayor&lt;/i&gt;, not '
        '<mark class="counter" title="names the counter-answer">Lyon</mark> &amp; not Parisian'
    )


def test_marks_that_overlap_keep_the_longer() -> None:
    text = "Equatorial Guinea or Guinea"
    assert marks(text, ["Guinea"], ["Equatorial Guinea"]) == [((0, 17), "counter"), ((21, 27), "gold")]
    assert marks("Oslo", ["Oslo"], ["Oslo"]) == [((0, 4), "gold")]


def test_a_name_with_markup_is_marked_and_escaped() -> None:
    assert marked("say AT&T now", ["AT&T"], []) == (
        'say <mark class="gold" title="names a gold answer">AT&amp;T</mark> now'
    )
    assert marked("a\x00b\x1b[31m", [], []) == "a\ufffdb\ufffd[31m"


@pytest.mark.parametrize(
    ("low", "high", "p", "status", "css"),
    [
        (0.1, 0.5, 0.01, "fired", "verdict fired"),
        (1.0, 1.0, 0.25, "few", "verdict few"),  # three questions that all turned
        (-0.1, 0.5, 0.2, "unclear", "verdict unclear"),
        (0.0, 0.5, 0.06, "unclear", "verdict unclear"),  # an interval that ends at 0 includes it
        (-0.5, -0.1, 0.01, "reversed", "verdict reversed"),
    ],
)
def test_whether_the_conflict_fired(run: Inputs, low: float, high: float, p: float, status: str, css: str) -> None:
    rows = [
        row | ({"difference": (low + high) / 2, "low": low, "high": high, "p": p} if row["a"] == "all-replaced" else {})
        for row in run.comparisons
    ]
    [study] = studies(run.metrics, run.config)
    assert fired(study, rows, run.config).status == status
    assert f'class="{css}"' in render(replace(run, comparisons=rows), FOLDER)


def test_a_comparison_of_another_method_does_not_answer(run: Inputs) -> None:
    rows = [row | {"within": "vanilla-sft/vanilla-sft"} for row in run.comparisons]
    [study] = studies(run.metrics, run.config)
    assert fired(study, rows, run.config).status == "missing"


def test_table_follows_the_order_of_the_config(run: Inputs, made: Made) -> None:
    [study] = studies(run.metrics, run.config)
    assert study.series == tuple((checkpoint, method) for checkpoint, method, *_ in SERIES)
    assert study.conditions == tuple(CONDITIONS)
    shown = outcomes.outcome(study, run)
    # Training injects by entity-substitution, so every condition that injects is seen; clean and irrelevant are not.
    assert [c["seen"] for c in shown["conditions"]] == [False, True, True, True, False]
    mine = [r["label"] for r in made.labels if (r["method"], r["condition"]) == ("vanilla-rag", "all-replaced")]
    assert shown["rows"][1]["cells"][3]["strict"]["value"] == f"{100 * mine.count('gold') / 48:.1f}%"


def test_published_figures_stand_beside_ours(run: Inputs) -> None:
    series = {"dataset": "vital", "model": "smollm2-135m", "checkpoint": "base", "method": "vanilla-rag"}
    about = {"prompt_set": "ours", "order": "rank", "seed": 42, "metric": "accuracy_official", "n": 48}
    figures = {"value": 0.5, "low": 0.4, "high": 0.6, "strict": 0.25, "published_value": 0.638}
    moved = {"difference": -0.138, "difference_low": -0.238, "difference_high": -0.038}
    theirs = {"published_model": "Llama-3-70B-Instruct", "same_model": False, "source": f"table 3 {EVIL}"}
    theirs |= {"published_n": 1399, "same_n": False}
    compared = replace(run, published=[{**series, **about, **figures, **moved, **theirs}])
    [study] = studies(compared.metrics, compared.config)
    [row] = outcomes.published(study, compared)["rows"]
    shown = [row[name] for name in ("ours", "interval", "strict", "published")]
    assert shown == ["50.0%", "40.0\u201360.0", "25.0%", "63.8%"]
    assert (row["difference"], row["moved"]) == ("\u221213.8", "\u221223.8 to \u22123.8")
    page = render(compared, FOLDER)
    assert "another model" in page and "1399 there" in page
    assert EVIL not in page
    assert "published figures (none was published" in render(run, FOLDER)


def test_texts_that_were_cut_are_counted_and_marked_where_they_are_many(tmp_path: Path) -> None:
    made = synthetic(20)
    for number, row in enumerate(r for r in made.labels if r["condition"] == "clean" and r["method"] == "vanilla-rag"):
        row["finished"] = number % 10 > 0  # two of twenty, of which one gives no answer
        row["label"] = "unfinished" if number == 0 else row["label"]
    metrics = summarize(by_series(pa.Table.from_pylist(made.labels, schema=LABELLED)), 42, "clean")
    run = read(write(replace(made, metrics=metrics), tmp_path / "results"))
    [study] = studies(run.metrics, run.config)
    shown = outcomes.outcome(study, run)
    assert shown["often_cut"] == 1
    marked = [(row["method"], cell) for row in shown["rows"] for cell in row["cells"] if cell["often_cut"]]
    assert [(method, cell["cut"]["value"]) for method, cell in marked] == [("vanilla-rag", "10.0%")]
    assert {"label": "unfinished", "width": "5.00", "text": "5.0%"} in marked[0][1]["bar"]
    html = render(run, FOLDER)
    assert "More than 5% of the texts of 1 cell were cut" in html
    assert html.count('class="unfinished"') == 2  # in the key, and in one bar


def test_rationale_rates_by_hand(tmp_path: Path) -> None:
    # Four were asked for: two pass at once, one at attempt 3, one never: 2/4 at first, 3/4 overall.
    about = {"question_id": "q", "condition": "clean", "style": "interexter", "state": "both", "rationale": "x"}
    part = ("vital", "smollm2-135m", "self")
    made = replace(
        synthetic(4),
        rationales={part: [about | {"attempt": n, "question_id": str(n)} for n in (1, 1, 3)]},
        rationales_rejected={part: [about | {"reason": "empty"}]},
    )
    run = read(write(made, tmp_path / "results"))
    [shown] = stages.rationales(run)
    assert [row["state"] for row in shown["rows"]] == ["both", "all states"]
    few = {"n": 4, "interval": "", "few": True}
    assert shown["rows"][1]["first"] == {"text": "50.0%", "part": 2} | few
    assert shown["rows"][1]["all"] == {"text": "75.0%", "part": 3} | few
    assert shown["reasons"] == [{"style": "interexter", "reason": "empty", "n": 1}]
    passed = replace(made, rationales_rejected={part: []})
    assert "None was rejected." in render(read(write(passed, tmp_path / "passed")), FOLDER)


def test_states_by_passages_alone_are_called_so(run: Inputs, tmp_path: Path) -> None:
    said = "No model was asked what it remembers of training questions"
    assert run.training_asked and said not in render(run, FOLDER)  # rationales of style interexter weigh it
    made = synthetic(4)
    recipes = {name: recipe for name, recipe in made.config["recipes"].items() if "interexter" not in recipe["method"]}
    plain = {**made.config, "rationales": {"check": "none", "styles": {"instructrag": ["clean"]}}, "recipes": recipes}
    without = read(write(replace(made, config=plain), tmp_path / "results"))
    html = render(without, FOLDER)
    assert not without.training_asked and said in html
    assert "is learned from that is not empty" in html and "is checked before" not in html


def test_gates_count_the_test_split_by_condition(run: Inputs) -> None:
    shown = stages.gates(run)
    kept = {row["condition"]: row for row in shown["kept"]}
    assert list(kept) == list(CONDITIONS)
    # The train split's is not counted.
    assert (kept["all-replaced"]["kept"], kept["all-replaced"]["rejected"]) == (48, 2)
    assert kept["all-replaced"]["injected_rows"] == 48 and kept["clean"]["injected_rows"] == 0
    assert kept["all-replaced"]["uncontested"] == kept["clean"]["uncontested"] == 0
    assert sum(row["n"] for row in shown["reasons"]) == 5
    assert ("as shipped", "prepared", "gold-leak", 1) in [
        tuple(row[name] for name in ("name", "stage", "reason", "n")) for row in shown["reasons"]
    ]


def test_how_each_model_is_spoken_to_is_shown_as_it_was_found(run: Inputs) -> None:
    assert overview.models(run) == []  # prepared before templates were tried
    assert "How each model is spoken to" not in render(run, FOLDER)
    found = {"system": "folded", "date": "2024-07-26", "thinking": "off", "end_of_turn": "<end>\n", "control_tokens": 4}
    prepared = {"chat": {**found, "example": f"<user>{EVIL}"}, "context_length": 8192}
    run = replace(run, manifest={**run.manifest, "models": {"tiny": prepared, "odd": "?"}})
    [shown] = overview.models(run)
    assert (shown["name"], shown["context"], shown["date"]) == ("tiny", "8\u202f192", "2024-07-26")
    assert shown["system"].startswith("refused by the template")
    page = render(run, FOLDER)
    assert "How each model is spoken to" in page
    assert "<code>&lt;end&gt;" in page and "&lt;user&gt;" in page and EVIL not in page


def test_a_model_of_a_server_is_named_by_where_it_is() -> None:
    source = {"kind": "endpoint", "url": "http://localhost/v1", "model": "theirs-1"}
    assert overview._revision({"source": source, "weights_id": "abc"}) == "theirs-1 at http://localhost/v1"
    assert overview._revision({"source": {"version": "0.1.2"}, "weights_id": "abc"}) == "version 0.1.2"


def test_conditions_are_shown_with_what_they_show(run: Inputs) -> None:
    shown = {row["name"]: row for row in overview.conditions(run)}
    assert list(shown) == list(CONDITIONS)
    about = {name: [row[key] for key in ("kind", "count", "supporting", "position")] for name, row in shown.items()}
    assert about["one-added"] == ["entity-substitution", 1, "keep", "random"]
    assert about["all-replaced"] == ["entity-substitution", "all", "replace", "-"]  # there is no place to choose
    assert about["irrelevant"] == ["-", 0, "remove", "-"]
    assert [shown[name]["asked"] for name in ("clean", "one-added")] == ["test and training", "test"]
    grid = {"dose-1": {"kind": "amplification", "count": 1, "sources": 1, "counter_to": "memory", "position": "last"}}
    config = run.config | {"conditions": grid, "test": {"conditions": ["dose-1"]}, "train": {"conditions": ["gone"]}}
    first, second = overview.conditions(replace(run, config=config))
    assert (first["sources"], first["against"], first["position"], first["asked"]) == (1, "memory", "last", "test")
    assert (second["name"], second["kind"], second["asked"]) == ("gone", "-", "training")


def test_retrieval_has_recall_mrr_and_ndcg_and_a_dash_for_what_is_not_there(run: Inputs) -> None:
    test, train = stages.retrieval(run)["rows"]
    measured = [*test["recall"], test["mrr"], test["ndcg"]]
    assert [cell["value"] for cell in measured] == ["71.0%", "90.0%", "96.0%", "0.80", "0.75"]
    for cell in measured:
        low, high = (float(bound) for bound in cell["interval"].split("–"))
        assert low < float(cell["value"].rstrip("%")) < high
        assert cell["n"] == 48
    assert [cell["value"] for cell in [*train["recall"], train["mrr"], train["ndcg"]]] == ["-"] * 5
    assert train["n"] == 0


def test_case_studies_are_many_varied_and_in_shown_order(run: Inputs) -> None:
    [study] = studies(run.metrics, run.config)
    cases = case_studies(study, run)
    assert len(cases) == 8
    assert len({case["question"] for case in cases}) == 8
    assert len({case["heading"] for case in cases}) >= 4
    assert all(case["sides"][0]["method"] == "vanilla-rag" for case in cases)
    misled = next(case for case in cases if case["condition"] == "all-replaced")
    assert [document["injected"] for document in misled["documents"]] == [True, False]  # by rank, not as stored
    assert misled["documents"][0]["stance"] == "counter"
    assert "mark class=" in misled["documents"][0]["text"]
    assert misled["internal_document"] is not None


def test_case_studies_are_fewer_only_where_questions_are(tmp_path: Path) -> None:
    small = read(write(synthetic(5), tmp_path / "results"))
    [study] = studies(small.metrics, small.config)
    assert len(case_studies(study, small)) == 5


def test_tables_can_be_reached_by_keyboard(html: str) -> None:
    found = elements(html)
    regions = [attributes for tag, attributes in found if attributes.get("role") == "region"]
    assert len(regions) == sum(tag == "table" for tag, _ in found) > 8
    assert all(region["tabindex"] == "0" and region["aria-label"] for region in regions)
    assert all("scope" in attributes for tag, attributes in found if tag == "th")
    plots = [attributes for tag, attributes in found if tag == "svg"]
    # Five, two flows, and of the training loss, rate, gradients, tokens per second, memory; no MFU on a CPU.
    assert len(plots) == 12 and all(plot["role"] == "img" and plot["aria-label"] for plot in plots)


def test_a_stage_that_rejected_nothing_is_said_once_for_all_its_tables(run: Inputs) -> None:
    silent = stages.gates(run)["silent"]
    assert "vital \u00b7 test \u00b7 answers of smollm2-135m, base" in silent  # of two shards
    assert len(silent) == len(set(silent)) == 6 and not any("injected" in line for line in silent)


def test_a_case_whose_example_is_gone_is_one_line(run: Inputs, tmp_path: Path) -> None:
    tables.write_rows(tmp_path / "test.parquet", [], EXAMPLES)
    [study] = studies(run.metrics, run.config)
    with pytest.raises(UserError, match="of different runs"):
        case_studies(study, replace(run, files=replace(run.files, examples={"vital": tmp_path / "test.parquet"})))


def test_a_config_without_the_report_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text("{}")
    with pytest.raises(UserError, match=r"report\.control is missing"):
        inputs.read_config(path)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_headline_fits_the_terminal(run: Inputs, width: int) -> None:
    console = Console(width=width, record=True, file=io.StringIO(), highlight=False)
    report = Path("results/report/index.html")
    show(console, run.metrics, run.comparisons, run.config, report)
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= width
    assert str(report) in text and "Did the conflict fire? Yes." in " ".join(text.split())
    row = next(line for line in text.splitlines() if line.startswith("vanilla-rag"))
    [study] = studies(run.metrics, run.config)
    cell = study.cells[("base", "vanilla-rag"), "clean", "accuracy_strict"]
    assert f"{100 * cell['value']:.0f} / " in row
    assert text.isascii() or "\u2500" in text  # lines of the table only; rich draws them in ASCII where it must


def test_the_headline_says_where_a_series_has_fewer_questions(run: Inputs) -> None:
    def shown(metrics: list[Row]) -> list[str]:
        console = Console(width=120, record=True, file=io.StringIO(), highlight=False)
        show(console, metrics, run.comparisons, run.config, Path("index.html"))
        return next(line for line in console.export_text().splitlines() if "n=" in line).split("n=")[1:]

    of_all = [row for row in run.metrics if (row["condition"], row["slice"]) == ("clean", "all")]
    asked = max(row["n"] for row in of_all if row["metric"] == "accuracy_strict")
    assert shown(run.metrics)[0].strip() == str(asked)
    fewer = [row | {"n": asked - 1} if row["checkpoint"] == "base" and row in of_all else row for row in run.metrics]
    assert shown(fewer)[0].strip() == f"{asked - 1} to {asked}"


def test_the_headline_of_the_program_without_a_terminal(results: Path) -> None:
    report = results / "report"
    command = [sys.executable, str(SCRIPTS.parents[1] / "tools/headline.py"), "--report", str(report / "index.html")]
    command += ["--config", str(results / "config.json"), "--metrics", str(report / "metrics.parquet")]
    command += ["--comparisons", str(report / "comparisons.parquet")]
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "TERM", "FORCE_COLOR")}
    done = subprocess.run(command, capture_output=True, env=environment | {"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode("ascii")
    assert "\x1b" not in text
    assert f"Report: {report / 'index.html'}" in text.splitlines()


def conditions(**settings: dict[str, Any]) -> tuple[Study, dict[str, Any]]:
    """A study of these conditions and a control, and its config."""
    named = {"clean": {"count": 0, "position": "first"}, **{name.replace("_", "-"): s for name, s in settings.items()}}
    config = CONFIG | {"conditions": named, "test": {"conditions": list(named)}}
    return Study(("d", "m", "ours", "rank", 1), "d", (), tuple(named), {}), config


def test_doses_are_conditions_that_differ_in_one_setting_only() -> None:
    study, config = conditions(
        three={"count": 3, "position": "first", "sources": 1},
        ten={"count": 10, "position": "first", "sources": 1},
        one={"count": 1, "position": "first", "sources": 1},
        one_last={"count": 1, "position": "last", "sources": 1},
        all={"count": "all", "position": "first", "sources": 1},
        two_sources={"count": 3, "position": "first", "sources": 2},
        irrelevant={"count": 0, "position": "first", "sources": 1},
    )
    first, last, sources = doses.families(study, config, "count")
    assert first.points == (("0", "clean"), ("1", "one"), ("3", "three"), ("10", "ten"), ("all", "all"))
    assert last.points == (("0", "clean"), ("1", "one-last"))
    assert sources.points == (("0", "clean"), ("3", "two-sources"))
    assert [family.name for family in (first, last, sources)] == ["one to\nall", "one-last", "two-sources"]
    assert doses.varied([first, last, sources]) == ["0", "1", "3", "10", "all"]
    [position] = doses.families(study, config, "position")
    assert position.points == (("first", "one"), ("last", "one-last"))


def test_dose_zero_is_the_control_of_the_conditions_of_a_curve() -> None:
    plausible = {"counter_answer": "plausible", "position": "first"}
    study, config = conditions(
        one={"count": 1, "position": "first"},
        clean_plausible=plausible | {"count": 0},
        one_plausible=plausible | {"count": 1, "control": "clean-plausible"},
    )
    random, drawn = doses.families(study, config, "count")
    assert random.points == (("0", "clean"), ("1", "one"))
    assert drawn.points == (("0", "clean-plausible"), ("1", "one-plausible"))


def test_without_varied_conditions_there_is_no_curve() -> None:
    study, config = conditions(irrelevant={"count": 0, "position": "first"})
    assert doses.families(study, config, "count") == []
    assert doses.families(study, config, "position") == []


def test_the_clean_tax_is_the_reference_minus_the_method(run: Inputs) -> None:
    [study] = studies(run.metrics, run.config)
    about = {"compare": "method", "metric": "clean_tax", "within": "clean", "b": "base/vanilla-rag"}
    row = run.comparisons[0] | about | {"a": "base/interexter-icl", "difference": 0.25, "low": -0.1, "high": 0.4}
    shown = analyses.regimes(study, replace(run, comparisons=[row]))
    by_method = {row["method"]: row for row in shown["rows"]}
    assert by_method["interexter-icl"]["tax"] == "+25.0"
    assert by_method["interexter-icl"]["tax_interval"] == "\u221210.0 to +40.0"
    assert by_method["vanilla-rag"]["tax"] == "-"
    cell = study.cells[("base", "vanilla-rag"), "all-replaced", "faithfulness"]
    assert by_method["vanilla-rag"]["wanted"][1]["n"] == cell["n"] > 0


def test_the_confusion_counts_every_answer_by_hand(run: Inputs, made: Made) -> None:
    [study] = studies(run.metrics, run.config)
    shown = analyses.confusion(study, run)
    matrix = next(m for m in shown["tables"] if (m["method"], m["condition"]) == ("vanilla-rag", "all-replaced"))
    assert matrix["open"] and matrix["n"] == 48
    rows = [r for r in made.labels if (r["method"], r["condition"]) == ("vanilla-rag", "all-replaced")]
    for line in matrix["rows"]:
        members = [r for r in rows if r["closed_book_label"] == line["label"]]
        assert line["n"] == len(members)
        assert [cell["part"] for cell in line["cells"]] == [
            sum(r["label"] == label for r in members) for label in shown["labels"]
        ]
    assert sum(line["n"] for line in matrix["rows"]) == sum(cell["part"] for cell in matrix["total"]) == 48
    for cell in (*matrix["total"], *(cell for line in matrix["rows"] for cell in line["cells"])):
        low, high = map(float, cell["interval"].split("\u2013"))
        assert low <= 100 * cell["part"] / cell["n"] <= high and low < high


def test_one_quantity_has_one_interval_wherever_it_stands(run: Inputs) -> None:
    """The share of gold answers: in the table of methods, among the labels, and as the metric of its own."""
    [study] = studies(run.metrics, run.config)
    shown = analyses.confusion(study, run)
    matrix = next(m for m in shown["tables"] if (m["method"], m["condition"]) == ("vanilla-rag", "all-replaced"))
    cell = study.cells[("base", "vanilla-rag"), "all-replaced", "accuracy_strict"]
    assert matrix["total"][LABELS.index("gold")]["interval"] == numbers.interval(cell) != ""
    known = next(row for row in matrix["rows"] if row["label"] == "gold")["cells"][LABELS.index("gold")]
    harm = study.cells[("base", "vanilla-rag"), "all-replaced", "harm"]
    turned = {"low": 1 - harm["high"], "high": 1 - harm["low"], "n": harm["n"]}  # gold, given gold closed-book
    assert known["interval"] == numbers.interval(turned) != ""


def test_one_quantity_has_one_value_wherever_it_stands(run: Inputs) -> None:
    """A rate in the verdict, in the table of methods, in its short form, and beside the mixture."""
    about = {"compare": "mixture", "metric": "counter_rate", "within": "all-replaced", "condition": "all-replaced"}
    [study] = studies(run.metrics, run.config)
    cell = study.cells[("base", "vanilla-rag"), "all-replaced", "counter_rate"]
    sides = {"a": "base/vanilla-rag", "value_a": cell["value"], "value_b": 0.5, "difference": -0.1, "n": cell["n"]}
    row = run.comparisons[0] | about | sides | {"low": -0.2, "high": -0.01}
    run = replace(run, comparisons=[*run.comparisons, row])
    shown = numbers.estimate(cell)
    [verdict] = overview.verdicts([study], run)
    assert verdict["rates"]["all-replaced"] == shown
    table = outcomes.outcome(study, run)["rows"][1]["cells"][3]
    assert table["counter"] == shown
    assert {share["label"]: share["text"] for share in table["bar"]}["counter"] == shown["value"]
    pages = dict.fromkeys(study.conditions, "")
    assert outcomes.in_short(study, pages)["rows"][3]["cells"][1].endswith(f" / {shown['value'].rstrip('%')}")
    [mixture] = outcomes.trade_off(study, run)["mixtures"]
    assert (mixture["rate"], mixture["mixture"], mixture["side"]) == (shown["value"], "50.0%", "above the line")


def test_a_mixture_that_is_no_share_is_none(run: Inputs) -> None:
    [study] = studies(run.metrics, run.config)
    about = {"compare": "mixture", "metric": "counter_rate", "condition": "all-replaced", "value_a": 0.0}
    row = run.comparisons[0] | about | {"value_b": -0.176, "difference": 0.176, "low": -0.3, "high": 0.65}
    [shown] = outcomes.trade_off(study, replace(run, comparisons=[row]))["mixtures"]
    assert (shown["rate"], shown["mixture"], shown["difference"], shown["interval"]) == ("0.0%", "-", "-", "-")
    assert shown["side"] == "no mixture has its accuracy"


def test_bars_split_answers_by_every_label_there_is(run: Inputs, made: Made) -> None:
    [study] = studies(run.metrics, run.config)
    shown = outcomes.outcome(study, run)
    assert shown["labels"] == LABELS
    mine = [r["label"] for r in made.labels if (r["method"], r["condition"]) == ("vanilla-rag", "all-replaced")]
    bar = shown["rows"][1]["cells"][3]["bar"]
    assert [share["label"] for share in bar] == [label for label in LABELS if label in mine]
    for share in bar:
        assert float(share["width"]) == pytest.approx(100 * mine.count(share["label"]) / len(mine), abs=0.01)


def test_the_flow_counts_every_question_at_each_step(run: Inputs, made: Made) -> None:
    [study] = studies(run.metrics, run.config)
    first, second = flow.flows(study, run)
    assert (first["method"], second["method"]) == ("vanilla-rag", "interexter-ft (interexter-ft-even)")
    picture = first["plot"]
    mine = {(r["condition"], r["question_id"]): r for r in made.labels if r["method"] == "vanilla-rag"}
    ids = sorted({question for _, question in mine})
    steps = [[mine[condition, i]["state"] for i in ids] for condition in ("clean", "all-replaced")]
    steps.append([mine["all-replaced", i]["label"] for i in ids])
    wanted = sorted(
        (a, b, str(n)) for pair in pairwise(steps) for (a, b), n in Counter(zip(*pair, strict=True)).items()
    )
    assert sorted(re.findall(r"<title>(\w+) to (\w+): (\d+)</title>", picture)) == wanted
    for name, count in (item for step in steps for item in Counter(step).items()):
        assert f">{name} {count}</text>" in picture
    bars = re.findall(r'<rect x="[^"]*" y="([^"]*)" width="14" height="([^"]*)"', picture)
    assert len(bars) == sum(len(set(step)) for step in steps)
    assert max(float(y) + float(height) for y, height in bars) < 300  # within the picture


def test_the_flow_of_a_condition_without_its_control_has_two_steps(run: Inputs) -> None:
    [study] = studies(run.metrics, run.config)
    one = replace(study, conditions=("one-added",))
    labels = run.labels[run.labels["condition"] == "one-added"]
    [first, _] = flow.flows(one, replace(run, labels=labels))
    headings = re.findall(r'class="heading"[^>]*>([^<]*)<', first["plot"])
    assert headings == ["evidence, one-added", "answer, one-added"]


def test_a_placebo_is_no_dose(run: Inputs) -> None:
    [study] = studies(run.metrics, run.config)

    def drawn(run: Inputs) -> str:
        return "".join(curve["plot"] for curve in analyses.dose_response(study, run)["curves"])

    kept = {key: replace(k, counter_passages=0) if key[1] == "one-added" else k for key, k in run.kept.items()}
    placebo = drawn(replace(run, kept=kept))
    assert "one-added" in drawn(run) and placebo and "one-added" not in placebo


def test_loss_is_a_curve_with_its_held_out_part_and_no_first_against_last(run: Inputs, html: str) -> None:
    [group] = stages.training(run)
    assert group["held_out"] and {(row["held_out"], row["held_out_step"]) for row in group["rows"]} == {("1.500", 10)}
    assert group["plot"].count('stroke-dasharray="2,3"') == len(CONFIG["recipes"])
    assert not re.search("(?i)(first|last) loss", html)
    bare = {key: [row | {"held_out_loss": None} for row in rows] for key, rows in run.training_logs.items()}
    [group] = stages.training(replace(run, training_logs=bare))
    assert not group["held_out"] and 'stroke-dasharray="2,3"' not in group["plot"]


def test_every_metric_of_the_page_is_explained() -> None:
    words, titles = glossary.entries(), {metric.title for metric in METRICS.values()}
    assert titles | glossary.TERMS.keys() == words.keys() and not titles & glossary.TERMS.keys()
    assert all(entry.means and "`" not in entry.means and "labels." not in entry.means for entry in words.values())
    assert len({entry.id for entry in words.values()}) == len(words)


def test_a_figure_of_few_questions_is_grey_and_has_no_interval(run: Inputs) -> None:
    def page(n: int) -> str:
        rows = [row | {"n": n} if row["metric"] == "resistance" else row for row in run.metrics]
        return render(replace(run, metrics=rows), FOLDER)

    assert numbers.few({"n": 9}) and not numbers.few({"n": 10}) and not numbers.few({"n": 0})
    shown = numbers.estimate({"value": 0.5, "low": 0.1, "high": 0.9, "n": 9})
    assert (shown["interval"], shown["few"]) == ("", True)
    grey = '<span class="few">'
    known = [r for r in run.metrics if (r["metric"], r["slice"]) == ("resistance", "all") and r["value"] is not None]
    assert page(9).count(grey) - page(10).count(grey) == len(known) > 0


PRIMARY = {"compare": "method", "metric": "resistance", "within": "all-replaced", "condition": "all-replaced"} | {
    "a": "interexter-ft/interexter-ft",
    "b": "base/vanilla-rag",
    "primary": True,
    "value_a": 0.75,
    "value_b": 0.5,
    "difference": 0.25,
    "low": 0.031,
    "high": 0.452,
    "p": 0.012,
    "p_adjusted": 0.024,
    "n": 40,
}


def primary_section(run: Inputs, named: int, *rows: Row) -> str:
    config = {**run.config, "comparisons": {"primary": [{}] * named}}
    changed = replace(run, config=config, comparisons=[*run.comparisons, *(run.comparisons[0] | row for row in rows)])
    page = render(changed, FOLDER)
    assert page.index('<section id="fired">') < page.index('<section id="primary">')
    listed = re.search(r'<section id="comparisons">.*?</section>', page, re.DOTALL)
    assert listed and "resistance" not in listed.group().lower()  # what is primary is no exploratory comparison too
    found = re.search(r'<section id="primary">.*?</section>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", found.group() if found else "").split())


def test_primary_comparisons_are_sentences_with_value_interval_p_and_n(run: Inputs) -> None:
    text = primary_section(run, 1, PRIMARY)
    compared = "Resistance (TiFe) of interexter-ft/interexter-ft minus that of base/vanilla-rag, within all-replaced:"
    assert compared in text and "75.0% − 50.0% = +25.0 points" in text
    tax = PRIMARY | {"metric": "clean_tax", "within": "clean", "condition": "clean", "value_a": 0.725, "value_b": 0.45}
    text_of_tax = primary_section(run, 1, tax | {"difference": 0.275})  # 27.5% are right, and 55% of the reference's
    assert "interexter-ft/interexter-ft against base/vanilla-rag, within clean: 55.0% − 27.5% = +27.5" in text_of_tax
    assert "(95% interval +3.1 to +45.2, p = 0.012, after Holm = 0.024, 40 questions) ★ holds" in text
    few = primary_section(run, 1, PRIMARY | {"n": 9, "p_adjusted": 0.2})
    assert "interval" not in few and "9 questions)" in few and "★" not in few


def test_costs_stand_in_the_order_of_the_chain() -> None:
    chain = ["counters (train)", "candidates (test)", "recall", "rationales", "finetune", "generate", "answers", "gate"]
    assert sorted(sorted(chain), key=stages._stage) == chain


def test_the_headline_names_primary_comparisons(run: Inputs) -> None:
    console = Console(file=io.StringIO(), width=400)
    rows = [run.comparisons[0] | PRIMARY, run.comparisons[0] | PRIMARY | {"n": 9, "p_adjusted": 4e-5}]
    show(console, run.metrics, rows, run.config, Path("r"))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    said = "Primary: resistance, interexter-ft/interexter-ft minus base/vanilla-rag (all-replaced): +25.0 points"
    assert f"{said} [+3.1, +45.2], p after Holm 0.024, n=40." in text
    assert f"{said}, p after Holm <0.001, n=9." in text


def test_primary_comparisons_that_could_not_be_made_are_said(run: Inputs) -> None:
    assert "everything on this page is exploratory" in render(run, FOLDER)
    assert "1 of 2 could not be made" in primary_section(run, 2, PRIMARY)
    nothing = PRIMARY | dict.fromkeys(("value_a", "value_b", "difference", "low", "high", "p", "p_adjusted")) | {"n": 0}
    assert "share no question that it is about" in primary_section(run, 1, nothing)


def test_a_slice_says_the_number_of_a_method_that_has_another(run: Inputs) -> None:
    fewer = [
        row | {"n": 3} if (row["method"], row["slice"]) == ("interexter-icl", "popularity=low") else row
        for row in run.metrics
    ]
    section = re.search(r'<section id="slices">.*?</section>', render(replace(run, metrics=fewer), FOLDER), re.DOTALL)
    assert section and section.group().count("<small>n&nbsp;3</small>") == 2  # under both conditions


def test_a_slice_that_holds_all_answers_is_left_out(run: Inputs) -> None:
    """It would be the methods' table again."""
    [study] = studies(run.metrics, run.config)
    alone = [row for row in run.metrics if not row["slice"].startswith("answer=")]
    whole = [row | {"slice": "answer=unseen"} for row in run.metrics if row["slice"] == "all"]
    shown = analyses.slices(study, replace(run, metrics=[*alone, *whole]))
    by = {row["by"] for table in shown["tables"] for row in table["rows"]}
    assert by and analyses.SLICES["answer"] not in by
    only = analyses.slices(study, replace(run, metrics=whole))
    assert only["tables"] == []


def test_a_metric_that_no_question_qualifies_for_has_no_column(run: Inputs) -> None:
    nothing = dict.fromkeys(("value", "low", "high"))
    metrics = [row | nothing if row["metric"] == "harm" else row for row in run.metrics]
    titles = []
    for told in (run.metrics, metrics):
        [study] = studies(told, run.config)
        titles.append({title for group in analyses.every_metric(study)["groups"] for title in group["metrics"]})
    assert titles[0] - titles[1] == {"harm"}


def test_slices_come_in_the_order_of_what_they_are_by(run: Inputs) -> None:
    [study] = studies(run.metrics, run.config)
    shown = analyses.slices(study, run)
    assert [part["condition"] for part in shown["tables"]] == ["all-replaced", "clean"]
    names = [(row["by"], row["value"]) for row in shown["tables"][0]["rows"]]
    there = {row["slice"] for row in run.metrics if row["condition"] == "all-replaced" and row["slice"] != "all"}
    several = Counter(name.partition("=")[0] for name in there)
    ordered = [name for key, name in analyses.SLICES.items() if several[key] > 1]
    assert len(ordered) > 2 and list(dict.fromkeys(by for by, _ in names)) == ordered
    assert [value for by, value in names if "popularity" in by] == ["low", "middle", "high"]


def test_the_risk_of_the_surest_answers_is_drawn_where_probabilities_are_known(run: Inputs) -> None:
    [study] = studies(run.metrics, run.config)
    assert risk.risk_over_coverage(study, run)["plots"] == []
    whole = next(row for row in run.metrics if (row["metric"], row["slice"]) == ("accuracy_strict", "all"))
    whole = {**whole, "checkpoint": "base", "method": "vanilla-rag", "condition": "clean"}
    steps = [("10%", 9, 1.0, 0.7, 1.0), ("50%", 45, 0.75, 0.6, 0.86), ("100%", 90, 0.5, 0.4, 0.6)]
    rows = [
        whole | {"slice": f"coverage={share}", "n": n, "value": value, "low": low, "high": high}
        for share, n, value, low, high in steps
    ]
    told = replace(run, metrics=[*run.metrics, *rows])
    drawn = risk.points(study, told, ["clean", "all-replaced"])
    assert [(one["method"], one["condition"], one["coverage"], one["risk"]) for one in drawn] == [
        ("vanilla-rag", "clean", 0.1, 0.0),
        ("vanilla-rag", "clean", 0.5, 0.25),
        ("vanilla-rag", "clean", 1.0, 0.5),
    ]
    assert [(one["low"], one["high"]) for one in drawn] == [  # of nine answers no interval is drawn
        (0.0, 0.0),
        (pytest.approx(0.14), 0.4),
        (0.4, 0.6),
    ]
    section = re.search(r'<section id="risk">.*?</section>', render(told, FOLDER), re.DOTALL)
    assert section and section.group().count("<svg") == 1 and "No answer" not in section.group()


def test_tokens_per_answer_are_set_against_the_reference(run: Inputs) -> None:
    found = studies(run.metrics, run.config)
    costs = [cost("answers", "base", "vanilla-rag", 10, 1000, 50, 2.5)]
    costs += [cost("answers", "base", "interexter-icl", 20, 6000, 50, None)]
    rows = analyses.answer_costs(found, replace(run, costs=costs))
    figures = ("method", "prompt", "prompt_times", "output_times", "seconds")
    assert [tuple(row[name] for name in figures) for row in rows] == [
        ("vanilla-rag", "100.0", "1.00\u00d7", "1.00\u00d7", "0.250"),
        ("interexter-icl", "300.0", "3.00\u00d7", "0.50\u00d7", numbers.MISSING),
    ]
    assert stages.costs(replace(run, costs=costs))["total"]["seconds"] == numbers.MISSING  # shares are no seconds more


def test_a_condition_that_did_not_fire_is_marked(run: Inputs) -> None:
    assert "did not fire</span>" not in render(replace(run, comparisons=[]), FOLDER)
    rows = [row | {"fired": row["a"] != "one-added"} for row in run.comparisons if row["compare"] == "condition"]
    [study] = studies(run.metrics, run.config)
    shown = outcomes.outcome(study, replace(run, comparisons=rows))
    assert {c["name"]: c["fired"] for c in shown["conditions"]} == {
        "clean": None,  # no comparison with closed-book
        "one-added": False,
        "one-replaced": True,
        "all-replaced": True,
        "irrelevant": None,  # injects nothing
    }
    placebo = {key: replace(kept, counter_passages=0 if key[1] == "one-added" else 1) for key, kept in run.kept.items()}
    shown = outcomes.outcome(study, replace(run, comparisons=rows, kept=placebo))
    assert {c["name"]: c["fired"] for c in shown["conditions"]}["one-added"] is None  # it is not meant to


@pytest.mark.parametrize(
    ("device", "engine", "said"),
    [
        ("cpu", {"strict": False, "logits_batch": 1}, []),
        ("cpu", {"dtype": "bfloat16", "strict": False, "logits_batch": 1}, ["in bfloat16 on a CPU"]),
        ("cuda", {"strict": True, "logits_batch": 1}, []),
        ("cuda", {"strict": False, "logits_batch": 1}, ["without engine.strict"]),
        ("cuda", {"strict": True, "logits_batch": 8}, ["cad decoded 8 prompts at a time"]),
        ("cuda", {"strict": False, "logits_batch": 8}, ["without engine.strict", "cad decoded 8 prompts at a time"]),
    ],
)
def test_answers_that_may_depend_on_others_are_said_where_the_run_is_described(
    run: Inputs, device: str, engine: dict[str, Any], said: list[str]
) -> None:
    engine = {"dtype": "float32", **engine}
    config = {**run.config, "device": device, "engine": engine, "methods": ["vanilla-rag", "cad"]}
    told = overview.decoded_together(replace(run, config=config))
    assert len(told) == len(said) and all(part in line for part, line in zip(said, told, strict=True))
    if len(said) == 2:
        assert render(replace(run, config=config), FOLDER).count("Decoded together:") == 2
    config["methods"] = ["vanilla-rag"]  # nothing has a contrast
    assert "cad" not in str(overview.decoded_together(replace(run, config=config)))
    served = {"kind": "endpoint", "url": "https://host/v1", "model": "large", "revision": "1"}
    config["models"] = {**config["models"], "served": served}
    assert all("served" not in line for line in overview.decoded_together(replace(run, config=config)))
    config["models"] = {"served": served}  # nothing runs on a GPU here
    assert overview.decoded_together(replace(run, config=config)) == []


def test_what_was_said_aloud_of_a_data_set_stands_where_the_run_is_described(html: str, run: Inputs) -> None:
    section = html[html.index('<section id="run">') : html.index('<section id="fired">')]
    assert section.count("who always gives it is right as often.") == len(run.config["datasets"])
    assert "<strong>Of vital:</strong> 56 of 75 questions" in section
