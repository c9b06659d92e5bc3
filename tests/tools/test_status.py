"""What is there, what is missing, and what it would take."""

from pathlib import Path

from interexter.study.finished_jobs import Job, finished
from status import table


def test_finished_jobs_are_read_by_rule(tmp_path: Path) -> None:
    for name, row in {"tasks/a/b.tsv": "1.5\t0:00:01\t200", "report.tsv": "3.0\t0:00:03\tNA"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"s\th:m:s\tmax_rss\n{row}\n")
    jobs = finished(tmp_path)
    assert {rule: [(job.seconds, job.peak_mib) for job in found] for rule, found in jobs.items()} == {
        "tasks": [(1.5, 200.0)],
        "report": [(3.0, 0.0)],
    }


def test_a_line_per_rule_and_an_estimate_of_what_is_missing() -> None:
    took = {"tasks": [Job(1.0, 0, 0), Job(3.0, 0, 0)], "report": [Job(5.0, 0, 0)]}
    lines = table({"tasks": 10, "generate": 2, "report": 1}, {"tasks": 4, "generate": 1}, took).splitlines()
    # tasks: 10 wanted, 4 missing, 2.0 s each on the mean: 8 s
    assert lines[1].split() == ["tasks", "6", "4", "2.0", "8"]
    assert lines[2].split() == ["generate", "1", "1"]
    assert lines[3].split() == ["report", "1", "0", "5.0", "0"]
    assert lines[4].split() == ["all", "8", "5", "8"]
    assert lines[5] == "Not in the estimate, since they never ran here: generate."
