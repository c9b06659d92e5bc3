"""Data sets in InstructRAG's layout: from a folder, an archive and a URL, into tables, and on to `retrieve`."""

import hashlib
import http.server
import json
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from data_sets import Prepared, real, write_array
from injection_rows import SCRIPTS
from interexter.answers.demonstrations import answers_only
from interexter.core import tables
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.data import sources
from interexter.data.questions import Questions
from interexter.data.schemas import RETRIEVED
from interexter.retrieval import search


def record(n: int, **other: Any) -> Row:
    """A question whose second passage holds the answer; scores are texts, as in the published files."""
    contexts = [
        {"id": "7", "title": "Bread", "text": f"Bread {n} is baked.", "score": "1.5"},
        {"id": "8", "title": f"Land {n}", "text": f"The capital of Land {n} is City{n}.", "score": 1},
    ]
    return {
        "question": f"What is the capital of Land {n}?",
        "answers": [f"City{n}", f"Town{n}"],
        "qa_pairs": None,
        "ctxs": contexts,
        **other,
    }


TRAIN = [record(n, rationale="Because.") for n in range(5)]
TEST = [record(n) for n in range(10, 13)]
DEMOS = [record(20, rationale="Document 2 says so.\nFinal answer: City20"), record(21)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, rows in (("train", TRAIN), ("test", TEST), ("demos", DEMOS)):
        write_array(tmp_path / "dataset" / "PopQA" / f"{name}.json", rows)
    return tmp_path / "dataset"


def source(**other: Any) -> Row:
    return {"kind": "local", "layout": "instructrag", "folder": "PopQA", **other}


def test_train_test_and_demonstrations_of_a_folder(folder: Path, tmp_path: Path) -> None:
    done = Prepared(tmp_path / "out", source(path=str(folder)))
    assert done.card["questions"] == {"test": 3, "train": 5}
    assert [r["question"] for r in done.questions] == [r["question"] for r in [*TRAIN, *TEST]]
    assert {r["split"] for r in done.questions[:5]} == {"train"}
    first = done.passages[0]
    assert first["question_id"] == done.questions[0]["question_id"]
    assert [(p["rank"], p["title"], p["score"], p["stance"], p["origin"]) for p in first["passages"]] == [
        (1, "Bread", 1.5, "irrelevant", "shipped"),
        (2, "Land 0", 1.0, "supporting", "shipped"),
    ]
    assert done.counters == done.parts == done.corpus == []
    assert [d["rationale"] for d in done.demonstrations["instructrag"]] == ["Document 2 says so.\nFinal answer: City20"]
    assert done.demonstrations["instructrag"][0]["state"] == "external"
    assert [(r["reason"], done.card["rejected"]) for r in done.rejected] == [("no-rationale", {"no-rationale": 1})]
    assert [r["rationale"] for r in done.rationales] == ["Because."] * 5
    assert [r["question_id"] for r in done.rationales] == [r["question_id"] for r in done.questions[:5]]
    assert done.card["counts"]["questions_with_rationale"] == 5
    # Another size than PopQA's published one is said, and stops nothing unless the config promises one.
    assert done.card["published"] == {"train": 12868, "test": 1399, "as_published": False}


def test_a_demonstration_may_be_a_training_question_and_no_test_question(folder: Path, tmp_path: Path) -> None:
    demos = [record(3, rationale="Of the training."), record(11, rationale="Of the test.")]
    write_array(folder / "PopQA" / "demos.json", demos)
    done = Prepared(tmp_path / "out", source(path=str(folder)))
    assert [d["rationale"] for d in done.demonstrations["instructrag"]] == ["Of the training."]
    assert [(r["reason"], r["detail"]) for r in done.rejected] == [
        ("question-of-the-test", "PopQA/demos.json: 'What is the capital of Land 11?'")
    ]


def test_a_question_of_both_splits_stays_in_the_test_with_the_tests_passages(folder: Path, tmp_path: Path) -> None:
    """Its copy in the training is left out by the gates: injection/gates.py, `contaminated`."""
    both = record(0, ctxs=record(1)["ctxs"])
    write_array(folder / "PopQA" / "test.json", [*TEST, both])
    write_array(folder / "PopQA" / "demos.json", [record(0, rationale="Of both.")])
    done = Prepared(tmp_path / "out", source(path=str(folder)))
    assert done.card["questions"] == {"test": 4, "train": 5}
    assert done.card["counts"]["same_words_as_a_question_of_the_other_split"] == 1
    first, last = done.questions[0], done.questions[-1]
    assert (first["question"], first["split"], last["split"]) == (last["question"], "train", "test")
    assert last["question_id"].startswith(f"{first['question_id']}-")
    assert [passage["title"] for passage in done.passages[-1]["passages"]] == ["Bread", "Land 1"]
    assert [r["reason"] for r in done.rejected] == ["question-of-the-test"]  # the demonstration
    known = Questions(lambda: done.questions)
    assert known.known(first, "train").shared == "the test asks the same question"
    assert known.known(last, "test").shared is None


def test_promised_sizes_are_kept_to(folder: Path, tmp_path: Path) -> None:
    done = Prepared(tmp_path / "a", source(path=str(folder), sizes={"train": 5, "test": 3}))
    assert done.card["published"]["as_published"]
    with pytest.raises(UserError, match=r'the config says {"test":4,"train":5}, the files have {"test":3,"train":5}'):
        Prepared(tmp_path / "b", source(path=str(folder), sizes={"train": 5, "test": 4}))
    assert not list((tmp_path / "b").glob("*"))  # a table that is not whole is not there


def test_an_archive_is_the_same_data_set(folder: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "data.tar.gz", "w:gz") as tar:
        tar.add(folder, arcname="dataset")
    one = Prepared(tmp_path / "a", source(path=str(folder)))
    other = Prepared(tmp_path / "b", source(path=str(tmp_path / "data.tar.gz")))
    for key in one.paths._fields:
        if key != "rejected":  # names the file
            assert getattr(one.paths, key).read_bytes() == getattr(other.paths, key).read_bytes()
    assert one.demonstrations == other.demonstrations


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_url_is_downloaded_once(folder: Path, served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(sources, "DOWNLOADS", tmp_path / "downloads")
    archive = tmp_path / "data.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, arcname="dataset")
    sha = hashlib.sha256(archive.read_bytes()).hexdigest()
    there = source(kind="url", url=f"{served}/data.tar.gz", sha256=sha)
    done = Prepared(tmp_path / "a", there)
    assert done.card["questions"] == {"test": 3, "train": 5}
    archive.unlink()
    assert Prepared(tmp_path / "b", there).questions == done.questions  # from what was downloaded
    (tmp_path / "downloads" / sha / "data.tar.gz").unlink()
    with pytest.raises(UserError, match="HTTP 404"):
        Prepared(tmp_path / "c", there)


def test_a_missing_file_is_named_with_what_there_is(folder: Path, tmp_path: Path) -> None:
    (folder / "PopQA" / "demos.json").unlink()
    assert Prepared(tmp_path / "a", source(path=str(folder))).demonstrations == {"instructrag": []}
    (folder / "PopQA" / "test.json").unlink()
    with pytest.raises(UserError, match=r"no file PopQA/test.json; it has \['PopQA/train.json'\]"):
        Prepared(tmp_path / "b", source(path=str(folder)))
    with pytest.raises(UserError, match=r"there is no .*nowhere"):
        Prepared(tmp_path / "c", source(path=str(tmp_path / "nowhere")))


def test_what_cannot_be_used_is_rejected_by_name(folder: Path, tmp_path: Path) -> None:
    bad = [
        record(0),
        record(0),
        record(1, answers=[]),
        record(2, question=" "),
        record(3, ctxs=[{"title": "x", "text": "y", "score": "high"}]),
        record(0, answers=["Other"]),  # the words of the first, another answer: kept, and counted
        {"answers": ["x"]},
    ]
    write_array(folder / "PopQA" / "test.json", bad)
    done = Prepared(tmp_path / "a", source(path=str(folder), files=["test.json"]))
    assert [r["reason"] for r in done.rejected] == [
        "duplicate-question",
        "no-gold-answer",
        "malformed-record",
        "malformed-passage",
        "malformed-record",
    ]
    assert done.rejected[1]["question_id"] == "PopQA/test.json#3"
    assert done.card["counts"]["same_words_as_another_question"] == 1
    assert len(done.questions) == 2
    assert done.card["read"] == {"test": 7}
    write_array(folder / "PopQA" / "test.json", [{"answers": ["x"]}])
    with pytest.raises(
        UserError, match=r"not one question .*: malformed-record \(1 times, first PopQA/test\.json#1: no 'question'"
    ):
        Prepared(tmp_path / "b", source(path=str(folder), files=["test.json"]))


def test_the_real_demonstrations_of_popqa(tmp_path: Path) -> None:
    path = real("instructrag-popqa-demos.json")
    # As questions: `files` names them, and `split` says what they are, since their name does not.
    done = Prepared(tmp_path, {"kind": "local", "layout": "instructrag", "path": str(path), "split": "test"})
    raw = json.loads(path.read_text())
    assert (
        [r["question"] for r in done.questions]
        == [r["question"] for r in raw]
        == [
            "Who is the author of The Mahdi?",
            raw[1]["question"],
        ]
    )
    assert [len(r["passages"]) for r in done.passages] == [len(r["ctxs"]) for r in raw]
    scores = {p["file_rank"]: p["score"] for p in done.passages[0]["passages"]}
    assert [scores[n] for n in range(1, 6)] == [float(c["score"]) for c in raw[0]["ctxs"]]
    # "The Mahdi ... novel by Philip Nicholson, writing as A. J. Quinnell" stands second and third in the file.
    supporting = [p["file_rank"] for p in done.passages[0]["passages"] if p["stance"] == "supporting"]
    assert sorted(supporting)[:2] == [2, 3]


@pytest.mark.parametrize(
    ("scores", "counted", "ranked"),
    [
        (["9.5", "10.5", "11"], "ascending", [3, 2, 1]),  # as texts "9.5" would be the greatest
        ([3, "2", 2], "descending", [1, 2, 3]),
        ([1, 1.0, "1"], "equal", [1, 2, 3]),
        ([1, 3, 2], "mixed", [2, 3, 1]),
        ([1, None, 2], "missing", [1, 2, 3]),
        ([None, "", None], "", [1, 2, 3]),
    ],
)
def test_passages_are_ranked_by_their_scores_and_keep_the_files_order(
    scores: list[Any], counted: str, ranked: list[int], tmp_path: Path
) -> None:
    contexts = [{"title": f"T{n}", "text": f"Text {n}.", "score": score} for n, score in enumerate(scores, 1)]
    write_array(tmp_path / "in" / "test.json", [record(0, ctxs=contexts)])
    done = Prepared(
        tmp_path / "out", {"kind": "local", "layout": "instructrag", "path": str(tmp_path / "in/test.json")}
    )
    assert [(p["rank"], p["file_rank"]) for p in done.passages[0]["passages"]] == [*enumerate(ranked, 1)]
    told = {key: n for key, n in done.card["counts"].items() if key.endswith("_scores")}
    assert told == ({f"questions_with_{counted}_scores": 1} if counted else {})
    shipped = list(search.shipped(done.questions, [done.passages], 2))
    assert [p["file_rank"] for p in shipped[0]["passages"]] == ranked[:2]  # `depth` takes the best


def test_the_real_demonstrations_of_asqa_have_parts(tmp_path: Path) -> None:
    path = real("instructrag-asqa-demos.json")
    done = Prepared(tmp_path, {"kind": "local", "layout": "instructrag", "path": str(path), "split": "test"})
    first = done.questions[0]
    assert first["answers"] == ["Joey Chestnut", "Miki Sudo", "Matt Stonie"]
    assert len(done.parts[0]["parts"]) == 6
    assert done.parts[0]["parts"][4]["answers"] == ["Matt Stonie"]


def test_the_long_answers_of_asqa_are_kept_for_the_prompts_that_show_them(tmp_path: Path) -> None:
    records = json.loads(real("instructrag-asqa-demos.json").read_text())
    home = tmp_path / "ASQA"
    write_array(home / "test.json", TEST)
    write_array(home / "train.json", records)
    write_array(home / "demos.json", records)
    done = Prepared(tmp_path / "out", source(path=str(tmp_path), folder="ASQA"))
    # Theirs: the list `answers` of the record, in the rationale's prompt and before a demonstration's question.
    assert [row["long_answers"] for row in done.parts] == [record["answers"] for record in records]
    shown = answers_only(done.demonstrations, {})
    assert [row["answers"] for row in shown] == [record["answers"] for record in records]
    assert [row["rationale"] for row in shown] == ["Joey Chestnut", "England"]  # what prompts of ours show


def test_scripts_go_round_the_retriever_with_what_is_shipped(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, SCRIPTS / "prepare_dataset.py", "--dataset", "popqa"]
    command += ["--source", json.dumps(source(path=str(folder)))]
    for name in ("questions", "corpus", "passages", "counters", "parts", "rationales", "others", "rejected"):
        command += [f"--{name}", out / f"{name}.parquet"]
    command += ["--demonstrations", out / "demonstrations.json", "--card", out / "card.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "n_out=8 n_rejected=1 n_passages=0 test=3 train=5 " in done.stdout
    assert json.loads((out / "card.json").read_text())["licence"].startswith("MIT")
    command = [sys.executable, SCRIPTS / "sample.py", "--questions", out / "questions.parquet", "--seed", "0"]
    command += ["--train-size", "2", "--train", out / "train.parquet", "--rejected", out / "sampled.rejected.parquet"]
    command += ["--test-size", "all", "--test", out / "test.parquet"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == (
        "sample: split=train n_in=5 n_out=2 n_rejected=0\nsample: split=test n_in=3 n_out=3 n_rejected=0\n"
    )
    command = [sys.executable, SCRIPTS / "retrieve.py", "--depth", "1"]
    command += ["--corpus", out / "corpus.parquet", "--shipped", out / "passages.parquet"]
    for split in ("train", "test"):
        command += [f"--{split}", out / f"{split}.parquet", f"--{split}-out", out / f"{split}.found.parquet"]
        command += [f"--{split}-recall", out / f"{split}.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "split=test method=shipped n_in=3 n_out=3 recall@1=0.000" in done.stdout
    rows = tables.read_rows(out / "test.found.parquet", RETRIEVED)
    assert [[p["title"] for p in row["passages"]] for row in rows] == [["Bread"]] * 3
    command[command.index("1")] = "2"
    subprocess.run(command, check=True)
    # The supporting passage is the second of two: recall@1 = 0, MRR = 1/2, nDCG = (1 / log2 3) / (1 / log2 2) = 0.6309.
    found = json.loads((out / "test.json").read_text())
    assert (found["recall"]["1"], found["mrr"], round(found["ndcg"], 4)) == (0, 0.5, 0.6309)
    done = subprocess.run([*command, "--method", "bm25"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "the corpus holds no passages" in done.stderr


def test_entries_of_the_same_questions_share_their_ids(folder: Path, tmp_path: Path) -> None:
    one, other = (Prepared(tmp_path / name, source(path=str(folder)), name) for name in ("popqa", "popqa-zh"))
    assert [r["question_id"] for r in one.questions] == [r["question_id"] for r in other.questions]
    assert {r["dataset"] for r in other.questions} == {"popqa-zh"}
