"""Write what a report was made of: the resolved config, versions, code, models, and hashes of data and outcome."""

import argparse
import hashlib
import os
import platform
import re
import subprocess
from pathlib import Path
from shutil import which
from typing import Any

from interexter.core.identity import content_id
from interexter.core.json_files import read_json, write_json
from interexter.core.program import run
from interexter.study import layout

TABLES = ("questions", "corpus")  # of each data set
OUTCOME = ("metrics.csv", "metrics.parquet", "comparisons.parquet")


def main() -> None:
    """Write the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, required=True, help="folder of the study's results")
    parser.add_argument("--config", type=Path, required=True, help="the study's resolved config")
    parser.add_argument("--pins", required=True, help="pinned packages, NAME==VERSION separated by spaces")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    results, config = args.results, read_json(args.config)
    inputs = [results / "data" / name / f"{table}.parquet" for name in config["datasets"] for table in TABLES]
    outcome = [results / "report" / f"{name}" for name in OUTCOME]
    checkpoints = [
        layout.checkpoint(results, config, *one, recipe, ".manifest.json")
        for one in layout.seeded_runs(config)
        for recipe in config["recipes"]
    ]
    manifest = {
        "config_id": content_id(config),
        "seed": config["seed"],
        "seeds": config["seeds"],
        "git_commit": _git_commit(),
        "versions": {"python": platform.python_version(), **dict(pin.split("==") for pin in args.pins.split())},
        "models": {name: read_json(results / "models" / f"{name}.manifest.json") for name in config["models"]},
        "checkpoints": {str(path): read_json(path, "weights_id")["weights_id"] for path in checkpoints},
        "inputs": {str(path): _sha256(path) for path in inputs},
        "outputs": {str(path): _sha256(path) for path in outcome},
        "hardware": _hardware(),
    }
    write_json(args.out, manifest)
    print(f"manifest: n_in={len(inputs)} n_out={len(outcome)} n_models={len(config['models'])}")


def _sha256(path: Path) -> str:
    """Return what sha256sum says of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _hardware() -> dict[str, Any]:
    """Describe the machine that writes this; a cluster's other nodes may differ."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    gpus = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    return {
        "machine": platform.machine(),
        "system": platform.system(),
        "processor": model[1] if model else "",
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "gpus": subprocess.run(gpus, capture_output=True, text=True).stdout.splitlines() if which(gpus[0]) else [],
    }


def _git_commit() -> str:
    """Return the commit of this code, with a mark if files differ from it; "" outside a repository."""
    folder = Path(__file__).parent
    head = subprocess.run(["git", "-C", folder, "rev-parse", "HEAD"], capture_output=True, text=True)
    if head.returncode:
        return ""
    dirty = subprocess.run(
        ["git", "-C", folder, "status", "--porcelain", "-uno"], capture_output=True, text=True
    ).stdout
    return head.stdout.strip() + (" and local changes" if dirty else "")


if __name__ == "__main__":
    run(main)
