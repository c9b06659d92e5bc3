"""Large studies: the page stays small however many conditions there are, and memory however many answers."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from chromium import sheets
from interexter.answers.schemas import ANSWERS
from interexter.core import tables
from interexter.core.tables import Row
from interexter.injection.compose import EXAMPLES
from interexter.report import page
from interexter.report.inputs import Inputs
from interexter.scoring.judgements import LABELLED
from made_study import CONDITIONS, RANDOM, SERIES, Made, read, synthetic, write
from test_layout import SHEETS
from test_report import FOLDER, SCRIPTS, elements

MEGABYTE = 1_000_000
PAGE = 3 * MEGABYTE
MEMORY = 2**31 / 1_000_000  # bytes an answer: a million within 2 GiB
ANSWERED = 200_000

KINDS = ("entity-substitution", "negation", "irrelevant")
GRID = {
    f"{kind}-{count}-{position}-{supporting}": {
        "kind": kind,
        "count": count,
        "position": position,
        "supporting": supporting,
        **RANDOM,
    }
    for kind, count, position, supporting in product(
        KINDS, (1, 2, 3, 5, 8, "all"), ("first", "last", "random"), ("keep", "remove")
    )
}
MANY = CONDITIONS | dict(list(GRID.items())[: 100 - len(CONDITIONS)])


def many(made: Made) -> Made:
    """A study under a hundred conditions: those added answer as all-replaced does."""
    added = [name for name in MANY if name not in CONDITIONS]

    def spread(rows: list[Row]) -> list[Row]:
        strongest = [row for row in rows if row["condition"] == "all-replaced"]
        return rows + [row | {"condition": name} for name in added for row in strongest]

    series = [f"{checkpoint}/{method}" for checkpoint, method, *_ in SERIES]
    tested = made.comparisons[0] | {
        "value_a": 0.5,
        "value_b": 0.25,
        "both": 10,
        "only_a": 14,
        "only_b": 2,
        "neither": 22,
    }
    tested |= {"p_mcnemar": 0.001, "cohens_h": 0.52, "odds_ratio": 7.0, "detectable": 0.2}
    metrics = ("accuracy_strict", "counter_rate", "f1")
    comparisons = [
        tested | {"compare": "condition", "metric": metric, "within": one, "condition": name, "a": name, "b": "clean"}
        for metric, one, name in product(metrics, series, [name for name in MANY if name != "clean"])
    ]
    comparisons += [
        tested
        | {"compare": "method", "metric": metric, "within": name, "condition": name, "a": one, "b": "base/vanilla-rag"}
        for metric, one, name in product(metrics, series, MANY)
        if one != "base/vanilla-rag"
    ]
    return replace(
        made,
        config=made.config | {"conditions": MANY, "test": {"conditions": list(MANY)}},
        metrics=spread(made.metrics),
        comparisons=comparisons,
        labels=spread(made.labels),
        answers={part: spread(rows) for part, rows in made.answers.items()},
        examples={name: spread(rows) for name, rows in made.examples.items()},
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return read(write(many(synthetic(16)), tmp_path_factory.mktemp("many") / "results"))


@pytest.fixture(scope="module")
def html(run: Inputs) -> str:
    return page.render(run, FOLDER)


def test_the_page_of_a_hundred_conditions_is_small_and_leads_to_all_of_them(run: Inputs, html: str) -> None:
    assert len(MANY) == 100 and len(html.encode()) < PAGE
    pages = dict(page.condition_pages(run))
    links = [a["href"] for tag, a in elements(html) if tag == "a" and (a["href"] or "").startswith(f"{FOLDER}/")]
    assert links == [f"{FOLDER}/{name}" for name in pages] and len(pages) == 100
    shown = re.findall(r"<summary>vanilla-rag, (\S+) <small>", html)
    assert len(shown) == page.SHOWN and {"clean", "all-replaced"} < {*shown}
    last = pages[f"study-1-condition-{len(MANY)}.html"]
    assert [*MANY][-1] in last and "../index.html" in last and len(last.encode()) < MEGABYTE / 5
    elements(last)


def test_the_page_of_a_hundred_conditions_takes_few_sheets(html: str, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(html, encoding="utf-8")
    assert 3 < sheets(tmp_path / "index.html") <= SHEETS


def test_a_condition_has_the_same_figures_on_its_own_page(run: Inputs, html: str) -> None:
    def compared(text: str) -> list[str]:
        return [row for row in re.findall(r"<tr.*?</tr>", text) if "<td>one-added</td>" in row]

    own = dict(page.condition_pages(run))["study-1-condition-2.html"]
    assert compared(own) == compared(html) and len(compared(own)) == 3 * (2 * len(SERIES) - 1)


def large(made: Made, results: Path, answers: int) -> Path:
    """Write a study of so many answers, each with a text of half a kilobyte, one batch at a time."""
    write(made, results)
    questions = answers // (len(CONDITIONS) * len(SERIES))
    said = " ".join(f"word{i}" for i in range(70))

    def repeated(rows: list[Row], **changed: Any) -> Iterator[Row]:
        for time in range(questions):
            for row in rows:
                yield row | {"question_id": f"{time:032}"} | {k: f"{time} {v}" for k, v in changed.items()}

    first = {name: [row for row in rows if row["question_id"] == "q000"] for name, rows in made.examples.items()}
    for name, rows in first.items():
        with tables.Writer(results / f"examples/{name}/seed-42/test.parquet", EXAMPLES) as writer:
            for row in sorted(rows, key=lambda row: row["condition"]):
                writer.write(*repeated([row]))
                writer.end_group()
    for part, rows in made.answers.items():
        folder = results / "answers" / part[0] / "seed-42" / part[1]
        for shard, unfinished in ((1, rows), (2, [])):
            _write(folder / f"{part[2]}.{shard}-of-2.parquet", ANSWERS, unfinished, repeated, text=said)
        mine = [row for row in made.labels if row["checkpoint"] == part[2]]
        _write(results / "labels" / part[0] / "seed-42" / part[1] / f"{part[2]}.parquet", LABELLED, mine, repeated)
    return results


def _write(path: Path, schema: Any, rows: list[Row], repeated: Any, **changed: Any) -> None:
    rows = sorted((row for row in rows if row["question_id"] == "q000"), key=lambda row: row["condition"])
    with tables.Writer(path, schema) as writer:
        for condition in CONDITIONS:
            writer.write(*repeated([row for row in rows if row["condition"] == condition], **changed))
            writer.end_group()


def peak(results: Path, out: Path) -> int:
    """Bytes that the program has at most while it writes the report."""
    command = [sys.executable, str(SCRIPTS / "report.py"), "--results", str(results)]
    command += ["--config", str(results / "config.json"), "--out", str(out / "index.html")]
    command += ["--examples-out", str(out / "examples.html"), "--examples-folder", str(out / "examples")]
    with subprocess.Popen(command) as started:
        _, status, usage = os.wait4(started.pid, 0)
        started.returncode = status
    assert status == 0
    return usage.ru_maxrss * 1024


def test_memory_grows_by_less_than_two_kilobytes_an_answer(tmp_path: Path) -> None:
    made = synthetic(16)
    small = peak(large(made, tmp_path / "small", 4_000), tmp_path / "few")
    grown = peak(large(made, tmp_path / "large", ANSWERED), tmp_path / "many") - small
    assert grown < MEMORY * ANSWERED
    assert max(path.stat().st_size for path in (tmp_path / "many").rglob("*.*")) < 2 * MEGABYTE
    assert (tmp_path / "many/examples.html").stat().st_size < MEGABYTE / 10
