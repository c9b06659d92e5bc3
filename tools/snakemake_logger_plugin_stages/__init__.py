"""What `make` shows on a terminal: a bar for each stage with done of total, and when the run is expected to end.

A logger of Snakemake, `--logger stages` (it finds packages with this prefix): that of the package `rich`, with two
columns more.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from logging import LogRecord
from pathlib import Path
from statistics import fmean

from interexter.study import finished_jobs
from rich.progress import MofNCompleteColumn, ProgressColumn, Task
from rich.text import Text
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_logger_plugin_rich import LogHandler as RichLogHandler

BENCHMARKS = Path("results/benchmarks")
WHOLE = "Total Progress"  # what `rich` calls the line of the whole run


class Expectation:
    """How long a run takes from now on, if its jobs take what their rules' jobs took until now."""

    def __init__(self, jobs: Mapping[str, int], before: Mapping[str, Iterable[float]]) -> None:
        """Take the jobs to do by rule, and the seconds of earlier runs' jobs by rule."""
        self._coming = Counter(jobs)
        self._took = defaultdict(list, {rule: [*seconds] for rule, seconds in before.items()})
        self._running: dict[int, tuple[str, float]] = {}  # rule and start by number
        self._began: float | None = None
        self._done = 0.0  # seconds of this run's finished jobs, one by one

    def starts(self, job: int, rule: str, now: float) -> None:
        """Take note of a job that starts; `now` is seconds of any clock."""
        self._began = now if self._began is None else self._began
        self._coming[rule] -= 1
        self._running[job] = rule, now

    def ends(self, job: int, now: float) -> None:
        """Take note of a job that ended well."""
        rule, began = self._running.pop(job)
        self._took[rule].append(now - began)
        self._done += now - began

    def left(self, now: float) -> tuple[float, bool] | None:
        """Return the seconds to expect, and whether that is all: False while a rule to come was never seen to end.

        None before the first job has taken any time.
        """
        coming = {rule: jobs for rule, jobs in self._coming.items() if jobs > 0}
        elapsed = [(rule, now - began) for rule, began in self._running.values()]
        worked = self._done + sum(seconds for _, seconds in elapsed)
        if self._began is None or not worked:
            return None
        rules = {*coming, *(rule for rule, _ in elapsed)}
        each = {rule: fmean(self._took[rule]) for rule in rules if self._took[rule]}
        one_by_one = sum(jobs * each.get(rule, 0.0) for rule, jobs in coming.items())
        one_by_one += sum(max(0.0, each.get(rule, 0.0) - seconds) for rule, seconds in elapsed)
        return one_by_one * (now - self._began) / worked, rules == each.keys()  # as many at a time as so far


def spoken(seconds: float) -> str:
    """Return a time for a person: 40 s, 12 min, 3 h 5 min."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


class LogHandler(RichLogHandler):
    """The logger of `rich`, with done of total and the expected end."""

    def __post_init__(self) -> None:
        """Put done of total where the percentage stands, and the expected end last."""
        super().__post_init__()
        self.expectation = Expectation({}, {})
        *shown, _, elapsed = self.progress.columns
        self.progress.columns = (*shown, MofNCompleteColumn(), elapsed, _Expected(self))

    def emit(self, record: LogRecord) -> None:
        """Keep count, then show."""
        match vars(record):
            case {"event": LogEvent.RUN_INFO, "stats": stats}:
                jobs = {rule: n for rule, n in stats.items() if rule not in ("total", "all")}
                took = {rule: [job.seconds for job in ran] for rule, ran in finished_jobs.finished(BENCHMARKS).items()}
                self.expectation = Expectation(jobs, took)
            case {"event": LogEvent.JOB_INFO, "jobid": job, "rule_name": rule}:
                self.expectation.starts(job, rule, time.monotonic())
            case {"event": LogEvent.JOB_FINISHED, "job_id": job}:
                self.expectation.ends(job, time.monotonic())
        super().emit(record)
        if getattr(record, "event", None) == LogEvent.RUN_INFO:
            for task in self.progress.tasks:  # `rich` counts one running job of each rule from the start
                self.progress.update(task.id, active=0)


class _Expected(ProgressColumn):
    """The expected end, on the line of the whole run."""

    def __init__(self, handler: LogHandler) -> None:
        super().__init__()
        self._handler = handler

    def render(self, task: Task) -> Text:
        expected = self._handler.expectation.left(time.monotonic())
        if expected is None or task.finished or WHOLE not in task.description:
            return Text("")
        seconds, all_known = expected
        return Text(f"{'about' if all_known else 'more than'} {spoken(seconds)} to go")
