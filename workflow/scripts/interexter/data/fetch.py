"""Downloads over http(s): resumed after an interruption, bounded, and kept only if the checksum is right."""

import contextlib
import errno
import hashlib
import http.client
import json
import os
import re
import shutil
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from ..core.downloads import HOURS, LARGEST, bounded, large
from ..core.errors import UserError
from ..core.files import alone
from ..core.urls import cleaned

DOWNLOADS = Path(".cache/downloads")
SECRETS = "INTEREXTER_URLS"  # environment variable: JSON, sha256 -> a URL with its secrets
ATTEMPTS = 5  # in a row without a byte gained
TRIES = 100  # all together
PAUSE = 1.0  # seconds before the second attempt; doubled before each further one
TIMEOUT = 60.0  # seconds without a byte
REDIRECTS = 5
PROGRESS = 10.0  # seconds between two lines of progress
BLOCK = 1 << 20  # bytes
MARGIN = 256 << 20  # bytes that are left free on the disk

_GONE = (401, 403, 404, 410, 451)  # to try again does not help
_OURS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)  # not the server's fault
_LONGEST_NAME = 100  # bytes, of the 255 that a file's name can have


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = REDIRECTS
    max_repeats = 2

    def redirect_request(self, *asked: Any) -> urllib.request.Request | None:
        asked[1].close()  # its body may never end, and urllib would read it
        if urlsplit(asked[-1]).scheme not in ("http", "https"):  # urllib would follow to ftp, too
            raise ValueError("it leads to something else than http(s)")
        return super().redirect_request(*asked)


def check_url(url: str) -> None:
    """Raise UserError unless a URL can be asked for. It is not quoted: nobody knows where it has secrets."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna")
    except ValueError:
        raise UserError("the URL cannot be read: look at its host, its port and its brackets.") from None
    if parts.scheme not in ("http", "https"):
        raise UserError("expected a URL that begins with http:// or https://.")
    if not host or port == 0:
        raise UserError("a URL without a host, or with port 0.")
    if len(url) > 4000 or any(ord(character) < 32 or ord(character) == 127 for character in url):
        raise UserError("a URL has 4,000 characters at most, and no line break in it.")


def download(url: str, sha256: str, folder: Path) -> Path:
    """Return the local file of a URL, below `folder`, named by its checksum; download it if it is not there.

    A part that an earlier run left is continued where the server allows it; of two jobs that want the same file one
    waits for the other. A URL may be given without its secrets (core.urls) where SECRETS has it whole.

    Raises UserError on another scheme than http(s), if the source is gone or stays unreachable, sends more than
    LARGEST bytes or takes longer than HOURS, if the disk is too full, and if the file is not the one that `sha256`
    (64 hexadecimal digits) names.
    """
    url = json.loads(os.environ.get(SECRETS, "{}")).get(sha256, url)
    check_url(url)
    name = _name(url)
    whole = folder / sha256 / name
    if _is_whole(whole, sha256):  # else somebody has changed it
        return whole
    whole.parent.mkdir(parents=True, exist_ok=True)
    with alone(folder / f".{sha256}.lock", f"download: {_shown(url)}"):
        if _is_whole(whole, sha256):  # another job has downloaded it
            return whole
        part = whole.with_name(f".{name}.part")
        with bounded(_shown(url), HOURS, _instead(url)):
            _fill(url, part)
        found = sha256_of(part)
        if found != sha256:
            part.unlink()
            raise UserError(
                f"{_shown(url)}: its sha256 is {found}, the config says {sha256}. The source has changed, or the "
                "transfer was corrupted: run again; if it stays so, find out what changed before you write the new "
                "checksum down."
            )
        part.replace(whole)
    return whole


def _is_whole(path: Path, sha256: str) -> bool:
    return path.is_file() and sha256_of(path) == sha256


def _name(url: str) -> str:
    """Return the name of a URL's file as a name that every file system takes."""
    name = re.sub(
        r"[\x00-\x1f\x7f/\\]", "_", unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2], errors="replace")
    )
    while len(name.encode()) > _LONGEST_NAME:
        name = name[1:]  # its ending says what it is
    return name if name.strip(".") else "data"


def _fill(url: str, part: Path) -> None:
    """Download into `part` until it is complete, however many attempts that takes while bytes arrive."""
    failures, most = 0, _size(part)
    for _ in range(TRIES):
        try:
            _continue(url, part)
            return
        except urllib.error.HTTPError as error:
            if error.code in _GONE:
                raise UserError(f"{_shown(url)}: HTTP {error.code} {_said(error.reason)}. {_instead(url)}") from error
            why: Exception = error
        except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in _OURS:
                raise
            why = error
        failures = 1 if _size(part) > most else failures + 1
        most = max(most, _size(part))
        if failures >= ATTEMPTS:
            raise UserError(
                f"{_shown(url)}: not to be had after {ATTEMPTS} attempts: {_said(why)}. {_instead(url)}"
            ) from why
        print(f"download: {_shown(url)}: {_said(why)}; trying again", file=sys.stderr)
        time.sleep(PAUSE * 2 ** (failures - 1))
    raise UserError(f"{_shown(url)}: broken off {TRIES} times. Run again to go on. {_instead(url)}")


def _continue(url: str, part: Path) -> None:
    """Append to `part` what it lacks; begin anew if the server does not resume."""
    have = _size(part)
    try:
        reply = urllib.request.build_opener(_Redirects).open(_request(url, have), timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            # Complete already, or longer than the source now is: the checksum, or the size, tells which.
            if (error.headers.get("Content-Range") or "").rpartition("/")[2] == str(have):
                return
            part.unlink()
            return _continue(url, part)
        raise
    resumed = reply.status == http.HTTPStatus.PARTIAL_CONTENT
    if resumed and have and not reply.headers.get("Content-Range", f"bytes {have}-").startswith(f"bytes {have}-"):
        reply.close()
        part.unlink()  # another part than the one asked for
        return _continue(url, part)
    with reply, part.open("ab" if resumed and have else "wb") as out:
        done = out.tell()
        length = (reply.headers.get("Content-Length") or "").strip()
        total = done + int(length) if length.isascii() and length.isdigit() else None
        if (total or 0) > LARGEST:
            raise large(_shown(url), LARGEST, _instead(url))
        if total is not None:
            _check_space(url, total - done, part.parent)
        for block in _blocks(reply, url, done, total):
            if out.tell() + len(block) > LARGEST:
                out.truncate(0)
                raise large(_shown(url), LARGEST, _instead(url))
            if total is None and shutil.disk_usage(part.parent).free < len(block) + MARGIN:
                out.truncate(0)  # it may never end
                raise UserError(f"{_shown(url)}: does not say its length, and fills the disk. {_instead(url)}")
            out.write(block)
        if total is not None and out.tell() < total:
            raise http.client.IncompleteRead(b"", total - out.tell())


def _request(url: str, have: int) -> urllib.request.Request:
    """Return the request for a file of which `have` bytes are there; user and password go to the first server only."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    if not place.isascii():
        place = place.encode("idna").decode("ascii")
    path, query = quote(parts.path, safe="/%:@!$&'()*+,;=~"), quote(parts.query, safe="/%:@!$&'()*+,;=~?")
    headers = {"Range": f"bytes={have}-"} if have else {}
    request = urllib.request.Request(urlunsplit((parts.scheme, place, path, query, "")), headers=headers)
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        request.add_unredirected_header("Authorization", f"Basic {b64encode(pair.encode()).decode('ascii')}")
    return request


def _blocks(reply: http.client.HTTPResponse, url: str, done: int, total: int | None) -> Iterator[bytes]:
    """Yield the bytes of a reply, and print how far it is every PROGRESS seconds."""
    said = began = time.monotonic()
    first = done
    while block := reply.read1(BLOCK):
        yield block
        done += len(block)
        now = time.monotonic()
        if now - said >= PROGRESS:
            said = now
            of = f" of {total / 1e6:,.0f} MB, {done / total:.0%}" if total else " MB"
            rate = (done - first) / 1e6 / (now - began)
            print(f"download: {_shown(url)}: {done / 1e6:,.0f}{of}, {rate:.1f} MB/s", file=sys.stderr)


def _check_space(url: str, needed: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + MARGIN:
        raise UserError(
            f"{_shown(url)}: needs {needed / 1e9:.2f} GB more, and {folder.resolve()} has {free / 1e9:.2f} GB free. "
            "Make room, or put the file elsewhere and name it with `kind: local`."
        )


def _instead(url: str) -> str:
    name = urlsplit(url).path.rpartition("/")[2]
    return (
        f"If the source is gone, get {name if 0 < len(name) <= _LONGEST_NAME else 'the file'} from elsewhere and name "
        "it in the config: source: {kind: local, path: FILE}; its layout and other keys stay as they are."
    )


def _shown(url: str) -> str:
    """Return a URL for a line of text: without its secrets, and not longer than a line."""
    shown = "".join(character if character.isprintable() else "?" for character in cleaned(url))
    return shown if len(shown) <= 200 else f"{shown[:200]}..."


def _said(error: object) -> str:
    """Return what an error says, in a line and without secrets; a server may have written it."""
    return " ".join(cleaned(str(error)).split())[:300]


def _size(path: Path) -> int:
    with contextlib.suppress(FileNotFoundError):
        return os.path.getsize(path)
    return 0


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file: 64 hexadecimal digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
