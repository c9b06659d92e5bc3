"""A thousand flipped bits in a finished study: what is read is what was written, or the file is named in one line.

A flip is noticed where the reader that the programs use refuses the file; it is harmless where what is read is equal
all the same. It passes unnoticed where something else is read. docs/reliability.md has the table that the test prints.
"""

import hashlib
import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import made_results
import pyarrow.parquet as pq
import pytest
from interexter.core import sealed, tables
from interexter.core.errors import UserError
from interexter.core.json_files import read_json
from interexter.engine.store import Store
from interexter.engine.vllm import EngineSettings
from interexter.models import weights
from made_results import Study

pytestmark = pytest.mark.slow
FLIPS = 1_000
PAGES = ("index.html", "examples.html")  # for eyes alone, as the pieces in report/examples: no program reads them


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return made_results.make(tmp_path_factory.mktemp("study"))


class Kind(NamedTuple):
    """A kind of file: where it lies and how it ends."""

    folder: str
    ending: str


def kinds(results: Path) -> dict[Kind, list[Path]]:
    """All files of a study by their kind, but those that no program reads."""
    found: dict[Kind, list[Path]] = {}
    for path in sorted(path for path in results.rglob("*") if path.is_file()):
        top, *inner = path.relative_to(results).parts
        if path.name not in PAGES and inner[:1] != ["examples"]:
            found.setdefault(Kind(top if inner else ".", path.suffix), []).append(path)
    return found


def reader(path: Path, results: Path) -> Callable[[], Any]:
    """What programs read a file with; called once it gives what is in there now."""
    if path.parent.parent.name == "models" or path.parent.name == "ours":
        manifest = read_json(path.parent.with_name(f"{path.parent.name}.manifest.json"))
        return lambda: weights.check(path.parent, manifest["weights_id"])
    if path.suffix == ".json":
        return lambda: read_json(path)
    if path.relative_to(results).parts[0] == "store":
        engine = EngineSettings(**made_results.ENGINE).identity()
        keys = pq.read_table(path)["key"].to_pylist()
        return lambda: [Store(results / "store", path.parts[-3], engine).get(key) for key in keys]
    if path.suffix == ".parquet":
        schema = pq.read_schema(path)
        return lambda: tables.read_rows(path, schema)
    if path.suffix == ".csv":
        told = read_json(results / "report/manifest.json")["outputs"][str(path)]
        return lambda: _same(path, told)
    return lambda: sealed.check(path)


def _same(path: Path, told: str) -> None:
    """What a reader of the outcome does who compares it with the manifest, as sha256sum does."""
    if hashlib.sha256(path.read_bytes()).hexdigest() != told:
        raise UserError(f"{path}: another sha256 than its manifest says")


def flip(path: Path, bit: int) -> None:
    with path.open("r+b") as handle:
        handle.seek(bit // 8)
        [byte] = handle.read(1)
        handle.seek(bit // 8)
        handle.write(bytes([byte ^ 1 << bit % 8]))


def outcome(path: Path, bit: int, read: Callable[[], Any], before: Any) -> str:
    """What becomes of a flipped bit, which is flipped back."""
    flip(path, bit)
    try:
        return "harmless" if read() == before else "unnoticed"
    except UserError as error:
        assert "\n" not in str(error), str(error)
        assert any(str(part) in str(error) for part in (path, path.parent))
        return "noticed"
    finally:
        flip(path, bit)


def test_a_flipped_bit_is_noticed_wherever_it_is_read(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(0)
    files = kinds(study.results)
    told: dict[Kind, Counter[str]] = {kind: Counter() for kind in files}
    for number in range(FLIPS):
        kind = list(files)[number % len(files)]
        path = chance.choice(files[kind])
        read = reader(path, study.results)
        told[kind][outcome(path, chance.randrange(8 * path.stat().st_size), read, read())] += 1
    words = ("noticed", "harmless", "unnoticed")
    with capsys.disabled():
        print("\n| below results/ | kind | flips | noticed | harmless | unnoticed |\n|---|---|--:|--:|--:|--:|")
        for kind, found in told.items():
            print(f"| {kind.folder} | {kind.ending} | {found.total()} |", " | ".join(f"{found[w]}" for w in words), "|")
    unnoticed = {kind: found["unnoticed"] for kind, found in told.items() if found["unnoticed"]}
    assert sum(unnoticed.values()) <= FLIPS // 100
    assert not [kind for kind in unnoticed if kind.folder in ("models", "taken", "checkpoints")]
    assert {kind.folder for kind in files} >= {"data", "models", "store", "answers", "labels", "report", "embeddings"}
    assert all(found["noticed"] for found in told.values())


def inputs(words: list[Any], results: Path) -> Iterator[Path]:
    """The files of a study that a command names and that its program does not write."""
    written = {"--out", "--rejected", "--costs", "--metrics-csv", "--card", "--test-recall", "--train-recall"}
    option = ""
    for word in words:
        option = word if str(word).startswith("--") else option
        is_read = option not in written and not option.endswith("-out")
        if is_read and isinstance(word, Path) and word.is_file() and results in word.parents:
            yield word


def damage(path: Path) -> None:
    """Damage a file where every reader must notice: the footer of a table, the content of what is JSON."""
    if path.suffix == ".parquet":
        flip(path, 8 * (path.stat().st_size - 20))
    else:
        value = json.loads(path.read_text())
        path.write_text(json.dumps({**value, "checksum": "0" * 32}))


OWN = {  # options that name what a program writes, where others read a file under the same name
    "prepare_dataset": (
        "questions",
        "corpus",
        "passages",
        "counters",
        "parts",
        "rationales",
        "others",
        "demonstrations",
    ),
    "prepare_model": ("manifest",),
    "sample": ("train", "test"),
    "aggregate": ("metrics", "comparisons"),
    "summarize": ("metrics", "comparisons"),
}


UNREAD = {("training_rows", "evidence")}  # only where answers, not rationales, are trained


def test_every_program_refuses_every_damaged_file_that_it_reads(study: Study) -> None:
    tried = 0
    for program, words in study.jobs:
        own = {f"--{name}" for name in OWN.get(program, ())}
        kept = [w for at, w in enumerate(words) if not (w in own or (at and words[at - 1] in own))]
        for path in dict.fromkeys(inputs(kept, study.results)):
            if (program, path.parts[len(study.results.parts)]) in UNREAD:
                continue
            whole = path.read_bytes()
            damage(path)
            try:
                with pytest.raises(UserError, match=path.name.replace(".", r"\.")):
                    made_results.run(program, words)
            finally:
                path.write_bytes(whole)
            tried += 1
    assert tried > 40


def test_another_model_than_the_manifest_s_is_asked_nothing(study: Study) -> None:
    [weights_file] = study.results.glob("models/tiny/*.safetensors")
    store = study.results / "store"
    shutil.move(store, store.with_name("elsewhere"))
    flip(weights_file, 8 * weights_file.stat().st_size - 1)
    try:
        for program, words in study.jobs:
            if program in ("recall", "rationales", "generate", "training_rows"):
                with pytest.raises(UserError, match="tiny: its files have the weights_id"):
                    made_results.run(program, words)
        assert not list(store.rglob("*.parquet"))
    finally:
        flip(weights_file, 8 * weights_file.stat().st_size - 1)
        shutil.rmtree(store, ignore_errors=True)
        shutil.move(store.with_name("elsewhere"), store)
