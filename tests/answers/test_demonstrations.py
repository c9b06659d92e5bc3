"""Demonstrations: one per evidence state, none about a test subject, the same in any order."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.answers import demonstrations
from interexter.answers.demonstrations import choose
from interexter.answers.schemas import RATIONALES as TABLE_OF_RATIONALES
from interexter.answers.schemas import STYLES
from interexter.core.errors import UserError
from interexter.core.json_files import read_json
from interexter.core.tables import Row, write_rows
from interexter.data.schemas import QUESTIONS as TABLE
from interexter.text.evidence_states import STATES

QUESTIONS: dict[str, Row] = {f"q{i}": {"question": f"Question {i}?", "subject": f"subject {i}"} for i in range(24)}


def rationale(number: int, state: str, style: str, condition: str = "clean") -> Row:
    return {
        "question_id": f"q{number}",
        "condition": condition,
        "style": style,
        "state": state,
        "rationale": f"{style} {number} {condition}",
        "attempt": 1,
    }


RATIONALES = [
    rationale(i, STATES[(i + shift) % 4], style, condition)
    for shift, condition in enumerate(("clean", "replaced"))
    for style in STYLES
    for i in range(24)
]


def test_one_demonstration_per_state_and_style() -> None:
    chosen = choose(RATIONALES, QUESTIONS, [], 1)
    assert list(chosen) == list(STYLES)
    for style, shown in chosen.items():
        assert [d["state"] for d in shown] == list(STATES)
        assert len({d["question_id"] for d in shown}) == 4  # though every question has two states
        for d in shown:
            assert d["rationale"] == f"{style} {d['question_id'][1:]} {d['condition']}"
            assert d["question"] == QUESTIONS[d["question_id"]]["question"]
            assert d.keys() == {"question_id", "condition", "state", "rationale", "question"}


def test_a_state_without_rationales_has_no_demonstration() -> None:
    some = [r for r in RATIONALES if r["state"] != "internal" and r["style"] == "interexter"]
    chosen = choose(some, QUESTIONS, [], 1)
    assert chosen["instructrag"] == []
    assert [d["state"] for d in chosen["interexter"]] == ["both", "external", "neither"]
    assert choose([], QUESTIONS, [], 1) == {style: [] for style in STYLES}


@given(st.sets(st.integers(0, 23)), st.integers(0, 5))
def test_none_is_about_a_test_subject(taboo: set[int], seed: int) -> None:
    chosen = choose(RATIONALES, QUESTIONS, [f"subject {i}" for i in taboo], seed)
    for shown in chosen.values():
        assert not {d["question_id"] for d in shown} & {f"q{i}" for i in taboo}
        if len(taboo) <= 10:  # enough is left of every state, whatever is taken
            assert len(shown) == 4
        if len(taboo) == 24:
            assert shown == []


def test_an_unknown_subject_is_not_taboo() -> None:
    nameless = {name: {**question, "subject": ""} for name, question in QUESTIONS.items()}
    assert len(choose(RATIONALES, nameless, ["", "subject 1"], 1)["interexter"]) == 4


@given(st.randoms(use_true_random=False), st.integers(0, 3))
def test_the_order_of_the_rationales_does_not_count(shuffler: random.Random, seed: int) -> None:
    shuffled = list(RATIONALES)
    shuffler.shuffle(shuffled)
    assert choose(shuffled, QUESTIONS, ["subject 3"], seed) == choose(RATIONALES, QUESTIONS, ["subject 3"], seed)


def run_script(folder: Path, rows: dict[str, list[Row]], *more: object) -> dict[str, list[Row]]:
    """Run demonstrations.py on files of rationales; return what it wrote."""
    whole = {"dataset": "d", "answers": ["gold"], "relation": "", "answer_type": "", "popularity": 0.0}
    questions = [whole | {"question_id": name, "split": "train", **row} for name, row in QUESTIONS.items()]
    write_rows(folder / "train.parquet", questions, TABLE)
    write_rows(folder / "test.parquet", [], TABLE)
    for name, found in rows.items():
        write_rows(folder / f"{name}.parquet", found, TABLE_OF_RATIONALES)
    script = Path(demonstrations.__file__).parents[2] / "demonstrations.py"
    command = [sys.executable, script, "--train", folder / "train.parquet", "--test", folder / "test.parquet"]
    command += ["--seed", "1", "--out", folder / "out.json", *more]
    done = subprocess.run(list(map(str, command)), check=False, capture_output=True, text=True)
    if done.returncode:
        raise UserError(done.stderr)
    return read_json(folder / "out.json")


def test_what_a_source_lacks_is_the_models_own_and_ablations_have_keys_of_their_own(tmp_path: Path) -> None:
    def of(style: str, text: str) -> list[Row]:
        return [{**rationale(i, "external", style), "rationale": text} for i in range(4)]

    rows = {"self": [*of("instructrag", "own"), *of("interexter", "own")], "without-answers": of("instructrag", "bare")}
    rows["template"] = of("instructrag", "filled in")
    given = [tmp_path / f"{name}.parquet" for name in ("without-answers", "self")]
    found = run_script(tmp_path, rows, "--rationales", *given, "--ablations", tmp_path / "template.parquet")
    assert {style: {d["rationale"] for d in shown} for style, shown in found.items()} == {
        "instructrag": {"bare"},
        "interexter": {"own"},
        "answer": {"gold"},
        "instructrag/template": {"filled in"},
    }


def test_the_demonstrations_that_a_data_set_ships_are_shown_as_they_are(tmp_path: Path) -> None:
    shipped = [
        {"question_id": f"s{i}", "condition": "clean", "state": "external", "question": f"Shipped {i}?"}
        | {"answers": [f"A{i}", f"B{i}"], "rationale": f"Because {i}."}
        for i in range(2)
    ]
    (tmp_path / "shipped.json").write_text(json.dumps({"instructrag": shipped}))
    rows = {"self": [rationale(i, "both", "interexter") for i in range(4)]}
    arguments = ["--rationales", tmp_path / "self.parquet", "--shipped", tmp_path / "shipped.json"]
    found = run_script(tmp_path, rows, *arguments)
    assert found["instructrag"] == shipped
    assert [(d["rationale"], d["answers"]) for d in found["answer"]] == [("A0", ["A0", "B0"]), ("A1", ["A1", "B1"])]
    assert len(found["interexter"]) == 1
    (tmp_path / "shipped.json").write_text('{"instructrag": []}')
    with pytest.raises(UserError, match="the data set ships no demonstrations; choose another"):
        run_script(tmp_path, rows, *arguments)


def test_the_seed_decides() -> None:
    found = {tuple(d["question_id"] for d in choose(RATIONALES, QUESTIONS, [], s)["interexter"]) for s in range(10)}
    assert len(found) > 5
