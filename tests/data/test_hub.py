"""Hub data sets: pinned files against a small hub on this machine, and whole data sets streamed by `datasets`."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hub_server
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_sets import write_lines
from hub_server import REVISION
from injection_rows import SCRIPTS
from interexter.data import preparation

FILES = {
    "PopQA/test.json": json.dumps([{"question": "Who?", "answers": ["Ann"], "ctxs": [{"text": "Ann did."}]}]).encode()
}


@pytest.fixture
def hub() -> Iterator[str]:
    with hub_server.hub("datasets/", FILES) as server:
        yield server.endpoint


def run(tmp_path: Path, source: dict[str, object], endpoint: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, SCRIPTS / "prepare_dataset.py", "--dataset", "d", "--source", json.dumps(source)]
    for name in preparation.Paths._fields:
        command += [f"--{name}", tmp_path / f"{name}.parquet"]
    command += ["--demonstrations", tmp_path / "demonstrations.json", "--card", tmp_path / "card.json"]
    environment = {**os.environ, "HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path / "hf"), "no_proxy": "127.0.0.1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)


def source(**other: object) -> dict[str, object]:
    pinned = {"kind": "hub", "layout": "instructrag", "repository": "owner/name", "revision": REVISION}
    return {**pinned, "folder": "PopQA", **other}


def test_files_of_a_pinned_commit_are_read(hub: str, tmp_path: Path) -> None:
    done = run(tmp_path, source(), hub)  # train.json and demos.json are optional, and not there
    assert done.returncode == 0, done.stderr
    assert "n_out=1 n_rejected=0 " in done.stdout and " test=1" in done.stdout


def test_a_file_that_is_not_there_and_a_hub_that_is_not_reached_are_said(hub: str, tmp_path: Path) -> None:
    done = run(tmp_path, source(files=["valid.json"]), hub)
    assert (done.returncode, "PopQA/valid.json" in done.stderr) == (1, True)
    assert "there is no such file" in done.stderr
    done = run(tmp_path, source(), "http://127.0.0.1:9")
    assert done.returncode == 1
    assert "To use a copy of yours: source: {kind: local" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_data_set_without_named_files_is_streamed_by_datasets(tmp_path: Path) -> None:
    """`datasets` takes a local folder as it takes a repository."""
    record = {"question": "Who?", "org_context": "Ann did.", "org_answer": ["Ann"]}
    record |= {"sub_context": "Bob did.", "sub_answer": ["Bob"]}
    write_lines(tmp_path / "repository" / "test.jsonl", [record])
    there = {"kind": "hub", "layout": "nq-swap", "repository": "repository", "revision": REVISION}
    done = run(tmp_path, there, "http://127.0.0.1:9")
    assert done.returncode == 0, done.stderr
    assert '"counter_passages": 1' in done.stdout


def test_not_a_number_is_missing_in_what_is_streamed_too(tmp_path: Path) -> None:
    (tmp_path / "repository").mkdir()
    rows = {"question": ["Who?", "Which?"], "answers": ["Ann", "This"], "popularity": [math.nan, 3.0]}
    pq.write_table(pa.table(rows), tmp_path / "repository" / "test.parquet")
    there = {"kind": "hub", "layout": "plain", "repository": "repository", "revision": REVISION}
    done = run(tmp_path, there, "http://127.0.0.1:9")
    assert done.returncode == 0, done.stderr
    assert "n_out=2 n_rejected=0" in done.stdout


def test_a_cached_file_that_was_changed_is_refused(hub: str, tmp_path: Path) -> None:
    assert run(tmp_path, source(), hub).returncode == 0
    [blob] = (path for path in (tmp_path / ".cache/hub").rglob("blobs/*") if path.is_file())
    blob.write_bytes(blob.read_bytes().replace(b"Ann", b"Bob"))
    done = run(tmp_path, source(), hub)
    assert done.returncode == 1
    assert "PopQA/test.json: its hash is" in done.stderr and f"Delete {blob} and run again" in done.stderr


def test_a_stream_that_does_not_end_is_given_up(tmp_path: Path) -> None:
    program = """
import sys
from interexter.core import downloads, program
downloads.HOURS = 4 / 3600
from interexter.data import layouts, sources
source = {"kind": "hub", "layout": "nq-swap", "repository": "owner/name", "revision": "%s"}
program.run(lambda: print(list(sources.of_questions(source, "d", layouts.load("nq-swap")))))
"""
    with hub_server.lingering(b"HTTP/1.1 200 OK\r\nX: ", b"a") as endpoint:
        environment = {**os.environ, "HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path / "hf"), "no_proxy": "127.0.0.1"}
        command = [sys.executable, "-c", program % REVISION]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert done.returncode == 1
    assert "not complete after 0.00111111 hours. Run again to go on. To use a copy" in done.stderr.splitlines()[-1]
