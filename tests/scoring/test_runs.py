"""Two runs answer by answer."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from interexter.answers.schemas import ANSWERS
from interexter.core.errors import UserError
from interexter.core.tables import Row, write_rows
from interexter.data.schemas import QUESTIONS
from interexter.scoring import runs
from interexter.scoring.judgements import LABELLED
from labelled_rows import labelled

SCRIPT = Path(__file__).parents[2] / "tools/compare_runs.py"


A = {"q1": "gold", "q2": "gold", "q3": "counter", "q4": "abstain", "q5": "gold"}
B = {"q4": "counter", "q3": "gold", "q2": "both", "q1": "gold", "q6": "gold"}

Key = tuple[str, str]  # method and condition


def labels(method: str, condition: str, found: dict[str, str]) -> list[Row]:
    about = {"method": method, "condition": condition}
    return [labelled(q, t, **about, final_answer=t, official=q != "q1") for q, t in found.items()]


def answers(method: str, condition: str, found: dict[str, str]) -> list[Row]:
    about = {
        "method": method,
        "condition": condition,
        "finish_reason": "stop",
        "asked": "field",
        "log_probability": None,
        "votes": None,
    }
    about |= {"prompt_tokens": 1, "output_tokens": 1}
    return [{**about, "question_id": q, "text": f"{q} is {t},\n{t}"} for q, t in found.items()]


def written(folder: Path, held: dict[Key, dict[str, str]], n_shards: int = 1) -> tuple[Path, list[Path]]:
    """Write the labels of a checkpoint and its answers, a file for each shard; return their paths."""
    write_rows(folder / "labels.parquet", [row for key, found in held.items() for row in labels(*key, found)], LABELLED)
    given = [row for key, found in held.items() for row in answers(*key, found)]
    paths = [folder / f"answers-{i}.parquet" for i in range(n_shards)]
    for i, path in enumerate(paths):
        write_rows(path, given[i::n_shards], ANSWERS)
    return folder / "labels.parquet", paths


def single(folder: Path, found: dict[str, str], n_shards: int = 1) -> runs.Run:
    return runs.Run(*written(folder, {("vanilla-rag", "clean"): found}, n_shards))


def test_each_question_of_both_has_one_of_four_outcomes(tmp_path: Path) -> None:
    rows = runs.outcomes(single(tmp_path / "a", A), single(tmp_path / "b", B, n_shards=2))
    assert [(row["question_id"], row["outcome"], row["label_a"], row["label_b"]) for row in rows] == [
        ("q1", "both right", "gold", "gold"),
        ("q2", "only a", "gold", "both"),
        ("q3", "only b", "counter", "gold"),
        ("q4", "both wrong", "abstain", "counter"),
    ]
    assert (rows[1]["text_a"], rows[1]["final_answer_b"]) == ("q2 is gold,\ngold", "both")


def test_what_is_right_may_be_the_official_accuracy(tmp_path: Path) -> None:
    rows = runs.outcomes(single(tmp_path / "a", A), single(tmp_path / "b", B), by="official")
    assert {row["question_id"]: row["outcome"] for row in rows} == {
        "q1": "both wrong",  # whatever the labels say
        "q2": "both right",
        "q3": "both right",
        "q4": "both right",
    }


def test_of_several_methods_and_conditions_one_is_named(tmp_path: Path) -> None:
    held = {
        ("vanilla-rag", "clean"): A,
        ("cad", "clean"): B,
        ("vanilla-rag", "added"): dict.fromkeys(A, "neither"),
        ("cad", "added"): dict.fromkeys(A, "both"),
    }
    table, given = written(tmp_path, held, n_shards=3)
    a, b = runs.Run(table, given, "vanilla-rag", "added"), runs.Run(table, given, "cad", "clean")
    assert runs.answered(a, "strict") == {
        q: {"label": "neither", "final_answer": "neither", "text": f"{q} is neither,\nneither", "right": False}
        for q in A
    }
    assert {q: row["label"] for q, row in runs.answered(b, "strict").items()} == B
    assert {row["outcome"] for row in runs.outcomes(a, b)} == {"only b", "both wrong"}
    for wrong, message in (
        (b._replace(method=None), "it holds 2 methods. Name one of: cad, vanilla-rag."),
        (b._replace(condition=None), "it holds 2 conditions. Name one of: added, clean."),
        (b._replace(condition="replaced"), "condition 'replaced' is not there. Name one of: added, clean."),
    ):
        with pytest.raises(UserError, match=message):
            runs.outcomes(a, wrong)


def test_runs_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    one, other = (
        single(tmp_path / "a", {"q1": "gold", "q2": "gold"}, n_shards=2),
        single(tmp_path / "b", {"q3": "both"}),
    )
    with pytest.raises(UserError, match="share no question"):
        runs.outcomes(one, other)
    with pytest.raises(UserError, match="question q1 has an answer and no label"):
        runs.outcomes(one._replace(labels=other.labels), other)
    with pytest.raises(UserError, match=r"question q2 has a label and no answer.*all shards"):
        runs.outcomes(one._replace(answers=one.answers[:1]), other)


def test_the_script_writes_a_table_and_prints_the_counts(tmp_path: Path) -> None:
    table, given = written(tmp_path, {("vanilla-rag", "clean"): A, ("cad", "clean"): B}, n_shards=2)
    command = [sys.executable, str(SCRIPT), "--out", str(tmp_path / "out.csv")]
    for side, method in (("a", "vanilla-rag"), ("b", "cad")):
        command += [f"--labels-{side}", str(table), f"--answers-{side}", *map(str, given), f"--method-{side}", method]
    about = {"dataset": "d", "split": "test", "subject": "", "relation": "", "answer_type": "", "popularity": 0.0}
    asked = [about | {"question_id": q, "question": f"What is {q}?", "answers": ["x", "y"]} for q in sorted(A)]
    write_rows(tmp_path / "questions.parquet", asked, QUESTIONS)
    command += ["--questions", str(tmp_path / "questions.parquet")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stdout == "compare: n_out=4 both_right=1 only_a=1 only_b=1 both_wrong=1\n", done.stderr
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["outcome"] for row in rows] == ["both right", "only a", "only b", "both wrong"]
    assert (rows[0]["text_a"], rows[0]["question"]) == ("q1 is gold,\ngold", "What is q1?")
    assert rows[0]["gold_answers"] == "x; y"
    write_rows(tmp_path / "questions.parquet", asked[1:], QUESTIONS)
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert "question q1, which both runs answered, is not among" in done.stderr
