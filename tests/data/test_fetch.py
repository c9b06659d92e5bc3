"""Downloads against a server on this machine: resumed, tried again, refused, and never half."""

import hashlib
import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from interexter.core.errors import UserError
from interexter.data import fetch

CONTENT = bytes(range(256)) * 8000  # 2 MB
SHA = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """A server that may break off, resume or not, and says what it was asked."""

    breaks: list[int]  # bytes after which each of the next replies breaks off
    resumes = True
    status: list[int]  # of the next replies, instead of the content
    asked: list[str | None]  # the Range of each request

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/data%20set.zip"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        if self.server.status:
            self.send_error(self.server.status.pop(0))
            return
        first = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.server.resumes else 0
        if first >= len(CONTENT):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(CONTENT)}")
            self.end_headers()
            return
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(CONTENT) - first))
        self.end_headers()
        stop = self.server.breaks.pop(0) if self.server.breaks else len(CONTENT)
        self.wfile.write(CONTENT[first : first + stop])
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(fetch, "PAUSE", 0.01)
    server = Server(("127.0.0.1", 0), Handler)
    server.breaks, server.status, server.asked = [], [], []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_download_is_kept_by_its_checksum_and_not_repeated(server: Server, tmp_path: Path) -> None:
    path = fetch.download(server.url, SHA, tmp_path)
    assert path == tmp_path / SHA / "data set.zip"
    assert path.read_bytes() == CONTENT
    assert fetch.download(server.url, SHA, tmp_path) == path
    assert server.asked == [None]
    path.write_bytes(b"changed")
    assert fetch.download(server.url, SHA, tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, None]
    assert [p.name for p in path.parent.iterdir()] == ["data set.zip"]


def test_a_broken_transfer_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    server.breaks = [500_000, 700_000]
    assert fetch.download(server.url, SHA, tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=500000-", "bytes=1200000-"]


def test_a_later_run_goes_on_too(server: Server, tmp_path: Path) -> None:
    part = tmp_path / SHA / ".data set.zip.part"
    part.parent.mkdir()
    part.write_bytes(CONTENT[:1000])
    assert fetch.download(server.url, SHA, tmp_path).read_bytes() == CONTENT
    assert server.asked == ["bytes=1000-"]


def test_a_complete_part_is_taken_as_it_is(server: Server, tmp_path: Path) -> None:
    part = tmp_path / SHA / ".data set.zip.part"
    part.parent.mkdir()
    part.write_bytes(CONTENT)
    assert fetch.download(server.url, SHA, tmp_path).read_bytes() == CONTENT
    part.write_bytes(CONTENT + b"more")  # longer than the source: begun anew
    (tmp_path / SHA / "data set.zip").unlink()
    assert fetch.download(server.url, SHA, tmp_path).read_bytes() == CONTENT


def test_a_server_that_does_not_resume_is_asked_for_everything(server: Server, tmp_path: Path) -> None:
    server.resumes = False
    server.breaks = [500_000]
    assert fetch.download(server.url, SHA, tmp_path).read_bytes() == CONTENT


def test_a_busy_server_is_tried_again_and_given_up(server: Server, tmp_path: Path) -> None:
    server.status = [503, 429, 500]
    assert fetch.download(server.url, SHA, tmp_path).read_bytes() == CONTENT
    server.status = [503] * fetch.ATTEMPTS
    with pytest.raises(UserError, match=rf"not to be had after {fetch.ATTEMPTS} attempts.*503.*kind: local"):
        fetch.download(server.url, "0" * 64, tmp_path)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_source_that_is_gone_is_said_at_once(status: int, server: Server, tmp_path: Path) -> None:
    server.status = [status]
    with pytest.raises(UserError, match=rf"HTTP {status}.*get data%20set.zip from elsewhere.*path: FILE"):
        fetch.download(server.url, SHA, tmp_path)
    assert len(server.asked) == 1


def test_another_file_is_refused_and_removed(server: Server, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"its sha256 is {SHA}, the config says {'1' * 64}"):
        fetch.download(server.url, "1" * 64, tmp_path)
    assert list((tmp_path / ("1" * 64)).iterdir()) == []


def test_a_full_disk_is_said_before_a_byte_is_written(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = shutil.disk_usage(tmp_path)._replace(free=fetch.MARGIN + len(CONTENT) - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: free)
    with pytest.raises(UserError, match=r"needs 0.00 GB more, and .* has 0.27 GB free"):
        fetch.download(server.url, SHA, tmp_path)
    assert (tmp_path / SHA / ".data set.zip.part").read_bytes() == b""


def test_progress_is_printed(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fetch, "PROGRESS", 0.0)
    fetch.download(server.url, SHA, tmp_path)
    assert "of 2 MB, 100%" in capsys.readouterr().err


def test_other_schemes_and_closed_ports_are_refused(server: Server, tmp_path: Path) -> None:
    for url in ("file:///etc/passwd", "ftp://example.org/x", "data.zip"):
        with pytest.raises(UserError, match="begins with http"):
            fetch.download(url, SHA, tmp_path)
    url = server.url
    server.shutdown()
    server.server_close()
    with pytest.raises(UserError, match="not to be had after"):
        fetch.download(url, SHA, tmp_path)
