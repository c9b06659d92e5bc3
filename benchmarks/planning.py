"""What planning costs: dry runs of this workflow on synthetic grids, against empty workflows of as many jobs.

Grids differ in their number of conditions; a handful of jobs is what one table needs. Nothing is run. Of empty
workflows there are two: the same rules with their inputs and outputs and nothing else, and a single rule whose jobs
need no input. Prints jobs, seconds and peak memory, and what our plan takes more than each. Seconds are the
processor's, since a plan is one thread that waits for nothing: so they hold on a busy machine too. `make
bench-planning`; docs/measurements.md has its output.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("Snakefile", "workflow", "config", "envs", "profiles", "requirements.lock")
FEWEST = 50  # no study has fewer jobs; below, one table of the demo is asked for
TABLE = "results/evidence/atlas/smollm2-135m/test/clean.parquet"
ONE_RULE = """
configfile: "config/empty.yaml"

rule all:
    input: collect("results/{i}.out", i=range(config["jobs"]))
    localrule: True

rule one:
    output: "results/{i}.out"
    shell: "touch {output}"
"""


def main() -> None:
    """Plan each grid, and two empty workflows of as many jobs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, nargs="+", default=[10, 100, 1000, 10000])
    parser.add_argument("--block", type=int, default=1, help="conditions per job of tasks, answers and label")
    args = parser.parse_args()
    heads = ("jobs", "conditions", "s", "MiB", "emptied: s", "ratio", "one rule: s", "ratio")
    print("".join(f"{head:>13}" for head in heads), flush=True)
    for jobs in args.jobs:
        with TemporaryDirectory() as name:
            folder = Path(name)
            for part in PARTS:
                copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
                copy(ROOT / part, folder / part)
            conditions = grid(folder, jobs, args.block)
            plan = ["--configfile", "config/grid.yaml", *(["--", TABLE] if jobs < FEWEST else [])]
            planned, seconds, memory = dry_run(folder, *plan)
            for rules in (folder / "workflow/rules").glob("*.smk"):
                if rules.name != "common.smk":
                    rules.write_text(emptied(rules.read_text()))
            as_many, same_rules, _ = dry_run(folder, *plan)
            if as_many != planned:
                sys.exit(f"error: the emptied rules plan {as_many} jobs, not {planned}.")
            (folder / "empty.smk").write_text(ONE_RULE)
            (folder / "config/empty.yaml").write_text(yaml.safe_dump({"jobs": planned - 1}))
            _, one_rule, _ = dry_run(folder, "--snakefile", "empty.smk")
        print(
            f"{planned:>13}{conditions:>13}{seconds:>13.1f}{memory:>13.0f}"
            f"{same_rules:>13.1f}{seconds / same_rules:>13.2f}{one_rule:>13.1f}{seconds / one_rule:>13.2f}",
            flush=True,
        )


def emptied(rules: str) -> str:
    """Return rules without all that is neither input nor output; their commands do nothing."""
    bare = re.sub(
        r"\n    (log|benchmark|conda|threads|resources|params):.*?(?=\n    \w|\n\n|\Z)", "", rules, flags=re.DOTALL
    )
    return re.sub(r'\n    shell:\s+r""".*?"""', '\n    shell:\n        "touch {output}"', bare, flags=re.DOTALL)


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
    """Return planned jobs, seconds of the processor and peak memory in MiB of a dry run."""
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--dry-run", "--quiet", "rules", *arguments]
    with (folder / "said").open("w+") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        said.seek(0)
        text = said.read()
    total = re.search(r"^total +(\d+)$", text, re.MULTILINE)
    if status or not total:
        sys.exit(f"error: the dry run failed:\n{text[-2000:]}")
    return int(total[1]), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
