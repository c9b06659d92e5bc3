"""A conda channel in a folder, made from what this machine has: Python as a virtual environment, and pip's wheel.

python channel.py FOLDER

Both are called what envs/base.yaml pins, so that it can be solved; the versions within are the machine's.
"""

import asyncio
import ensurepip
import hashlib
import io
import json
import os
import re
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from rattler.index import index_fs

VERSION = ".".join(map(str, sys.version_info[:3]))
PINS = dict(re.findall(r"(?m)^  - ([\w-]+)==(\S+)$", (Path(__file__).parents[2] / "envs/base.yaml").read_text()))
SERIES = ".".join(map(str, sys.version_info[:2]))


def write(channel: Path, name: str, version: str, files: dict[str, bytes | Path], **index: Any) -> None:
    """Write a package of files, by path, and of symbolic links, where a path stands for the content."""
    subdir = "noarch" if "noarch" in index else "linux-64"
    about = {
        "name": name,
        "version": version,
        "build": "0",
        "build_number": 0,
        "subdir": subdir,
        "depends": [],
        **index,
    }
    paths = [
        {
            "_path": path,
            "path_type": "softlink" if isinstance(content, Path) else "hardlink",
            "sha256": hashlib.sha256(b"" if isinstance(content, Path) else content).hexdigest(),
            "size_in_bytes": 0 if isinstance(content, Path) else len(content),
        }
        for path, content in files.items()
    ]
    head: dict[str, bytes | Path] = {
        "info/index.json": json.dumps(about).encode(),
        "info/paths.json": json.dumps({"paths": paths, "paths_version": 1}).encode(),
    }
    if "noarch" in index:
        link = {"noarch": {"type": "python"}, "package_metadata_version": 1}
        head["info/link.json"] = json.dumps(link).encode()
    target = channel / subdir / f"{name}-{version}-0.tar.bz2"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(target, "w:bz2") as package:
        for path, content in {**head, **files}.items():
            entry = tarfile.TarInfo(path)
            if isinstance(content, Path):
                entry.type, entry.linkname = tarfile.SYMTYPE, str(content)
                package.addfile(entry)
            else:
                entry.size, entry.mode = len(content), 0o755
                package.addfile(entry, io.BytesIO(content))


def main() -> None:
    """Write the channel that is named."""
    channel = Path(sys.argv[1])
    base = Path(sys.base_prefix) / "bin" / f"python{SERIES}"
    settings = f"home = {base.parent}\ninclude-system-site-packages = false\nversion = {VERSION}\n"
    python: dict[str, bytes | Path] = {
        f"bin/python{SERIES}": base,
        "bin/python3": Path(f"python{SERIES}"),
        "bin/python": Path(f"python{SERIES}"),
        "pyvenv.cfg": settings.encode(),
        f"lib/python{SERIES}/site-packages/README.txt": b"Of a channel for tests.\n",
    }
    write(channel, "python", PINS["python"], python, python_site_packages_path=f"lib/python{SERIES}/site-packages")
    # Debian keeps the wheels of ensurepip in a folder of their own.
    bundled = sysconfig.get_config_var("WHEEL_PKG_DIR") or Path(ensurepip.__file__).parent / "_bundled"
    [wheel] = Path(bundled).glob("pip-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        files: dict[str, bytes | Path] = {f"site-packages/{n}": archive.read(n) for n in archive.namelist()}
    write(channel, "pip", PINS["pip"], files, noarch="python", depends=["python"])
    asyncio.run(index_fs(channel, write_zst=False, write_shards=False))


if __name__ == "__main__":
    main()
    os._exit(0)  # rattler's threads outlive their work, and crash a Python that winds up, half of the time
