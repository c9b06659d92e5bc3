"""Models behind an OpenAI-compatible server: what names them, what a config says of them, and whether they answer.

There are no weights here, so a model is known by its name, by who serves it and by what every request says. The key is
in an environment variable that the config names. It is read where a request is made, and written nowhere.
"""

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from ..core import identity
from ..core.errors import UserError
from ..core.files import folder_beside, write_text

KIND = "endpoint"
MAX_TOKENS = ("max_tokens", "max_completion_tokens")
FILE = "endpoint.json"  # what a model's folder holds, in place of weights


@dataclass(frozen=True)
class Endpoint:
    """A model of a server, and how it is asked."""

    url: str  # up to the version: http://localhost:8000/v1
    model: str  # its name on the server
    key_variable: str = ""  # the environment variable that holds the key; "" where the server asks for none
    identity: str = ""  # what stands for the URL in the identity of a generation; "" for the URL itself
    body: dict[str, Any] = field(default_factory=dict)  # further fields of each request; None leaves one of ours out
    max_tokens_field: str = MAX_TOKENS[0]
    concurrency: int = 8  # requests at a time
    requests_per_minute: float = 0  # 0 sets no bound
    timeout: float = 120  # seconds for one request
    retries: int = 6  # further attempts where the server is busy, fails or cannot be reached
    prices: dict[str, float] = field(default_factory=dict)  # of a million tokens: input, output

    @classmethod
    def of(cls, source: dict[str, Any]) -> Self:
        """Return what a source of this kind says."""
        return cls(**{name: value for name, value in source.items() if name != "kind"})

    def identified(self) -> dict[str, Any]:
        """Return what a generation depends on, beside its prompt."""
        served = {"server": self.identity or self.url, "model": self.model}
        return {**served, "body": self.body, "max_tokens_field": self.max_tokens_field}

    def key(self) -> str:
        """Return the key, "" where there is none; raise UserError where its variable is not set."""
        if not self.key_variable:
            return ""
        if not (key := os.environ.get(self.key_variable, "")):
            raise UserError(
                f"{self.url}: its key is looked for in the environment variable {self.key_variable}, which is not set. "
                f"Run: export {self.key_variable}=..."
            )
        return key


REQUIRED = {"url", "model"}
OPTIONAL = set(Endpoint.__dataclass_fields__) - REQUIRED


def check(source: dict[str, Any]) -> None:
    """Raise UserError where a source that has the keys of this kind cannot be used, or would give a secret away."""
    url = urlsplit(source["url"])
    if url.scheme not in ("http", "https") or not url.hostname:
        raise UserError("model source: url is no address; write one such as http://localhost:8000/v1.")
    if url.username or url.password or url.query:
        # The config is copied into the results: nothing of the URL is repeated here.
        raise UserError(
            "model source: url holds a user, a password or a query, which would be written into the results. Name an "
            "environment variable that holds the key: key_variable."
        )
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", source.get("key_variable", "NONE")):
        raise UserError(
            "model source: key_variable is the name of an environment variable, such as OPENAI_API_KEY, never the key."
        )


def prepare(source: dict[str, Any], out: Path) -> dict[str, Any]:
    """Make the folder `out`, which says how the model is asked, and return its manifest.

    The server is asked once which models it has: raises UserError where it cannot be reached, refuses the key or does
    not have this one. A server that does not tell is believed.
    """
    endpoint = Endpoint.of(source)
    length = _context_length(endpoint)
    with folder_beside(out) as folder:
        write_text(folder / FILE, json.dumps(source, indent=2, sort_keys=True) + "\n")
    return {
        "source": source,
        "weights_id": identity.content_id(endpoint.identified()),
        "architecture": None,
        "dtype": None,
        "vocabulary_size": None,
        "context_length": length,
        "licence": None,
    }


def headers(key: str) -> dict[str, str]:
    """Return the headers that carry a key; none without one."""
    return {"Authorization": f"Bearer {key}"} if key else {}


def _context_length(endpoint: Endpoint) -> int | None:
    """Return how many tokens the model reads, None where the server does not tell (vLLM's does)."""
    import httpx2

    key = endpoint.key()
    try:
        response = httpx2.get(f"{endpoint.url.rstrip('/')}/models", headers=headers(key), timeout=endpoint.timeout)
    except httpx2.TransportError as error:
        raise UserError(f"{endpoint.url}: the server cannot be reached ({type(error).__name__}). Is it running?") from (
            None
        )
    if response.status_code in (401, 403):
        named = f"the key of {endpoint.key_variable}" if key else "a request without a key: name its key_variable"
        raise UserError(f"{endpoint.url}: the server refuses {named} (status {response.status_code}).")
    try:
        told = {one["id"]: one for one in response.json()["data"]} if response.is_success else {}
    except (ValueError, KeyError, TypeError):
        return None
    if told and endpoint.model not in told:
        raise UserError(f"{endpoint.url}: there is no model {endpoint.model!r}; there are {', '.join(sorted(told))}.")
    length = told.get(endpoint.model, {}).get("max_model_len")
    return int(length) if length else None
