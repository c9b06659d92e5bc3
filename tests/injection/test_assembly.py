"""The examples of all conditions of a split, by the program."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from injection_rows import SCRIPTS, drawn, found, question
from interexter.core.tables import read_rows, read_table, write_rows
from interexter.data.schemas import CORPUS, QUESTIONS, RETRIEVED
from interexter.injection.assembly import REJECTED_EXAMPLES
from interexter.injection.compose import EXAMPLES, compose, condition
from interexter.injection.counters import COUNTERS
from interexter.injection.gates import gate
from interexter.injection.ordering import ORDERS, indices

ASKED = [question(), question("Norway", ["Oslo"])]
ROWS = [
    found(ASKED[0], "Lima is the capital of Peru.", "Bread is baked.", "Snow falls.", "Rivers run.", "Hills rise."),
    found(ASKED[1], "Oslo is the capital of Norway.", "Bread.", "Snow.", "Rivers.", "Hills."),
]
COMMON = {
    "kind": "entity-substitution",
    "position": "first",
    "sources": "all",
    "counter_to": "gold",
    "counter_answer": "random",
}
CLEAN = {**COMMON, "count": 0, "supporting": "keep"}
REPLACED = {**COMMON, "count": "all", "supporting": "replace"}


def run(folder: Path, conditions: dict[str, Any], *more: str, n: int = 2) -> subprocess.CompletedProcess[str]:
    """Write the tables of the first n questions and make their examples."""
    asked, rows = ASKED[:n], ROWS[:n]
    write_rows(folder / "q.parquet", asked, QUESTIONS)
    write_rows(folder / "r.parquet", rows, RETRIEVED)
    write_rows(folder / "rules.parquet", drawn(asked, rows) if asked else [], COUNTERS)
    (folder / "c.json").write_text(json.dumps(conditions))
    command = [sys.executable, SCRIPTS / "inject.py", "--questions", folder / "q.parquet"]
    command += ["--all-questions", folder / "q.parquet", "--retrieved", folder / "r.parquet"]
    command += ["--counters", folder / "rules.parquet", "--conditions", folder / "c.json", "--split", "test"]
    command += ["--passages", "4", "--order", "best-first", "--seed", "0"]
    command += ["--out", folder / "o.parquet", "--rejected", folder / "x.parquet", *more]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True)


def test_a_study_that_trains_nothing_may_have_no_training_questions(tmp_path: Path) -> None:
    done = run(tmp_path, {"clean": CLEAN}, "--split", "train", n=0)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("inject: n_in=0 n_out=0 n_rejected=0\n")
    assert read_rows(tmp_path / "o.parquet", EXAMPLES) == []


def test_every_condition_has_what_composing_and_gating_give_in_row_groups_of_its_own(tmp_path: Path) -> None:
    done = run(tmp_path, {"replaced": REPLACED, "clean": CLEAN}, "--strict", "short-alias")  # no name is short
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("inject: n_in=4 n_out=4 n_rejected=0\n")
    for name, setting in (
        ("replaced", condition("replaced", "all", "replace", "first")),
        ("clean", condition("clean", "0", "keep", "first")),
    ):
        rows, _ = compose(ASKED, ROWS, drawn(ASKED, ROWS), setting, 4, 0)
        passed, _ = gate(rows, ROWS, name == "replaced")
        assert read_table(tmp_path / "o.parquet", EXAMPLES, where={"condition": name}).to_pylist() == passed
    with pq.ParquetFile(tmp_path / "o.parquet") as file:
        groups = [set(file.read_row_group(i)["condition"].to_pylist()) for i in range(file.num_row_groups)]
    assert groups == [{"replaced"}, {"clean"}]  # in the order of the file


def test_conditions_that_no_question_survives_are_named_at_once_and_their_reasons_kept(tmp_path: Path) -> None:
    many = {**COMMON, "count": 9, "supporting": "keep"}
    done = run(tmp_path, {"clean": CLEAN, "nine": many, "ten": {**many, "count": 10}})
    assert done.returncode == 1
    assert done.stderr.startswith("error: no question is left under 2 of 3 conditions (nine: {'too-few-counter-pass")
    assert "; ten: " in done.stderr and done.stderr.count("\n") == 1
    refused = read_rows(tmp_path / "o.failed.parquet", REJECTED_EXAMPLES)
    assert {(row["condition"], row["question_id"]) for row in refused} == {
        (name, row["question_id"]) for name in ("nine", "ten") for row in ASKED
    }
    assert run(tmp_path, {"clean": CLEAN}).returncode == 0
    assert not (tmp_path / "o.failed.parquet").exists()


def test_a_condition_by_score_needs_the_corpus(tmp_path: Path) -> None:
    corpus = [{"passage_id": p["passage_id"], "title": "", "text": p["text"]} for p in ROWS[0]["passages"]]
    write_rows(tmp_path / "corpus.parquet", corpus, CORPUS)
    scored = {**COMMON, "count": 1, "supporting": "keep", "position": "score"}
    assert "no-score" in run(tmp_path, {"scored": scored}).stderr
    done = run(tmp_path, {"scored": scored}, "--corpus", str(tmp_path / "corpus.parquet"))
    assert done.returncode == 0, done.stderr
    shown = read_rows(tmp_path / "o.parquet", EXAMPLES)[0]["passages"]
    assert [p["score"] for p in shown if p["origin"] == "injected"] != [None]


@pytest.mark.parametrize("order", ORDERS)
def test_a_position_is_an_index_in_the_prompt_and_a_counter_version_stands_where_its_parent_does(
    tmp_path: Path, order: str
) -> None:
    added = {**COMMON, "count": 1, "supporting": "keep"}
    conditions = {"clean": CLEAN, "first": added, "last": {**added, "position": "last"}, "replaced": REPLACED}
    run(tmp_path, conditions, "--order", order)
    rows = [row for row in read_rows(tmp_path / "o.parquet", EXAMPLES) if row["question_id"] == ASKED[0]["question_id"]]
    shown = {row["condition"]: row["passages"] for row in rows}
    assert shown.keys() == conditions.keys()
    texts = {name: [p["text"] for p in passages] for name, passages in shown.items()}
    assert all([p["rank"] for p in passages] == [*range(1, len(passages) + 1)] for passages in shown.values())
    best_first = [p["text"] for p in ROWS[0]["passages"]][:4]
    assert texts["clean"] == [best_first[index] for index in indices(ROWS[0]["passages"][:4], order)]
    assert texts["first"][1:] == texts["last"][:-1] == texts["clean"]
    parents = [passage["parent_id"] or passage["passage_id"] for passage in shown["replaced"]]
    assert parents == [passage["passage_id"] for passage in shown["clean"]]
    assert any(passage["parent_id"] for passage in shown["replaced"])
