"""How a program starts and ends."""

import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    "body",
    [
        "raise MemoryError",
        "[0] * 10**15",
        "raise OSError(12, 'Cannot allocate memory')",
        "raise RuntimeError('[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can\\'t allocate memory: 1 GB')",
        "raise RuntimeError('CUDA out of memory.\\nTried to allocate 2 GiB')",
        "raise ValueError('No available memory for the cache blocks. Try more.')",
        "raise ValueError('Available memory on node 0 (11.1/23.5 GiB) on kv cache allocation is less than requested')",
        "try:\n    raise MemoryError\nexcept MemoryError as error:\n    raise RuntimeError('engine failed') from error",
        "try:\n    raise ImportError('x.so: failed to map segment: Cannot allocate memory')\nfinally:\n    {}['a']",
    ],
)
def test_a_shortage_of_memory_is_one_line_however_a_library_says_it(body: str) -> None:
    ended = _ended(body)
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: not enough memory (") and ended.stderr.count("\n") == 1


def test_a_shortage_of_memory_while_libraries_are_imported_is_one_line() -> None:
    program = "import interexter.core.program\nraise ImportError('a.so: failed to map segment: Cannot allocate memory')"
    ended = subprocess.run([sys.executable, "-c", program], cwd=SCRIPTS, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert ended.stderr.startswith("error: not enough memory (a.so: ")


@pytest.mark.parametrize("number", ["ENAMETOOLONG", "EISDIR", "EIO", "EMFILE", "EEXIST"])
def test_what_the_system_refuses_is_one_line(number: str) -> None:
    ended = _ended(f"import errno, os\nraise OSError(errno.{number}, os.strerror(errno.{number}), 'a')")
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)


def test_a_line_has_no_secret_and_no_control_character() -> None:
    ended = _ended(r"raise UserError('http://me:S3CRET@h/x?token=S3CRET:\n\x1b[31mgone\u2028')")
    assert ended.stderr == "error: http://h/x?token=***: \\x1b[31mgone\n"
