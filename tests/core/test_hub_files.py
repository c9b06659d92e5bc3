"""A file of the hub's cache is what its hash says, or is named."""

import hashlib
import subprocess
from pathlib import Path

import pytest
from interexter.core import hub_files
from interexter.core.errors import UserError


def cached(folder: Path, content: bytes, name: str) -> Path:
    """A file as the hub's cache keeps it."""
    blob, link = folder / "blobs" / name, folder / "snapshots" / ("0" * 40) / "data.json"
    for path in (blob, link):
        path.parent.mkdir(parents=True)
    blob.write_bytes(content)
    link.symlink_to(Path("../../blobs") / name)
    return link


@pytest.mark.parametrize("kind", ["sha256", "git"])
def test_a_changed_file_is_named_with_what_to_delete(tmp_path: Path, kind: str) -> None:
    content = b"some data\n"
    git = ["git", "hash-object", "--stdin"]
    told = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "git": subprocess.run(git, input=content, capture_output=True, check=True).stdout.decode().strip(),
    }
    link = cached(tmp_path, content, told[kind])
    hub_files.check(link)
    link.resolve().write_bytes(b"some dato\n")
    with pytest.raises(UserError, match=rf"data\.json: .*Delete .*{told[kind]} and run again"):
        hub_files.check(link)


def test_a_file_without_a_hash_passes(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text("{}")
    hub_files.check(tmp_path / "data.json")
    hub_files.check(cached(tmp_path, b"x", "an-etag"))
