"""What finished jobs took, from the benchmark files that Snakemake writes beside the results."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

States = dict[Path, tuple[int, int]]  # of files: time of the inode in nanoseconds, inode


class Job(NamedTuple):
    """One finished job."""

    seconds: float
    peak_mib: float  # 0 where a job was too short to be measured
    ended: float  # seconds since the epoch


def states(folder: Path, suffix: str) -> States:
    """Return how files stand, to know later which were written since; a clock may be set back meanwhile."""
    return {path: _state(path) for path in folder.rglob(f"*{suffix}")}


def written(folder: Path, suffix: str, before: Mapping[Path, tuple[int, int]]) -> Iterator[Path]:
    """Yield the files of a folder that are not as they were before, by name."""
    for path in sorted(folder.rglob(f"*{suffix}")):
        if before.get(path) != _state(path):
            yield path


def _state(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_ctime_ns, stat.st_ino


def finished(folder: Path, before: Mapping[Path, tuple[int, int]] = MappingProxyType({})) -> dict[str, list[Job]]:
    """Return the finished jobs below results/benchmarks by rule, but for those that stood there before."""
    jobs: defaultdict[str, list[Job]] = defaultdict(list)
    for path in written(folder, ".tsv", before):
        rule = path.relative_to(folder).parts[0].removesuffix(".tsv")
        with path.open(encoding="utf-8") as handle:
            for row in csv.DictReader(handle, delimiter="\t"):
                peak = 0.0 if row["max_rss"] in ("-", "NA") else float(row["max_rss"])
                seconds = max(0.0, float(row["s"]))  # below 0 where the clock was set back
                jobs[rule].append(Job(seconds, peak, path.stat().st_mtime))
    return dict(jobs)
