"""The archive: everything that a reader needs, described with its hash, and nothing else."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    manifest = {"config_id": "0123456789abcdef", "seed": 0, "git_commit": ""}
    texts = {
        "Snakefile": "rule all:\n",
        "config/config.yaml": "seed: 0\n",
        "workflow/scripts/__pycache__/a.pyc": "x",
        "results/report/manifest.json": json.dumps(manifest),
        "results/config.json": "{}",
        "results/report/metrics.csv": "metric\n",
        "results/labels/d/m/base.parquet": "PAR1",
        "results/citations/d/m.parquet": "PAR1",
        "results/a-stage-to-come/d.parquet": "PAR1",
        "results/embeddings/d/corpus-0.faiss": "vectors",
        "results/models/m/model.safetensors": "weights",
        "results/models/m.manifest.json": "{}",
        "results/store/part.parquet": "PAR1",
        "results/tracking/wandb/run.wandb": "who ran it, and where",
        "results/report/.metrics.csv.77": "half",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def pack(project: Path, name: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "tools/archive.py", "--folder", project, "--out", project / name]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow/scripts")}  # as make has it
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def test_the_crate_describes_each_file_that_it_holds(project: Path) -> None:
    assert pack(project, "a.zip").returncode == 0
    with zipfile.ZipFile(project / "a.zip") as archive:
        names = set(archive.namelist())
        crate = {entry["@id"]: entry for entry in json.loads(archive.read("ro-crate-metadata.json"))["@graph"]}
        for name in names - {"ro-crate-metadata.json"}:
            assert crate[name]["sha256"] == hashlib.sha256(archive.read(name)).hexdigest()
    assert names - {"ro-crate-metadata.json"} == {
        "Snakefile",
        "config/config.yaml",
        "results/report/manifest.json",
        "results/config.json",
        "results/report/metrics.csv",
        "results/labels/d/m/base.parquet",
        "results/citations/d/m.parquet",
        "results/a-stage-to-come/d.parquet",
        "results/models/m.manifest.json",
    }
    assert crate["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    assert {part["@id"] for part in crate["./"]["hasPart"]} == names - {"ro-crate-metadata.json"}
    referred = [
        crate["./"]["mainEntity"],
        crate["./"]["mentions"],
        crate["#run"]["instrument"],
        *crate["#run"]["object"],
        *crate["#run"]["result"],
    ]
    assert {reference["@id"] for reference in referred} <= crate.keys()


def test_the_same_files_give_the_same_archive(project: Path) -> None:
    pack(project, "a.zip")
    pack(project, "b.zip")
    assert (project / "a.zip").read_bytes() == (project / "b.zip").read_bytes()


def test_without_a_report_there_is_one_line(project: Path) -> None:
    (project / "results/report/manifest.json").unlink()
    done = pack(project, "a.zip")
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "no finished report to pack. Run the study first." in line
