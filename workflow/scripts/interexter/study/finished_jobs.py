"""What finished jobs took, from the benchmark files that Snakemake writes beside the results."""

import csv
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple


class Job(NamedTuple):
    """One finished job."""

    seconds: float
    peak_mib: float  # 0 where a job was too short to be measured
    ended: float  # seconds since the epoch


def finished(folder: Path) -> dict[str, list[Job]]:
    """Return the finished jobs below results/benchmarks by rule."""
    jobs: defaultdict[str, list[Job]] = defaultdict(list)
    for path in sorted(folder.rglob("*.tsv")):
        rule = path.relative_to(folder).parts[0].removesuffix(".tsv")
        with path.open(encoding="utf-8") as handle:
            for row in csv.DictReader(handle, delimiter="\t"):
                peak = 0.0 if row["max_rss"] in ("-", "NA") else float(row["max_rss"])
                jobs[rule].append(Job(float(row["s"]), peak, path.stat().st_mtime))
    return dict(jobs)
