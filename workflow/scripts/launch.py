"""Start the ranks of a training program: `launch.py --ranks 8 --nodes 2 --gpus 8 --threads 32 -- finetune.py ...`."""

import argparse
import os
import subprocess

from interexter.core.program import run
from interexter.training import launch


def main() -> None:
    """Build the command and become it, so that signals reach it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ranks", type=int, required=True, help="processes that train, on all nodes together")
    parser.add_argument("--nodes", type=int, default=1)
    parser.add_argument("--gpus", type=int, default=0, help="on all nodes together")
    parser.add_argument("--threads", type=int, default=1, help="of one node")
    parser.add_argument("program", nargs="+", help="after --: the program and its arguments")
    args = parser.parse_args()
    job = os.environ.get("SLURM_JOB_ID") if args.nodes > 1 else None
    words = launch.command(
        args.program, args.ranks, args.nodes, args.gpus, args.threads, int(job) if job else None, _hosts(job)
    )
    print(f"launch: {' '.join(words[: -len(args.program)])}", flush=True)
    os.execvp(words[0], words)


def _hosts(job: str | None) -> list[str]:
    """Return the nodes of a SLURM job; Snakemake's step takes their names out of the environment."""
    if job is None:
        return []
    listed = subprocess.run(["squeue", "--noheader", "--jobs", job, "--format", "%N"], capture_output=True, text=True)
    asked = ["scontrol", "show", "hostnames", listed.stdout.strip()]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()


if __name__ == "__main__":
    run(main)
