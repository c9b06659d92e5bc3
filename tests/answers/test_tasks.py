"""Tasks: gated examples joined with memory, and what happens to those that cannot be asked."""

import subprocess
import sys
from pathlib import Path

from injection_rows import SCRIPTS, passage
from interexter.answers.answering import TASKS
from interexter.answers.evidence import EVIDENCE
from interexter.answers.recall import RECALL
from interexter.core.tables import REJECTED, Row, read_rows, write_rows
from interexter.injection.compose import EXAMPLES


def example(condition: str, question_id: str) -> Row:
    return {
        "question_id": question_id,
        "condition": condition,
        "question": "What is the capital of Peru?",
        "answers": ["Lima"],
        "counter_answer": "Oslo",
        "counter_aliases": ["Oslo"],
        "subject": "Peru",
        "relation": "capital",
        "popularity": 0.0,
        "passages": [passage("Lima.")],
    }


def weighed(row: Row) -> Row:
    about = {"question_id": row["question_id"], "condition": row["condition"], "closed_book_label": "gold"}
    return {**about, **dict.fromkeys(["memory_gold", "passages_gold"], True), "state": "both"} | dict.fromkeys(
        ["memory_counter", "passages_counter"], False
    )


def tasks(folder: Path, conditions: dict[str, list[Row]], recalled: list[str]) -> subprocess.CompletedProcess[str]:
    """Run the script on the examples of a block of conditions."""
    for name, rows in conditions.items():
        write_rows(folder / f"{name}.examples.parquet", rows, EXAMPLES)
        write_rows(folder / f"{name}.evidence.parquet", map(weighed, rows), EVIDENCE)
    remembered = ({"question_id": q, "closed_book_answer": "Lima", "internal_document": "On Lima."} for q in recalled)
    write_rows(folder / "recall.parquet", remembered, RECALL)
    command = [sys.executable, SCRIPTS / "tasks.py", "--recall", folder / "recall.parquet", "--method", "vanilla-rag"]
    for kind in ("examples", "evidence"):
        command += [f"--{kind}", *(folder / f"{name}.{kind}.parquet" for name in conditions)]
    command += ["--out", folder / "tasks.parquet", "--rejected", folder / "rejected.parquet"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_each_example_is_asked_with_its_memory_or_rejected(tmp_path: Path) -> None:
    block = {name: [example(name, "q1"), example(name, "q2")] for name in ("clean", "replaced")}
    done = tasks(tmp_path, block, recalled=["q2"])
    assert done.returncode == 0 and done.stdout == "tasks: n_in=4 n_out=2 n_rejected=2\n"
    rows = read_rows(tmp_path / "tasks.parquet", TASKS)
    assert [(row["condition"], row["question_id"]) for row in rows] == [("clean", "q2"), ("replaced", "q2")]
    assert {(row["method"], row["internal_document"], row["state"]) for row in rows} == {
        ("vanilla-rag", "On Lima.", "both")
    }
    assert [row["question_id"] for row in read_rows(tmp_path / "rejected.parquet", REJECTED)] == ["q1", "q1"]


def test_a_condition_without_a_question_ends_the_run_before_an_engine_starts(tmp_path: Path) -> None:
    done = tasks(tmp_path, {"clean": [example("clean", "q1")], "replaced": []}, recalled=["q1"])
    assert done.returncode == 1 and not (tmp_path / "tasks.parquet").exists()
    assert f"error: {tmp_path / 'replaced.examples.parquet'}: no question is left under this condition" in done.stderr
