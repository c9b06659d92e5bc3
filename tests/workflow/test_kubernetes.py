"""profiles/kubernetes through Snakemake's generic executor; kubectl and the cluster are a stand-in (tests/kubernetes).

What Kubernetes itself does with the Jobs is not tried; tests/test_deployment.py holds them against its schemas.
"""

from pathlib import Path

import pytest
import yaml
from deployment import install

from .conftest import ROOT, Study

pytestmark = pytest.mark.slow

TOY = """
rule all:
    input: "recalled", "grown"
    localrule: True

rule recall:
    output: "recalled"
    threads: 2
    resources: gpu=1, mem="16 GB"
    shell: "touch {output}"

rule grows:
    output: "grown"
    shell: "echo >>attempts; test $(wc -l <attempts) = 2 && touch {output}"
"""


def test_jobs_go_through_kubectl_and_a_second_attempt_has_twice_the_memory(tmp_path: Path) -> None:
    install(tmp_path / "plugin", "snakemake-executor-plugin-cluster-generic==1.0.9")
    study = Study(tmp_path / "toy")
    (study.folder / "Snakefile").write_text(TOY)
    (cluster := tmp_path / "cluster").mkdir()
    more = {
        "CLUSTER": str(cluster),
        "PYTHONPATH": str(tmp_path / "plugin"),
        "PATH": f"{ROOT / 'tests/kubernetes'}:{ROOT / 'tests/conda/bin'}",
    }
    quick = ("--seconds-between-status-checks", "1", "--latency-wait", "5", "--conda-prefix", str(tmp_path / "envs"))
    done = study.snakemake("--workflow-profile", "profiles/kubernetes", *quick, more=more)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-5000:]
    limits = {}
    for path in cluster.glob("*.yaml"):
        [container] = yaml.safe_load(path.read_text())["spec"]["template"]["spec"]["containers"]
        limits.setdefault(path.name.split("-")[1], []).append(container["resources"]["limits"])
    assert limits["recall"] == [{"cpu": "2", "memory": "16000M", "nvidia.com/gpu": "1"}]
    assert sorted(limit["memory"] for limit in limits["grows"]) == ["2000M", "4000M"]
