"""The store of generations: found again by everything that decides them, in parts that never change."""

import errno
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import pytest
from interexter.core.errors import UserError
from interexter.core.tables import Row, TableError, read_table, write_rows
from interexter.engine import store as store_module
from interexter.engine.conversations import Sampling
from interexter.engine.store import JOINED, SCHEMA, Store, Stored, key

SAMPLING = Sampling(8, temperature=0.5, seed=3)
OTHER = {"max_tokens": 9, "temperature": 0.6, "seed": 4, "stop": ("x",), "asked": "answer"}
ENGINE: Row = {"engine": "vllm", "version": "1", "dtype": "float32", "max_model_len": 64}


def stored(number: int) -> tuple[str, Stored]:
    return key([1, number], asdict(SAMPLING)), Stored(f"text {number} é\n", "stop", number)


def parts(folder: Path) -> dict[Path, tuple[bytes, int, int]]:
    return {p: (p.read_bytes(), p.stat().st_mtime_ns, p.stat().st_ino) for p in folder.rglob("*") if p.is_file()}


def test_a_key_depends_on_every_token_and_every_field_of_sampling() -> None:
    assert OTHER.keys() == {f.name for f in fields(Sampling)}  # a new field must be tried here
    one = key([1, 2, 3], asdict(SAMPLING))
    assert one == key((1, 2, 3), asdict(replace(SAMPLING)))
    others = [key([1, 2, 3], asdict(replace(SAMPLING, **{name: value}))) for name, value in OTHER.items()]
    others += [key(ids, asdict(SAMPLING)) for ids in ([1, 2], [3, 2, 1], [1, 2, 4], [12, 3], [1, 2, 3, 3])]
    assert len({one, *others}) == 1 + len(others)


def test_what_is_added_is_found_at_once_and_after_reopening(tmp_path: Path) -> None:
    store = Store(tmp_path, "w", ENGINE)
    assert len(store) == 0
    for start in range(0, 30, 10):
        store.add([stored(i) for i in range(start, start + 10)])
    for opened in (store, Store(tmp_path, "w", ENGINE), Store(tmp_path, "w", dict(reversed(ENGINE.items())))):
        assert len(opened) == 30
        assert all(opened.get(stored(i)[0]) == stored(i)[1] for i in range(30))
        assert opened.get(stored(30)[0]) is None


def test_parts_never_change(tmp_path: Path) -> None:
    store = Store(tmp_path, "w", ENGINE)
    store.add([stored(1), stored(2)])
    before = parts(tmp_path)
    assert len(before) == 1
    store.add([stored(3)])
    reopened = Store(tmp_path, "w", ENGINE)
    reopened.add([stored(4), stored(1)])
    after = parts(tmp_path)
    assert len(after) == 3
    assert {path: after[path] for path in before} == before


def test_nothing_to_add_writes_nothing(tmp_path: Path) -> None:
    Store(tmp_path, "w", ENGINE).add([])
    assert parts(tmp_path) == {}


def test_a_part_does_not_depend_on_the_order_in_which_generations_finish(tmp_path: Path) -> None:
    for name, numbers in (("a", (1, 2, 3)), ("b", (3, 1, 2))):
        Store(tmp_path / name, "w", ENGINE).add([stored(i) for i in numbers])
    [(one, (content, *_))], [(other, (same, *_))] = parts(tmp_path / "a").items(), parts(tmp_path / "b").items()
    assert (one.name, content) == (other.name, same)


@pytest.mark.parametrize("name", ENGINE)
def test_other_weights_and_other_engines_are_kept_apart(name: str, tmp_path: Path) -> None:
    Store(tmp_path, "w", ENGINE).add([stored(1)])
    assert len(Store(tmp_path, "v", ENGINE)) == 0
    assert len(Store(tmp_path, "w", {**ENGINE, name: "other"})) == 0


def test_what_a_killed_writer_left_is_passed_over(tmp_path: Path) -> None:
    Store(tmp_path, "w", ENGINE).add([stored(1)])
    [part] = parts(tmp_path)
    part.with_name(f".{part.name}.4711").write_bytes(b"half a part")
    assert len(Store(tmp_path, "w", ENGINE)) == 1


def test_a_corrupt_part_is_named(tmp_path: Path) -> None:
    store = Store(tmp_path, "w", ENGINE)
    store.add([stored(1)])
    [part] = parts(tmp_path)
    store.add([stored(2)])
    part.write_bytes(part.read_bytes()[:-20])
    with pytest.raises(TableError, match=rf"{part}: not a readable Parquet file.*Delete it and run again"):
        Store(tmp_path, "w", ENGINE)
    part.unlink()  # the remedy costs what the part held, and no more
    assert Store(tmp_path, "w", ENGINE).get(stored(2)[0]) == stored(2)[1]


def filled(folder: Path, numbers: range) -> Store:
    """Open a store and add generations, each in a part of its own."""
    store = Store(folder, "w", ENGINE)
    for number in numbers:
        store.add([stored(number)])
    return store


def test_parts_are_joined_at_the_end(tmp_path: Path) -> None:
    store = filled(tmp_path, range(5))
    assert len(parts(tmp_path)) == 5
    store.close()
    [part] = parts(tmp_path)
    rows = read_table(part, SCHEMA)["key"].to_pylist()
    assert rows == sorted(stored(i)[0] for i in range(5))
    for opened in (store, Store(tmp_path, "w", ENGINE)):
        assert [opened.get(stored(i)[0]) for i in range(5)] == [stored(i)[1] for i in range(5)]
    store.close()
    assert list(parts(tmp_path)) == [part]


def test_what_another_job_wrote_is_not_joined(tmp_path: Path) -> None:
    other = filled(tmp_path, range(3))
    before = parts(tmp_path)
    filled(tmp_path, range(3, 6)).close()
    assert {path: parts(tmp_path)[path] for path in before} == before
    assert len(parts(tmp_path)) == len(before) + 1
    other.close()
    assert len(parts(tmp_path)) == 2 and len(Store(tmp_path, "w", ENGINE)) == 6


def test_nothing_is_lost_where_two_jobs_wrote_and_join_the_same_parts(tmp_path: Path) -> None:
    for job in [filled(tmp_path, range(3)), filled(tmp_path, range(1, 4)), filled(tmp_path, range(3))]:
        job.close()
        opened = Store(tmp_path, "w", ENGINE)
        assert [opened.get(stored(i)[0]) for i in range(4)] == [stored(i)[1] for i in range(4)]


def test_many_parts_are_joined_on_the_way_so_that_a_killed_job_leaves_few(tmp_path: Path) -> None:
    store = filled(tmp_path, range(2 * JOINED + 3))
    assert len(parts(tmp_path)) == 2 + 3
    for opened in (store, Store(tmp_path, "w", ENGINE)):
        assert len(opened) == 2 * JOINED + 3
        assert all(opened.get(stored(i)[0]) == stored(i)[1] for i in range(2 * JOINED + 3))
    store.close()
    assert len(parts(tmp_path)) == 3


def test_a_job_that_opens_while_another_joins_finds_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other closes after the parts were listed and the first was read: the second is gone when its turn comes."""
    other = filled(tmp_path, range(4))
    read: list[Path] = []

    def reading(path: Path, *arguments: Any) -> Any:
        if len(read) == 1:
            other.close()
        read.append(path)
        return read_table(path, *arguments)

    monkeypatch.setattr(store_module, "read_table", reading)
    opened = Store(tmp_path, "w", ENGINE)
    assert [opened.get(stored(i)[0]) for i in range(4)] == [stored(i)[1] for i in range(4)]
    assert len(parts(tmp_path)) == 1 and len(read) == 3  # the first, the one that is gone, the joined one


def test_it_is_known_what_was_there_before(tmp_path: Path) -> None:
    filled(tmp_path, range(3)).close()
    store = Store(tmp_path, "w", ENGINE)
    for number in range(3, 6):
        store.add([stored(number)])
    for _ in range(2):
        assert [store.was_there(stored(i)[0]) for i in range(7)] == [True] * 3 + [False] * 4
        store.close()


def test_an_engine_that_tells_probabilities_keeps_them_apart(tmp_path: Path) -> None:
    sure = [(None, None), (-0.5, 2)]
    told = [(key([1, n], asdict(SAMPLING)), Stored("text", "stop", n, *sure[n])) for n in range(2)]
    for engine, known in ((ENGINE, (None, None)), ({**ENGINE, "confidence": True}, (-0.5, 2))):
        Store(tmp_path, "w", engine).add(told)
        opened = Store(tmp_path, "w", engine)
        assert [opened.get(one) for one, _ in told] == [Stored("text", "stop", 0), Stored("text", "stop", 1, *known)]


def test_an_empty_part_is_named_and_passed_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    filled(tmp_path, range(1))
    [part] = parts(tmp_path)
    empty = part.with_name("0.parquet")
    empty.touch()
    assert len(Store(tmp_path, "w", ENGINE)) == 1
    assert str(empty) in caplog.text and not empty.exists()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda place: place.with_name("x.parquet").symlink_to("nothing"), "x.parquet: a link that leads nowhere"),
        (lambda place: place.with_name("x.parquet").symlink_to("x.parquet"), "Too many levels of symbolic links"),
        (lambda place: place.with_name("x.parquet").mkdir(), "x.parquet: not a readable Parquet file"),
        (lambda place: add_rows(place, "zz"), "x.parquet: a key that is no hash"),
        (lambda place: add_rows(place, "ab", "ab"), "x.parquet have two texts for the key ab"),
        (lambda place: (place.unlink(), place.parent.rmdir(), place.parent.touch()), "Not a directory"),
        (lambda place: (place.unlink(), place.parent.rmdir(), place.parent.symlink_to(place.parent.name)), "Too many"),
    ],
)
def test_what_is_no_store_is_refused_and_not_taken_for_an_empty_one(
    tmp_path: Path, spoil: Callable[[Path], Any], said: str
) -> None:
    engine = {**ENGINE, "device": "cpu"}
    Store(tmp_path, "w", engine).add([stored(1)])
    [part] = parts(tmp_path)
    spoil(part)
    with pytest.raises((UserError, OSError), match=said):
        Store(tmp_path, "w", engine)


def add_rows(beside: Path, *keys: str) -> None:
    """Write a part beside another, each key with another text."""
    rows = [{"key": key, "text": str(n), "finish_reason": "stop", "output_tokens": 1} for n, key in enumerate(keys)]
    write_rows(beside.with_name("x.parquet"), rows, SCHEMA)


def test_a_store_that_may_not_be_read_is_not_taken_for_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, range(1))

    def denied(folder: Path) -> Iterator[Path]:  # tests may run as root, who may read all
        raise PermissionError(errno.EACCES, "Permission denied", str(folder))

    monkeypatch.setattr(Path, "iterdir", denied)
    with pytest.raises(PermissionError):
        Store(tmp_path, "w", ENGINE)


def two_texts(folder: Path, engine: Row) -> tuple[str, list[str]]:
    """Add two parts that have one key and two texts; return the key and the parts' names."""
    one, told = stored(1)
    for texts in (["b", "x"], ["a"]):
        Store(folder, "w", engine).add(
            [(one, told._replace(text=texts[0])), *(stored(n) for n in range(2, 1 + len(texts)))]
        )
    return one, sorted(path.name for path in parts(folder))


@pytest.mark.parametrize("engine", [{**ENGINE, "device": "cpu"}, {**ENGINE, "device": "cuda", "strict": True}])
def test_two_texts_for_a_key_are_refused_where_there_cannot_be_two(tmp_path: Path, engine: Row) -> None:
    one, names = two_texts(tmp_path, engine)
    with pytest.raises(UserError, match=rf"{names[0]} and {names[1]} have two texts for the key {one}.*Delete both"):
        Store(tmp_path, "w", engine)


@pytest.mark.parametrize(
    "engine",
    [
        {**ENGINE, "device": "cuda", "strict": False},
        {**ENGINE, "device": "cpu", "dtype": "bfloat16"},
        {**ENGINE, "device": "cpu", "batch": 8},
    ],
)
def test_of_two_texts_that_a_batch_may_make_the_same_is_taken_whatever_the_parts_are_called(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, engine: Row
) -> None:
    one, names = two_texts(tmp_path, engine)
    for _ in range(2):
        found = Store(tmp_path, "w", engine).get(one)
        assert found is not None and found.text == "a"
        assert all(name in caplog.text for name in names)
        first = next(path for path in parts(tmp_path) if path.name == names[0])
        first.rename(first.with_name("z.parquet"))
        names = ["z.parquet", names[1]]
