"""What the program that runs a study says at its end."""

import os
from pathlib import Path

import pytest
import run
from interexter.core.errors import UserError


def test_why_jobs_of_this_run_failed_is_said_once_more_at_the_end(tmp_path: Path) -> None:
    logs = {
        "recall/mine/theirs.log": "recall: generated 0, 24 to go\nerror: no answer at each of 7 attempts.\n",
        "recall/mine/before.log": "error: of an earlier run\n",
        "inject/mine/train.log": "inject: n_in=0\ninject: seconds=1.0\n",
    }
    for name, text in logs.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    os.utime(tmp_path / "recall/mine/before.log", (5, 5))
    assert run.failures(tmp_path, began=10) == ["recall/mine/theirs: error: no answer at each of 7 attempts."]
    assert run.failures(tmp_path / "none", began=10) == []


def test_an_unfinished_study_has_no_report_of_snakemakes_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Path(__file__).parents[2] / "config/smoke.yaml"
    words = ["run.py", "--configfile", str(config), "--directory", str(tmp_path), "--report", "results/report/w.html"]
    monkeypatch.setattr("sys.argv", words)
    with pytest.raises(UserError, match=r"there is no finished report to show\. Run the study first"):
        run.main()
