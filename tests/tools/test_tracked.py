"""What git tracks: the sources, and nothing that was downloaded or made."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LARGEST = 1 << 20  # bytes


def test_no_large_file_is_tracked() -> None:
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this copy of the project has no git history")
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    assert len(files) > 100
    assert [path.name for path in files if path.is_file() and path.stat().st_size > LARGEST] == []
