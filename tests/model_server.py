"""A small server of chat completions for tests: it counts what it is asked and answers as a test says."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-made-up-0123456789"


@dataclass
class Answer:
    """What the server sends: a status, a body (JSON, or bytes as they are), headers, and how long it takes."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


def completion(text: str | None, finish_reason: str = "stop", tokens: tuple[int, int] | None = (7, 3)) -> Answer:
    usage = {} if tokens is None else {"usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]}}
    return Answer({"choices": [{"message": {"content": text}, "finish_reason": finish_reason}], **usage})


def error(status: int, message: str, code: str | None = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer({"error": {"message": message, "code": code}}, status, named)


Script = Callable[[dict[str, Any], int], Answer]  # from a request's body, and how often it came before, to the answer


@dataclass
class Server:
    """What was asked of a running server."""

    url: str
    script: Script
    models: Answer
    key: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    at_once: int = 0  # most requests that were under way together
    _under_way: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, path: str, key: str, body: dict[str, Any] | None) -> Answer:
        if self.key and key != f"Bearer {self.key}":
            return error(401, f"Incorrect API key provided: {key.removeprefix('Bearer ')}.", "invalid_api_key")
        if path == "/v1/models":
            return self.models
        if path != "/v1/chat/completions" or body is None:
            return error(404, f"no {path}")
        with self._lock:
            before = self.asked.count(body)
            self.asked.append(body)
            self._under_way += 1
            self.at_once = max(self.at_once, self._under_way)
        answer = self.script(body, before)
        time.sleep(answer.seconds)
        with self._lock:
            self._under_way -= 1
        return answer


def said(body: dict[str, Any]) -> str:
    """Return the last message of a request."""
    return str(body["messages"][-1]["content"])


@contextmanager
def serving(script: Script, key: str = "", models: Answer | None = None) -> Iterator[Server]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(None)

        def do_POST(self) -> None:
            self._send(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _send(self, body: dict[str, Any] | None) -> None:
            answer = server.answer(self.path, self.headers.get("Authorization", ""), body)
            data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            try:
                self.send_response(answer.status)
                for name, value in {"Content-Length": str(len(data)), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)
            except (BrokenPipeError, ConnectionResetError):  # the client has given up
                pass

        def log_message(self, *arguments: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server = Server(
        f"http://127.0.0.1:{http.server_address[1]}/v1", script, models or Answer({"data": [{"id": "m"}]}), key
    )
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
