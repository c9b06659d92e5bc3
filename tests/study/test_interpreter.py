"""What the shells of jobs find, and what of a person's environment they do not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from interexter.study import interpreter

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "workflow/scripts"


def test_jobs_have_this_python_utf_8_and_no_foreign_modules(tmp_path: Path) -> None:
    before = list(sys.path)
    given = os.pathsep.join([str(tmp_path), f"{ROOT}/tools", "", str(SCRIPTS), f"{ROOT}-other"])
    environment = {"PATH": "/bin", "PYTHONPATH": given}
    try:
        interpreter.export(SCRIPTS, environment)
    finally:
        sys.path[:] = before
    assert environment == {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}/bin",
        "SCRIPTS": str(SCRIPTS),
        "PYTHONUTF8": "1",
        "PYTHONPATH": f"{ROOT}/tools{os.pathsep}{SCRIPTS}",
    }


def test_a_foreign_module_does_not_take_the_place_of_a_pinned_one(tmp_path: Path) -> None:
    (tmp_path / "jsonschema.py").write_text("raise SystemExit('foreign')", encoding="utf-8")
    (tmp_path / "alone.py").touch()
    program = (
        f"import sys; sys.path.insert(0, {str(SCRIPTS)!r}); from pathlib import Path\n"
        f"from interexter.study import interpreter; interpreter.export(Path({str(SCRIPTS)!r}))\n"
        "import jsonschema, alone, os; print(os.environ.get('PYTHONPATH'))"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("None\n", "")


def test_a_foreign_module_that_came_first_is_refused_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "jsonschema.py").touch()
    (tmp_path / "alone.py").touch()
    program = (
        f"import sys, jsonschema, alone; sys.path.insert(0, {str(SCRIPTS)!r}); from pathlib import Path\n"
        f"from interexter.study import interpreter; interpreter.export(Path({str(SCRIPTS)!r}))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert "UserError: PYTHONPATH: jsonschema come from there, not from this Python" in done.stderr


def test_another_encoding_than_utf_8_is_refused_in_a_line() -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(SCRIPTS)!r}); from pathlib import Path\n"
        f"from interexter.study import interpreter; interpreter.export(Path({str(SCRIPTS)!r}))\n"
    )
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert "UserError: the locale has Python read and write names and texts in ascii: set LC_ALL" in done.stderr
    del environment["PYTHONUTF8"]  # Python takes UTF-8 by itself then
    assert subprocess.run([sys.executable, "-c", program], env=environment).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize(("module", "line"), [("ijson", ""), ("pandas", "error: PYTHONPATH: pandas come from there")])
def test_snakemake_plans_with_its_own_modules_or_not_at_all(tmp_path: Path, module: str, line: str) -> None:
    """Its plugin for SLURM imports pandas before the Snakefile is read; ijson is imported later, by us."""
    (tmp_path / f"{module}.py").write_text("" if line else "raise SystemExit('foreign')", encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "--directory", str(tmp_path / "run")]
    command += ["--configfile", str(ROOT / "config/smoke.yaml")]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == (1 if line else 0), done.stderr
    assert line in done.stderr and "Traceback" not in done.stderr


def test_what_snakemake_itself_runs_says_its_encodings(tmp_path: Path) -> None:
    """Jobs have PYTHONUTF8; Snakemake may have been started in any locale."""
    program = (
        "import sys; from pathlib import Path; \n"
        "from interexter.study import finished_jobs, fingerprint, locks, settings\n"
        f"root = Path({str(ROOT)!r}); settings.read(root / 'config/smoke.yaml')\n"
        "locks.own(Path('.')); fingerprint.fingerprint(root / 'workflow/scripts/report.py')\n"
        "Path('a.tsv').write_text('s\\tmax_rss\\n1\\t-\\n', encoding='utf-8'); finished_jobs.finished(Path('.'))"
    )
    command = [sys.executable, "-X", "warn_default_encoding", "-W", "always::EncodingWarning", "-c", program]
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS), "PYTHONUTF8": "0"}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if str(SCRIPTS) in line] == []
