"""What other programs read at the top of the repository: versions that agree, the catalog's file, CI."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from deployment import run_tool

ROOT = Path(__file__).parents[2]
CI = ".github/workflows/ci.yml"


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text())


def test_the_version_is_one() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    [newest, *_] = re.findall(r"^## (\S+?),? ", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest == read("CITATION.cff")["version"] == version


@pytest.mark.parametrize("name", ["config.yaml", "vital.yaml", "vital-seeds.yaml", "smoke.yaml"])
def test_a_shipped_study_states_each_recipe_by_itself(name: str) -> None:
    tokens = list(yaml.scan((ROOT / "config" / name).read_text()))  # else a change of one recipe would change another
    assert not [token for token in tokens if isinstance(token, yaml.AliasToken)]


def test_the_catalog_finds_how_the_workflow_is_used() -> None:
    usage = read(".snakemake-workflow-catalog.yml")["usage"]
    assert usage["software-stack-deployment"]["conda"]
    assert usage["report"]
    assert (ROOT / "Snakefile").is_file()
    assert (ROOT / "config/README.md").is_file()
    # The environments that make conda true, and the report's text.
    assert list((ROOT / "envs").glob("*.yaml"))
    assert (ROOT / "workflow/report/index.rst").is_file()


def test_ci_runs_what_a_person_types_with_the_python_of_the_set_up() -> None:
    jobs = read(CI)["jobs"]
    ran = {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in jobs.items()}
    assert ran == {
        "test": ["make setup", "make --jobs 3 --output-sync=target test"],
        "weekly": ["make test-long"],
    }
    steps = [step for job in jobs.values() for step in job["steps"]]
    [python] = {step["with"]["python-version"] for step in steps if "setup-python" in step.get("uses", "")}
    assert f"\nVERSIONS=({python} " in (ROOT / "envs/setup.sh").read_text()  # the one that it looks for first


def test_ci_is_a_workflow_of_github() -> None:
    done = run_tool(
        "check-jsonschema==0.39.0", "check-jsonschema", "--builtin-schema", "vendor.github-workflows", ROOT / CI
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_contributor_is_shown_places_that_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    linked = re.findall(r"\]\(([^)#]+)\)", text)
    named = re.findall(r"`((?:workflow|tests|tools)/[\w/.-]+)`", text)
    assert {"docs/own-method.md", "docs/own-injector.md", "docs/datasets.md"} <= set(linked)
    missing = [name for name in [*linked, *named] if not (ROOT / name).exists()]
    assert not missing
