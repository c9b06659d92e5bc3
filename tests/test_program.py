"""How a program starts and ends."""

import gc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from interexter.program import large_imports

SCRIPTS = Path(__file__).parents[1] / "workflow" / "scripts"


def _ended(body: str, **options: bool) -> subprocess.CompletedProcess[str]:
    """Run a program whose `main` has this body."""
    given = "".join(f", {name}={value}" for name, value in options.items())
    lines = [f"    {line}" for line in body.splitlines()]
    program = ["import sys", "from interexter.errors import UserError", "from interexter.program import run"]
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


@pytest.mark.parametrize("pandas", [True, False])
def test_pyarrow_imports_pandas_only_where_it_may(pandas: bool) -> None:
    body = "import pyarrow\nprint(pyarrow.array([1, None]).null_count, 'pandas' in sys.modules)"
    assert _ended(body, pandas=pandas).stdout == f"1 {pandas}\n"


def test_others_may_import_pandas_where_pyarrow_may_not() -> None:
    assert _ended("import pandas\nprint(pandas.Series([1, 2]).sum())", pandas=False).stdout == "3\n"


@pytest.mark.parametrize("imports", ["import torch, triton", "with large_imports():\n    import torch, triton"])
def test_torchs_extensions_tell_of_no_leaks_at_the_end(imports: str) -> None:
    ended = _ended(f"from interexter.program import large_imports\n{imports}", pandas=False)
    assert ended.returncode == 0
    assert "leak" not in ended.stderr


@pytest.mark.parametrize("collector", [True, False])
def test_the_collector_rests_where_it_is_not_wanted(collector: bool) -> None:
    assert _ended("import gc\nprint(gc.isenabled())", collector=collector).stdout == f"{collector}\n"


@pytest.fixture
def collecting() -> Iterator[None]:
    """The collector at work, as some test before may not have left it, and afterwards as it was."""
    before = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if before else gc.disable)()


def test_the_collector_rests_during_imports_and_then_goes_on(collecting: None) -> None:
    with pytest.raises(ImportError), large_imports():
        assert not gc.isenabled()
        import no_such_library  # noqa: F401
    assert gc.isenabled()


def test_the_collector_stays_as_it_was_found(collecting: None) -> None:
    gc.disable()
    with large_imports():
        pass
    assert not gc.isenabled()
