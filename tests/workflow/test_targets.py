"""A file of every job of every rule is asked for by `all`; why stands in the Snakefile.

Holds for rules to come too: one that no study here plans fails the last test.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from .conftest import ROOT, Study

pytestmark = pytest.mark.slow

SHIPPED = sorted(path.name for path in (ROOT / "config").glob("*.yaml"))
EVERY = "every.yaml"  # the rules that no shipped study plans
BY_NAME = {"all", "preflight", "publish", "publish_checkpoint"}  # what only a person asks for
REVISION = "0" * 40


def every_kind(study: dict[str, Any]) -> dict[str, Any]:
    """Return a study with data, conditions, recipes and judges of every kind that a rule of its own makes."""
    dense = {"method": "dense", "model": "a/encoder", "revision": REVISION, "shards": 2}
    study["datasets"]["dense"] = study["datasets"]["atlas"] | {"retrieval": dense}
    one = {"count": 1, "supporting": "keep"}
    study["conditions"] |= {
        "written": {"kind": "counter-memory.news", **one, "position": "first"},
        "scored": {**one, "position": "score"},
    }
    study["test"]["conditions"] += ["written", "scored"]
    trained = study["recipes"]["interexter-ft"] | {"method": "instructrag-ft"}
    study["recipes"] |= {
        "shipped": trained | {"rationales": "shipped"},
        "ablated": trained | {"rationales": "without-answers"},
        "taken": {
            "method": "vanilla-sft",
            "weights": {name: {"kind": "local", "path": "w"} for name in study["datasets"]},
        },
    }
    study["prompt_sets"] = {"vanilla-rag": "instructrag"}
    study["citations"] = {"datasets": ["atlas"], "model": "a/judge", "revision": REVISION}
    study["gates"] = {"nli": {"model": "a/judge", "revision": REVISION}}
    return study


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """Return a copy of the project in which nothing was run, with a study of every kind beside the shipped ones."""
    study = Study(tmp_path_factory.mktemp("planned") / "project")
    every = every_kind(yaml.safe_load((ROOT / "config/smoke.yaml").read_text()))
    (study.folder / "config" / EVERY).write_text(yaml.safe_dump(every))
    yield study


@pytest.mark.parametrize("config", [*SHIPPED, EVERY])
def test_a_file_of_every_job_is_asked_for(planned: Study, config: str) -> None:
    jobs, targets = planned.every_job(f"config/{config}")
    assert jobs and targets
    assert [(rule, outputs) for rule, outputs in jobs if targets.isdisjoint(outputs)] == []


def test_no_rule_is_left_out(planned: Study) -> None:
    rules = set(planned.snakemake("--list-rules").stdout.split())
    # Published figures are there for published data sets alone.
    seen = {rule for config in (EVERY, "instructrag.yaml") for rule, _ in planned.every_job(f"config/{config}")[0]}
    assert rules - seen == BY_NAME
