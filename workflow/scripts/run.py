"""Run a study from its config to its report: Snakemake on all cores, then times and the headline table."""

import argparse
import csv
import os
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Run Snakemake, show seconds per stage and the headline."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configfile", type=Path, required=True)
    args, more = parser.parse_known_args()
    began = time.time()
    command = [sys.executable, "-m", "snakemake", "--cores", "all", "--configfile", str(args.configfile), *more]
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    # On a terminal a bar for each stage; elsewhere (a log, CI) Snakemake's own lines, but for the longest.
    shown = ["--logger", "rich"] if sys.stdout.isatty() else ["--quiet", "host", "reason"]
    status = subprocess.call([*command, *shown], cwd=ROOT, env=environment)
    if status:
        sys.exit(status)
    _times(began)
    report = ROOT / "results" / "report"
    headline = [sys.executable, str(ROOT / "workflow/scripts/headline.py"), "--report", "results/report/index.html"]
    for name in ("config.json", "metrics.parquet", "comparisons.parquet"):
        headline += [f"--{name.partition('.')[0]}", str(report / name)]
    subprocess.check_call(headline, cwd=ROOT)


def _times(began: float) -> None:
    """Print a line per stage that ran, with the seconds of its jobs, from Snakemake's benchmark files."""
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    memory: defaultdict[str, float] = defaultdict(float)
    order: dict[str, float] = {}
    for path in (ROOT / "results/benchmarks").rglob("*.tsv"):
        if path.stat().st_mtime < began:
            continue
        stage = path.relative_to(ROOT / "results/benchmarks").parts[0].removesuffix(".tsv")
        order[stage] = min(order.get(stage, path.stat().st_mtime), path.stat().st_mtime)
        with path.open() as handle:
            for row in csv.DictReader(handle, delimiter="\t"):
                seconds[stage].append(float(row["s"]))
                memory[stage] = max(memory[stage], float(row["max_rss"]) if row["max_rss"] not in ("-", "NA") else 0)
    if not seconds:
        print("Nothing to be done: everything is there and up to date.")
        return
    print(f"\n{'stage':22}{'jobs':>6}{'seconds':>10}{'peak GiB':>10}")
    for stage in sorted(order, key=lambda name: order[name]):
        print(f"{stage:22}{len(seconds[stage]):>6}{sum(seconds[stage]):>10.1f}{memory[stage] / 1024:>10.1f}")
    print(f"{'all, by the clock':22}{sum(map(len, seconds.values())):>6}{time.time() - began:>10.1f}\n")


if __name__ == "__main__":
    main()
