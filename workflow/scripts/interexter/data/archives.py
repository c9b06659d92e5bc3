"""The bytes of data files: of a file, of a member of a folder, or of a member of a zip or tar archive.

Archives are read and never unpacked: nothing that one holds, whatever its name, is written anywhere.
"""

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from ..core.errors import UserError
from . import encodings, limits

_GZIP = b"\x1f\x8b"
_PACKED = {_GZIP: gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}


def members(place: Path) -> list[str]:
    """Return the names of the files in a folder or an archive; of a single file, its own.

    Raises UserError if there is nothing at `place`.
    """
    if place.is_dir():
        return sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
    if not place.is_file():
        raise UserError(f"{place}: there is no such file or folder.")
    try:
        if zipfile.is_zipfile(place):
            with zipfile.ZipFile(place) as archive:
                limits.check_members(len(archive.filelist))
                names = sorted(info.filename for info in archive.infolist() if not info.is_dir())
            if encodings.is_workbook(names):
                raise UserError(f"{place}: it is a workbook. Save its sheet as CSV in UTF-8.")
            return names
        if _is_tar(place):
            with _tar(place) as tar:
                return sorted(info.name for info in limits.first_members(tar) if info.isfile())
    except (zipfile.BadZipFile, tarfile.TarError, ValueError, OSError, *limits.UNREADABLE) as error:
        raise UserError(f"{place}: an archive that cannot be read: {said(error)}") from error
    return [place.name]


def find(place: Path, name: str) -> str:
    """Return the one member of `place` that is called `name`, or ends in it; raise UserError if none or several are.

    An archive of a folder has that folder's name before each member's; it need not be known.
    """
    known = members(place)
    if name in known:
        return name
    wanted = PurePosixPath(name).parts
    found = [one for one in known if PurePosixPath(one).parts[-len(wanted) :] == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"{place}: {len(found)} files end in {name}: {found[:4]}; name one by its full path.")
    raise UserError(f"{place}: no file {name}; it has {known[:8]}{' and more' if len(known) > 8 else ''}.")


@contextmanager
def opened(place: Path, name: str) -> Iterator[IO[bytes]]:
    """Give the bytes of a member of `place`, after unpacking."""
    if place.is_dir():
        with (place / name).open("rb") as handle, _plain(handle) as plain:
            yield plain
    elif zipfile.is_zipfile(place):
        with zipfile.ZipFile(place) as archive, archive.open(name) as member:
            packed = min(archive.getinfo(name).compress_size, place.stat().st_size)  # the first is only said
            yield limits.unpacked(member, packed)
    elif _is_tar(place):
        with _tar(place) as tar:
            extracted = tar.extractfile(name)  # a stream, of a link inside the archive too; None for anything else
            if extracted is None:
                raise UserError(f"{place}: {name} is no file.")
            with extracted:
                yield extracted
    else:
        with place.open("rb") as handle, _plain(handle) as plain:
            yield plain


@contextmanager
def _plain(handle: IO[bytes]) -> Iterator[IO[bytes]]:
    """Give the bytes of a file, of a gzipped one after unpacking."""
    packed = handle.read(2) == _GZIP
    handle.seek(0)
    if packed:
        size = handle.seek(0, io.SEEK_END)
        handle.seek(0)
        with gzip.open(handle) as unpacked:
            yield limits.unpacked(cast(IO[bytes], unpacked), size)
    else:
        yield handle


def _is_tar(place: Path) -> bool:
    try:
        with _tar(place):
            return True
    except (tarfile.TarError, ValueError, OSError, *limits.UNREADABLE):  # damaged, or something else that is packed
        return False


@contextmanager
def _tar(place: Path) -> Iterator[tarfile.TarFile]:
    with _tar_bytes(place) as plain, tarfile.open(fileobj=plain, mode="r:") as tar:
        yield tar


@contextmanager
def _tar_bytes(place: Path) -> Iterator[IO[bytes]]:
    """Give the bytes of a tar archive, unpacked if it is packed."""
    with place.open("rb") as handle:
        start = handle.read(6)
        handle.seek(0)
        unpack: Any = next((way for magic, way in _PACKED.items() if start.startswith(magic)), None)
        if unpack is None:
            yield handle
        else:
            with unpack(handle) as unpacked:
                yield limits.unpacked(unpacked, place.stat().st_size)


def said(error: Exception) -> str:
    """Return what an error says, in one line; ijson's say it in bytes."""
    [said] = error.args if len(error.args) == 1 else [str(error)]
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return re.sub(r"\s*\n\s*", " ", text.strip())[:300] or type(error).__name__
