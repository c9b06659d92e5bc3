"""What the plan of every study holds: a file of each job among the targets, GPUs where they belong, pins of the build.

The Snakefile says why a file of every job is asked for. The tests hold for rules to come too: a rule that no study here
plans fails `test_no_rule_is_left_out`.
"""

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from deployment import run_tool

from .conftest import ROOT, Study, jobs_of

pytestmark = pytest.mark.slow

SHIPPED = sorted(path.name for path in (ROOT / "config").glob("*.yaml"))
EVERY = "every.yaml"  # the rules that no shipped study plans
# What only a person asks for.
BY_NAME = {"all", "preflight", "publish", "publish_checkpoint", "publish_data", "export_questions"}
REVISION = "0" * 40
BRACES = "w {x} {{y}} 'z'"  # in words of a config, which are no wildcards of Snakemake


def every_kind(study: dict[str, Any]) -> dict[str, Any]:
    """Return a study with data, conditions, recipes and judges of every kind that a rule of its own makes."""
    dense = {"method": "dense", "model": "a/encoder", "revision": REVISION, "shards": 2}
    study["datasets"]["dense"] = study["datasets"]["vital"] | {"retrieval": dense}
    one = {"count": 1, "supporting": "keep"}
    study["conditions"] |= {
        "written": {"kind": "counter-memory.news", **one, "position": "first"},
        "scored": {**one, "position": "score"},
    }
    study["conditions"]["believed"] = {"count": 1, "counter_answer": "plausible"}
    study["plausibility_gate"] = {"methods": ["vanilla-rag"]}
    study["test"]["conditions"] += ["written", "scored", "believed"]
    trained = study["recipes"]["interexter-ft"] | {"method": "instructrag-ft"}
    study["recipes"] |= {
        "shipped": trained | {"rationales": "shipped"},
        "ablated": trained | {"rationales": "without-answers"},
        "taken": {
            "method": "vanilla-sft",
            "weights": {name: {"kind": "local", "path": BRACES} for name in study["datasets"]},
        },
    }
    study["answers"] = {"theirs": {"kind": "file", "files": dict.fromkeys(study["datasets"], "theirs.jsonl")}}
    study["prompt_sets"] = {"vanilla-rag": "instructrag"}
    study["citations"] = {"datasets": ["vital"], "model": f"./{BRACES}"}
    study["gates"] = {"nli": {"model": f"./{BRACES}"}}
    study["generate"]["rationale_stop"] = [BRACES]
    return study


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """Return a copy of the project in which nothing was run, with a study of every kind beside the shipped ones."""
    study = Study(tmp_path_factory.mktemp("planned") / "project")
    every = every_kind(yaml.safe_load((ROOT / "config/smoke.yaml").read_text()))
    (study.folder / "config" / EVERY).write_text(yaml.safe_dump(every))
    (study.folder / "theirs.jsonl").write_text("")
    (study.folder / BRACES).mkdir()  # which the study names; what is not there is refused
    yield study


@pytest.fixture(scope="module")
def plan(planned: Study) -> Callable[[str], str]:
    """Return what gives the whole plan of a study on four GPUs and eight cores, made once."""
    return cache(lambda name: planned.whole_plan("--resources", "gpu=4", "--cores", "8", config=f"config/{name}"))


@pytest.mark.parametrize("config", [*SHIPPED, EVERY])
def test_a_file_of_every_job_is_asked_for(plan: Callable[[str], str], config: str) -> None:
    jobs, targets = jobs_of(plan(config))
    assert jobs and targets
    assert [(rule, outputs) for rule, outputs in jobs if targets.isdisjoint(outputs)] == []


PAPERS = {
    "instructrag": {4},
    "instructrag-70b": set(),
    "instructrag-passages": set(),
    "interexter": {1},
    "llama-3-8b": {1, 4},
}


@pytest.mark.parametrize("name", PAPERS)
def test_the_papers_studies_plan_for_four_gpus_and_eight_cores_and_leave_none_idle(
    plan: Callable[[str], str], name: str
) -> None:
    said = plan(f"{name}.yaml")
    gpus: dict[str, set[int]] = {"finetune": set()}
    jobs: Counter[str] = Counter()
    for block in re.split(r"\n(?=(?:local)?rule )", said):
        rule = re.match(r"rule (\w+):", block)
        if rule and (asked := re.search(r"\bgpu=([1-9])", block)):
            threads = re.search(r"(?m)^    threads: (\d+)", block)
            assert threads and 4 // int(asked[1]) * int(threads[1]) <= 8, block  # as many jobs as have GPUs have cores
            gpus.setdefault(rule[1], set()).add(int(asked[1]))
            jobs[rule[1]] += 1
    assert gpus["finetune"] == PAPERS[name]
    assert gpus["generate"] == gpus["recall"] == ({4} if name == "instructrag-70b" else {1})
    assert jobs["generate"] >= 4 or gpus["generate"] == {4}
    # What a run would be refused for is said last; the embedded data are always there.
    [*_, last] = said.strip().splitlines()
    published = "/d/1MVkdc4g9_D4REtaBFKeJ9gMun4qzdQtO): gdown"
    assert (published in last and "there is no data/instructrag/PopQA" in last) == (name != "llama-3-8b"), last


def test_a_job_of_a_cluster_asks_for_the_memory_that_its_model_takes(planned: Study) -> None:
    """70B on four GPUs: 8 GB a process and the weights once; where a small model is trained, the least."""
    for config, memory in (("instructrag-70b.yaml", {172_000}), ("smoke.yaml", {8_000, 16_000})):
        needs = ("--resources", "gpu=4", "--workflow-profile", "profiles/slurm")
        said = planned.whole_plan(*needs, config=f"config/{config}")
        blocks = re.findall(r"(?ms)^rule (recall|rationales|generate|finetune):\n(.*?)(?=\n\n|\nrule |\Z)", said)
        asked = {int(found) for _, block in blocks for found in re.findall(r"\bmem_mb=(\d+)", block)}
        assert blocks and asked == memory


def test_a_run_without_data_that_are_to_be_had_ends_in_a_line_before_its_first_job(planned: Study) -> None:
    text = (planned.folder / "config/instructrag-70b.yaml").read_text()
    (planned.folder / "config/lacking.yaml").write_text(text.replace("device: cuda", "device: cpu"))
    done = planned.snakemake(config="config/lacking.yaml")
    said = done.stdout + done.stderr
    assert done.returncode != 0 and "Traceback" not in said
    [line] = [line for line in said.splitlines() if "there is no data/instructrag/PopQA" in line]
    assert "with train.json and test.json and demos.json" in line and "gdown" in line
    assert not (planned.folder / "results").exists()


def test_a_training_is_refused_before_the_first_job_where_too_few_gpus_are_granted(planned: Study) -> None:
    done = planned.snakemake("--dry-run", "--resources", "gpu=2", config="config/instructrag.yaml")
    said = done.stdout + done.stderr
    assert "the training of vanilla-sft on llama-3-8b-instruct takes 4 GPU(s), but the run was granted 2" in said


def test_no_rule_is_left_out(planned: Study, plan: Callable[[str], str]) -> None:
    rules = set(planned.snakemake("--list-rules").stdout.split())
    # Published figures are there for published data sets alone.
    seen = {rule for config in (EVERY, "instructrag.yaml") for rule, _ in jobs_of(plan(config))[0]}
    assert rules - seen == BY_NAME


def test_checkpoints_of_all_seeds_and_the_data_are_published(planned: Study) -> None:
    config = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
    config |= {"seeds": [0, 1], "publish": {"owner": "me", "data": True}}
    (planned.folder / "config/published.yaml").write_text(yaml.safe_dump(config))
    done = planned.snakemake("publish", "--dry-run", "--quiet", "rules", config="config/published.yaml")
    assert done.returncode == 0, done.stderr
    jobs = dict(re.findall(r"^(\w+) +(\d+)$", done.stdout + done.stderr, re.MULTILINE))
    assert (jobs["publish_checkpoint"], jobs["publish_data"]) == ("2", "1")


def test_a_study_is_planned_in_its_own_folder_and_shares_what_is_costly(tmp_path: Path) -> None:
    study = Study(tmp_path / "project")
    (study.folder / "data").mkdir()
    question = '{"question": "What is the capital of Peru?", "answers": ["Lima"], "passages": ["Lima is."]}\n'
    (study.folder / "data/mine.jsonl").write_text(question)
    config = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
    config |= {"study": "mine", "recipes": {}}
    config["datasets"]["vital"]["source"] = {"kind": "local", "questions": "data/mine.jsonl"}
    (study.folder / "config/named.yaml").write_text(yaml.safe_dump(config))
    environment = study.environment(PYTHONPATH=str(study.folder / "workflow/scripts"))
    command = [sys.executable, "tools/run.py", "--configfile", "config/named.yaml", "--dry-run", "--printshellcmds"]
    done = subprocess.run(command, cwd=study.folder, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    said = done.stdout + done.stderr
    assert '"questions":"../../data/mine.jsonl"' in said  # found where the code is
    assert "--store results/store" in said and "--cache .cache/models" in said
    mine = study.folder / "studies/mine"
    assert (mine / "results/store").resolve() == study.folder / "results/store"
    assert (mine / ".cache").resolve() == study.folder / ".cache"
    assert not (study.folder / ".snakemake").exists()


def test_what_another_system_needs_is_made_without_asking_any_method(planned: Study) -> None:
    target = "results/questions/vital/seed-0/tiny/vanilla-rag.jsonl"
    done = planned.snakemake(target, "--dry-run", "--quiet", "rules")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^export_questions +1$", done.stdout + done.stderr, re.MULTILINE)
    assert not re.search(r"^(generate|finetune|label) ", done.stdout + done.stderr, re.MULTILINE)


def test_a_server_is_asked_without_a_gpu(planned: Study) -> None:
    study = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
    study |= {"device": "cuda", "recipes": {}}
    study["models"] = {"served": {"kind": "endpoint", "url": "http://localhost:1/v1", "model": "m"}}
    (planned.folder / "config/served.yaml").write_text(yaml.safe_dump(study))
    said = planned.whole_plan("--printshellcmds", config="config/served.yaml")
    asking = re.findall(r"with_gpus\.py\S* (\d+) -- +\\?\s+python \S+/(recall|rationales|generate)\.py", said)
    assert {name: gpus for gpus, name in asking} == dict.fromkeys(("recall", "rationales", "generate"), "0")


def asked(plan: str) -> dict[str, tuple[int, str]]:
    """Return the GPUs and the partition that each rule's jobs ask for."""
    found = {}
    for block in re.split(r"\n(?=(?:local)?rule )", plan):
        if (rule := re.match(r"(?:local)?rule (\w+):", block)) and rule[1] != "all":
            gpus, partition = (re.search(rf"\b{name}=(\w+)", block) for name in ("gpu", "slurm_partition"))
            found[rule[1]] = int(gpus[1]) if gpus else 0, partition[1] if partition else ""
    return found


def test_on_a_cpu_no_rule_asks_for_a_gpu_that_it_would_hide(plan: Callable[[str], str]) -> None:
    assert {gpus for gpus, _ in asked(plan(EVERY)).values()} == {0}


def test_jobs_with_gpus_go_to_the_partition_of_models_and_no_other(planned: Study) -> None:
    planned.edit("profiles/slurm/config.yaml", "&models main", "&models cards")
    text = (planned.folder / "config" / EVERY).read_text()
    (planned.folder / "config/cards.yaml").write_text(text.replace("device: cpu", "device: cuda"))
    found = asked(planned.whole_plan("--workflow-profile", "profiles/slurm", config="config/cards.yaml"))
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


def test_the_demo_is_a_chain_of_thirty_jobs(plan: Callable[[str], str]) -> None:
    assert len(jobs_of(plan("config.yaml"))[0]) <= 35


def test_a_condition_more_adds_no_job(planned: Study, plan: Callable[[str], str]) -> None:
    before = len(jobs_of(plan("smoke.yaml"))[0])
    study = yaml.safe_load((planned.folder / "config/smoke.yaml").read_text())
    study["conditions"]["more"] = {"count": 1, "supporting": "keep", "position": "first"}
    study["test"]["conditions"].append("more")
    (planned.folder / "config/more.yaml").write_text(yaml.safe_dump(study))
    assert len(planned.every_job("config/more.yaml")[0]) == before


IMPORTER = """
configfile: "config.yaml"

module conflict:
    snakefile: "{project}/Snakefile"
    config: config["conflict"]
    prefix: "conflict/"

use rule * from conflict as conflict_*

rule all:
    default_target: True
    input: rules.conflict_all.input
"""


def importer(planned: Study, folder: Path) -> Path:
    """Write a workflow that uses ours as a module, with the smoke study under a key of its config."""
    folder.mkdir()
    (folder / "Snakefile").write_text(IMPORTER.format(project=planned.folder))
    study = yaml.safe_load((planned.folder / "config/smoke.yaml").read_text())
    (folder / "config.yaml").write_text(yaml.safe_dump({"conflict": study}))
    return folder


def hosted(planned: Study, tmp_path: Path) -> tuple[str, dict[str, str]]:
    """Put the project under version control; return its commit, and what lets this folder stand in for a git host."""
    repository = tmp_path / "hosted/owner/project"
    shutil.copytree(planned.folder, repository, ignore=shutil.ignore_patterns("results", ".*", "__pycache__"))
    git = ["git", "-c", "user.name=n", "-c", "user.email=e", "-C", str(repository)]
    for command in (["init", "--quiet", "--initial-branch", "main"], ["add", "."], ["commit", "--quiet", "-m", "m"]):
        subprocess.run([*git, *command], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    here = {"KEY_0": f"url.file://{tmp_path}/hosted/.insteadOf", "VALUE_0": "https://github.com/"}
    return commit, {"GIT_CONFIG_COUNT": "1", **{f"GIT_CONFIG_{name}": value for name, value in here.items()}}


def test_a_module_of_a_git_host_is_run_from_files_of_its_commit(planned: Study, tmp_path: Path) -> None:
    folder = importer(planned, tmp_path / "importer")
    commit, host = hosted(planned, tmp_path)
    text = (folder / "Snakefile").read_text()
    named = f'github("owner/project", path="Snakefile", commit="{commit}")'
    (folder / "Snakefile").write_text(text.replace(f'"{planned.folder}/Snakefile"', named))
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--until", "conflict_prepare_dataset"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=planned.environment(**host))
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "conflict/results/data/vital/questions.parquet").is_file()
    assert (folder / f".cache/workflow/{commit}/workflow/scripts/label.py").is_file()


def test_snakedeploy_sets_up_a_study_that_plans_every_job(
    planned: Study, plan: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the command of docs/module.md."""
    _, host = hosted(planned, tmp_path)
    for name, value in host.items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "my-study"
    deploy = ("deploy-workflow", "https://github.com/owner/project", folder, "--branch", "main")
    done = run_tool("snakedeploy==0.17.1", "snakedeploy", *deploy)
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.copy(folder / "config/smoke.yaml", folder / "config/config.yaml")
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "rules"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=planned.environment(**host))
    assert done.returncode == 0, done.stdout + done.stderr
    [total] = re.findall(r"(?m)^total +(\d+)$", done.stdout + done.stderr)[:1]
    assert int(total) == len(jobs_of(plan("smoke.yaml"))[0]) + 1


def test_a_run_in_another_directory_plans_every_job(planned: Study, plan: Callable[[str], str], tmp_path: Path) -> None:
    command = planned.command("--dry-run", "--quiet", "rules", "--directory", str(tmp_path))
    command[-1] = str(planned.folder / command[-1])
    done = subprocess.run(command, cwd=planned.folder, capture_output=True, text=True, env=planned.environment())
    assert done.returncode == 0, done.stderr
    [total] = re.findall(r"(?m)^total +(\d+)$", done.stdout + done.stderr)[:1]
    assert int(total) == len(jobs_of(plan("smoke.yaml"))[0]) + 1
