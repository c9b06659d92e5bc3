"""Hub data sets: pinned files against a small hub on this machine, and whole data sets streamed by `datasets`."""

import hashlib
import http.server
import json
import math
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_sets import write_lines
from injection_rows import SCRIPTS
from interexter.data import preparation

REVISION = "0123456789abcdef0123456789abcdef01234567"
FILES = {
    "PopQA/test.json": json.dumps([{"question": "Who?", "answers": ["Ann"], "ctxs": [{"text": "Ann did."}]}]).encode()
}


class Hub(http.server.BaseHTTPRequestHandler):
    """Serves FILES as the hub serves the files of a data set at a commit."""

    def do_HEAD(self) -> None:
        self._reply(b"")

    def do_GET(self) -> None:
        self._reply(None)

    def _reply(self, body: bytes | None) -> None:
        prefix = f"/datasets/owner/name/resolve/{REVISION}/"
        content = FILES.get(self.path.removeprefix(prefix)) if self.path.startswith(prefix) else None
        if content is None:
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("X-Repo-Commit", REVISION)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        blob = b"blob %d\0" % len(content) + content  # git's hash, as the hub gives it for what is small
        self.send_header("ETag", f'"{hashlib.sha1(blob).hexdigest()}"')
        self.send_header("X-Repo-Commit", REVISION)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content if body is None else body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


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
