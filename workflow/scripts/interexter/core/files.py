"""Files and folders that are written whole or not at all: beside their place first, then renamed.

What is written beside has a hidden name and is locked by its writer. A program that is killed leaves it behind without
the lock, by which the next run knows it (`remove_leftovers`).
"""

import ctypes
import fcntl
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_HIDDEN = re.compile(r"\..+\.[0-9a-f]{16}", re.DOTALL)
_LOCK = ".writing"  # in a folder that is being written
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE, rename(2)


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Give a path to write a file to, which takes the place of `path` only when the block has ended without an error.

    Folders above are made. A program that is killed leaves its part behind, under a hidden name, and `path` as it was.
    """
    temporary = _beside(path)
    try:
        with _named(path), _claimed(temporary):
            yield temporary
            _flush(temporary)
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def folder_beside(path: Path) -> Iterator[Path]:
    """Give an empty folder, which takes the place of `path` as `beside` does for files.

    At every moment the old one or the new one is there, where the file system can exchange two names.
    """
    temporary = _beside(path)
    temporary.mkdir()
    try:
        with _named(path), _claimed(temporary / _LOCK):
            yield temporary
            for name in temporary.rglob("*"):
                if name.is_file() and name.name != _LOCK:
                    _flush(name)
            _put(temporary, path)
            (path / _LOCK).unlink()
    finally:
        _remove(temporary)


@contextmanager
def alone(lock: Path, what: str) -> Iterator[None]:
    """Let one program at a time into the block, by a lock file; who has to wait says that another does `what`.

    Folders above are made. The kernel gives the lock back however the program ends.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("ab") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"{what}: another job does it; waiting", file=sys.stderr)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let a fault of the system say where it happened: one of writing, such as a full disk, names no file."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all."""
    with beside(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def remove_leftovers(root: Path) -> list[Path]:
    """Remove what killed programs left below a folder under hidden names; return the paths.

    What a living program writes stays, on whatever machine it runs, and so does everything where the file system knows
    no locks.
    """
    removed = []
    for folder, folders, files in os.walk(root):
        for name in filter(_HIDDEN.fullmatch, sorted([*folders, *files])):
            path = Path(folder, name)
            if _is_left(path):
                _remove(path)
                removed.append(path)
        folders[:] = [name for name in folders if not _HIDDEN.fullmatch(name)]
    return removed


def _put(folder: Path, path: Path) -> None:
    """Give a folder the name `path`; what had that name has the folder's then."""
    if not os.path.lexists(path):
        folder.rename(path)
    elif ctypes.CDLL(None).renameat2(_HERE, os.fsencode(folder), _HERE, os.fsencode(path), _EXCHANGE):
        # Not all file systems can (NFS cannot): here a kill between two renames leaves neither.
        aside = _beside(path)
        path.rename(aside)
        folder.rename(path)
        aside.rename(folder)


def _remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    # No process id: in containers that share a disk, every job may have the same.
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}")


@contextmanager
def _claimed(lock: Path) -> Iterator[None]:
    """Hold a lock on a file, which is made; the kernel gives it back however the program ends."""
    with lock.open("xb") as handle:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _is_left(path: Path) -> bool:
    """Tell whether nobody writes a hidden file or folder any more."""
    lock = path / _LOCK if path.is_dir() else path
    try:
        with lock.open("r+b") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return path.is_dir() and any(path.iterdir())  # the old one of two; one that is empty may get its lock soon
    except OSError:
        return False
    return True


def _flush(path: Path) -> None:
    """Have a file on the disk before its name says that it is whole: a power cut would leave an empty one."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())
