"""Own data as docs/own-data.md has it, and three real benchmark files, from file to report with SmolLM2."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from interexter.core.tables import Row, read_rows, read_table
from interexter.data.schemas import RETRIEVED
from interexter.injection.compose import EXAMPLES

from .conftest import ROOT, Study

sys.path.insert(0, str(ROOT / "tests"))

from data_sets import embedded, real, write_lines

pytestmark = [pytest.mark.slow, pytest.mark.studies]


BENCHMARKS = {  # layouts, each with a real file
    "ramdocs": "ramdocs-first200.jsonl",
    "dynamicqa": "dynamicqa-temporal-first120.csv",
    "qacc": "qacc-first100.json",
}


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """A finished run on the page's five lines, and on the benchmarks."""
    files = {layout: real(name) for layout, name in BENCHMARKS.items()}
    study = Study(tmp_path_factory.mktemp("own") / "project")
    kept = ("question", "answers", "subject", "relation", "answer_type")
    write_lines(study.folder / "data/questions.jsonl", [{k: row[k] for k in kept} for row in embedded().questions[::3]])
    corpus = [{k: row[k] for k in ("title", "text")} for row in embedded().corpus]
    write_lines(study.folder / "data/corpus.jsonl", corpus)
    page = (ROOT / "docs/own-data.md").read_text()
    own = yaml.safe_load(re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1])  # type: ignore[index]
    own["datasets"]["mine"] |= {"train": 8, "test": 8}
    for layout, path in files.items():
        source = {"kind": "local", "layout": layout, "path": str(path), "split": "drawn"}
        own["datasets"][layout] = {"source": source, "train": 6, "test": 8, "passages": 1, "depth": 5}
    config = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
    config["models"] = yaml.safe_load((ROOT / "config/config.yaml").read_text())["models"]
    config["conditions"]["counter-added"] = {"count": 1, "supporting": "keep", "position": "first"}
    config["test"]["conditions"] = ["clean", "counter-added"]
    config["report"]["strongest"] = "counter-added"
    (study.folder / "config/mine.yaml").write_text(yaml.safe_dump({**config, **own}))
    done = study.snakemake(config="config/mine.yaml")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    yield study


def test_every_data_set_reaches_the_report_with_answers_of_its_own(studied: Study) -> None:
    report = (studied.folder / "results/report/index.html").read_text()
    metrics = pq.read_table(studied.folder / "results/report/metrics.parquet").to_pylist()
    for dataset in ("mine", *BENCHMARKS):
        assert f"<strong>{dataset}</strong>" in report
        asked = {row["method"]: row["n"] for row in metrics if _is_clean(row, dataset)}
        assert asked and all(n >= 5 for n in asked.values()), (dataset, asked)
    card = json.loads((studied.folder / "results/data/mine/card.json").read_text())
    assert card["licence"] == "CC BY 4.0"
    assert studied.planned("config/mine.yaml") == {}


def _is_clean(row: Row, dataset: str) -> bool:
    wanted = {"dataset": dataset, "condition": "clean", "metric": "accuracy_official", "slice": "all"}
    return wanted.items() <= row.items()


@pytest.mark.parametrize(("dataset", "method"), [("mine", "bm25"), *((layout, "shipped") for layout in BENCHMARKS)])
def test_passages_come_from_where_they_should(studied: Study, dataset: str, method: str) -> None:
    found = Path(studied.folder / f"results/retrieved/{dataset}")
    assert json.loads((found / "test.recall.json").read_text())["method"] == method
    origins = {p["origin"] for row in read_rows(found / "test.parquet", RETRIEVED) for p in row["passages"]}
    assert origins == {"retrieved" if method == "bm25" else "shipped"}
    examples = studied.folder / f"results/examples/{dataset}/seed-0/test.parquet"
    for row in read_table(examples, EXAMPLES, where={"condition": "counter-added"}).to_pylist():
        assert sum(p["origin"] == "injected" for p in row["passages"]) == 1
