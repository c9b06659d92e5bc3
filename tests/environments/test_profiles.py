"""Profiles: every entry has a comment, each repeats what `default` settles, and the manifests are well formed."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

PROFILES = Path(__file__).parents[2] / "profiles"
NAMES = sorted(path.parent.name for path in PROFILES.glob("*/config.yaml"))
MANIFESTS: list[dict[str, Any]] = list(yaml.safe_load_all((PROFILES / "kubernetes/storage.yaml").read_text()))


def profile(name: str) -> dict[str, Any]:
    return yaml.safe_load((PROFILES / name / "config.yaml").read_text())


def test_there_are_four() -> None:
    assert NAMES == ["default", "gpu", "kubernetes", "slurm"]


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_repeats_what_the_default_settles(name: str) -> None:
    settled = {key: value for key, value in profile("default").items() if key != "resources"}
    assert settled.items() <= profile(name).items()
    assert set(profile(name)["resources"]) == {"gpu"}  # the one name for GPUs


@pytest.mark.parametrize("name", NAMES)
def test_every_group_of_entries_has_a_comment(name: str) -> None:
    for block in (PROFILES / name / "config.yaml").read_text().split("\n\n"):
        assert block.lstrip().startswith("#"), block


# Their memory follows from the model's size, and doubles at a second attempt (common/devices.smk).
ASKING = {"recall", "rationales", "ablated_rationales", "write_counters", "weigh_candidates", "generate", "gate"}
SIZED = ASKING | {"finetune", "take_checkpoint"}


@pytest.mark.parametrize("name", ["slurm", "kubernetes"])
def test_a_second_attempt_has_more_memory(name: str) -> None:
    assert profile(name)["retries"] >= 1
    named = {rule: given for rule, given in profile(name)["set-resources"].items() if rule not in SIZED}
    asked = [profile(name)["default-resources"], *named.values()]
    assert all("attempt" in str(resources["mem_mb"]) for resources in asked)


def test_the_cluster_profiles_name_rules_that_exist() -> None:
    rules = (PROFILES.parent / "workflow/rules").glob("*.smk")
    text = "\n".join(path.read_text() for path in rules)
    for name in ("slurm", "kubernetes"):
        for rule in profile(name)["set-resources"]:
            assert re.search(rf"(?m)^(rule|use rule \w+ as) {rule}( with)?:$", text)


@pytest.mark.parametrize("name", ["slurm", "kubernetes"])
def test_the_cluster_profiles_name_every_rule_that_loads_a_model(name: str) -> None:
    """Another would wait in the partition without GPUs, or be cut off after half an hour."""
    rules = "\n".join(path.read_text() for path in (PROFILES.parent / "workflow/rules").glob("*.smk"))
    bodies = dict(re.findall(r"(?ms)^rule (\w+):\n(.*?)(?=^\S|\Z)", rules))
    loading = {rule for rule, body in bodies.items() if re.search(r"(?m)^        (gpu|mem)=", body)}
    loading |= {new for old, new in re.findall(r"(?m)^use rule (\w+) as (\w+) with:", rules) if old in loading}
    assert {"finetune", "ablated_rationales", "entail"} < loading
    named = set(profile(name)["set-resources"])
    assert named <= loading and loading - named <= SIZED
    assert [rule for rule in SIZED & named if "mem_mb" in profile(name)["set-resources"][rule]] == []
    if name == "slurm":
        placed = {rule for rule, given in profile(name)["set-resources"].items() if "slurm_partition" in given}
        assert loading - placed == {"prepare_model", "take_checkpoint"}


@pytest.mark.parametrize("name", ["slurm", "kubernetes"])
def test_no_rule_gets_less_memory_than_it_says_itself(name: str) -> None:
    rules = "\n".join(path.read_text() for path in (PROFILES.parent / "workflow/rules").glob("*.smk"))
    for rule, body in re.findall(r"(?ms)^rule (\w+):\n(.*?)(?=^\S|\Z)", rules):
        if said := re.search(r'(?m)^        mem="(\d+) GB"', body):
            assert int(profile(name)["set-resources"][rule]["mem_mb"].split()[0]) >= 1000 * int(said[1])


def test_the_pod_mounts_the_volume_that_the_profile_mounts() -> None:
    by_kind = {manifest["kind"]: manifest for manifest in MANIFESTS}
    claim, pod = by_kind["PersistentVolumeClaim"], by_kind["Pod"]["spec"]
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    [container] = pod["containers"]
    [mount], [volume] = container["volumeMounts"], pod["volumes"]
    assert volume["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    assert mount["name"] == volume["name"]
    job = yaml.safe_load((PROFILES / "kubernetes/job.yaml").read_text())["spec"]["template"]["spec"]
    [worker] = job["containers"]
    assert volume in job["volumes"] and mount in worker["volumeMounts"]
    assert (container["image"], container["workingDir"]) == (worker["image"], worker["workingDir"])
    account = by_kind["ServiceAccount"]["metadata"]["name"]
    assert pod["serviceAccountName"] == account == by_kind["RoleBinding"]["subjects"][0]["name"]
    assert by_kind["RoleBinding"]["roleRef"]["name"] == by_kind["Role"]["metadata"]["name"]


def test_manifests_name_their_versions() -> None:
    versions = {manifest["kind"]: manifest["apiVersion"] for manifest in MANIFESTS}
    rbac = "rbac.authorization.k8s.io/v1"
    assert versions == {
        "PersistentVolumeClaim": "v1",
        "Pod": "v1",
        "ServiceAccount": "v1",
        "Role": rbac,
        "RoleBinding": rbac,
    }


def test_the_slurm_script_is_sound_shell() -> None:
    script = Path(__file__).parents[1] / "slurm/slurm.sh"
    subprocess.run(["bash", "-n", script], check=True)
    if linter := shutil.which("shellcheck"):
        subprocess.run([linter, script], check=True)
