"""Benchmarks that make their own tables still make those that the stages read, and measure them."""

import subprocess
import sys
from pathlib import Path

import pytest
from interexter.core.files import write_text
from interexter.core.json_files import write_json

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "measured"),
    [
        (["asking.py", "--answers", "160"], ["asked 160", "opened 122", "found 160"]),  # closed-book once for all
        (["scoring.py", "--sizes", "96"], ["96"]),
        (["injection.py", "--rows", "200"], ["functions alone", "200 "]),
        (["preparation.py", "--rows", "20", "--passages", "20"], ['"prepare", "size": 20', '"bm25", "size": 20']),
    ],
    ids=["asking", "scoring", "injection", "preparation"],
)
def test_a_benchmark_runs(command: list[str], measured: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, BENCHMARKS / command[0], *command[1:]], cwd=tmp_path, capture_output=True, text=True
    )
    slow = "aims: " in done.stdout  # it ran; how fast it is, is not for a machine that does other work
    assert done.returncode == 0 or slow, done.stdout + done.stderr
    said = [" ".join(line.split()) for line in done.stdout.splitlines()]
    for wanted in measured:
        assert any(wanted in line for line in said), done.stdout


def test_a_study_without_in_context_methods_is_refused_before_an_engine_starts(tmp_path: Path) -> None:
    write_text(tmp_path / "report/index.html", "")
    write_json(tmp_path / "config.json", {"methods": ["closed-book", "vanilla-rag"]})
    command = [sys.executable, BENCHMARKS / "generation.py", "--results", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {tmp_path}: this study has no in-context method")
    assert done.stderr.count("\n") == 1
