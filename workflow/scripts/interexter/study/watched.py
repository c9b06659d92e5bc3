"""What a study reads from outside its results, watched: the content of local data and models, as parameters of rules.

A path in the config says nothing of what lies there, so the rules that read it have its hash as a parameter. A file is
hashed once; the hash is kept with the file's size, times and inode, and taken from there as long as these stay.
"""

import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from ..core import identity
from ..core.errors import UserError
from ..core.json_files import read_json, write_json
from ..data import sources
from ..models.weights import model_files
from . import paths

KNOWN = Path(".cache/watched.json")  # by path: [size, time of content, time of inode, inode, hash]
_TICK = 2.0  # seconds: a file may be written again within one, and its times stay as they were
_SAID = 1_000_000_000  # bytes from which on it is said that a file is read


def data(source: Mapping[str, Any], name: str) -> str:
    """Return the hash of the files of this machine that a data set's source reads, "" where there are none."""
    return of_files(sources.local_files(dict(source), name))


def named(config: Mapping[str, Any], *keys: str) -> str:
    """Return the hash of the files that a part of a config names, "" where none lies on this machine.

    Of a model, or of an adapter, these are the files that decide what it computes; of another folder they are all.
    """
    parts = [one for one in paths.named(dict(config)) if one.keys[: len(keys)] == keys]
    return of_files(file for one in parts for file in _files(one))


def _files(one: paths.Named) -> list[Path]:
    place = Path(one.path)
    if not place.is_dir():
        return [place] if place.is_file() else []
    if one.kind == "weights":
        return model_files(place)
    return sorted(path for path in place.rglob("*") if path.is_file())


def of_files(paths: Iterable[Path]) -> str:
    """Return the hash of files' names and contents, "" where there are none."""
    ids = {str(path): file_id(path) for path in paths}
    return identity.content_id(ids) if ids else ""


def file_id(path: Path) -> str:
    """Return the content hash of a file; it is read only if it may have changed since it was read last."""
    place, stat = str(path.resolve()), path.stat()
    state = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
    known = _known()
    if place in known and known[place][:-1] == state:
        return str(known[place][-1])
    if stat.st_size > _SAID:
        print(f"{path}: {stat.st_size / 1e9:.1f} GB are read once, to know later whether they changed", file=sys.stderr)
    found = identity.file_id(path)
    # Settled, or ahead of the clock: a write from now on gives it other times.
    if all(abs(time.time() - when) > _TICK for when in (stat.st_mtime, stat.st_ctime)):
        known[place] = [*state, found]
        with suppress(OSError):  # where nothing can be written, the file is read anew each time
            write_json(KNOWN, known)
    return found


@cache
def _known() -> dict[str, list[Any]]:
    """Return what is known of files, by path; nothing where it was damaged."""
    try:
        return read_json(KNOWN)
    except UserError:
        return {}
