"""A small hub on this machine: the files of one repository, as the Hugging Face hub serves those of a commit."""

import hashlib
import http.server
import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import cycle

REVISION = "0123456789abcdef0123456789abcdef01234567"


class Hub(http.server.ThreadingHTTPServer):
    """A hub with the `files` of owner/name, in the folder `kind`; it drips what is named in `drips`."""

    daemon_threads = True
    kind: str  # "datasets/" or "", for models
    files: dict[str, bytes]
    drips: set[str]
    listing: bytes | None = None  # instead of the list of all files

    @property
    def endpoint(self) -> str:
        """Return what HF_ENDPOINT has to say."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers about files, of which a client asks the head first, and about the list of them."""

    server: Hub

    def do_HEAD(self) -> None:
        """Say what a file is."""
        self._file(b"")

    def do_GET(self) -> None:
        """Give a file, or the list of all."""
        api = f"/api/{self.server.kind or 'models/'}owner/name/tree/{REVISION}"
        if self.path.partition("?")[0] == api:
            listed = [
                {"type": "file", "path": name, "size": len(content), "oid": _git_hash(content)}
                for name, content in self.server.files.items()
            ]
            self._reply(self.server.listing or json.dumps(listed).encode(), {"Content-Type": "application/json"})
        else:
            self._file(None)

    def _file(self, body: bytes | None) -> None:
        prefix = f"/{self.server.kind}owner/name/resolve/{REVISION}/"
        name = self.path.removeprefix(prefix)
        content = self.server.files.get(name) if self.path.startswith(prefix) else None
        if content is None:
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("X-Repo-Commit", REVISION)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        headers = {"ETag": f'"{_git_hash(content)}"', "X-Repo-Commit": REVISION, "Content-Length": str(len(content))}
        self._reply(content if body is None else body, headers, drip=name in self.server.drips)

    def _reply(self, body: bytes, headers: dict[str, str], drip: bool = False) -> None:
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):  # until the client leaves
            for byte in body if drip else ():
                self.wfile.write(bytes([byte]))
                time.sleep(0.05)
            self.wfile.write(b"" if drip else body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _git_hash(content: bytes) -> str:
    """Return git's own hash, by which the hub names what is small."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@contextmanager
def hub(kind: str, files: dict[str, bytes]) -> Iterator[Hub]:
    """Serve files until the block ends."""
    server = Hub(("127.0.0.1", 0), Handler)
    server.kind, server.files, server.drips = kind, files, set()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def lingering(begins: bytes, goes_on: bytes) -> Iterator[str]:
    """Serve, until the block ends, what begins a reply and then goes on byte by byte for ever; give the address."""

    class Lingering(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1 << 16)
            with suppress(OSError):  # until the client leaves
                self.request.sendall(begins)
                for byte in cycle(goes_on):
                    self.request.sendall(bytes([byte]))
                    time.sleep(0.05)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Lingering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
