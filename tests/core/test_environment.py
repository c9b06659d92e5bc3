"""Programs share one environment; whoever imports the library for itself keeps their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
PROGRAMS = sorted(path.stem for path in SCRIPTS.glob("*.py") if "interexter" in path.read_text())
SETTLED = {
    "HF_HOME": ".cache/huggingface",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "TQDM_DISABLE": "1",
}
HEAVY = ("datasets", "huggingface_hub", "torch", "transformers", "vllm")


def after(code: str, **environment: str) -> tuple[dict[str, str], list[str]]:
    """The environment and the modules of a fresh Python that has run some code."""
    program = f"{code}\nimport json, os, sys\nprint(json.dumps([dict(os.environ), sorted(sys.modules)]))"
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SCRIPTS), **environment}
    done = subprocess.run([sys.executable, "-c", program], env=given, capture_output=True, text=True, check=True)
    found, modules = json.loads(done.stdout)
    return found, modules


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_program_settles_it_before_anything_that_reads_it_is_imported(name: str) -> None:
    found, modules = after(f"import {name}")
    assert {key: found.get(key) for key in SETTLED} == SETTLED
    assert not {*HEAVY} & {*modules}


def test_what_a_person_has_set_stays() -> None:
    found, _ = after("import generate", HF_HOME="/models")
    assert found["HF_HOME"] == "/models"


def test_a_notebook_keeps_its_own() -> None:
    found, _ = after("import interexter\nfrom interexter.core import files, tables")
    assert not SETTLED.keys() & found.keys()
