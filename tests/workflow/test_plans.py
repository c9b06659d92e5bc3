"""What the plan of every study holds: a file of each job among the targets, GPUs where they belong, pins of the build.

Why a file of every job is asked for, stands in the Snakefile. The tests hold for rules to come too: one that no study
here plans fails `test_no_rule_is_left_out`.
"""

import re
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


@pytest.mark.parametrize("condition", ["unknown", "untested"])
def test_answers_under_what_is_not_tested_are_refused(planned: Study, condition: str) -> None:
    study = yaml.safe_load((planned.folder / "config/smoke.yaml").read_text())
    study["conditions"]["untested"] = {"count": 1, "supporting": "keep"}
    (planned.folder / "config/untested.yaml").write_text(yaml.safe_dump(study))
    for folder in ("answers", "labels"):
        file = f"results/{folder}/atlas/tiny/base/vanilla-rag/{condition}.parquet"
        said = refused(planned, file, "config/untested.yaml")
        without_tasks = f"results/tasks/atlas/tiny/base/vanilla-rag/{condition}.parquet" in said  # that no rule makes
        assert without_tasks or f"{condition!r} is no condition of the config" in said


@pytest.mark.parametrize("file", ["examples/atlas/test/{}/gated.parquet", "evidence/atlas/tiny/test/{}.parquet"])
def test_an_unknown_condition_is_refused_with_those_that_there_are(planned: Study, file: str) -> None:
    said = refused(planned, f"results/{file.format('replced')}", "config/smoke.yaml")
    assert "'replced' is no condition of the config, which has clean, counter-replaced" in said


def refused(study: Study, file: str, config: str) -> str:
    """Return what a plan of one file fails with, its lines joined."""
    done = study.snakemake(file, "--dry-run", config=config)
    assert done.returncode == 1
    return " ".join((done.stdout + done.stderr).partition("Building DAG of jobs")[2].split())


def asked(study: Study, config: str, *arguments: str) -> dict[str, tuple[int, str]]:
    """Return the GPUs and the partition that each rule's jobs ask for."""
    done = study.snakemake("--dry-run", "--forceall", *arguments, config=f"config/{config}")
    assert done.returncode == 0, done.stderr
    found = {}
    for block in re.split(r"\n(?=(?:local)?rule )", done.stdout + done.stderr):
        if (rule := re.match(r"(?:local)?rule (\w+):", block)) and rule[1] != "all":
            gpus, partition = (re.search(rf"\b{name}=(\w+)", block) for name in ("gpu", "slurm_partition"))
            found[rule[1]] = int(gpus[1]) if gpus else 0, partition[1] if partition else ""
    return found


def test_on_a_cpu_no_rule_asks_for_a_gpu_that_it_would_hide(planned: Study) -> None:
    assert {gpus for gpus, _ in asked(planned, EVERY, "--resources", "gpu=4").values()} == {0}


def test_jobs_with_gpus_go_to_the_partition_of_models_and_no_other(planned: Study) -> None:
    planned.edit("profiles/slurm/config.yaml", "&models main", "&models cards")
    # Gates load a model here: what the profile has in a comment for them.
    text = (planned.folder / "profiles/slurm/config.yaml").read_text()
    gates = re.sub(r"(?m)^  # (gate:|  slurm_partition|  mem_mb|  runtime)", r"  \1", text)
    (planned.folder / "profiles/slurm/config.yaml").write_text(gates)
    text = (planned.folder / "config" / EVERY).read_text()
    (planned.folder / "config/cards.yaml").write_text(text.replace("device: cpu", "device: cuda"))
    found = asked(planned, "cards.yaml", "--workflow-profile", "profiles/slurm")
    assert {gpus for gpus, _ in found.values()} == {0, 1}
    assert {rule for rule, (gpus, _) in found.items() if gpus} == {
        rule for rule, (_, partition) in found.items() if partition == "cards"
    }


@pytest.mark.parametrize(
    ("environment", "package", "rule"), [("train-cuda", "torch", "finetune"), ("vllm-cuda", "torch", "generate")]
)
def test_pins_are_those_of_the_build_that_a_rule_runs_in(
    planned: Study, environment: str, package: str, rule: str
) -> None:
    text = (planned.folder / "config/smoke.yaml").read_text()
    (planned.folder / "config/cards.yaml").write_text(text.replace("device: cpu", "device: cuda"))
    path = planned.folder / f"envs/{environment}.yaml"
    before = path.read_text()
    path.write_text(re.sub(rf"(?m)^ +- {package}==.*\n", "", before))
    try:
        done = planned.snakemake("--dry-run", "--until", rule, config="config/cards.yaml")
    finally:
        path.write_text(before)
    assert f"{package}: no pin in envs/{environment}.yaml." in done.stdout + done.stderr
