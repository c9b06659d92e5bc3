"""Answers from elsewhere: what is exported, what comes back, and what is wrong with it, by name."""

import csv
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from injection_rows import SCRIPTS, passage
from interexter.answers import methods
from interexter.answers.answering import NO_RECALL
from interexter.answers.examples_shown import example_id, passages_shown
from interexter.answers.exporting import only_prompt
from interexter.answers.given import Given
from interexter.answers.methods import Ask
from interexter.answers.schemas import ANSWERS, EVIDENCE, RECALL, REJECTED_ANSWERS
from interexter.core.errors import UserError
from interexter.core.tables import Row, read_rows, write_rows
from interexter.engine.prompts import PromptSet
from interexter.injection.compose import EXAMPLES
from recall_rows import believed, example_row
from recall_rows import recalled as row_of_recall

QUESTIONS = ("q1", "q2", "q3")
CONDITIONS = ("replaced", "clean")
KEYS = [(condition, question) for condition in CONDITIONS for question in QUESTIONS]


def example(condition: str, question_id: str) -> Row:
    later = {**passage(f"Oslo, says {condition}."), "rank": 2, "title": "Second"}
    first = {**passage(f"Lima, says {condition}."), "title": "First"}
    return example_row(condition, question_id, later, first)


EXAMPLES_OF_ALL = [example(*key) for key in KEYS]


def taken(*records: Row, weighed: Sequence[tuple[str, str]] = KEYS, seed: int = 0) -> Given:
    given = Given("theirs", "field", seed)
    given.take(EXAMPLES_OF_ALL, set(weighed), records, "theirs.jsonl")
    return given


def answer(condition: str, question_id: str, text: str = "Lima", **more: Any) -> Row:
    return {"question_id": question_id, "condition": condition, "answer": text, **more}


ALL = [answer(*key) for key in KEYS]


def test_an_answer_finds_its_example_by_its_id_or_by_question_and_condition() -> None:
    ids = [{"example_id": example_id(row), "answer": "Lima"} for row in EXAMPLES_OF_ALL]
    by_id, by_names = taken(*reversed(ids)), taken(*ALL)
    assert by_id.answers == by_names.answers
    assert [(row["condition"], row["question_id"]) for row in by_id.ordered(KEYS)] == KEYS
    assert not by_id.rejected
    first = next(by_id.ordered(KEYS))
    assert first == {
        "method": "theirs",
        "condition": "replaced",
        "question_id": "q1",
        "text": "Lima",
        "finish_reason": "stop",
        "asked": "field",
        "prompt_tokens": 0,
        "output_tokens": 0,
        "log_probability": None,
        "votes": None,
    }


def test_an_id_is_of_the_passages_and_their_order() -> None:
    row = example("clean", "q1")
    other = [
        {**row, "question_id": "q2"},
        {**row, "condition": "replaced"},
        {**row, "question": "?"},
        {**row, "passages": row["passages"][:1]},
        {**row, "passages": [{**one, "rank": 3 - one["rank"]} for one in row["passages"]]},
        {**row, "passages": [{**one, "title": "T"} for one in row["passages"]]},
    ]
    ids = [example_id(row), *map(example_id, other)]
    assert len(set(ids)) == len(ids)
    same = {**row, "answers": ["x"], "passages": row["passages"][::-1], "popularity": 5.0}
    assert example_id(same) == ids[0]
    assert [one["title"] for one in passages_shown(row)] == ["First", "Second"]


@pytest.mark.parametrize(
    ("record", "about", "reason", "detail"),
    [
        (answer("clean", "q9"), ("clean", "q9"), "unknown question_id or condition", "row 1: 'q9' under 'clean'"),
        (answer("dirty", "q1"), ("dirty", "q1"), "unknown question_id or condition", "row 1: 'q1' under 'dirty'"),
        ({"example_id": "ab", "answer": "x"}, ("", ""), "unknown example_id", "row 1: ab; the passages"),
        (
            {**ALL[0], "example_id": example_id(EXAMPLES_OF_ALL[1])},
            KEYS[0],
            "ids that contradict each other",
            "is q2 under replaced",
        ),
        (answer("clean", "q1", None), ("clean", "q1"), "no text", "row 1: answer is 'None'"),  # type: ignore[arg-type]
        (answer("clean", "q1", finish_reason="eos"), ("clean", "q1"), "malformed", "finish_reason is 'eos'"),
        (answer("clean", "q1", output_tokens="1.5"), ("clean", "q1"), "malformed", "output_tokens is '1.5'"),
        (answer("clean", "q1", prompt_tokens=float("inf")), ("clean", "q1"), "malformed", "prompt_tokens is inf"),
        (answer("clean", "q1", prompt_tokens=10**10), ("clean", "q1"), "malformed", "prompt_tokens is 10000000000"),
    ],
)
def test_a_row_that_cannot_be_used_is_kept_with_its_reason(
    record: Row, about: tuple[str, str], reason: str, detail: str
) -> None:
    given = taken(record, *(row for row in ALL if (row["condition"], row["question_id"]) != about))
    [first, *missing] = given.rejected
    assert (first["condition"], first["question_id"], first["reason"]) == (*about, reason)
    assert detail in first["detail"]
    assert len(given.answers) + len({(r["condition"], r["question_id"]) for r in given.rejected} & set(KEYS)) == len(
        KEYS
    )
    assert {row["reason"] for row in missing} <= {"no answer given"}


def test_no_example_is_lost() -> None:
    given = taken(ALL[0], ALL[0] | {"answer": "Oslo"}, ALL[1], weighed=KEYS[:1])
    assert [row["text"] for row in given.answers.values()] == ["Lima"]
    reasons = [(row["condition"], row["question_id"], row["reason"]) for row in given.rejected]
    assert reasons == [
        (*KEYS[0], "answered twice"),
        (*KEYS[1], "no recall"),
        *((*key, "no answer given") for key in KEYS[2:]),
    ]


def test_rows_of_another_seed_are_left_to_it() -> None:
    rows = [{**row, "seed": seed, "answer": f"of {seed}"} for seed in (0, 1) for row in ALL]
    assert {row["text"] for row in taken(*rows, seed=1).answers.values()} == {"of 1"}
    assert not taken(*({**row, "seed": str(row["seed"])} for row in rows), seed=1).rejected


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([{"id": "q1", "answer": "x"}], "it has 'id', 'answer'; needed are 'answer' and 'example_id', or"),
        ([{"question_id": "q1", "condition": "clean", "text": "x"}], "needed are 'answer'"),
        ([answer("clean", "other")], "none of its rows is an answer .*'other' under 'clean'"),
        ([{**ALL[0], "seed": 4}], "no row of this seed"),
        ([], "none of its rows"),
    ],
)
def test_a_file_that_is_no_such_thing_stops_the_run(records: list[Row], said: str) -> None:
    with pytest.raises(UserError, match=said):
        taken(*records)


def program(name: str, folder: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    given = [part for key, value in options.items() for part in (f"--{key.replace('_', '-')}", str(value))]
    command = [sys.executable, str(SCRIPTS / f"{name}.py"), "--examples", "examples.parquet", *given]
    return subprocess.run(
        [*command, "--evidence", "evidence.parquet"], cwd=folder, check=False, capture_output=True, text=True
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the programs read; q3 has no recall."""
    write_rows(tmp_path / "examples.parquet", EXAMPLES_OF_ALL, EXAMPLES)
    flags = {"memory_gold": True, "memory_counter": False, "passages_gold": True, "passages_counter": False}
    known = [
        {"question_id": question, "condition": condition, **believed("gold"), **flags, "state": "both"}
        for condition, question in KEYS
        if question != "q3"
    ]
    write_rows(tmp_path / "evidence.parquet", known, EVIDENCE)
    write_rows(tmp_path / "recall.parquet", [row_of_recall(q, "Lima", "On.") for q in ("q1", "q2")], RECALL)
    shown = [{"question": "Q?", "rationale": "Because.", "state": "both", "question_id": "t", "condition": "clean"}]
    (tmp_path / "demonstrations.json").write_text(json.dumps({"interexter": shown, "instructrag": shown}))
    return tmp_path


def exported(folder: Path, method: str) -> subprocess.CompletedProcess[str]:
    about = {"recall": "recall.parquet", "demonstrations": "demonstrations.json", "prompt_set": "ours", "seed": 3}
    caps = {"answer_tokens": 8, "rationale_tokens": 16, "rationale_stop": '["\\n\\n"]'}
    return program("export_questions", folder, **about, **caps, method=method, out="questions.jsonl")


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_what_is_exported_comes_back_as_answers(folder: Path, form: str) -> None:
    done = exported(folder, "vanilla-rag")
    assert done.stdout.startswith("export_questions: n_out=4"), done.stderr
    rows = [json.loads(line) for line in (folder / "questions.jsonl").read_text().splitlines()]
    assert [(row["condition"], row["question_id"]) for row in rows] == [key for key in KEYS if key[1] != "q3"]
    first = rows[0]
    assert first["passages"] == passages_shown(EXAMPLES_OF_ALL[0])
    assert (first["seed"], first["max_tokens"], first["method"]) == (3, 8, "vanilla-rag")
    user = first["messages"][-1]
    assert user["role"] == "user"
    assert user["content"].index("Lima, says replaced.") < user["content"].index("Oslo, says replaced.")
    assert first["question"] in user["content"]
    assert not {"answers", "counter_answer"} & first.keys()  # nothing that gives the answer away
    assert "stance" not in first["passages"][0]

    answers = [{"example_id": row["example_id"], "answer": f"Lima, {row['question_id']}"} for row in rows]
    of_no_example = {"example_id": "ab", "answer": "Lima"}
    file = folder / f"answers.{form}"
    if form == "csv":
        with file.open("w", newline="") as handle:
            writer = csv.DictWriter(handle, ["example_id", "answer"])
            writer.writeheader()
            writer.writerows([*answers, of_no_example])
    else:
        file.write_text("".join(json.dumps(row) + "\n" for row in [*answers, of_no_example]))
    done = program(
        "take_answers",
        folder,
        file=file.name,
        method="theirs",
        asked="answer",
        seed=3,
        out="a.parquet",
        rejected="r.parquet",
    )
    assert "take_answers: n_in=6 n_out=4 n_rejected=3" in done.stdout, done.stderr
    assert "take_answers: unknown example_id: row 5: ab; the passages" in done.stdout
    assert "no answer given: q3 under clean" in done.stdout
    assert [row["text"] for row in read_rows(folder / "a.parquet", ANSWERS)] == [row["answer"] for row in answers]
    assert len(read_rows(folder / "r.parquet", REJECTED_ANSWERS)) == 3


def test_a_method_of_one_prompt_can_be_exported_and_no_other() -> None:
    shown = [{"question": "Q?", "rationale": "Because.", "answers": ["A"]}]
    task = {**EXAMPLES_OF_ALL[0], "internal_document": "On Peru."}
    refused = set()
    for name in methods.names():
        ask = Ask(PromptSet("ours"), 8, 16, ("\n\n",), shown)
        try:
            assert only_prompt(name, methods.load(name), task, ask).contrast is None
        except UserError as error:
            assert f"method {name!r} is more than one prompt" in str(error)
            refused.add(name)
    several = {"astute-rag", "clasheval-choice", "robustrag-keyword", "robustrag-majority"}
    assert refused == {"cad", "adacad", "coiecd", *several}
    alone = {**task, "passages": task["passages"][:1]}  # one prompt for each passage, and another after them
    with pytest.raises(UserError, match="more than one prompt"):
        only_prompt("robustrag-keyword", methods.load("robustrag-keyword"), alone, ask)


def test_the_program_says_so_in_one_line(folder: Path) -> None:
    done = exported(folder, "cad")
    assert done.stderr.startswith("error: method 'cad' is more than one prompt")
    assert done.stderr.count("\n") == 1


def test_what_nobody_can_label_says_why() -> None:
    given = taken(*ALL, weighed=[key for key in KEYS if key[1] != "q3"])
    assert {row["detail"] for row in given.rejected} == {NO_RECALL}
