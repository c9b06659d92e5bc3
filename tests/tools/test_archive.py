"""The archive: everything that a reader needs of a study that is whole, described with its hash, and nothing else."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import archive
import pyarrow as pa
import pytest
from deployment import run_tool
from interexter.core.errors import UserError
from interexter.core.identity import content_id
from interexter.core.json_files import write_json
from interexter.core.tables import table_schema, write_rows

ROOT = Path(__file__).parents[2]
TABLE = table_schema(question_id=pa.string())
CONFIG = {"seed": 0, "seeds": [0], "datasets": {"d": {"test": 40}}, "engine": {"strict": False, "dtype": ""}}
# Each rule takes what it gives from `made`.
SNAKEFILE = """
rule all:
    input: "results/report/metrics.csv", "results/labels/d/m.parquet", "results/models/m"

rule report:
    input: "results/labels/d/m.parquet"
    output: "results/report/manifest.json", "results/report/metrics.csv", directory("results/report/examples")
    log: "results/logs/report.log"
    benchmark: "results/benchmarks/report.tsv"
    shell: "cp -r made/report/* results/report; echo report >{log}"

rule label:
    input: "results/models/m.manifest.json"
    output: "results/labels/d/m.parquet"
    shell: "cp made/labels/d/m.parquet {output}"

rule prepare:
    output:
        directory("results/models/m"), "results/models/m.manifest.json", "results/embeddings/d/corpus-0.faiss",
        "results/config.json", "results/data/d/card.json", "results/data/d/questions.parquet",
    shell: "for name in {output}; do mkdir -p $(dirname $name); cp -r made/${{name#results/}} $name; done"
"""
PACKED = {
    "Snakefile",
    "config/config.yaml",
    "profiles/default/config.yaml",
    "results/benchmarks/report.tsv",
    "results/config.json",
    "results/data/d/card.json",
    "results/data/d/questions.parquet",
    "results/labels/d/m.parquet",
    "results/logs/report.log",
    "results/models/m.manifest.json",
    "results/report/examples/0.js",
    "results/report/manifest.json",
    "results/report/metrics.csv",
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose study was run, with files beside it that are nobody else's business."""
    folder = tmp_path_factory.mktemp("finished") / "project"
    texts = {
        "Snakefile": SNAKEFILE,
        "config/config.yaml": (ROOT / "config/smoke.yaml").read_text(encoding="utf-8")
        + "# https://me:secret@example.org/x?token=secret é\n",
        "config/private.yaml": "seed: 1\n",
        "profiles/default/config.yaml": "rerun-incomplete: true\n",
        "profiles/mine/config.yaml": "slurm_account: me\n",
        "workflow/scripts/__pycache__/a.pyc": "x",
        "made/models/m/model.safetensors": "weights",
        "made/embeddings/d/corpus-0.faiss": "vectors",
        "made/report/metrics.csv": "metric\n",
        "made/report/examples/0.js": "1",
        "results/labels/of-an-earlier-config/m.parquet": "PAR1",
        "results/store/part.parquet": "PAR1",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    made = folder / "made"
    for name in ("labels/d/m.parquet", "data/d/questions.parquet"):
        write_rows(made / name, [{"question_id": f"q{n}"} for n in range(999)], TABLE)
    write_json(made / "config.json", CONFIG)
    write_json(made / "models/m.manifest.json", {"weights_id": "w"})
    write_json(made / "data/d/card.json", {"licence": "CC BY 4.0"})
    inside = {"results/data/d/questions.parquet": "data/d/questions.parquet"}
    manifest = {
        "config_id": content_id(CONFIG),
        "git_commit": "",
        "versions": {"python": "3.11.7", "snakemake": "9.27.1"},
        "models": {"m": {"weights_id": "w"}},
        "checkpoints": {},
        "inputs": {name: hashlib.sha256((made / place).read_bytes()).hexdigest() for name, place in inside.items()},
        "outputs": {"results/report/metrics.csv": hashlib.sha256(b"metric\n").hexdigest()},
        "hardware": {"processor": "a processor", "gpus": [], "cores": 2, "memory_gib": 8.0},
    }
    write_json(made / "report/manifest.json", manifest)
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--quiet", "all"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Path:
    return shutil.copytree(finished, tmp_path / "project")  # with its times


def make_archive(project: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "tools/archive.py", "--folder", project, "--out", project / "../a.zip", *more]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow/scripts")}  # as make has it
    return subprocess.run(command, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def packed(finished: Path) -> Path:
    agent = ["--agent", "Ada Lovelace", "--agent-id", "https://orcid.org/0000-0002-1825-0097"]
    done = make_archive(finished, *agent)
    assert done.returncode == 0, done.stderr
    return finished / "../a.zip"


def entities(packed: Path) -> dict[str, Any]:
    with zipfile.ZipFile(packed) as file:
        graph = json.loads(file.read("ro-crate-metadata.json"))["@graph"]
    found = {entity["@id"]: entity for entity in graph}
    assert len(found) == len(graph)
    return found


def referred(value: Any) -> set[str]:
    """Return all that a part of the graph refers to."""
    if isinstance(value, list):
        return {name for one in value for name in referred(one)}
    if isinstance(value, dict):
        return {value["@id"]} if value.keys() == {"@id"} else referred([*value.values()])
    return set()


def test_the_crate_describes_each_file_that_it_holds(packed: Path) -> None:
    crate = entities(packed)
    with zipfile.ZipFile(packed) as file:
        names = set(file.namelist()) - {"ro-crate-metadata.json"}
        for name in names:
            assert crate[name]["sha256"] == hashlib.sha256(file.read(name)).hexdigest()
        assert file.read("config/config.yaml").decode().endswith("# https://example.org/x?token=*** é\n")
    assert names == PACKED == {part["@id"] for part in crate["./"]["hasPart"]}
    assert crate[crate["results/data/d/questions.parquet"]["license"]["@id"]]["name"] == "CC BY 4.0"


def test_the_crate_tells_of_the_workflow_and_of_its_run(packed: Path) -> None:
    crate = entities(packed)
    elsewhere = {name for name in referred([*crate.values()]) - crate.keys() if not name.startswith("https://")}
    assert not elsewhere
    assert {"File", "SoftwareSourceCode", "ComputationalWorkflow"} == {*crate["Snakefile"]["@type"]}
    assert crate[crate["Snakefile"]["programmingLanguage"]["@id"]]["version"] == "9.27.1"
    action = crate["#run"]
    assert action["instrument"] == crate["./"]["mainEntity"] == {"@id": "Snakefile"}
    assert crate[action["agent"]["@id"]]["name"] == "Ada Lovelace"
    assert action["startTime"] <= action["endTime"] == crate["./"]["datePublished"]


def test_parameters_are_the_settings_that_have_a_value(packed: Path) -> None:
    crate = entities(packed)
    given = [crate[one["@id"]] for one in crate["#run"]["object"] if one["@id"].startswith("#value/")]
    assert {one["name"]: one["value"] for one in given} == {
        "seed": 0,
        "seeds": "[0]",
        "datasets.d.test": 40,
        "engine.strict": False,
    }
    for one in given:
        parameter = crate[one["exampleOfWork"]["@id"]]
        assert parameter["workExample"] == {"@id": one["@id"]}
        assert {"@id": parameter["@id"]} in crate["Snakefile"]["input"]
    assert crate["#parameter/engine.strict"]["additionalType"] == "Boolean"
    assert crate["#parameter/seeds"]["additionalType"] == "Text"
    assert crate["#parameter/results/report/metrics.csv"]["additionalType"] == "File"


def test_the_same_files_give_the_same_archive(finished: Path, tmp_path: Path) -> None:
    files = {name: finished / name for name in PACKED}
    for name in ("a.zip", "b.zip"):
        archive.pack(tmp_path / name, finished, files, ("", ""))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def refusal(project: Path) -> str:
    done = make_archive(project)
    assert done.returncode == 1
    assert not (project / "../a.zip").exists()
    [line] = done.stderr.splitlines()
    return line


def test_a_study_with_something_to_do_is_refused(project: Path) -> None:
    (project / "results/labels/d/m.parquet").unlink()
    assert "not finished, or its last run failed. Run it first; to do: label, report." in refusal(project)


def test_a_job_that_was_killed_is_something_to_do(project: Path) -> None:
    """Snakemake notes which files a job writes before it begins, under names in base64."""
    (project / ".snakemake/incomplete/cmVzdWx0cy9yZXBvcnQvbWV0cmljcy5jc3Y=").touch()
    assert "to do: report." in refusal(project)


def test_a_file_that_nothing_asks_for_is_missed_all_the_same(project: Path) -> None:
    summary = "output_file\tdate\trule\tlog-file(s)\tstatus\tplan\nresults/gone.json\t-\tlabel\t-\tmissing\tno update\n"
    with pytest.raises(UserError, match=r"there are no results/gone\.json"):
        archive.outputs(project, summary)


RESULTS = sorted(name for name in PACKED if name.startswith("results/"))


def test_what_was_not_damaged_is_packed(project: Path) -> None:
    archive.verify(project, RESULTS)


@pytest.mark.parametrize("name", ["report/manifest.json", "labels/d/m.parquet", "report/metrics.csv", "config.json"])
def test_a_damaged_file_is_named(project: Path, name: str) -> None:
    path = project / "results" / name
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 3] ^= 1
    path.write_bytes(whole)
    with pytest.raises(UserError, match=f"results/{name}"):
        archive.verify(project, RESULTS)


def test_other_files_than_the_report_was_made_of_are_named(project: Path) -> None:
    write_json(project / "results/models/m.manifest.json", {"weights_id": "others"})
    write_json(project / "results/config.json", {**CONFIG, "seed": 1})
    with pytest.raises(
        UserError, match=r"others than are there: results/config\.json, results/models/m\.manifest\.json"
    ):
        archive.verify(project, RESULTS)


def test_the_crate_meets_its_profile(packed: Path) -> None:
    try:
        urllib.request.urlopen("https://w3id.org/ro/crate/1.1/context", timeout=10)
    except OSError:
        pytest.skip("rocrate-validator loads the contexts of JSON-LD from https://w3id.org, which cannot be reached")
    words = ["-y", "validate", "--no-paging", "-v", "-p", "workflow-run-crate", packed]
    done = run_tool("roc-validator==0.13.0", "rocrate-validator", *words)
    assert done.returncode == 0, done.stdout
