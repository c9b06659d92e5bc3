"""Files of the hub: had within bounds, and what their hashes say, or they are named."""

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import hub_server
import pytest
from hub_server import REVISION
from interexter.core import downloads, hub_files
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


FILES = {"config.json": b"{}", "1_Pooling/config.json": b"{}", "model.safetensors": b"x" * 1000, "a.bin": b"code"}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[hub_server.Hub]:
    """A hub that the client finds, with an empty cache."""
    monkeypatch.chdir(tmp_path)
    with hub_server.hub("", dict(FILES)) as server:
        for name, value in {"HF_ENDPOINT": server.endpoint, "HF_HOME": "hf", "no_proxy": "127.0.0.1"}.items():
            monkeypatch.setenv(name, value)
        yield server


def snapshot() -> Path:
    return hub_files.snapshot("owner/name", REVISION, hub_files.MODEL, "Or take a folder.")


def test_a_snapshot_has_what_fits_its_patterns_and_is_checked_each_time(hub: hub_server.Hub) -> None:
    folder = snapshot()
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found == {name: content for name, content in FILES.items() if name != "a.bin"}
    (folder / "1_Pooling/config.json").resolve().write_bytes(b"[]")
    with pytest.raises(UserError, match=r"config\.json: its hash is .*damaged"):
        snapshot()


def test_a_download_that_does_not_end_is_given_up(hub: hub_server.Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.drips.add("model.safetensors")  # 50 s
    monkeypatch.setattr(downloads, "HOURS", 4 / 3600)
    with pytest.raises(
        UserError, match=rf"owner/name at {REVISION}: not complete after 0.00\d+ hours. Run again.*a folder"
    ):
        snapshot()


def test_a_file_that_is_too_large_is_given_up(hub: hub_server.Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "LARGEST", 999)
    with pytest.raises(UserError, match=rf"owner/name at {REVISION}: more than 0 GB. Or take a folder"):
        snapshot()


def test_what_the_client_makes_of_a_strange_hub_is_a_line(hub: hub_server.Hub) -> None:
    with pytest.raises(UserError, match=r"nobody/nothing at .*: not to be had: .*404.* Or take a folder"):
        hub_files.snapshot("nobody/nothing", REVISION, hub_files.MODEL, "Or take a folder.")
    hub.listing = b"[1, {}"
    with pytest.raises(UserError, match=r"owner/name at .*: not to be had: .*Or take a folder"):
        snapshot()
