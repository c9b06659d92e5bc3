"""Files of the hub: downloaded within bounds by its own client, and checked each time they are taken from its cache.

They lie there for months, and the client looks at them only when they come. The cache keeps a file under its content's
hash, and gives it its name by a symbolic link: sha256 of what the hub stores as a large file, git's own hash (sha1 of
"blob", the size and the content) of the others.
"""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import downloads, hub_client
from .errors import UserError
from .urls import cleaned

CACHE = ".cache/hub"
# Of a model's repository: weights that run no code when they are loaded, and what belongs to them, also in folders.
MODEL = ("*.safetensors", "*.json", "*.jinja", "*.model", "*.txt", "README.md")


class NoSuchFile(UserError):
    """The repository has no such file."""


def file(repository: str, name: str, revision: str, instead: str) -> Path:
    """Return a file of a data set's repository at a revision; `instead` ends an error: what else one can do.

    Raises NoSuchFile, and UserError where it cannot be had, exceeds a bound, or is damaged.
    """
    kept = {"repo_id": repository, "filename": name, "revision": revision, "repo_type": "dataset", "cache_dir": CACHE}
    path = _downloaded("hf_hub_download", kept, f"{repository}/{name} at {revision}", instead)
    check(path)
    return path


def snapshot(repository: str, revision: str, patterns: Sequence[str], instead: str, cache: str | None = CACHE) -> Path:
    """Return the folder of a model's repository at a revision with the files that fit a pattern; errors as of `file`.

    Without a `cache` it lies where the hub's client keeps models.
    """
    asked = {"repo_id": repository, "revision": revision, "allow_patterns": list(patterns), "cache_dir": cache}
    folder = _downloaded("snapshot_download", asked, f"{repository} at {revision}", instead)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            check(path)
    return folder


def _downloaded(function: str, arguments: Mapping[str, object], what: str, instead: str) -> Path:
    command = [sys.executable, "-P", hub_client.__file__]
    asked = json.dumps({"function": function, "arguments": arguments})
    done = downloads.run(command, what, instead, input=asked, stdout=subprocess.PIPE)
    if done.returncode:
        raise UserError(f"{what}: the hub's client ended with status {done.returncode}. {instead}")
    answer = json.loads(done.stdout.splitlines()[-1])
    if "path" in answer:
        return Path(answer["path"])
    said = " ".join(cleaned(answer["error"]).split())[:300]
    if answer["kind"] == "large":
        raise downloads.large(what, downloads.LARGEST, instead)
    if answer["kind"] == "missing":
        raise NoSuchFile(f"{what}: there is no such file.")
    raise UserError(f"{what}: not to be had: {said}. {instead}")


def check(path: Path) -> None:
    """Raise UserError where a file of the hub's cache is not what its hash says; a file without one passes."""
    blob = path.resolve()
    if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", blob.name) or blob.parent.name != "blobs":
        return  # a file system without links
    with blob.open("rb") as handle:
        if len(blob.name) == 64:
            found = hashlib.file_digest(handle, "sha256").hexdigest()
        else:
            content = handle.read()  # the hub stores what is large otherwise
            found = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    if found != blob.name:
        raise UserError(f"{path}: its hash is {found}, the hub's is {blob.name}: damaged. Delete {blob} and run again.")
