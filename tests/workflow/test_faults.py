"""What goes wrong around a run: a clear line each, nothing lost, and the next run mends it.

Works on a copy of the finished run, whose small jobs are made again. Needs no engine.
"""

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .conftest import Study

pytestmark = pytest.mark.slow

METRICS = Path("results/report/metrics.parquet")


@contextmanager
def mounted(place: Path, options: str) -> Iterator[None]:
    """Mount a file system in memory at a folder for the length of a block; skip the test where that is not allowed."""
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, text=True)
    if mount.returncode:
        pytest.skip(f"no file system can be mounted here: {mount.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


def failed(study: Study, *arguments: str) -> str:
    """Run, expect a failure without a traceback, and return what was said."""
    done = study.snakemake(*arguments)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in said, said[-3000:]
    return said


def test_a_corrupt_table_is_named_and_mended(copy: Study, smoke: Study) -> None:
    table = copy.folder / "results/labels/vital/seed-0/tiny/base.parquet"
    table.write_bytes(table.read_bytes()[:100])
    said = failed(copy, "--forcerun", "aggregate", "--until", "aggregate")
    assert "error: results/labels/vital/seed-0/tiny/base.parquet: not a readable Parquet file" in said
    table.unlink()
    copy.run()
    assert (copy.folder / METRICS).read_bytes() == (smoke.folder / METRICS).read_bytes()


def test_truncated_weights_are_named(copy: Study) -> None:
    [weights] = (copy.folder / "results/models/tiny").glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:-10])
    shutil.rmtree(copy.folder / "results/store")
    said = failed(copy, "--forcerun", "recall", "--until", "recall")
    assert f"error: {weights.relative_to(copy.folder)}: " in said and "it was cut off" in said


def test_weights_made_again_by_themselves_leave_nothing_else_to_do(copy: Study) -> None:
    shutil.rmtree(copy.folder / "results/models/tiny")
    (copy.folder / "results/models/tiny.manifest.json").unlink()
    assert copy.planned()["finetune"] == 1  # all at once, a training would follow
    copy.run("--until", "prepare_model")
    assert copy.planned() == {}


def test_what_failed_fails_again_and_no_old_report_stands_for_it(copy: Study) -> None:
    copy.edit("config/smoke.yaml", "test: 8", "test: 8000")
    for _ in range(2):
        assert "the config asks for 8000" in failed(copy)


def test_a_full_disk_is_said_and_the_next_run_goes_on(copy: Study, smoke: Study) -> None:
    place = copy.folder / "results/labels"
    shutil.rmtree(place)
    place.mkdir()
    with mounted(place, "size=16k"):  # one of the two tables fits
        assert "No space left on device" in failed(copy, "--keep-going", "--forcerun", "label")
    copy.run()
    assert (copy.folder / METRICS).read_bytes() == (smoke.folder / METRICS).read_bytes()


def test_results_that_cannot_be_written_are_said(copy: Study, smoke: Study) -> None:
    place = copy.folder / "results/report"
    kept = copy.folder / "kept"
    place.rename(kept)
    place.mkdir()
    with mounted(place, "ro"):
        assert "Read-only file system" in failed(copy)
    place.rmdir()
    kept.rename(place)
    copy.run()
    assert (copy.folder / METRICS).read_bytes() == (smoke.folder / METRICS).read_bytes()


def test_a_second_run_in_the_folder_is_refused_and_the_first_goes_on(copy: Study) -> None:
    (copy.folder / METRICS).unlink()
    first = subprocess.Popen(
        copy.command(), cwd=copy.folder, env=copy.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    running = copy.folder / ".snakemake/running.json"  # of this run, once its jobs begin
    deadline = time.monotonic() + 60
    while not (running.is_file() and str(first.pid) in running.read_text()):
        assert time.monotonic() < deadline and first.poll() is None
        time.sleep(0.02)
    # Held, or it may be done before the second run, which takes seconds to start, looks at the lock.
    first.send_signal(signal.SIGSTOP)
    try:
        for words in ([], ["--unlock"]):
            assert f"a run is at work here (process {first.pid} on" in failed(copy, *words).splitlines()[-1]
    finally:
        first.send_signal(signal.SIGCONT)
    assert first.wait() == 0
    assert copy.planned() == {}
