"""Benchmarks that make their own tables still make those that the stages read, and measure them."""

import subprocess
import sys
from pathlib import Path

import pytest

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
