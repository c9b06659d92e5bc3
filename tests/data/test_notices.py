"""What a data set's card and log say aloud: keys that no record has, rows that are lost, one answer for all."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from data_sets import Prepared, real, write_array
from interexter.core.tables import Row, read_rows
from interexter.data import layouts, preparation
from test_layouts import CUSCO, LIMA, RECORDS, WHOLE, Q

ROOT = Path(__file__).parents[2]


MORE: dict[str, Row] = {  # what the records of test_layouts.py leave out
    "conflictbank": {
        "temporal_conflict_evidence": f"{CUSCO} Now.",
        "semantic_conflict_evidence": f"{CUSCO} Peru, Ohio.",
    },
    "rgb": {"negative": ["Peru is high."]},
    "confiqa": {"orig_alias": ["Ciudad de los Reyes"]},
}


def prepared(tmp_path: Path, layout: str, records: list[Row], **source: Any) -> Prepared:
    path = write_array(tmp_path / "in" / "part.json", records)
    return Prepared(tmp_path / "out", {"kind": "local", "layout": layout, "path": str(path), **source})


def several(layout: str, n: int, **other: Any) -> list[Row]:
    """Records of one layout that ask different questions."""
    key = "query" if "query" in RECORDS[layout] else "question"
    return [{**RECORDS[layout], key: f"{Q} {i}", "id": str(i), **other} for i in range(n)]


@pytest.mark.parametrize("layout", [layout for layout in WHOLE if layout != "plain"])
def test_a_record_that_has_all_gives_no_notice(layout: str, tmp_path: Path) -> None:
    assert "notices" not in prepared(tmp_path, layout, [{**WHOLE[layout], **MORE.get(layout, {})}]).card


class Asked(dict[str, Any]):
    """A record that remembers which keys it was asked for."""

    def __init__(self, record: Row) -> None:
        super().__init__(record)
        self.keys_asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.keys_asked.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self.keys_asked.add(key)
        return super().__getitem__(key)


@pytest.mark.parametrize("layout", layouts.names())
def test_what_a_layout_expects_is_what_it_reads(layout: str) -> None:
    about, items = layouts.load(layout)
    record = Asked(WHOLE[layout])
    assert list(items(record, "part"))
    for names in about.expected:
        assert record.keys_asked & {*names}, names


def test_a_key_that_no_record_has_is_named_with_those_that_were_found(tmp_path: Path) -> None:
    """QACC's file has `firstContext`; what its paper's code calls otherwise is a column that would never be read."""
    renamed = [
        {key.replace("Context", "AnswerContext"): value for key, value in row.items()} for row in several("qacc", 3)
    ]
    notices = prepared(tmp_path, "qacc", renamed).card["notices"]
    assert notices[0].startswith("no record has 'firstContext', which the layout reads; found: ['contexts', ")
    assert "firstAnswerContext" in notices[0]
    assert notices[-1] == "there are no counter-passages, of 0 read: conditions with `kind: benchmark` show nothing"
    some = [*renamed, {**RECORDS["qacc"], "question": "Which?"}]
    assert not any("no record has" in one for one in prepared(tmp_path / "b", "qacc", some).card.get("notices", []))


def test_many_rejected_rows_are_told_with_their_reasons(tmp_path: Path) -> None:
    good, bad = several("nq-swap", 8), [{"question": f"No answers {i}?"} for i in range(3)]
    notices = prepared(tmp_path / "a", "nq-swap", [*good, *bad]).card["notices"]
    assert notices == ["3 of 11 records are no questions here; reasons of all rejected rows: no-gold-answer 3"]
    assert "notices" not in prepared(tmp_path / "b", "nq-swap", [*good, *bad[:2]]).card
    leaky = several("nq-swap", 8, sub_context=f"{LIMA} {CUSCO}")
    notices = prepared(tmp_path / "c", "nq-swap", [*leaky[:4], *good[4:]]).card["notices"]
    assert notices == ["4 of 8 counter-passages were rejected; reasons of all rejected rows: gold-leak 4"]


def test_the_card_has_the_distribution_of_answers_and_tells_of_one_for_all(tmp_path: Path) -> None:
    lima, quito = several("nq-swap", 25), several("nq-swap", 30, org_answer=["Quito"], org_context="Quito is it.")
    card = prepared(tmp_path / "a", "nq-swap", [*lima[:20], *quito[25:]]).card
    assert card["answers"] == {"different": 2, "most_frequent": {"lima": 20, "quito": 5}}
    assert "notices" not in card  # four fifths and no more
    card = prepared(tmp_path / "b", "nq-swap", [*lima, *quito[25:]]).card
    assert card["notices"] == ["25 of 30 questions have the answer 'lima': who always gives it is right as often"]
    assert "notices" not in prepared(tmp_path / "c", "nq-swap", lima[:10]).card  # too few to say


def test_one_answer_for_all_in_a_real_file(tmp_path: Path) -> None:
    path = real("conflictqa-strategyqa-llama2-7b.jsonl")
    card = Prepared(tmp_path, {"kind": "local", "layout": "conflictqa", "path": str(path)}).card
    assert card["answers"]["most_frequent"] == {"yes": 656, "no": 19}
    assert card["notices"] == ["656 of 675 questions have the answer 'yes': who always gives it is right as often"]


def test_where_every_row_is_rejected_reasons_and_card_are_kept(tmp_path: Path) -> None:
    records = [{"question": Q}, {"question": Q, "org_answer": []}, {"org_answer": ["Lima"]}, *[{"text": "x"}] * 4]
    with pytest.raises(preparation.NoQuestions) as failed:
        prepared(tmp_path, "nq-swap", records)
    said = str(failed.value)
    assert "malformed-record (5 times, first part.json#3: no 'question'; it has ['org_answer'])" in said
    assert "no-gold-answer (2 times, first part.json#1: nothing under 'org_answer'; it has ['question'])" in said
    rejected = read_rows(tmp_path / "out" / "rejected.parquet", preparation.SCHEMAS["rejected"])
    assert len(rejected) == 7
    assert failed.value.card["rejected"] == {"malformed-record": 5, "no-gold-answer": 2}
    assert failed.value.card["notices"][0].startswith("7 of 7 records are no questions here")


def test_the_program_leaves_them_beside_its_outputs_and_says_notices_in_its_log(tmp_path: Path) -> None:
    def run(source: Row) -> "subprocess.CompletedProcess[str]":
        paths = {name: tmp_path / f"{name}.parquet" for name in preparation.Paths._fields}
        arguments = [x for name, path in paths.items() for x in (f"--{name}", str(path))]
        arguments += ["--demonstrations", str(tmp_path / "demonstrations.json"), "--card", str(tmp_path / "card.json")]
        command = [sys.executable, str(ROOT / "workflow/scripts/prepare_dataset.py"), "--dataset", "d", *arguments]
        return subprocess.run([*command, "--source", json.dumps(source)], capture_output=True, text=True, check=False)

    path = real("faitheval-counterfactual-first40.json")
    done = run({"kind": "local", "layout": "faitheval", "path": str(path)})
    assert done.returncode == 1
    assert (
        "no-gold-answer (40 times, first" in done.stderr and "rejected.failed.parquet has every record" in done.stderr
    )
    assert len(read_rows(tmp_path / "rejected.failed.parquet", preparation.SCHEMAS["rejected"])) == 40
    assert json.loads((tmp_path / "card.failed.json").read_text())["rejected"] == {"no-gold-answer": 40}
    questions = write_array(tmp_path / "in" / "part.json", several("nq-swap", 4, sub_context="Cusco or Lima it is."))
    done = run({"kind": "local", "layout": "nq-swap", "path": str(questions)})
    assert done.returncode == 0, done.stderr
    assert "prepare_dataset: NOTICE: 4 of 4 counter-passages were rejected" in done.stdout
    assert not [*tmp_path.glob("*.failed.*")]
