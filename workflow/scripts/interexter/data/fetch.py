"""Downloads over http(s): resumed after an interruption, tried again, and kept only if the checksum is right."""

import contextlib
import hashlib
import http.client
import os
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..core.errors import UserError

DOWNLOADS = Path(".cache/downloads")
ATTEMPTS = 5  # in a row without a byte gained
PAUSE = 1.0  # seconds before the second attempt; doubled before each further one
TIMEOUT = 60.0  # seconds without a byte
PROGRESS = 10.0  # seconds between two lines of progress
BLOCK = 1 << 20  # bytes
MARGIN = 256 << 20  # bytes that are left free on the disk

_GONE = (401, 403, 404, 410, 451)  # to try again does not help


def download(url: str, sha256: str, folder: Path) -> Path:
    """Return the local file of a URL, below `folder`, named by its checksum; download it if it is not there.

    A part that an earlier run left is continued where the server allows it. Raises UserError on another
    scheme than http(s), if the source is gone or stays unreachable, if the disk is too full, and if the
    file is not the one that `sha256` (64 hexadecimal digits) names.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise UserError(f"{url}: expected a URL that begins with http:// or https://.")
    name = Path(unquote(urlsplit(url).path)).name or "data"
    whole = folder / sha256 / name
    if whole.is_file() and sha256_of(whole) == sha256:  # else somebody has changed it
        return whole
    whole.parent.mkdir(parents=True, exist_ok=True)
    part = whole.with_name(f".{name}.part")
    _fill(url, part)
    found = sha256_of(part)
    if found != sha256:
        part.unlink()
        raise UserError(
            f"{url}: its sha256 is {found}, the config says {sha256}. The source has changed, or the transfer was "
            "corrupted: run again; if it stays so, find out what changed before you write the new checksum down."
        )
    part.replace(whole)
    return whole


def _fill(url: str, part: Path) -> None:
    """Download into `part` until it is complete, however many attempts that takes while bytes arrive."""
    failures = 0
    while True:
        before = _size(part)
        try:
            _continue(url, part)
            return
        except urllib.error.HTTPError as error:
            if error.code in _GONE:
                raise UserError(f"{url}: HTTP {error.code} {error.reason}. {_instead(url)}") from error
            why: Exception = error
        except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
            why = error
        failures = 1 if _size(part) > before else failures + 1
        if failures >= ATTEMPTS:
            raise UserError(f"{url}: not to be had after {ATTEMPTS} attempts: {why}. {_instead(url)}") from why
        print(f"download: {url}: {why}; trying again", file=sys.stderr)
        time.sleep(PAUSE * 2 ** (failures - 1))


def _continue(url: str, part: Path) -> None:
    """Append to `part` what it lacks; begin anew if the server does not resume."""
    have = _size(part)
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        reply = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            # Complete already, or longer than the source now is: the checksum, or the size, tells which.
            if (error.headers.get("Content-Range") or "").rpartition("/")[2] == str(have):
                return
            part.unlink()
            return _continue(url, part)
        raise
    with reply, part.open("ab" if reply.status == http.HTTPStatus.PARTIAL_CONTENT else "wb") as out:
        done = out.tell()
        length = reply.headers.get("Content-Length")
        total = done + int(length) if length else None
        if total is not None:
            _check_space(url, total - done, part.parent)
        for block in _blocks(reply, url, done, total):
            out.write(block)
        if total is not None and out.tell() < total:
            raise http.client.IncompleteRead(b"", total - out.tell())


def _blocks(reply: http.client.HTTPResponse, url: str, done: int, total: int | None) -> Iterator[bytes]:
    """Yield the bytes of a reply, and print how far it is every PROGRESS seconds."""
    said = began = time.monotonic()
    first = done
    while block := reply.read1(BLOCK):
        yield block
        done += len(block)
        if (now := time.monotonic()) - said >= PROGRESS:
            said = now
            of = f" of {total / 1e6:,.0f} MB, {done / total:.0%}" if total else " MB"
            rate = (done - first) / 1e6 / (now - began)
            print(f"download: {url}: {done / 1e6:,.0f}{of}, {rate:.1f} MB/s", file=sys.stderr)


def _check_space(url: str, needed: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + MARGIN:
        raise UserError(
            f"{url}: needs {needed / 1e9:.2f} GB more, and {folder.resolve()} has {free / 1e9:.2f} GB free. "
            "Make room, or put the file elsewhere and name it with `kind: local`."
        )


def _instead(url: str) -> str:
    return (
        f"If the source is gone, get {Path(urlsplit(url).path).name or 'the file'} from elsewhere and name it in the "
        "config: source: {kind: local, path: FILE}; its layout and other keys stay as they are."
    )


def _size(path: Path) -> int:
    with contextlib.suppress(FileNotFoundError):
        return os.path.getsize(path)
    return 0


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file: 64 hexadecimal digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
