"""One run at a time in a folder, and whose lock is released."""

import errno
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from interexter.core.errors import UserError
from interexter.study import locks

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"


def opened(folder: Path, host: str) -> Path:
    """Leave what a process that was killed wrote down when it opened the workflow."""
    record = folder / ".snakemake" / "owners" / "0123456789abcdef.json"
    record.parent.mkdir(exist_ok=True)
    record.write_text(json.dumps({"host": host, "pid": 1}))
    return record


def locked(folder: Path) -> Path:
    """Leave a lock as Snakemake does."""
    place = folder / ".snakemake" / "locks"
    place.mkdir(parents=True)
    (place / "0.input.lock").write_text("x")
    return place


def test_a_lock_is_released_only_when_all_who_may_own_it_are_gone(tmp_path: Path) -> None:
    """Whoever lives has this process's id here, as the first process of every container has 1."""
    folder = locked(tmp_path)
    program = "import os, sys; from pathlib import Path; from interexter.study import locks; "
    program += f"os.getpid = lambda: {os.getpid()}; locks.own(Path({str(tmp_path)!r})); print(flush=True); input()"
    scripts = {"PYTHONPATH": str(SCRIPTS)}
    command, pipe = [sys.executable, "-c", program], subprocess.PIPE
    with subprocess.Popen(command, env=scripts, stdin=pipe, stdout=pipe, text=True) as run:
        assert run.stdout and run.stdout.readline()
        dead = opened(tmp_path, socket.gethostname())
        mine = locks.own(tmp_path)  # as the later run does, too
        locks.release_stale(tmp_path, mine)
        assert any(folder.iterdir()) and dead.exists(), "one of them lives"
        run.communicate("\n")
    assert {*dead.parent.iterdir()} == {dead, mine}
    locks.release_stale(tmp_path, mine)
    assert not folder.exists() and {*dead.parent.iterdir()} == {mine}


def test_one_run_at_a_time_executes_jobs_in_a_folder(tmp_path: Path) -> None:
    locked(tmp_path)
    program = "import os, sys; from pathlib import Path; from interexter.study import locks; "
    program += f"held = locks.run_alone(Path({str(tmp_path)!r})); print(os.getpid(), flush=True); input()"
    scripts = {"PYTHONPATH": str(SCRIPTS)}
    command, pipe = [sys.executable, "-c", program], subprocess.PIPE
    locks.check_idle(tmp_path)
    with subprocess.Popen(command, env=scripts, stdin=pipe, stdout=pipe, text=True) as run:
        assert run.stdout
        first = run.stdout.readline().strip()
        for ask in (locks.run_alone, locks.check_idle):
            with pytest.raises(UserError, match=rf"at work here \(process {first} on {socket.gethostname()}\)"):
                ask(tmp_path)
        run.kill()
    locks.check_idle(tmp_path)
    assert subprocess.run(command, env=scripts, input=b"\n", check=False).returncode == 0


def test_a_killed_process_gives_its_lock_back(tmp_path: Path) -> None:
    folder = locked(tmp_path)
    program = "import os, signal; from pathlib import Path; from interexter.study import locks; "
    program += f"locks.own(Path({str(tmp_path)!r})); os.kill(os.getpid(), signal.SIGKILL)"
    scripts = {"PYTHONPATH": str(SCRIPTS)}
    assert subprocess.run([sys.executable, "-c", program], env=scripts).returncode == -9
    locks.release_stale(tmp_path, locks.own(tmp_path))
    assert not folder.exists()


def test_a_lock_is_left_where_no_lock_of_the_file_system_says_that_its_owner_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = locked(tmp_path)
    opened(tmp_path, socket.gethostname())

    def refuses(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(locks.fcntl, "flock", refuses)
    locks.release_stale(tmp_path, locks.own(tmp_path))
    assert any(folder.iterdir())


def test_a_lock_of_another_machine_is_respected(tmp_path: Path) -> None:
    locked(tmp_path)
    mine = locks.own(tmp_path)
    with pytest.raises(UserError, match="unknown run"):
        locks.release_stale(tmp_path, mine)
    broken = opened(tmp_path, socket.gethostname())
    for text in ("", "{}", "[]", "5", "[" * 9999, '{"host": 5, "pid": "x"}', "\0", '{"host": "h"}'):
        broken.write_text(text)  # a power cut, or somebody's hand
        with pytest.raises(UserError, match="unknown run"):
            locks.release_stale(tmp_path, mine)
    broken.write_bytes(b"\xff")
    with pytest.raises(UserError, match="unknown run"):
        locks.release_stale(tmp_path, mine)
    record = opened(tmp_path, "elsewhere")
    with pytest.raises(UserError, match="elsewhere"):
        locks.release_stale(tmp_path, mine)
    locks.forget(tmp_path)
    assert not any(record.parent.iterdir())
