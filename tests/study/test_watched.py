"""The content of local data and models is a parameter: taken once, and again when the file may have changed."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from interexter.core import identity
from interexter.study import watched

NOTHING: dict[str, Any] = {key: {} for key in ("datasets", "models", "recipes", "answers", "prompt_files", "gates")}
NOTHING["citations"] = {"model": ""}


@pytest.fixture(autouse=True)
def reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read, in a working directory of their own, as if their times were long settled."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(watched, "_TICK", -1.0)
    watched._known.cache_clear()
    found: list[Path] = []
    content = identity.file_id
    monkeypatch.setattr(identity, "file_id", lambda path: (found.append(path), content(path))[1])
    return found


def data(**source: Any) -> str:
    watched._known.cache_clear()  # as in another run
    return watched.data({"kind": "local", "layout": "plain", **source}, "mine")


def model(source: dict[str, Any]) -> str:
    return watched.named({**NOTHING, "models": {"tiny": source}}, "models", "tiny")


def judge(name: str) -> str:
    return watched.named({**NOTHING, "citations": {"model": name}}, "citations", "model")


def test_an_edited_gold_answer_is_noticed_even_under_the_old_time(tmp_path: Path, reads: list[Path]) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"question": "Who?", "answers": ["Ann"]}\n')
    before = data(questions=str(path))
    assert data(questions=str(path)) == before
    assert reads == [path]
    stat = path.stat()
    path.write_text('{"question": "Who?", "answers": ["Bob"]}\n')
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path.stat().st_size == stat.st_size
    assert data(questions=str(path)) != before


def test_every_file_that_a_source_reads_is_watched_and_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    for name in ("train.jsonl", "test.jsonl", "corpus.jsonl", "notes.txt"):
        (folder / name).write_text(name)
    (tmp_path / "own.jsonl").write_text("{}")
    source = {"path": str(folder), "files": ["train.jsonl", "test.jsonl"], "corpus": "corpus.jsonl"}
    before = data(**source)
    (folder / "notes.txt").write_text("more")
    assert data(**source) == before
    assert data(**source | {"corpus": "own.jsonl"}) != before
    seen = {before}
    for name in ("train.jsonl", "test.jsonl", "corpus.jsonl"):
        (folder / name).write_text("more")
        seen.add(data(**source))
    assert len(seen) == 4
    (folder / "train.jsonl").unlink()  # the job says what is missing
    assert data(**source) not in seen


def test_the_files_of_a_layout_are_watched_and_so_is_an_archive(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set/RAMDocs_test.jsonl").write_text("{}")
    before = data(layout="ramdocs", path="set")
    (tmp_path / "set/RAMDocs_test.jsonl").write_text("{} ")
    assert "" != data(layout="ramdocs", path="set") != before
    (tmp_path / "set.zip").write_bytes(b"PK")
    assert data(layout="ramdocs", path="set.zip") not in ("", before)


def test_what_is_pinned_otherwise_is_not_watched(reads: list[Path]) -> None:
    hub = {"kind": "hub", "repository": "a/b", "revision": "0" * 40, "layout": "ramdocs"}
    assert watched.data(hub, "mine") == ""
    assert model(hub) == model({"kind": "local", "path": "absent"}) == judge("a/b") == judge("") == ""
    assert reads == []


def test_every_folder_and_file_that_a_rule_reads_is_watched(tmp_path: Path) -> None:
    folder = tmp_path / "adapter"
    folder.mkdir()
    weights, examples = folder / "adapter_model.safetensors", tmp_path / "worked.json"
    weights.write_text("1")
    examples.write_text("{}")
    config = NOTHING | {
        "datasets": {
            "mine": {
                "source": {"kind": "hub", "repository": "a/b"},
                "worked_examples": "worked.json",
                "retrieval": {"model": "adapter"},
            }
        },
        "recipes": {"taken": {"weights": {"mine": {"kind": "local-adapter", "path": "adapter"}}}},
        "gates": {"nli": {"model": "adapter"}},
    }
    parts = [("recipes", "taken", "weights", "mine"), ("gates", "nli"), ("datasets", "mine", "retrieval")]
    parts.append(("datasets", "mine", "worked_examples"))
    before = [watched.named(config, *part) for part in parts]
    weights.write_text("2")
    assert [watched.named(config, *part) == was for part, was in zip(parts, before, strict=True)] == [False] * 3 + [
        True
    ]
    examples.write_text("[]")
    assert watched.named(config, *parts[3]) != before[3] != ""


def test_a_model_is_watched_by_the_files_that_decide_what_it_computes(tmp_path: Path, reads: list[Path]) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("config.json", "model-1.safetensors", "model-2.safetensors", "README.md"):
        (folder / name).write_text(name)
    source = {"kind": "local", "path": str(folder)}
    before, whole = model(source), judge(str(folder))
    (folder / "README.md").write_text("other")
    assert model(source) == before
    assert judge(str(folder)) != whole
    reads.clear()
    (folder / "model-2.safetensors").write_text("MODEL-2.safetensors")
    assert model(source) != before
    assert reads == [folder / "model-2.safetensors"]


def test_a_file_that_was_just_written_is_not_taken_for_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "_TICK", 2.0)
    path = tmp_path / "a"
    path.write_text("a")
    watched.file_id(path)
    assert str(path) not in watched._known()


def test_a_file_of_the_future_is_read_once_and_an_edit_of_it_is_noticed(
    tmp_path: Path, reads: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that was unpacked with the times of another clock, or written before this one was set back."""
    monkeypatch.setattr(watched, "_TICK", 2.0)
    path = tmp_path / "a"
    path.write_text("a")
    ahead = path.stat().st_ctime + 86400
    os.utime(path, (ahead, ahead))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 3600)
    found = watched.file_id(path)
    watched._known.cache_clear()
    assert watched.file_id(path) == found
    assert reads == [path]
    path.write_text("b")
    os.utime(path, (ahead, ahead))
    assert watched.file_id(path) != found


def test_a_damaged_memory_is_forgotten(tmp_path: Path, reads: list[Path]) -> None:
    path = tmp_path / "a"
    path.write_text("a")
    found = watched.file_id(path)
    told = json.loads(watched.KNOWN.read_text())
    told[str(path)][-1] = "0" * 32
    watched.KNOWN.write_text(json.dumps(told))
    watched._known.cache_clear()
    assert watched.file_id(path) == found
    assert reads == [path, path]


def test_where_nothing_can_be_written_it_is_read_anew(tmp_path: Path) -> None:
    (tmp_path / ".cache").touch()
    (tmp_path / "a").write_text("a")
    assert watched.file_id(tmp_path / "a") == identity.file_id(tmp_path / "a")
