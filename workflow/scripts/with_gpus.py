#!/usr/bin/env python3
"""Run a command with N GPUs of its own: `with_gpus.py 2 -- command ...`.

Snakemake counts GPUs but assigns none. A scheduler that has already chosen (SLURM) is obeyed.
Otherwise this program takes N free ones of those that are visible, by one lock per device, and keeps
the locks until the command ends, also when it is killed. With N = 0 all GPUs are hidden.
"""

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

_LOCKS = Path(os.environ.get("GPU_LOCK_DIR", f"/tmp/gpu-locks-{os.getuid()}"))  # one place per host

# On a CPU, tensors of many MB come and go. By default glibc gives each back to the system and fetches the next one
# page by page, which takes a tenth of a generation's time and more of a training's. So keep them, in huge pages.
_MALLOC = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "100000000000",
    "MALLOC_TOP_PAD_": "67108864",
}


def main() -> None:
    """Claim devices, run the command, end with its status."""
    wanted, dash, *command = int(sys.argv[1]), *sys.argv[2:]
    assert dash == "--", __doc__
    if not wanted:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
        for setting, value in _MALLOC.items():
            os.environ.setdefault(setting, value)
    elif "SLURM_JOB_ID" not in os.environ or len(visible()) > wanted:
        pool = visible()
        if len(pool) < wanted:
            sys.exit(f"error: {wanted} GPU(s) wanted, {len(pool)} visible; lower --resources gpu=N.")
        held = claim(wanted, pool)
        os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(held)
    sys.exit(subprocess.call(command))


def visible() -> list[str]:
    """Return the visible devices, as CUDA_VISIBLE_DEVICES or nvidia-smi names them."""
    if "CUDA_VISIBLE_DEVICES" in os.environ:
        return [device for device in os.environ["CUDA_VISIBLE_DEVICES"].split(",") if device]
    try:
        query = ["nvidia-smi", "--query-gpu=uuid", "--format=csv,noheader"]
        return subprocess.run(query, capture_output=True, text=True, check=True).stdout.split()
    except (FileNotFoundError, subprocess.CalledProcessError):
        return []


def claim(wanted: int, pool: list[str]) -> dict[str, IO[str]]:
    """Lock `wanted` devices of the pool, waiting until as many are free at once."""
    _LOCKS.mkdir(parents=True, exist_ok=True)
    while True:
        with (_LOCKS / "all.lock").open("w") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            held: dict[str, IO[str]] = {}
            lock: IO[str]
            for device in pool:
                lock = (_LOCKS / f"{device}.lock").open("w")
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    lock.close()
                    continue
                held[device] = lock
                if len(held) == wanted:
                    return held
            for lock in held.values():
                lock.close()
        time.sleep(0.2)


if __name__ == "__main__":
    main()
