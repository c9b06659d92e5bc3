"""What a program makes of a machine that has no memory for it."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
PROGRAM = """
import resource
resource.setrlimit(resource.RLIMIT_AS, ({kib} * 1024, {kib} * 1024))
from interexter.core.program import run
def main():
    import torch
    held = [torch.ones(100_000_000) for _ in range(10)]
run(main)
"""


@pytest.mark.parametrize("kib", [300_000, 600_000, 1_500_000])
def test_a_job_that_gets_too_little_memory_ends_in_a_line(kib: int) -> None:
    """The start of an engine or a training: the libraries' import, or the first large tensors, find no memory."""
    command = [sys.executable, "-c", PROGRAM.format(kib=kib)]
    ended = subprocess.run(command, cwd=SCRIPTS, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("error: not enough memory ("), ended.stderr[-2000:]
    assert "Traceback" not in ended.stderr
