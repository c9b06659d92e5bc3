"""Programs that only tests of the deployment need: fetched by uv, at the version given here, from Python's index."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UV = Path(sys.executable).with_name("uv")


def uv(package: str) -> str:
    """Return uv's program; skip the test where there is none."""
    if not UV.exists() and not shutil.which("uv"):
        pytest.skip(f"uv is missing, which fetches {package}")
    return str(UV) if UV.exists() else "uv"


def run_tool(package: str, *command: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program of a package NAME==VERSION; skip the test where the index is out of reach."""
    arguments = [uv(package), "tool", "run", "--quiet", "--from", package, *map(str, command)]
    done = subprocess.run(arguments, input=given, capture_output=True, text=True)
    skip_without_index(package, done.stderr)
    return done


def python_with(package: str) -> list[str]:
    """Return what starts this Python with a package NAME==VERSION on top, at the lock's versions of what that needs.

    Nothing is put into this Python. The test is skipped where the index is out of reach.
    """
    lock = Path(__file__).parents[1] / "requirements.lock"
    constrained = ["env", f"UV_CONSTRAINT={lock}", "UV_NO_PROGRESS=1"]
    started = [*constrained, uv(package), "run", "--quiet", "--no-project"]
    started += ["--python", sys.executable, "--with", package]
    done = subprocess.run([*started, "python", "-c", "pass"], capture_output=True, text=True)
    skip_without_index(package, done.stderr)
    assert done.returncode == 0, done.stderr
    return [*started, "python"]


def install(folder: Path, *packages: str) -> None:
    """Put packages NAME==VERSION into a folder, for a Python path; skip the test where the index is out of reach."""
    target = ["--python", sys.executable, "--target", str(folder), "--no-deps", "--quiet"]
    done = subprocess.run(
        [uv(packages[0]), "pip", "install", *target, *packages], capture_output=True, text=True, env=os.environ
    )
    skip_without_index(packages[0], done.stderr)
    assert done.returncode == 0, done.stderr


def skip_without_index(package: str, said: str) -> None:
    """Skip the test where uv said that it found no index."""
    if any(phrase in said for phrase in ("Failed to fetch", "client error", "was not found in the package registry")):
        pytest.skip(f"{package} cannot be fetched: {said.strip().splitlines()[-1]}")
