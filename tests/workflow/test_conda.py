"""`--software-deployment-method conda`: rules run within environments that are made for them, from a local channel.

conda itself is a stand-in (tests/conda); solving, linking and pip are real. pip needs its index: where that is out of
reach the test is skipped.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, Study

pytestmark = pytest.mark.slow

CONDA = ("--software-deployment-method", "conda")


def test_rules_run_in_environments_made_from_a_channel(tmp_path: Path) -> None:
    channels = tmp_path / "channels"
    subprocess.run([sys.executable, ROOT / "tests/conda/channel.py", channels / "conda-forge"], check=True)
    study = Study(tmp_path / "project")
    more = {
        "PATH": str(ROOT / "tests/conda/bin"),
        "CONDA_TEST_CHANNELS": f"file://{channels}",
        **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
    }
    done = study.snakemake("results/data/vital/test.parquet", *CONDA, more=more)
    if "Could not fetch URL" in done.stderr or "No matching distribution" in done.stdout + done.stderr:
        pytest.skip("pip's index is out of reach")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert list((study.folder / "results/data/vital").glob("*.parquet"))
    # The jobs ran with the environment's Python and nothing else's packages.
    [environment] = [path for path in (study.folder / ".snakemake/conda").iterdir() if (path / "bin/python").exists()]
    ask = [
        environment / "bin/python",
        "-c",
        "import json, pyarrow, sys; print(json.dumps([pyarrow.__file__, sys.path]))",
    ]
    file, path = json.loads(subprocess.run(ask, capture_output=True, text=True, check=True).stdout)
    assert file.startswith(str(environment))
    assert not any(".venv" in entry for entry in path)
    # Switched off again, it reruns nothing.
    without = study.snakemake("results/data/vital/test.parquet", "--dry-run", "--quiet", "rules")
    assert "Nothing to be done" in without.stdout + without.stderr
