"""How a program starts and ends."""

import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"


def _ended(body: str, **options: bool) -> subprocess.CompletedProcess[str]:
    """Run a program whose `main` has this body."""
    given = "".join(f", {name}={value}" for name, value in options.items())
    lines = [f"    {line}" for line in body.splitlines()]
    program = ["import sys", "from interexter.core.errors import UserError", "from interexter.core.program import run"]
    program += ["def main():", *lines, f"run(main{given})"]
    command = [sys.executable, "-c", "\n".join(program)]
    return subprocess.run(command, cwd=SCRIPTS, capture_output=True, text=True, check=False)


def test_a_users_error_is_one_line() -> None:
    ended = _ended("raise UserError('a.csv, row 3: no answer')")
    assert (ended.returncode, ended.stderr) == (1, "error: a.csv, row 3: no answer\n")


def test_a_full_disk_is_one_line() -> None:
    ended = _ended("raise OSError(28, 'No space left on device', 'a.parquet')")
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: [Errno 28] No space left on device: 'a.parquet'. What is finished is kept")
    assert ended.stderr.count("\n") == 1


def test_a_fault_of_ours_keeps_its_traceback() -> None:
    ended = _ended("{}['absent']")
    assert ended.returncode == 1
    assert "KeyError: 'absent'" in ended.stderr


def test_only_the_log_of_a_job_says_how_long_it_took() -> None:
    assert _ended("pass").stderr.startswith("-c: seconds=")
    assert not _ended("pass", job=False).stderr
