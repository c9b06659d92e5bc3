"""Two runs answer by answer."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from interexter.answers.answering import ANSWERS
from interexter.core.errors import UserError
from interexter.core.tables import Row, write_rows
from interexter.data.schemas import QUESTIONS
from interexter.scoring import runs
from interexter.scoring.judgements import LABELLED

SCRIPT = Path(__file__).parents[2] / "tools/compare_runs.py"


def labels(found: dict[str, str]) -> list[Row]:
    flags = dict.fromkeys(("official", "attacked", "follows", "strict", "exact", "keeps_memory"), False)
    flags |= {"passages_gold": False, "passages_counter": False}
    texts = dict.fromkeys(
        ("dataset", "model", "checkpoint", "condition", "method", "prompt_set", "order", "relation"), "x"
    )
    numbers = {
        "seed": 0,
        "popularity": 0.0,
        "str_em": 0.0,
        "f1": 0.0,
        "probability": None,
        "closed_book_label": "gold",
        "state": "both",
    }
    return [
        {**flags, **texts, **numbers, "question_id": question, "label": label, "strict": label == "gold"}
        for question, label in found.items()
    ]


def answers(found: dict[str, str]) -> list[Row]:
    about = {"condition": "x", "prompt_tokens": 1, "output_tokens": 1, "log_probability": None}
    return [{**about, "question_id": q, "text": f"{q} is {t},\n{t}", "final_answer": t} for q, t in found.items()]


A = {"q1": "gold", "q2": "gold", "q3": "counter", "q4": "abstain", "q5": "gold"}
B = {"q4": "counter", "q3": "gold", "q2": "both", "q1": "gold", "q6": "gold"}


def test_each_question_of_both_has_one_of_four_outcomes() -> None:
    rows = runs.outcomes(labels(A), answers(A), labels(B), answers(B))
    assert [(row["question_id"], row["outcome"], row["label_a"], row["label_b"]) for row in rows] == [
        ("q1", "both right", "gold", "gold"),
        ("q2", "only a", "gold", "both"),
        ("q3", "only b", "counter", "gold"),
        ("q4", "both wrong", "abstain", "counter"),
    ]
    assert (rows[1]["text_a"], rows[1]["final_answer_b"]) == ("q2 is gold,\ngold", "both")


def test_what_is_right_may_be_the_official_accuracy() -> None:
    official = [{**row, "official": row["question_id"] != "q1"} for row in labels(A)]
    rows = runs.outcomes(official, answers(A), labels(B), answers(B), by="official")
    assert {row["question_id"]: row["outcome"] for row in rows} == {
        "q1": "both wrong",  # whatever the labels say
        "q2": "only a",
        "q3": "only a",
        "q4": "only a",
    }


def test_runs_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(UserError, match="share no question"):
        runs.outcomes(labels({"q1": "gold"}), answers({"q1": "x"}), labels({"q2": "gold"}), answers({"q2": "x"}))
    with pytest.raises(UserError, match="q9 has an answer and no label"):
        runs.outcomes(labels(A), answers(A | {"q9": "x"}), labels(B), answers(B))


def test_of_several_conditions_one_is_named() -> None:
    rows = [{"question_id": q, "condition": c} for q in ("q1", "q2") for c in ("clean", "added")]
    assert runs.of_condition(rows, "added") == [rows[1], rows[3]]
    assert runs.of_condition(rows[::2], None) == rows[::2]
    with pytest.raises(UserError, match="holds 2 conditions: name one of added, clean"):
        runs.of_condition(rows, None)
    with pytest.raises(UserError, match="'replaced' is not in the file, which holds added, clean"):
        runs.of_condition(rows, "replaced")


def test_the_script_writes_a_table_and_prints_the_counts(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--out", str(tmp_path / "out.csv")]
    for side, found in (("a", A), ("b", B)):
        write_rows(tmp_path / f"labels-{side}.parquet", labels(found), LABELLED)
        write_rows(tmp_path / f"answers-{side}.parquet", answers(found), ANSWERS)
        for name in ("labels", "answers"):
            command += [f"--{name}-{side}", str(tmp_path / f"{name}-{side}.parquet")]
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
