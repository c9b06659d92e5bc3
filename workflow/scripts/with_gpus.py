#!/usr/bin/env python3
"""Run a command with N GPUs of its own: `with_gpus.py 2 -- command ...`.

Snakemake counts GPUs but assigns none. This program takes N free ones of those that are visible (CUDA_VISIBLE_DEVICES,
which a scheduler or a person may have set, else all of the machine), by one lock per device, and then becomes the
command. The locks are the process's own, so the kernel gives them back when the command ends, however it is ended.
With N = 0 all GPUs are hidden.

Needs nothing but Python: it is the first thing that runs within any environment.
"""

import fcntl
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

# One place per host; a person who names another says whom they share it with.
_LOCKS = Path(os.environ.get("GPU_LOCK_DIR") or f"/tmp/gpu-locks-{os.getuid()}")
_NO_DEVICE = ("-1", "NoDevFiles")  # how CUDA and SLURM say that there is none, or no further one

# On a CPU, tensors of many MB come and go. By default glibc gives each back to the system and fetches the next one
# page by page, which takes a tenth of a generation's time and more of a training's. So keep them, in huge pages.
_MALLOC = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "100000000000",
    "MALLOC_TOP_PAD_": "67108864",
}


class Device(NamedTuple):
    """A GPU: what CUDA_VISIBLE_DEVICES calls it, and the name of its lock."""

    name: str
    lock: str


def main() -> None:
    """Claim devices, then become the command."""
    if len(sys.argv) < 4 or not sys.argv[1].isdigit() or sys.argv[2] != "--":
        sys.exit(f"error: {' '.join(sys.argv[1:3])!r}: expected with_gpus.py N -- command ...")
    wanted, command = int(sys.argv[1]), sys.argv[3:]
    if wanted:
        os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(claim(wanted, visible()))
        os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")  # numbers mean what nvidia-smi means by them
    else:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
        for setting, value in _MALLOC.items():
            os.environ.setdefault(setting, value)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"error: {command[0]}: {error.strerror}.")


def visible() -> list[Device]:
    """Return the GPUs that this process may use: those that its caller left visible, or all of the machine.

    A device is locked by its UUID, since one caller may name it by number and another by UUID. A scheduler already
    keeps its jobs apart, and where it confines them each job calls its first device 0: so within SLURM the locks are
    the job's own, and keep apart only what runs inside the same allocation.
    """
    uuids = _uuids()
    scope = f"slurm-{os.environ['SLURM_JOB_ID']}-" if "SLURM_JOB_ID" in os.environ else ""
    if "CUDA_VISIBLE_DEVICES" not in os.environ:
        return [Device(uuid, f"{scope}{uuid}") for uuid in uuids]
    names: list[str] = []
    for name in os.environ["CUDA_VISIBLE_DEVICES"].split(","):
        if name.strip() in _NO_DEVICE:
            break
        if name.strip():
            names.append(name.strip())
    devices: dict[str, Device] = {}  # a device that is named twice is one device
    for name in names:
        if name.isdigit():
            uuid = uuids[int(name)] if int(name) < len(uuids) else name
        else:
            uuid = next((uuid for uuid in uuids if uuid.startswith(name)), name)  # a UUID may be cut short
        devices.setdefault(uuid, Device(name, f"{scope}{uuid}"))
    return list(devices.values())


def _uuids() -> list[str]:
    """Return the UUIDs of the machine's GPUs in nvidia-smi's order; none where there is no driver."""
    query = ["nvidia-smi", "--query-gpu=uuid", "--format=csv,noheader"]
    try:
        return subprocess.run(query, capture_output=True, text=True, check=True).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        return []


def claim(wanted: int, devices: list[Device]) -> list[str]:
    """Lock `wanted` of the devices, waiting until as many are free at once, and return their names.

    The open lock files are left to the process and to what it becomes. Ends the program where there are too few.
    """
    if len(devices) < wanted:
        found = ", ".join(device.name for device in devices) or "none"
        sys.exit(f"error: {wanted} GPU(s) are wanted, visible: {found}. Lower --resources gpu=N to what there is.")
    _make_locks()
    waits = False
    while not (held := _claimed(wanted, devices)):
        if not waits:
            names = ", ".join(device.name for device in devices)
            print(f"waiting until {wanted} of the GPUs {names} are free ({_LOCKS})", file=sys.stderr, flush=True)
            waits = True
        time.sleep(0.2)
    for handle in held.values():
        os.set_inheritable(handle, True)
    return list(held)


def _make_locks() -> None:
    """Make the folder of locks; end the program where somebody else made ours, who could hold or replace every lock."""
    try:
        if os.environ.get("GPU_LOCK_DIR"):
            _LOCKS.mkdir(parents=True, exist_ok=True)
            return
        _LOCKS.mkdir(mode=0o700, exist_ok=True)
        made = _LOCKS.lstat()
    except OSError as error:
        sys.exit(f"error: {_LOCKS}: {error.strerror}. Name a folder for the locks of GPUs as GPU_LOCK_DIR.")
    if not stat.S_ISDIR(made.st_mode) or made.st_uid != os.getuid():
        sys.exit(f"error: {_LOCKS}: another user made it. Name another folder for the locks of GPUs as GPU_LOCK_DIR.")
    _LOCKS.chmod(0o700)


def _claimed(wanted: int, devices: list[Device]) -> dict[str, int]:
    """Lock `wanted` devices and return their open lock files by name, or lock none and return nothing."""
    gate = os.open(_LOCKS / "all.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(gate, fcntl.LOCK_EX)  # two programs that each hold a part of what they want would wait for ever
    held: dict[str, int] = {}
    try:
        for device in devices:
            if len(held) == wanted:
                break
            handle = os.open(_LOCKS / f"{device.lock.replace('/', '_')}.lock", os.O_RDWR | os.O_CREAT)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
            else:
                held[device.name] = handle
    finally:
        os.close(gate)
    if len(held) == wanted:
        return held
    for handle in held.values():
        os.close(handle)
    return {}


if __name__ == "__main__":
    main()
