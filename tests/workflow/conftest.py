"""One real run of config/smoke.yaml, in a copy of the project, that the tests of the workflow look at."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from interexter.core.files import alone
from interexter.core.json_files import read_json
from interexter.data.fetch import DOWNLOADS

ROOT = Path(__file__).parents[2]
DOWNLOADED = ROOT / DOWNLOADS
RECORDER = Path(__file__).parent / "imports"  # what each job imported is written down: see test_reruns.py
PARTS = ("Snakefile", "workflow", "tools", "config", "envs", "profiles", "requirements.lock")


class Study:
    """A copy of the project in which a study is run."""

    def __init__(self, folder: Path) -> None:
        """Copy the project's files into `folder`, unless it is such a copy already."""
        self.folder = folder
        if folder.exists():
            return
        folder.mkdir()
        for part in PARTS:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder / part)
        if DOWNLOADED.is_dir():  # else the study downloads what its data set is made of
            shutil.copytree(DOWNLOADED, folder / DOWNLOADS)
        shutil.copytree(RECORDER, folder / "recorder")  # in the project, or jobs would not have it on PYTHONPATH

    def command(self, *arguments: str, config: str = "config/smoke.yaml") -> list[str]:
        """Return the command that runs Snakemake."""
        return [sys.executable, "-m", "snakemake", "--cores", "2", *arguments, "--configfile", config]

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment that it runs in; what `more` says of PATH comes first."""
        path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
        recording = {"PYTHONPATH": str(self.folder / "recorder"), "IMPORTS": str(self.folder / "imports")}
        found = {"PATH": f"{more.get('PATH', '')}:{path}".strip(":")}
        return {"HOME": str(self.folder), "TMPDIR": "/tmp", **recording, **more, **found}

    def snakemake(
        self, *arguments: str, config: str = "config/smoke.yaml", more: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run Snakemake in the copy and return what it said, whatever its status."""
        command, environment = self.command(*arguments, config=config), self.environment(**(more or {}))
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, env=environment)

    def run(self, *arguments: str) -> None:
        """Run Snakemake and require success."""
        done = self.snakemake(*arguments)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]

    def planned(self, config: str = "config/smoke.yaml") -> dict[str, int]:
        """Return the jobs that a run would have, by rule."""
        done = self.snakemake("--dry-run", "--quiet", "rules", config=config)
        assert done.returncode == 0, done.stderr
        jobs = {m[1]: int(m[2]) for m in re.finditer(r"^(\w+) +(\d+)$", done.stdout + done.stderr, re.MULTILINE)}
        return {rule: n for rule, n in jobs.items() if rule not in ("total", "all")}

    def whole_plan(self, *arguments: str, config: str = "config/smoke.yaml") -> str:
        """Return what Snakemake says of every job of a study, whatever is there."""
        done = self.snakemake("--dry-run", "--forceall", *arguments, config=config)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def every_job(self, config: str = "config/smoke.yaml") -> tuple[list[tuple[str, list[str]]], set[str]]:
        """Return (rule, outputs) of every job of a study, whatever is there, and the files that `all` asks for."""
        return jobs_of(self.whole_plan(config=config))

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace text in a file of the copy."""
        path = self.folder / name
        text = path.read_text()
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new))

    @contextmanager
    def changed(self, name: str, *edits: tuple[str, str]) -> Iterator[None]:
        """Replace the first occurrence of each text in a file of the copy for the length of a block."""
        path = self.folder / name
        before = text = path.read_text()
        for old, new in edits:
            assert old in text, f"{old!r} is not in {name}"
            text = text.replace(old, new, 1)
        path.write_text(text)
        try:
            yield
        finally:
            path.write_text(before)

    def copy(self, folder: Path) -> "Study":
        """Return a copy of this one, with its results, in which nothing is left to do either."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Study(folder)

    def log(self, name: str) -> str:
        """Return a job's log."""
        return (self.folder / "results/logs" / name).read_text()


def jobs_of(plan: str) -> tuple[list[tuple[str, list[str]]], set[str]]:
    """Return (rule, outputs) of every job of a whole plan, and the files that `all` asks for."""
    found: list[tuple[str, list[str]]] = []
    targets: set[str] = set()
    for block in re.split(r"\n(?=(?:local)?rule )", plan):
        rule = re.match(r"(?:local)?rule (\w+):", block)
        files = {kind: names.split(", ") for kind, names in re.findall(r"(?m)^    (input|output): (.*)$", block)}
        if rule and rule[1] == "all":
            targets = set(files["input"])
        elif rule:
            found.append((rule[1], files.get("output", [])))
    return found, targets


def keep_generations(given: Study, folder: Path) -> None:
    """Put what the base model of a finished run wrote into the store of another; its checkpoint is asked anew there."""
    [model] = (given.folder / "results/models").glob("*.manifest.json")
    base = Path("results/store") / read_json(model, "weights_id")["weights_id"]
    shutil.copytree(given.folder / base, folder / base)


def outcomes(folder: Path) -> dict[str, bytes]:
    """Return the answers and the figures of the finished study of a folder, by name below its results."""
    results = folder / "results"
    files = [results / "report" / name for name in ("metrics.csv", "metrics.parquet", "comparisons.parquet")]
    files += (results / "answers").rglob("*.parquet")
    return {str(path.relative_to(results)): path.read_bytes() for path in files}


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Return a finished run of config/smoke.yaml: one run for all processes of the tests, a copy of it for each."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with alone(shared / "finished.lock", "the smoke run"):
        finished = Study(shared / "finished")
        finished.run()  # nothing, where another process has done it
        return finished.copy(own / "smoke")


@pytest.fixture
def copy(smoke: Study, tmp_path: Path) -> Study:
    """Return a copy of the finished run, which a test may change."""
    return smoke.copy(tmp_path / "project")
