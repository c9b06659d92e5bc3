"""What planning costs: dry runs of the demo with more and more data sets, against empty workflows of as many jobs.

Jobs grow with data sets, models and checkpoints, not with conditions (`--conditions` shows that). A handful of jobs is
what one table needs. Nothing is run. Of empty workflows there are two: the same rules with their inputs and outputs and
nothing else, and a single rule whose jobs need no input. Prints jobs, seconds and peak memory, and what our plan takes
more than each. Seconds are the processor's, since a plan is one thread that waits for nothing: so they hold on a busy
machine too. `make bench-planning`; docs/measurements.md has its output.
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
TABLE = "results/evidence/vital-1/seed-0/smollm2-135m/test.parquet"
PER_DATASET = 23  # jobs of the demo that each data set repeats
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
    """Plan each study, and two empty workflows of as many jobs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, nargs="+", default=[10, 100, 1000, 10000])
    parser.add_argument("--conditions", type=int, default=4, help="conditions of the test, two or more")
    args = parser.parse_args()
    heads = ("jobs", "data sets", "s", "MiB", "emptied: s", "ratio", "one rule: s", "ratio")
    print("".join(f"{head:>13}" for head in heads), flush=True)
    for jobs in args.jobs:
        with TemporaryDirectory() as name:
            folder = Path(name)
            for part in PARTS:
                copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
                copy(ROOT / part, folder / part)
            datasets = study(folder, jobs, args.conditions)
            plan = ["--configfile", "config/study.yaml", *(["--", TABLE] if jobs < FEWEST else [])]
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
            f"{planned:>13}{datasets:>13}{seconds:>13.1f}{memory:>13.0f}"
            f"{same_rules:>13.1f}{seconds / same_rules:>13.2f}{one_rule:>13.1f}{seconds / one_rule:>13.2f}",
            flush=True,
        )


def emptied(rules: str) -> str:
    """Return rules without all that is neither input nor output; their commands do nothing."""
    bare = re.sub(
        r"\n    (log|benchmark|conda|threads|resources|params):.*?(?=\n    \w|\n\n|\Z)", "", rules, flags=re.DOTALL
    )
    command = r'\n    (?:shell:\s+r""".*?"""|run:\n.*?(?=\n\n|\Z))'
    return re.sub(command, '\n    shell:\n        "touch {output}"', bare, flags=re.DOTALL)


def study(folder: Path, jobs: int, conditions: int) -> int:
    """Write config/study.yaml, the demo with as many data sets as make about so many jobs; return their number."""
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    datasets = max(1, round(jobs / PER_DATASET))
    config["datasets"] = {f"vital-{i + 1}": config["datasets"]["vital"] for i in range(datasets)}
    doses = {
        f"dose-{i}": {"count": 1 + i % 3, "supporting": "keep", "position": "first"} for i in range(conditions - 2)
    }
    config["conditions"] |= doses
    # The two that the demo's training and report need, and the synthetic ones.
    config["test"] = {"conditions": ["clean", "counter-replaced", *doses]}
    (folder / "config/study.yaml").write_text(yaml.safe_dump(config))
    return datasets


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
