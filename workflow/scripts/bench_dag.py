"""What planning costs: dry runs of this workflow on synthetic grids, against an empty workflow of as many jobs.

Grids differ in their number of conditions; nothing is run. Prints jobs, seconds and peak memory of each, and the ratio
of the seconds, which is to stay below 1.5 at 10,000 jobs. `make bench-dag`; docs/scale.md has its output.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("Snakefile", "workflow", "config", "envs", "profiles", "requirements.lock")
EMPTY = """
configfile: "config/empty.yaml"

rule all:
    input: collect("results/{i}.out", i=range(config["jobs"]))
    localrule: True

rule one:
    output: "results/{i}.out"
    shell: "touch {output}"
"""


def main() -> None:
    """Plan each grid, and an empty workflow of as many jobs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, nargs="+", default=[100, 1000, 10000])
    parser.add_argument("--block", type=int, default=1, help="conditions per job of tasks, answers and label")
    args = parser.parse_args()
    print(f"{'jobs':>7}{'conditions':>12}{'s':>8}{'MiB':>7}{'empty: s':>10}{'MiB':>7}{'ratio':>7}")
    for jobs in args.jobs:
        with TemporaryDirectory() as name:
            folder = Path(name)
            for part in PARTS:
                copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
                copy(ROOT / part, folder / part)
            conditions = grid(folder, jobs, args.block)
            planned, seconds, memory = dry_run(folder, "--configfile", "config/grid.yaml")
            (folder / "empty.smk").write_text(EMPTY)
            (folder / "config/empty.yaml").write_text(yaml.safe_dump({"jobs": planned - 1}))
            _, empty, least = dry_run(folder, "--snakefile", "empty.smk")
        ratio = seconds / empty
        print(
            f"{planned:>7}{conditions:>12}{seconds:>8.1f}{memory:>7.0f}{empty:>10.1f}{least:>7.0f}{ratio:>7.2f}",
            flush=True,
        )


def grid(folder: Path, jobs: int, block: int) -> int:
    """Write config/grid.yaml, the demo with as many conditions as make about so many jobs; return their number."""
    study = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    methods = len(study["methods"]) + 2 * len(study["recipes"])
    per_condition = 3 + 3 * methods / block  # compose, gate, evidence; tasks, answers and label of each method
    conditions = max(2, round(jobs / per_condition))
    study["conditions"] |= {
        f"dose-{i}": {"count": 1 + i % 3, "supporting": "keep", "position": "first"} for i in range(conditions - 2)
    }
    # The two that the demo's training and report need, and the synthetic ones.
    names = ["clean", "counter-replaced", *(name for name in study["conditions"] if name.startswith("dose-"))]
    study["test"] = {"conditions": names, "block": block}
    (folder / "config/grid.yaml").write_text(yaml.safe_dump(study))
    return len(names)


def dry_run(folder: Path, *arguments: str) -> tuple[int, float, float]:
    """Return planned jobs, seconds by the clock and peak memory in MiB of a dry run."""
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--dry-run", "--quiet", "rules", *arguments]
    began = time.monotonic()
    with (folder / "said").open("w+") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        said.seek(0)
        text = said.read()
    total = re.search(r"^total +(\d+)$", text, re.MULTILINE)
    if status or not total:
        sys.exit(f"error: the dry run failed:\n{text[-2000:]}")
    return int(total[1]), seconds, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
