"""Files and folders stand in their place whole or not at all."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from interexter.core import files


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    out = tmp_path / "new" / "a.txt"
    files.write_text(out, "é\n")
    assert out.read_bytes() == "é\n".encode()
    with pytest.raises(ZeroDivisionError), files.beside(out) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert out.read_bytes() == "é\n".encode()
    with files.beside(out) as temporary:
        temporary.write_text("whole")
    assert out.read_text() == "whole"
    assert [path.name for path in out.parent.iterdir()] == ["a.txt"]


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    out = tmp_path / "model"
    with files.folder_beside(out) as temporary:
        (temporary / "config.json").touch()
    with pytest.raises(ZeroDivisionError), files.folder_beside(out) as temporary:
        (temporary / "half").touch()
        raise ZeroDivisionError
    assert (out / "config.json").exists()
    with files.folder_beside(out) as temporary:
        (temporary / "new").touch()
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert [path.name for path in out.iterdir()] == ["new"]


REPLACING = """
import os, signal, sys
from pathlib import Path
from interexter.core import files
step = sys.argv[2]
def kill(*_): os.kill(os.getpid(), signal.SIGKILL)
if step == "before":
    files._put = kill
elif step == "after":
    files._remove = kill
with files.folder_beside(Path(sys.argv[1])) as folder:
    (folder / "new").touch()
"""


@pytest.mark.parametrize(("step", "there"), [("before", "old"), ("after", "new")])
def test_a_kill_leaves_the_old_folder_or_the_new_one(tmp_path: Path, step: str, there: str) -> None:
    out = tmp_path / "model"
    out.mkdir()
    (out / "old").touch()
    done = subprocess.run([sys.executable, "-c", REPLACING, str(out), step], check=False)
    assert done.returncode == -signal.SIGKILL
    assert [path.name for path in out.iterdir()] == [there]
    assert len(files.remove_leftovers(tmp_path)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_folder_takes_the_place_of_whatever_had_its_name(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/kept").touch()
    (tmp_path / "link").symlink_to("elsewhere")
    (tmp_path / "file").touch()
    for name in ("link", "file"):
        with files.folder_beside(tmp_path / name) as folder:
            (folder / "new").touch()
        assert [path.name for path in (tmp_path / name).iterdir()] == ["new"]
    assert (tmp_path / "elsewhere/kept").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "file", "link"]


def test_where_names_cannot_be_exchanged_a_folder_is_replaced_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_EXCHANGE", 1 << 10)  # a flag that no file system knows
    for name in ("old", "new"):
        with files.folder_beside(tmp_path / "model") as folder:
            (folder / name).touch()
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_folder_is_locked_until_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    removed = []
    flush = files._flush

    def flushed(path: Path) -> None:  # as long as it takes, another run may begin
        removed.extend(files.remove_leftovers(tmp_path))
        flush(path)

    monkeypatch.setattr(files, "_flush", flushed)
    with files.folder_beside(tmp_path / "model") as folder:
        (folder / "weights").touch()
    assert removed == [] and (tmp_path / "model/weights").exists()


WRITER = """
import sys
from pathlib import Path
from interexter.core import files
with files.beside(Path(sys.argv[1]) / "t.txt") as one, files.folder_beside(Path(sys.argv[1]) / "model") as other:
    one.write_text("half")
    (other / "weights").write_text("half")
    print("writing", flush=True)
    sys.stdin.read()
"""


def hidden(folder: Path) -> list[str]:
    return sorted(path.name.rpartition(".")[0] for path in folder.glob(".*"))


def test_what_a_killed_writer_left_is_removed_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    place = tmp_path / "a" / "b"
    place.mkdir(parents=True)
    (place / ".model.0123456789abcdef.partial").mkdir()  # a training's, to go on from
    command = [sys.executable, "-c", WRITER, str(place)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == "writing\n"
        assert files.remove_leftovers(tmp_path) == []
        assert hidden(place) == [".model", ".model.0123456789abcdef", ".t.txt"]
        writer.kill()
    removed = files.remove_leftovers(tmp_path)
    assert sorted(path.name.rpartition(".")[0] for path in removed) == [".model", ".t.txt"]
    assert hidden(place) == [".model.0123456789abcdef"]


def test_two_writers_of_one_file_do_not_meet_whatever_their_process_ids(tmp_path: Path) -> None:
    with files.beside(tmp_path / "t") as one, files.beside(tmp_path / "t") as other:
        assert one != other
        one.write_text("one")
        other.write_text("other")
    assert (tmp_path / "t").read_text() == "one"  # the block that ends last
    assert [path.name for path in tmp_path.iterdir()] == ["t"]


def test_content_is_on_the_disk_before_the_name_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    fsync, replace, rename = os.fsync, Path.replace, Path.rename
    monkeypatch.setattr(os, "fsync", lambda handle: (told.append("fsync"), fsync(handle))[1])
    monkeypatch.setattr(Path, "replace", lambda path, to: (told.append("rename"), replace(path, to))[1])
    monkeypatch.setattr(Path, "rename", lambda path, to: (told.append("rename"), rename(path, to))[1])
    with files.beside(tmp_path / "t") as temporary:
        temporary.write_text("whole")
    with files.folder_beside(tmp_path / "model") as folder:
        (folder / "deep").mkdir()
        for name in ("config.json", "deep/weights"):
            (folder / name).touch()
    assert told == ["fsync", "rename", "fsync", "fsync", "rename"]


ALONE = """
import sys
from pathlib import Path
from interexter.core import files
with files.alone(Path(sys.argv[1]), "to write"):
    Path(sys.argv[2]).touch()
"""


def test_one_program_at_a_time_is_let_in_and_who_waits_says_so(tmp_path: Path) -> None:
    lock, out = tmp_path / "new/.lock", tmp_path / "out"
    with files.alone(lock, "to write"):
        command = [sys.executable, "-c", ALONE, str(lock), str(out)]
        waiting = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert waiting.stderr is not None and waiting.stderr.readline() == "to write: another job does it; waiting\n"
        assert not out.exists()
    assert waiting.wait() == 0
    assert out.exists()


@pytest.mark.parametrize("name", ["t", "folder"])
def test_a_disk_that_is_full_is_named_with_the_file_that_has_no_room(tmp_path: Path, name: str) -> None:
    write = files.beside if name == "t" else files.folder_beside
    with pytest.raises(OSError, match=f"No space left on device: '{tmp_path}/{name}'"), write(tmp_path / name):
        Path("/dev/full").write_text("a")  # as a write does, it names no file
    assert [*tmp_path.iterdir()] == []
