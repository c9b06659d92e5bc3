"""Kubernetes for Snakemake's generic executor: `pods.py submit ... SCRIPT` starts a Job, `pods.py status NAME` asks.

The Job is job.yaml beside this file, with what a rule needs filled in. It mounts the volume that Snakemake itself runs
on, so nothing is uploaded and a job finds everything where it would on one machine.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).with_name("job.yaml")
GPU = "nvidia.com/gpu"


def main() -> None:
    """Submit a script, or say how a Job fares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    submit = commands.add_parser("submit", help="start a Job, print its name")
    submit.add_argument("--rule", required=True)
    submit.add_argument("--cores", type=int, required=True)
    submit.add_argument("--memory-mb", type=int, required=True)
    submit.add_argument("--gpus", type=int, required=True)
    submit.add_argument("script", type=Path)
    status = commands.add_parser("status", help="print running, success or failed")
    status.add_argument("name")
    args = parser.parse_args()
    if args.command == "submit":
        job = manifest(args.rule, args.cores, args.memory_mb, args.gpus, args.script.resolve())
        created = kubectl("create", "--filename=-", "--output=name", given=yaml.safe_dump(job))
        print(created.strip().removeprefix("job.batch/"))
    else:
        found = kubectl("get", "job", args.name, "--output=json", "--ignore-not-found")
        print(state(json.loads(found)["status"] if found.strip() else None))


def manifest(rule: str, cores: int, memory_mb: int, gpus: int, script: Path) -> dict[str, Any]:
    """Return the Job for a script of Snakemake's."""
    job: dict[str, Any] = yaml.safe_load(TEMPLATE.read_text())
    job["metadata"]["generateName"] += f"{rule.replace('_', '-')}-"
    [container] = job["spec"]["template"]["spec"]["containers"]
    container["command"] = ["/bin/sh", str(script)]
    needs = {"cpu": str(cores), "memory": f"{memory_mb}M"} | ({GPU: str(gpus)} if gpus else {})
    # What is asked for is the limit too: Kubernetes takes GPUs in no other way, and memory beyond is another's.
    container["resources"] = {"requests": needs, "limits": needs}
    return job


def state(status: dict[str, Any] | None) -> str:
    """Return a Job's state in Snakemake's words. A Job that is gone has failed."""
    if status is None or status.get("failed"):
        return "failed"
    return "success" if status.get("succeeded") else "running"


def kubectl(*arguments: str, given: str = "") -> str:
    """Run kubectl and return what it says; end the program with its last line if it fails."""
    done = subprocess.run(["kubectl", *arguments], input=given, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"error: kubectl {arguments[0]}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    return done.stdout


if __name__ == "__main__":
    main()
