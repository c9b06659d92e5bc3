"""Write what a report was made of: the resolved config, versions, code, models, and hashes of data and outcome."""

import argparse
import hashlib
import json
import os
import platform
import re
import subprocess
from pathlib import Path
from shutil import which
from typing import Any

from interexter.core.files import write_text
from interexter.core.identity import content_id
from interexter.core.program import run


def main() -> None:
    """Write the config and the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=json.loads, required=True)
    parser.add_argument("--pins", required=True, help="pinned packages, NAME==VERSION separated by spaces")
    parser.add_argument("--models", type=Path, nargs="+", required=True, help="the models' manifests")
    parser.add_argument("--checkpoints", type=Path, nargs="*", default=[], help="the checkpoints' manifests")
    parser.add_argument("--inputs", type=Path, nargs="+", required=True, help="the data, to be hashed")
    parser.add_argument("--outputs", type=Path, nargs="+", required=True, help="the outcome, to be hashed")
    parser.add_argument("--config-out", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    manifest = {
        "config_id": content_id(args.config),
        "seed": args.config["seed"],
        "git_commit": _git_commit(),
        "versions": {"python": platform.python_version(), **dict(pin.split("==") for pin in args.pins.split())},
        "models": {path.name.removesuffix(".manifest.json"): json.loads(path.read_text()) for path in args.models},
        "checkpoints": {str(path): json.loads(path.read_text())["weights_id"] for path in args.checkpoints},
        "inputs": {str(path): _sha256(path) for path in args.inputs},
        "outputs": {str(path): _sha256(path) for path in args.outputs},
        "hardware": _hardware(),
    }
    write_text(args.config_out, json.dumps(args.config, indent=1) + "\n")
    write_text(args.out, json.dumps(manifest, indent=1) + "\n")
    print(f"manifest: n_in={len(args.inputs)} n_out={len(args.outputs)} n_models={len(args.models)}")


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
