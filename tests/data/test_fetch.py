"""Downloads against a server on this machine: resumed, tried again, refused, and never half."""

import hashlib
import http.server
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path

import hub_server
import pytest
from interexter.core.errors import UserError
from interexter.data import fetch, sources
from interexter.study import secrets

CONTENT = bytes(range(256)) * 8000  # 2 MB
SHA = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """A server that may break off, resume or not, and says what it was asked."""

    breaks: list[int]  # bytes after which each of the next replies breaks off
    resumes = True
    status: list[int]  # of the next replies, instead of the content
    asked: list[str | None]  # the Range of each request
    paths: list[str]  # of each request
    authorized: str | None = None  # what the last request had to show
    headers: dict[str, str]  # instead of what the content has; none if empty
    redirect: str | None = None  # where every request is sent instead

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/data%20set.zip"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        self.server.paths.append(self.path)
        self.server.authorized = self.headers.get("Authorization")
        if self.server.redirect is not None:
            self.send_response(302)
            self.send_header("Location", self.server.redirect)
            self.end_headers()
            return
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
        for name, value in ({"Content-Length": str(len(CONTENT) - first)} | self.server.headers).items():
            if value:
                self.send_header(name, value)
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
    server.breaks, server.status, server.asked, server.paths, server.headers = [], [], [], [], {}
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


def test_one_of_two_jobs_downloads_and_the_other_waits(server: Server, tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as jobs:
        asked = [jobs.submit(fetch.download, server.url, SHA, tmp_path) for _ in range(4)]
        assert [one.result() for one in asked] == [tmp_path / SHA / "data set.zip"] * 4
    assert server.asked == [None]


def test_a_server_that_gains_nothing_is_given_up_however_its_parts_vary(server: Server, tmp_path: Path) -> None:
    server.resumes = False
    server.breaks = [500, 100] * 500
    with pytest.raises(UserError, match="not to be had after 5 attempts"):
        fetch.download(server.url, SHA, tmp_path)
    assert len(server.asked) == fetch.ATTEMPTS


def test_tries_are_bounded_even_where_each_gains_a_byte(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "TRIES", 8)
    server.breaks = [1] * 100
    with pytest.raises(UserError, match="broken off 8 times"):
        fetch.download(server.url, SHA, tmp_path)
    assert (tmp_path / SHA / ".data set.zip.part").stat().st_size == 8


@pytest.mark.parametrize(
    ("begins", "goes_on"),
    [
        (b"", b"HTTP/1.1 200 OK\r\nX: aaaaaa"),  # a head that comes byte by byte
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"0"),
    ],
)
def test_time_is_bounded_wherever_a_server_lingers(
    begins: bytes, goes_on: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(fetch, "HOURS", 0.5 / 3600)
    late = pytest.raises(UserError, match=r"not complete after 0.0001\d+ hours")
    with hub_server.lingering(begins, goes_on) as address, late:
        fetch.download(f"{address}/a", SHA, tmp_path)


def test_the_body_of_a_redirect_is_not_read(server: Server, tmp_path: Path) -> None:
    class Endless(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", server.url)
            self.end_headers()
            with suppress(OSError):
                while True:
                    self.wfile.write(bytes(1 << 16))

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endless) as first:
        threading.Thread(target=first.serve_forever, daemon=True).start()
        found = fetch.download(f"http://127.0.0.1:{first.server_address[1]}/a", SHA, tmp_path)
        first.shutdown()
    assert found.read_bytes() == CONTENT


@pytest.mark.parametrize("length", [True, False])
def test_size_is_bounded_with_and_without_a_length(
    length: bool, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "LARGEST", 10_000)
    server.headers = {} if length else {"Content-Length": ""}
    with pytest.raises(UserError, match="more than 0 GB"):
        fetch.download(server.url, SHA, tmp_path)
    assert (tmp_path / SHA / ".data set.zip.part").stat().st_size == 0


def test_a_reply_that_may_never_end_does_not_fill_the_disk(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.headers = {"Content-Length": ""}
    assert fetch.download(server.url, SHA, tmp_path / "a").read_bytes() == CONTENT
    free = shutil.disk_usage(tmp_path)._replace(free=fetch.MARGIN)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: free)
    with pytest.raises(UserError, match="does not say its length, and fills the disk"):
        fetch.download(server.url, SHA, tmp_path / "b")


@pytest.mark.parametrize(
    "headers",
    [
        *({"Content-Length": text} for text in ("abc", "-5", "1e3", "9" * 30, "٣", str(len(CONTENT) + 1))),
        {"Transfer-Encoding": "chunked", "Content-Length": ""},
        {"Content-Range": "bytes 0-7/8"},
        {"Content-Encoding": "gzip"},
    ],
)
def test_headers_that_are_wrong_end_in_the_file_or_in_a_line(
    headers: dict[str, str], server: Server, tmp_path: Path
) -> None:
    server.headers = headers
    server.breaks = [1000]
    try:
        assert fetch.download(server.url, SHA, tmp_path).read_bytes() == CONTENT
    except UserError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("{url}", "not to be had"),  # to itself, for ever
        ("/%0d%0aX: y", "not to be had"),
        ("ftp://example.org/x?token=S3CRET", "something else than http"),
        ("file:///etc/passwd", "not to be had"),
        ("http://[::1", "not to be had"),
        ("http://u:S3CRET@x:99999/", "not to be had"),
        ("", "not to be had"),
    ],
)
def test_a_redirect_that_leads_nowhere_is_said(place: str, said: str, server: Server, tmp_path: Path) -> None:
    server.redirect = place.format(url=server.url)
    with pytest.raises(UserError, match=said) as caught:
        fetch.download(server.url, SHA, tmp_path)
    assert "S3CRET" not in str(caught.value) and "\n" not in str(caught.value)
    assert len(server.asked) <= fetch.ATTEMPTS * (fetch.REDIRECTS + 1)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://[::1/x", "cannot be read"),
        ("http://h:abc/x", "cannot be read"),
        ("http://h:99999/x", "cannot be read"),
        ("http://h:0/x", "port 0"),
        ("http:///x", "without a host"),
        ("http://?x", "without a host"),
        ("http://" + "a" * 300 + "/x", "cannot be read"),
        ("http://ex..org/x", "cannot be read"),
        ("http://h/a\nb", "no line break"),
        ("http://h/a\x00b", "no line break"),
        ("http://h/" + "a" * 5000, "4,000 characters at most"),
        ("file:///etc/passwd", "begins with http"),
        ("http", "begins with http"),
        ("", "begins with http"),
    ],
)
def test_a_url_that_is_none_is_refused_before_any_job(url: str, said: str, tmp_path: Path) -> None:
    for secret in (url, url.replace("http://", "http://me:S3CRET@"), f"{url}?token=S3CRET"):
        with pytest.raises(UserError) as caught:
            sources.check({"kind": "url", "url": secret, "sha256": SHA, "layout": "plain"}, "mine")
        assert said in str(caught.value) or secret != url
        assert "S3CRET" not in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "path", ["%00", "a%2Fb", "..", "%2e%2e", "ä ö", "x" * 300 + ".zip", "", "a%0Ab", "%ff", "a\\b"]
)
def test_whatever_a_url_ends_in_its_file_has_a_name(path: str, server: Server, tmp_path: Path) -> None:
    place = fetch.download(server.url.replace("data%20set.zip", path), SHA, tmp_path)
    assert place.parent == tmp_path / SHA and place.read_bytes() == CONTENT
    assert place.suffix == (".zip" if path.endswith(".zip") else "")


def test_secrets_go_to_the_server_and_nowhere_else(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fetch, "PROGRESS", 0.0)
    whole = server.url.replace("http://", "http://me:S3CRET@") + "?token=S3CRET&download=1"
    dataset = {"source": {"kind": "url", "url": whole, "sha256": SHA}}
    environment: dict[str, str] = {}
    config = secrets.taken_out({"datasets": {"mine": dataset}}, environment)
    shown = config["datasets"]["mine"]["source"]["url"]
    assert shown == f"{server.url}?token=***&download=1" and dataset["source"]["url"] == whole
    monkeypatch.setenv(fetch.SECRETS, environment[fetch.SECRETS])
    server.breaks = [1000]
    assert fetch.download(shown, SHA, tmp_path).read_bytes() == CONTENT
    assert server.paths[0].endswith("?token=S3CRET&download=1")
    assert server.authorized == "Basic bWU6UzNDUkVU"
    server.status = [403]
    with pytest.raises(UserError) as caught:
        fetch.download(shown, SHA, tmp_path / "again")
    assert "S3CRET" not in capsys.readouterr().err + str(caught.value)
    assert not [path for path in tmp_path.rglob("*") if "S3CRET" in path.name]
