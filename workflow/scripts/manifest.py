"""Write what a report was made of: the resolved config, versions, models and code."""

import argparse
import json
import os
import platform
import subprocess
from pathlib import Path

from interexter.errors import run
from interexter.identity import content_id
from interexter.tables import write_text


def main() -> None:
    """Write the config and the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=json.loads, required=True)
    parser.add_argument("--pins", required=True, help="pinned packages, NAME==VERSION separated by spaces")
    parser.add_argument("--models", type=Path, nargs="+", required=True, help="the models' manifests")
    parser.add_argument("--config-out", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    manifest = {
        "config_id": content_id(args.config),
        "seed": args.config["seed"],
        "git_commit": _git_commit(),
        "versions": {"python": platform.python_version(), **dict(pin.split("==") for pin in args.pins.split())},
        "models": {path.name.removesuffix(".manifest.json"): json.loads(path.read_text()) for path in args.models},
        "hardware": {"machine": platform.machine(), "cores": os.cpu_count(), "system": platform.system()},
    }
    write_text(args.config_out, json.dumps(args.config, indent=1) + "\n")
    write_text(args.out, json.dumps(manifest, indent=1) + "\n")


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
