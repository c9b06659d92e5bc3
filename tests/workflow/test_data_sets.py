"""Own data as docs/own-data.md has it, and a real benchmark file, from file to report with SmolLM2."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from interexter.core.tables import read_rows, read_table
from interexter.data.schemas import RETRIEVED
from interexter.injection.compose import EXAMPLES

from .conftest import ROOT, Study

sys.path.insert(0, str(ROOT / "tests"))

from data_sets import embedded, real, write_lines

pytestmark = [pytest.mark.slow, pytest.mark.studies]


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """A finished run on two data sets: the page's five lines, and RAMDocs."""
    ramdocs = real("ramdocs-first200.jsonl")
    study = Study(tmp_path_factory.mktemp("own") / "project")
    kept = ("question", "answers", "subject", "relation", "answer_type")
    write_lines(study.folder / "data/questions.jsonl", [{k: row[k] for k in kept} for row in embedded().questions[::3]])
    corpus = [{k: row[k] for k in ("title", "text")} for row in embedded().corpus]
    write_lines(study.folder / "data/corpus.jsonl", corpus)
    page = (ROOT / "docs/own-data.md").read_text()
    own = yaml.safe_load(re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1])  # type: ignore[index]
    own["datasets"]["mine"] |= {"train": 8, "test": 8}
    benchmark = {"kind": "local", "layout": "ramdocs", "path": str(ramdocs)}
    own["datasets"]["ramdocs"] = {"source": benchmark, "train": 8, "test": 8, "passages": 1, "depth": 5}
    config = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
    config["models"] = yaml.safe_load((ROOT / "config/config.yaml").read_text())["models"]
    config["conditions"]["counter-added"] = {"count": 1, "supporting": "keep", "position": "first"}
    config["test"]["conditions"] = ["clean", "counter-added"]
    config["report"]["strongest"] = "counter-added"
    (study.folder / "config/mine.yaml").write_text(yaml.safe_dump({**config, **own}))
    done = study.snakemake(config="config/mine.yaml")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    yield study


def test_both_data_sets_reach_the_report(studied: Study) -> None:
    report = (studied.folder / "results/report/index.html").read_text()
    assert "mine" in report
    assert "ramdocs" in report
    card = json.loads((studied.folder / "results/data/mine/card.json").read_text())
    assert card["licence"] == "CC BY 4.0"
    assert studied.planned("config/mine.yaml") == {}


@pytest.mark.parametrize(("dataset", "method"), [("mine", "bm25"), ("ramdocs", "shipped")])
def test_passages_come_from_where_they_should(studied: Study, dataset: str, method: str) -> None:
    found = Path(studied.folder / f"results/retrieved/{dataset}")
    assert json.loads((found / "test.recall.json").read_text())["method"] == method
    origins = {p["origin"] for row in read_rows(found / "test.parquet", RETRIEVED) for p in row["passages"]}
    assert origins == {"retrieved" if method == "bm25" else "shipped"}
    examples = studied.folder / f"results/examples/{dataset}/seed-0/test.parquet"
    for row in read_table(examples, EXAMPLES, where={"condition": "counter-added"}).to_pylist():
        assert sum(p["origin"] == "injected" for p in row["passages"]) == 1
