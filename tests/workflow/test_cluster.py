"""The smoke chain through profiles/slurm on a real SLURM of one node: retries, a death, a cancellation, a resume.

tests/slurm/slurm.sh installs and starts it. Where that cannot be (no root, no Debian packages, a real cluster's node)
these tests are skipped, and say why.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .conftest import ROOT, Study, keep_generations, outcomes

pytestmark = pytest.mark.slow

SCRIPT = ROOT / "tests/slurm/slurm.sh"
# A cluster is asked every 40 s how jobs fare; here once a second.
QUICK = (
    "--slurm-init-seconds-before-status-checks",
    "1",
    "--seconds-between-status-checks",
    "1",
    "--latency-wait",
    "5",
)
THROUGH_SLURM = ("--workflow-profile", "profiles/slurm", *QUICK)
TOY = """
rule all:
    input: collect("{i}.device", i=range(6)), "memory"
    localrule: True

rule recall:
    output: "{i}.device"
    resources: gpu=1
    shell: "python workflow/scripts/with_gpus.py {resources.gpu} -- "
           "sh -c 'echo began $CUDA_VISIBLE_DEVICES >>devices.log; sleep 2; echo ended $CUDA_VISIBLE_DEVICES "
           ">>devices.log; touch {output}'"

rule grows:
    output: "memory"
    shell: "scontrol show job $SLURM_JOB_ID | grep -om1 'mem=[0-9]*' >>memory.log; "
           "test $(wc -l <memory.log) = 2 && touch {output}"
"""


@pytest.fixture(scope="module")
def slurm() -> Iterator[None]:
    """Start SLURM for these tests, and stop it."""
    for step in ("install", "start"):
        done = subprocess.run([SCRIPT, step], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"no SLURM here: {done.stderr.strip().splitlines()[-1]}")
    yield
    subprocess.run([SCRIPT, "stop"], check=True)


def wait_until(holds: Callable[[], bool], run: subprocess.Popen[bytes] | None = None, seconds: float = 1200) -> None:
    """Wait until something holds, as long as a run goes on."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        assert run is None or run.poll() is None, "the run ended before"
        time.sleep(0.2)


def jobs(state: str) -> dict[str, str]:
    """Return the jobs in a state: number to rule, from the comment that Snakemake gives them."""
    said = subprocess.run(["squeue", "-h", "-t", state, "-o", "%i %k"], capture_output=True, text=True, check=True)
    return {number: comment for number, _, comment in (line.partition(" ") for line in said.stdout.splitlines())}


def running(rule: str) -> list[str]:
    return [number for number, comment in jobs("running").items() if re.match(rf"rule_{rule}(_wildcards_|$)", comment)]


@pytest.mark.usefixtures("slurm")
def test_gpus_are_slurms_and_a_second_attempt_has_twice_the_memory(tmp_path: Path) -> None:
    study = Study(tmp_path / "toy")
    (study.folder / "Snakefile").write_text(TOY)
    study.run(*THROUGH_SLURM)
    assert (study.folder / "memory.log").read_text().split() == ["mem=2000", "mem=4000"]
    held: set[str] = set()
    seen: set[str] = set()
    for line in (study.folder / "devices.log").read_text().splitlines():
        what, device = line.split()
        assert (device in held) == (what == "ended"), "two jobs on one device"
        held ^= {device}
        seen.add(device)
    assert seen == {"0", "1"}


@pytest.mark.long
@pytest.mark.usefixtures("slurm")
def test_the_smoke_chain_survives_deaths_and_ends_with_the_same_tables(smoke: Study, tmp_path: Path) -> None:
    study = Study(tmp_path / "project")
    keep_generations(smoke, study.folder)
    with (tmp_path / "said").open("w") as said:
        chain = subprocess.Popen(
            study.command(*THROUGH_SLURM),
            cwd=study.folder,
            env=study.environment(),
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        # A job dies; it is submitted again, and the run goes on.
        wait_until(lambda: bool(running("finetune")), chain)
        first = running("finetune")
        subprocess.run(["scancel", *first], check=True)
        wait_until(lambda: bool(running("finetune")) and running("finetune") != first, chain)
        # Everything is cancelled, and the run itself is killed.
        wait_until(lambda: bool(running("generate")), chain)
        os.killpg(chain.pid, signal.SIGKILL)
        chain.wait()
        subprocess.run(["scancel", "--me"], check=True)
        wait_until(lambda: not jobs("running"))
    before = {path: path.stat().st_mtime_ns for path in (study.folder / "results/recall").rglob("*.parquet")}
    study.run(*THROUGH_SLURM)
    assert before, "recall was done before the run was killed"
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert study.planned() == {}
    assert outcomes(study.folder) == outcomes(smoke.folder)
