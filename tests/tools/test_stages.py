"""What the terminal says of a run: done of total, and when it is expected to end."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from snakemake_logger_plugin_stages import Expectation, spoken

ROOT = Path(__file__).parents[2]
TOY = """
rule all:
    input: collect("results/{i}.out", i=range(3))
    localrule: True

rule wait:
    output: "results/{i}.out"
    benchmark: "results/benchmarks/wait/{i}.tsv"
    shell: "sleep 0.3; touch {output}"

rule fail:
    output: "failed"
    log: "fail.log"
    shell: "echo error: no such model >{log}; exit 1"
"""


def test_a_rule_that_never_ended_makes_it_a_lower_bound() -> None:
    expectation = Expectation({"a": 2, "b": 1}, {})
    assert expectation.left(0) is None
    expectation.starts(1, "a", 0)
    expectation.ends(1, 10)
    assert expectation.left(10) == (10, False)  # one a; of b nothing is known
    expectation.starts(2, "b", 10)
    assert expectation.left(20) == (10, False)
    expectation.ends(2, 40)
    assert expectation.left(40) == (10, True)  # one a, at one job at a time


def test_earlier_runs_count_and_jobs_at_a_time_go_on() -> None:
    expectation = Expectation({"a": 6}, {"a": [10.0]})
    for job in (1, 2):
        expectation.starts(job, "a", 0)
    # Four to come and two halves, 50 s one by one; 10 s of work were done in 5 s.
    assert expectation.left(5) == (25, True)
    for job in (1, 2):
        expectation.ends(job, 10)
    assert expectation.left(10) == (20, True)  # four of 10 s, two at a time


def test_a_job_that_takes_longer_than_others_did_leaves_nothing_to_expect_of_itself() -> None:
    expectation = Expectation({"a": 1}, {"a": [10.0]})
    expectation.starts(1, "a", 0)
    assert expectation.left(15) == (0, True)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "1 s"), (40.4, "40 s"), (60, "1 min"), (3569, "59 min"), (11100, "3 h 5 min")]
)
def test_times_are_for_people(seconds: float, text: str) -> None:
    assert spoken(seconds) == text


def on_a_terminal(folder: Path, *arguments: str) -> str:
    """Return what Snakemake writes on a terminal with this logger."""
    (folder / "Snakefile").write_text(TOY)
    ours, theirs = pty.openpty()
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}/tools:{ROOT}/workflow/scripts",
        "COLUMNS": "120",
        "TERM": "xterm",
    }
    command = [sys.executable, "-m", "snakemake", *arguments, "--cores", "1", "--logger", "stages"]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux says so when the other side has closed
            break
        said += part
    process.wait()
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode())


def test_a_run_shows_done_of_total_and_the_expected_end(tmp_path: Path) -> None:
    said = on_a_terminal(tmp_path)
    assert "wait" in said and "1/3" in said and "3/3" in said
    assert "about " in said and " to go" in said
    assert "1 Total Progress" in said and "2 Total Progress" not in said  # one core, one job at a time


def test_a_failed_jobs_log_is_shown(tmp_path: Path) -> None:
    assert "error: no such model" in on_a_terminal(tmp_path, "failed")
