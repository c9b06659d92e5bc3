"""What the program that runs a study says at its end."""

import os
import time
from pathlib import Path

import pytest
import run
from interexter.core.errors import UserError
from interexter.study import finished_jobs


def test_why_jobs_of_this_run_failed_is_said_once_more_at_the_end(tmp_path: Path) -> None:
    logs = {
        "recall/mine/theirs.log": "recall: generated 0, 24 to go\nerror: no answer at each of 7 attempts.\n",
        "recall/mine/before.log": "error: of an earlier run\n",
        "inject/mine/train.log": "inject: n_in=0\ninject: seconds=1.0\n",
    }
    for name, text in logs.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    states = finished_jobs.states(tmp_path, ".log")
    before = {path: state for path, state in states.items() if path.name == "before.log"}
    assert run.failures(tmp_path, before) == ["recall/mine/theirs: error: no answer at each of 7 attempts."]
    assert run.failures(tmp_path / "none", before) == []


@pytest.mark.parametrize("days", [-1, 1])
def test_what_is_of_this_run_is_known_whatever_the_clock_does(tmp_path: Path, days: int) -> None:
    old, log = tmp_path / "label.log", tmp_path / "recall.log"
    for path in (old, log):
        path.write_text("error: full.\n")
    os.utime(old, (time.time() + 1e6,) * 2)  # of a run whose clock was ahead
    before = finished_jobs.states(tmp_path, ".log")
    log.write_text("error: damaged.\n")
    os.utime(log, (time.time() + days * 86400,) * 2)
    assert run.failures(tmp_path, before) == ["recall: error: damaged."]


def test_a_clock_that_was_set_back_within_a_job_makes_no_time_below_0(tmp_path: Path) -> None:
    (tmp_path / "recall.tsv").write_text("s\tmax_rss\n-3590.5\t-\n")
    assert [job.seconds for job in finished_jobs.finished(tmp_path)["recall"]] == [0.0]


def test_an_unfinished_study_has_no_report_of_snakemakes_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Path(__file__).parents[2] / "config/smoke.yaml"
    words = ["run.py", "--configfile", str(config), "--directory", str(tmp_path), "--report", "results/report/w.html"]
    monkeypatch.setattr("sys.argv", words)
    with pytest.raises(UserError, match=r"there is no finished report to show\. Run the study first"):
        run.main()


@pytest.mark.slow
def test_a_command_that_runs_no_stage_does_not_say_that_all_is_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    config = Path(__file__).parents[2] / "config/smoke.yaml"
    monkeypatch.setattr("sys.argv", ["run.py", "--configfile", str(config), "--directory", str(tmp_path), "--unlock"])
    run.main()
    said = "".join(capfd.readouterr())
    assert "Unlocked working directory" in said and "up to date" not in said
