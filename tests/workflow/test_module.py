"""Another workflow takes ours as a module, below a prefix and in a working directory of its own: docs/module.md."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from .conftest import ROOT, Study, keep_generations, outcomes

pytestmark = pytest.mark.slow


def documented() -> str:
    """Return the importer that docs/module.md shows."""
    [importer] = re.findall(r"```python\n(.*?)```", (ROOT / "docs/module.md").read_text(), re.DOTALL)
    return importer


class Importer:
    """A workflow with the smoke study under a key of its config, and a folder that it runs in."""

    def __init__(self, folder: Path) -> None:
        """Write the workflow beside a copy of the project, and its config where it runs."""
        self.project = Study(folder / "project")
        self.work = folder / "work"
        self.work.mkdir()
        (folder / "Snakefile").write_text(documented().replace("/path/to/InterExterRAG", str(self.project.folder)))
        study = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
        (self.work / "config.yaml").write_text(yaml.safe_dump({"conflict": study}))

    def snakemake(self, *arguments: str) -> str:
        """Run it and return what it said."""
        command = [sys.executable, "-m", "snakemake", "--cores", "2", "--directory", str(self.work), *arguments]
        environment = self.project.environment()
        done = subprocess.run(command, cwd=self.work.parent, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
        return done.stdout + done.stderr


@pytest.fixture
def importer(tmp_path: Path) -> Iterator[Importer]:
    """Return an importer that has not run."""
    yield Importer(tmp_path)


def test_an_importer_plans_its_files_below_the_prefix(importer: Importer) -> None:
    said = importer.snakemake("--dry-run")
    files = set(re.findall(r"(?<![\w/])(\S*results/\S+?)(?=[,\s])", said))
    assert files and all(file.strip("'\"").removeprefix(">").startswith("conflict/results/") for file in files)


@pytest.mark.long
def test_an_importer_of_ten_lines_gets_what_the_study_by_itself_gets(importer: Importer, smoke: Study) -> None:
    assert len([line for line in documented().splitlines() if line.strip()]) <= 10
    keep_generations(smoke, importer.work / "conflict")
    importer.snakemake()
    assert {path.name for path in importer.work.iterdir()} == {"config.yaml", "conflict", ".cache", ".snakemake"}
    assert not (importer.project.folder / "results").exists()
    _, targets = importer.project.every_job()
    assert targets and [file for file in sorted(targets) if not (importer.work / "conflict" / file).exists()] == []
    assert outcomes(importer.work / "conflict") == outcomes(smoke.folder)
    assert "Nothing to be done" in importer.snakemake("--dry-run")
