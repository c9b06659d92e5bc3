"""GPUs for commands: no two at once on one device, whatever ends the holder, and never a device that is not visible.

The devices are names in CUDA_VISIBLE_DEVICES, or what a stand-in for nvidia-smi prints; no GPU is needed.
"""

import importlib.util
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).parents[2] / "workflow/scripts/with_gpus.py"
SHOW = 'import os; print(os.environ["CUDA_VISIBLE_DEVICES"])'
# Says when it began on which devices and when it ended, as lines that are written at once.
HOLD = """
import os, sys, time
def say(what):
    with open(sys.argv[1], "a") as log:
        log.write(f"{what} {os.getpid()} {os.environ['CUDA_VISIBLE_DEVICES']}\\n")
say("began"); time.sleep(float(sys.argv[2])); say("ended")
"""
UUIDS = ("GPU-aaaa1111", "GPU-bbbb2222", "GPU-cccc3333")

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start with_gpus.py with locks and a PATH of the test's own; end what is left of it."""
    running = []

    def started(wanted: int | str, *command: str, **environment: str) -> subprocess.Popen[str]:
        inherited = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "GPU_LOCK_DIR": str(tmp_path / "locks")}
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(wanted), "--", *(command or (sys.executable, "-c", SHOW))],
            env={**inherited, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        running.append(process)
        return process

    yield started
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def given(process: subprocess.Popen[str]) -> str:
    said, complaint = process.communicate(timeout=60)
    assert process.returncode == 0, complaint
    return said.strip()


def refused(process: subprocess.Popen[str]) -> str:
    said, complaint = process.communicate(timeout=60)
    assert process.returncode == 1 and not said
    [line] = complaint.splitlines()
    return line


def holder(start: Start, wanted: int, log: Path, seconds: float = 60, **environment: str) -> subprocess.Popen[str]:
    """Start a command that holds its devices, and wait until it does."""
    process = start(wanted, sys.executable, "-c", HOLD, str(log), str(seconds), **environment)
    deadline = time.monotonic() + 30
    while not (log.is_file() and f"began {process.pid} " in log.read_text()):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    return process


@pytest.fixture
def machine(tmp_path: Path) -> tuple[str, ...]:
    """Put a stand-in for nvidia-smi, with three GPUs, on the PATH."""
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\n" + "".join(f"echo {uuid}\n" for uuid in UUIDS))
    program.chmod(0o755)
    return UUIDS


def test_with_none_wanted_all_are_hidden(start: Start) -> None:
    assert given(start(0, CUDA_VISIBLE_DEVICES="0,1")) == ""
    assert given(start(0, CUDA_VISIBLE_DEVICES="0,1", SLURM_JOB_ID="7")) == ""


def test_devices_are_taken_within_the_visible_ones(start: Start) -> None:
    assert given(start(1, CUDA_VISIBLE_DEVICES="3,5")) == "3"
    assert given(start(2, CUDA_VISIBLE_DEVICES="3,5")) == "3,5"


def test_without_a_callers_choice_all_of_the_machine_are_visible_by_uuid(
    start: Start, machine: tuple[str, ...]
) -> None:
    assert given(start(2)) == ",".join(machine[:2])


@pytest.mark.parametrize("devices", ["", "-1", "NoDevFiles"])
def test_too_few_are_refused_with_a_line(start: Start, devices: str) -> None:
    line = refused(start(1, CUDA_VISIBLE_DEVICES=devices))
    assert line == "error: 1 GPU(s) are wanted, visible: none. Lower --resources gpu=N to what there is."
    assert "visible: 0, 1." in refused(start(3, CUDA_VISIBLE_DEVICES="0,1"))


def test_what_stands_after_minus_one_and_what_is_named_twice_does_not_count(
    start: Start, machine: tuple[str, ...]
) -> None:
    assert "visible: 0." in refused(start(2, CUDA_VISIBLE_DEVICES="0,-1,1"))
    assert "visible: 0." in refused(start(2, CUDA_VISIBLE_DEVICES=f"0,0,{machine[0]},GPU-aaaa"))


def test_a_number_and_a_uuid_are_one_device(start: Start, machine: tuple[str, ...], tmp_path: Path) -> None:
    holder(start, 1, tmp_path / "log", CUDA_VISIBLE_DEVICES="1")
    both = f"{machine[1]},{machine[2]}"
    assert given(start(1, CUDA_VISIBLE_DEVICES=both)) == machine[2]


def test_within_an_allocation_jobs_share_its_devices_without_overlap(start: Start, tmp_path: Path) -> None:
    allocation = {"SLURM_JOB_ID": "7", "CUDA_VISIBLE_DEVICES": "0,1"}
    holder(start, 1, tmp_path / "log", **allocation)
    assert given(start(1, **allocation)) == "1"
    both = start(2, **allocation)  # as many as it has: they are not free, so it waits
    with pytest.raises(subprocess.TimeoutExpired):
        both.communicate(timeout=1)


def test_two_confined_jobs_that_both_call_their_device_0_do_not_wait(start: Start, tmp_path: Path) -> None:
    holder(start, 1, tmp_path / "log", SLURM_JOB_ID="7", CUDA_VISIBLE_DEVICES="0")
    assert given(start(1, SLURM_JOB_ID="8", CUDA_VISIBLE_DEVICES="0")) == "0"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_holder_gives_its_device_back(start: Start, tmp_path: Path, how: signal.Signals) -> None:
    held = holder(start, 1, tmp_path / "log", CUDA_VISIBLE_DEVICES="0")
    waiting = start(1, CUDA_VISIBLE_DEVICES="0")
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.communicate(timeout=0.5)
    os.kill(held.pid, how)
    assert given(waiting) == "0"


def test_the_command_gets_its_signals_and_gives_its_status(start: Start) -> None:
    process = start(0, "sh", "-c", "exit 7")
    process.communicate(timeout=30)
    assert process.returncode == 7
    assert refused(start(0, "no-such-program")) == "error: no-such-program: No such file or directory."
    assert "expected with_gpus.py N -- command" in refused(start("one"))


def overlaps(log: Path) -> tuple[int, set[str]]:
    """Count the commands that ended, and check that no device had two; return both, and the devices used."""
    holds: dict[str, str] = {}
    ended, used = 0, set()
    for line in log.read_text().splitlines():
        what, process, devices = line.split(" ")
        for device in devices.split(","):
            if what == "began":
                # A holder that was killed says nothing any more: its device may be taken over.
                assert device not in holds or not Path(f"/proc/{holds[device]}").exists(), line
                holds[device] = process
                used.add(device)
            else:
                assert holds.pop(device) == process, line
        ended += what == "ended"
    return ended, used


def test_20_commands_at_once_never_share_a_device(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "log"
    draw = random.Random(0)
    wanted = [draw.choice([1, 1, 2, 3]) for _ in range(20)]
    processes = [start(n, sys.executable, "-c", HOLD, str(log), "0.1", CUDA_VISIBLE_DEVICES="0,1,2,3") for n in wanted]
    for process in processes:
        given(process)
    assert overlaps(log) == (20, {"0", "1", "2", "3"})


def test_20_commands_of_which_some_are_killed_never_share_a_device(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "log"
    killed = [holder(start, 1, log, CUDA_VISIBLE_DEVICES="0,1,2,3") for _ in range(4)]
    rest = [start(1, sys.executable, "-c", HOLD, str(log), "0.1", CUDA_VISIBLE_DEVICES="0,1,2,3") for _ in range(16)]
    for process in killed:
        process.kill()
        process.wait()
    for process in rest:
        given(process)
    assert overlaps(log) == (16, {"0", "1", "2", "3"})


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return with_gpus.py as a module whose own folder of locks lies in the test's folder."""
    spec = importlib.util.spec_from_file_location("with_gpus", PROGRAM)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.delenv("GPU_LOCK_DIR", raising=False)
    spec.loader.exec_module(module)
    assert Path(f"/tmp/gpu-locks-{os.getuid()}") == module._LOCKS
    monkeypatch.setattr(module, "_LOCKS", tmp_path / "own-locks")
    return module


def test_our_folder_of_locks_is_ours_alone(program: Any) -> None:
    for _ in range(2):
        assert program.claim(1, [program.Device("0", "0")]) == ["0"]
        assert program._LOCKS.stat().st_mode & 0o777 == 0o700
        program._LOCKS.chmod(0o775)
        (program._LOCKS / "0.lock").unlink()  # this process holds it


def test_a_folder_of_locks_that_another_user_made_is_refused(program: Any, tmp_path: Path) -> None:
    folder = program._LOCKS
    (tmp_path / "theirs").mkdir()
    folder.symlink_to(tmp_path / "theirs")
    with pytest.raises(SystemExit, match="another user made it"):
        program.claim(1, [program.Device("0", "0")])
    folder.unlink()
    folder.write_text("", encoding="utf-8")
    with pytest.raises(SystemExit, match="GPU_LOCK_DIR"):
        program.claim(1, [program.Device("0", "0")])
    folder.unlink()
    if os.getuid() == 0:
        folder.mkdir()
        os.chown(folder, 12345, 12345)
        with pytest.raises(SystemExit, match="another user made it"):
            program.claim(1, [program.Device("0", "0")])
