"""Chat completions over HTTP: one prompt, one text, tried again with back-off where the server is busy or fails."""

import logging
import random
import re
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from ..core.errors import UserError
from ..models.endpoints import Endpoint, headers
from .conversations import Prompt

log = logging.getLogger(__name__)

_AGAIN = (408, 409, 425, 429)  # and all from 500 on
_LONGEST_WAIT = 60.0  # seconds, of the back-off
_LONGEST_ASKED = 600.0  # seconds, of a wait that the server asks for
_TOO_LONG = re.compile(r"context length|context window|prompt is too long|input is too long|reduce the length", re.I)
_FILTERED = ("content_filter", "content_policy_violation")


class Reply(NamedTuple):
    """What the server wrote, and the tokens that it counted."""

    text: str
    finish_reason: str  # stop | length
    prompt_tokens: int
    output_tokens: int


class Refused(Exception):
    """The server will not answer this prompt, whenever it is asked; others it may."""

    def __init__(self, finish_reason: str, detail: str) -> None:
        """Say whether it is `rejected`, too long, or `refused` for what it says."""
        super().__init__(detail)
        self.finish_reason = finish_reason


class Stopped(Exception):
    """Nobody waits for the answer any more."""


class _Again(Exception):
    """A fault that may be gone a moment later."""

    def __init__(self, fault: str, after: float | None = None) -> None:
        super().__init__(fault)
        self.after = after  # seconds that the server asks to wait


class Client:
    """A client that several threads share: they keep one rate together."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Open the connections; raise UserError where the key is not there."""
        import httpx2

        self._endpoint = endpoint
        self._key = endpoint.key()
        self._transport_error = httpx2.TransportError
        self._http = httpx2.Client(
            headers=headers(self._key),
            timeout=endpoint.timeout,
            limits=httpx2.Limits(max_connections=endpoint.concurrency),
        )
        self._stopped = threading.Event()
        self._turn = threading.Lock()
        self._free = 0.0  # when the next request may be sent, in seconds of the monotonic clock

    def complete(self, prompt: Prompt) -> Reply:
        """Return what follows a prompt.

        Raises:
            Refused: the server will not answer this one.
            UserError: it answers none, or could not after all attempts.
            Stopped: `stop` was called meanwhile.
        """
        body = self.body(prompt)
        for attempt in range(self._endpoint.retries + 1):
            self._wait_for_turn()
            try:
                return self._asked(body)
            except _Again as fault:
                last = fault
                # Spread, so that requests that failed together do not come together again; never sooner than asked. "At
                # once", or a time that is past by our clock, is no answer: all attempts would be used up in a moment.
                usual = min(_LONGEST_WAIT, 2.0**attempt) * random.uniform(0.5, 1.0)
                wait = fault.after * random.uniform(1.0, 1.25) if fault.after else usual
                if attempt < self._endpoint.retries:
                    log.info("%s; attempt %d, again in about %.0f s", fault, attempt + 2, wait)
                    self._pause(wait)
        raise UserError(
            f"{self._endpoint.url}: {last}, at each of {self._endpoint.retries + 1} attempts. What is finished is in "
            "the store: run again when the server answers."
        )

    def body(self, prompt: Prompt) -> dict[str, Any]:
        """Return the request for a prompt: greedy without a seed, and what the config adds or leaves out."""
        sampling = prompt.sampling
        ours: dict[str, Any] = {
            "model": self._endpoint.model,
            "messages": [message._asdict() for message in prompt.messages],
            "temperature": sampling.temperature,
            self._endpoint.max_tokens_field: sampling.max_tokens,
        }
        if sampling.temperature:
            ours["seed"] = sampling.seed
        if sampling.stop:
            ours["stop"] = list(sampling.stop)
        return {name: value for name, value in {**ours, **self._endpoint.body}.items() if value is not None}

    def stop(self) -> None:
        """Let no thread ask or wait any more."""
        self._stopped.set()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _asked(self, body: Mapping[str, Any]) -> Reply:
        try:
            response = self._http.post(f"{self._endpoint.url.rstrip('/')}/chat/completions", json=body)
        except self._transport_error as error:
            raise _Again(f"no answer ({type(error).__name__})") from None
        status = response.status_code
        if response.is_success:
            return self._reply(response)
        code, message = self._fault(response)
        said = f"status {status} ({message})"
        if code in _FILTERED:
            raise Refused("refused", said)
        if status in (400, 413, 422) and (code == "context_length_exceeded" or _TOO_LONG.search(message)):
            raise Refused("rejected", said)
        if (status in _AGAIN or status >= 500) and code != "insufficient_quota":
            raise _Again(said, _retry_after(response.headers.get("retry-after", "")))
        raise UserError(f"{self._endpoint.url}: {said}.")

    def _reply(self, response: Any) -> Reply:
        try:
            told = response.json()
            choice, usage = told["choices"][0], told.get("usage") or {}
            text, reason = choice["message"]["content"] or "", choice.get("finish_reason")
            tokens = int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
            if not isinstance(text, str):
                raise TypeError("the content is no text")
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            raise _Again(f"what came is no chat completion: {self._plain(response.text)!r}") from None
        if reason == "content_filter":
            raise Refused("refused", "the server's content filter ended the answer")
        return Reply(text, "length" if reason == "length" else "stop", *tokens)

    def _fault(self, response: Any) -> tuple[str, str]:
        """Return code and message of an error; servers differ in how they put them."""
        try:
            told = response.json()
        except ValueError:
            return "", self._plain(response.text)
        error = told.get("error", told) if isinstance(told, dict) else told
        if isinstance(error, dict):
            return str(error.get("code") or ""), self._plain(str(error.get("message") or error))
        return "", self._plain(str(error))

    def _plain(self, text: str) -> str:
        """Return a text of the server in one short line, without the key: some servers repeat it."""
        shown = text.replace(self._key, "***") if self._key else text
        return re.sub(r"\s+", " ", shown).strip()[:300]

    def _wait_for_turn(self) -> None:
        """Wait until the rate lets another request through."""
        now = time.monotonic()
        with self._turn:
            at = max(now, self._free)
            if self._endpoint.requests_per_minute:
                self._free = at + 60 / self._endpoint.requests_per_minute
        self._pause(at - now)

    def _pause(self, seconds: float) -> None:
        if self._stopped.wait(max(0.0, seconds)):
            raise Stopped


def _retry_after(header: str) -> float | None:
    """Return the seconds that a Retry-After header asks to wait, given in seconds or as a date; None without one."""
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(_LONGEST_ASKED, max(0.0, seconds))
