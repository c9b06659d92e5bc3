"""Snakemake plans what an edited file of the user's changes, and nothing where none was edited, whatever the clock."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
QUESTIONS = '{{"question": "Who wrote Osk?", "answers": ["{}"], "split": "test"}}\n'
DATA, MODEL = "results/data/mine/test.parquet", "results/models/tiny.manifest.json"


def snakemake(folder: Path, *words: str) -> str:
    """Run Snakemake in a folder of its own; return what it says."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
    command += ["--configfile", str(folder / "config.yaml"), "--cores", "1", *words]
    # As it is started by hand: the profile of the project lies in the project's folder.
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "NO_COLOR": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def planned(folder: Path) -> set[str]:
    said = snakemake(folder, "--dry-run", DATA, MODEL)
    return {rule for rule in ("prepare_dataset", "sample", "prepare_model") if f"rule {rule}:" in said}


def edited(path: Path, old: str, new: str) -> None:
    """Edit a file without a trace in its size and in the time of its content."""
    stat = path.stat()
    path.write_text(path.read_text().replace(old, new))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (stat.st_size, stat.st_mtime_ns)


def test_an_edited_answer_and_an_edited_model_are_planned_again(tmp_path: Path) -> None:
    config: dict[str, Any] = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
    questions = tmp_path / "questions.jsonl"
    questions.write_text(QUESTIONS.format("Ann"))
    model = tmp_path / "config.yaml"
    model.write_text(yaml.safe_dump(config))
    snakemake(tmp_path, MODEL)  # a model to take as one of the user's
    shutil.move(tmp_path / "results/models/tiny", tmp_path / "own")
    (tmp_path / MODEL).unlink()
    source = {"kind": "local", "layout": "plain", "questions": str(questions)}
    config["datasets"] = {"mine": {"source": source, "train": 0, "test": 1, "passages": 2, "depth": 2}}
    config["models"] = {"tiny": {"kind": "local", "path": str(tmp_path / "own")}}
    model.write_text(yaml.safe_dump(config))
    snakemake(tmp_path, DATA, MODEL)
    assert planned(tmp_path) == set()
    made = sorted((tmp_path / "results/data/mine").iterdir())
    for path in made:  # written while the clock was ahead; what is made of them is older then
        os.utime(path, (path.stat().st_mtime + 86400,) * 2)
    os.utime(tmp_path / DATA, (1, 1))
    assert planned(tmp_path) == set()
    edited(questions, "Ann", "Bob")
    assert planned(tmp_path) == {"prepare_dataset", "sample"}
    edited(questions, "Bob", "Ann")
    assert planned(tmp_path) == set()
    edited(tmp_path / "own/chat_template.jinja", "SmolLM", "SmallM")
    assert planned(tmp_path) == {"prepare_model"}
