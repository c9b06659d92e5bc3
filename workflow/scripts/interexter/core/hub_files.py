"""Files of the hub's cache, checked again: they lie for months, and its client looks at them only when they come.

The cache keeps a file under its content's hash, and gives it its name by a symbolic link: sha256 of what the hub stores
as a large file, git's own hash (sha1 of "blob", the size and the content) of the others.
"""

import hashlib
import re
from pathlib import Path

from .errors import UserError


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
