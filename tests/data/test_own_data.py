"""docs/own-data.md: its five lines are a valid config, its rows load, and what goes wrong is said."""

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from data_sets import Prepared, write_array, write_lines
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.data.layouts import plain
from interexter.study import settings
from interexter.text.markup import has_markup

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/own-data.md").read_text()
FIVE_LINES, SHORTEST = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
QUESTION: Row = json.loads(re.search(r'^\{"question".*\}$', PAGE, re.MULTILINE)[0])  # type: ignore[index]
PASSAGE: Row = json.loads(re.search(r'^\{"title".*\}$', PAGE, re.MULTILINE)[0])  # type: ignore[index]


def own(tmp_path: Path, *rows: Row, corpus: list[Row] | None = None, **source: Any) -> Prepared:
    questions = write_lines(tmp_path / "in" / "questions.jsonl", list(rows))
    given = {"kind": "local", "questions": str(questions), **source}
    if corpus is not None:
        given["corpus"] = str(write_lines(tmp_path / "in" / "corpus.jsonl", corpus))
    return Prepared(tmp_path / "out", given, "mine")


def test_the_five_lines_are_a_config_in_place_of_the_defaults_data_set() -> None:
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    resolved = settings.checked({**deepcopy(config), **yaml.safe_load(FIVE_LINES)})
    assert resolved["datasets"]["mine"]["source"]["layout"] == "plain"
    assert resolved["datasets"]["mine"]["retrieval"]["method"] == "auto"
    assert len([line for line in FIVE_LINES.splitlines() if line.strip()]) == 5


def test_the_shortest_config_is_one_by_itself() -> None:
    resolved = settings.checked(yaml.safe_load(SHORTEST))
    assert list(resolved["datasets"]) == ["mine"] and resolved["recipes"] == {}


def test_the_pages_rows_load(tmp_path: Path) -> None:
    done = own(tmp_path, QUESTION, corpus=[PASSAGE, PASSAGE], licence="CC BY 4.0")
    [row] = done.questions
    assert {key: row[key] for key in QUESTION} == QUESTION
    assert [(p["title"], p["text"]) for p in done.corpus] == [(PASSAGE["title"], PASSAGE["text"])]
    assert (done.card["licence"], done.card["passages"], done.rejected) == ("CC BY 4.0", 1, [])


def test_every_key_of_the_page_is_read_and_every_key_that_is_read_is_on_the_page() -> None:
    section = PAGE.split("## A question")[1].split("## A corpus")[0]
    named = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\|(.*?)\|", section, re.MULTILINE)))) - {"key"}
    code = (ROOT / "workflow/scripts/interexter/data/layouts/plain.py").read_text()
    read = set(re.findall(r'record(?:\.get\(|, )"(\w+)"', code))
    assert named == read | {"answers", "counter_answers", "passages"} == set(plain.KEYS)


def test_passages_of_ones_own_and_a_side_against_the_gold_answer(tmp_path: Path) -> None:
    passages = ["Lima is the capital of Peru.", {"text": "Peru is high.", "score": "2", "title": "Peru"}]
    counter = {"text": "Cusco is the capital of Peru.", "stance": "counter"}
    done = own(tmp_path, {**QUESTION, "passages": [*passages, counter], "counter_answers": ["Cusco", "Qosqo"]})
    assert [(p["stance"], p["score"]) for p in done.passages[0]["passages"]] == [
        ("supporting", None),
        ("irrelevant", 2),
    ]
    assert done.counters[0]["counter_aliases"] == ["Cusco", "Qosqo"]
    assert [p["text"] for p in done.counters[0]["passages"]] == [counter["text"]]


def test_a_split_is_drawn_by_subject_and_a_stated_one_is_kept(tmp_path: Path) -> None:
    rows = [{**QUESTION, "question": f"Question {n}?", "subject": f"S{n // 2}"} for n in range(200)]
    done = own(tmp_path / "a", *rows)
    by_subject: dict[str, set[str]] = {}
    for row in done.questions:
        by_subject.setdefault(row["subject"], set()).add(row["split"])
    assert all(len(splits) == 1 for splits in by_subject.values())
    assert 60 < done.card["questions"]["train"] < 140
    done = own(tmp_path / "b", {**QUESTION, "split": "test"}, {**QUESTION, "id": "x", "split": "dev"})
    assert done.card["questions"] == {"test": 1}
    assert done.rejected[0]["reason"] == "unknown-split"
    assert own(tmp_path / "c", *rows, split="test").card["questions"] == {"test": 200}


def test_what_cannot_be_used_is_written_down(tmp_path: Path) -> None:
    bad = [
        {**QUESTION, "answers": []},
        {"answers": ["A"]},
        {**QUESTION, "question": "x?", "popularity": "much"},
        {**QUESTION, "question": "y?", "passages": [{"text": "z", "stance": "false"}]},
        {**QUESTION, "question": "z?", "passages": [7]},
        QUESTION,
        {**QUESTION, "relation": "other"},
    ]
    done = own(tmp_path, *bad)
    assert [row["reason"] for row in done.rejected] == [
        "no-gold-answer",
        "malformed-record",
        "malformed-record",
        "malformed-passage",
        "malformed-passage",
        "duplicate-question",
    ]
    assert len(done.questions) == 1


def test_files_that_are_not_there_or_not_readable_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"there is no file .*none\.jsonl"):
        Prepared(tmp_path / "out", {"kind": "local", "questions": str(tmp_path / "none.jsonl")})
    with pytest.raises(UserError, match=r"row 1 has no text in `text`; it has \['title'\]"):
        own(tmp_path / "x", QUESTION, corpus=[{"title": "T"}])
    write_array(tmp_path / "folder" / "a.json", [QUESTION])
    with pytest.raises(UserError, match=r"say which files of .*folder hold the questions"):
        Prepared(tmp_path / "out", {"kind": "local", "path": str(tmp_path / "folder")})
    assert (
        len(
            Prepared(tmp_path / "o", {"kind": "local", "path": str(tmp_path / "folder"), "files": ["a.json"]}).questions
        )
        == 1
    )


def test_a_cell_of_a_csv_file_may_hold_a_list(tmp_path: Path) -> None:
    table = tmp_path / "in" / "questions.csv"
    table.parent.mkdir()
    table.write_text(
        'question,answers\n"Capital of Peru?","[""Lima"", ""Ciudad de los Reyes""]"\n"Capital of Chile?",[Santiago]\n'
    )
    done = Prepared(tmp_path / "out", {"kind": "local", "questions": str(table)}, "mine")
    found = {row["question"]: row["answers"] for row in done.questions}
    assert found == {"Capital of Peru?": ["Lima", "Ciudad de los Reyes"], "Capital of Chile?": ["[Santiago]"]}


def table(tmp_path: Path, name: str, text: str) -> Prepared:
    path = tmp_path / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return Prepared(tmp_path / "out", {"kind": "local", "questions": str(path), "split": "test"}, "mine")


def test_a_list_in_a_cell_may_be_pythons_and_what_is_neither_is_rejected(tmp_path: Path) -> None:
    done = table(
        tmp_path,
        "q.tsv",
        "question\tanswers\tpassages\n"
        "1?\t['Lima', \"L'ima\"]\t[{'text': 'Lima it is.', 'title': None, 'score': 2.0}]\n"
        '2?\t["Lima", NaN]\t\n'
        "3?\t['Lima' 'Ciudad']\t\n"  # an array of numpy, which Python reads as one text
        "4?\t['Lima', nan]\t\n"
        "5?\t[1861, 1862.0]\t\n",
    )
    assert {row["question"]: row["answers"] for row in done.questions} == {
        "1?": ["Lima", "L'ima"],
        "2?": ["Lima"],
        "5?": ["1861", "1862"],
    }
    assert [(p["text"], p["score"]) for p in done.passages[0]["passages"]] == [("Lima it is.", 2.0)]
    assert [(row["reason"], row["question_id"].rpartition("/")[2]) for row in done.rejected] == [
        ("malformed-record", "q.tsv#3"),
        ("malformed-record", "q.tsv#4"),
    ]
    assert "neither of JSON nor of Python" in done.rejected[0]["detail"]


def test_an_id_may_be_zero_and_may_be_given_again(tmp_path: Path) -> None:
    other = {"question": "What is the capital of Chile?", "answers": ["Santiago"], "id": 0}
    rows = [{**QUESTION, "id": 0}, other, {**QUESTION, "id": 0}, other, {**QUESTION, "id": 1.0}]
    done = own(tmp_path, *rows, split="test")
    ids = [row["question_id"] for row in done.questions]
    assert ids[0] == "0" and re.fullmatch(r"0-[0-9a-f]{8}", ids[1]) and ids[2] == "1"
    assert [(row["question_id"], row["reason"]) for row in done.rejected] == [("0", "duplicate-question")] * 2
    assert done.card["counts"]["ids_given_again"] == 1
    again = own(tmp_path / "again", *rows, split="test")
    assert [row["question_id"] for row in again.questions] == ids


def test_what_is_missing_in_a_parquet_table_is_missing_and_a_whole_number_has_no_point(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    rows = [
        {"question": "How many?", "answers": 1000.0, "subject": None, "popularity": float("nan"), "id": 7.0},
        {"question": "How long?", "answers": 2.5, "subject": "Nile", "popularity": 3.0, "id": float("nan")},
        {"question": "How far?", "answers": float("nan"), "subject": "Nile", "popularity": 3.0, "id": 8.0},
    ]
    pq.write_table(pa.Table.from_pylist(rows), path)
    done = Prepared(tmp_path / "out", {"kind": "local", "questions": str(path)}, "mine")
    assert [(row["answers"], row["subject"], row["popularity"]) for row in done.questions] == [
        (["1000"], "", 0.0),
        (["2.5"], "Nile", 3.0),
    ]
    assert done.questions[0]["question_id"] == "7" and len(done.questions[1]["question_id"]) == 32
    assert [row["reason"] for row in done.rejected] == ["no-gold-answer"]


@pytest.mark.parametrize(
    ("header", "meant"),
    [
        ("Question,answers", "question"),
        ("question,Answers", "answers"),
        ("question, answers", "answers"),
        ("question,answer", "answers"),
        ("question,answers,subjekt", "subject"),
        ("question,answers,ID", "id"),
        ("question,answers,Answer Type", "answer_type"),
        ("question,answers,counter-answer", "counter_answers"),
    ],
)
def test_a_key_that_is_nearly_ours_stops_the_run(header: str, meant: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"a question of the file 'q': .* \(did you mean '{meant}'\?\) is no key"):
        table(tmp_path, "q.csv", f"{header}\n" + ",".join("x" for _ in header.split(",")) + "\n")


def test_all_near_keys_of_a_header_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(UserError) as told:
        table(tmp_path, "q.csv", "ID;Question;Answer;Passage;Year\n1;Who?;Lima;It is.;1535\n")
    for near, meant in (("ID", "id"), ("Question", "question"), ("Answer", "answers"), ("Passage", "passages")):
        assert f"{near!r} (did you mean {meant!r}?)" in str(told.value)
    assert "Year" not in str(told.value) and str(told.value).endswith("are no keys that are read. Rename them.")


def test_a_cell_may_hold_the_one_passage_of_its_question(tmp_path: Path) -> None:
    rows = "question;answers;passages\n1?;Lima;Lima it is, or was.\n"
    done = table(tmp_path, "q.csv", rows + '2?;Oslo;"[1] Oslo it is."\n3?;Rome;NaN\n4?;Bonn;\n5?;Bern;[]\n')
    shown = {row["question_id"]: [p["text"] for p in row["passages"]] for row in done.passages}
    questions = {row["question"]: shown.get(row["question_id"], []) for row in done.questions}
    assert questions == {"1?": ["Lima it is, or was."], "2?": ["[1] Oslo it is."], "3?": [], "4?": [], "5?": []}
    assert done.rejected == []


def test_near_keys_of_passages_stop_the_run_too(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"a passage of the file 'questions': 'Title' \(did you mean 'title'\?\) is no key that is"
    ):
        own(tmp_path / "a", {**QUESTION, "passages": [{"text": "x", "Title": "y"}]})
    with pytest.raises(UserError, match=r"corpus.jsonl: row 1: 'titel' \(did you mean 'title'\?\) is no key"):
        own(tmp_path / "b", QUESTION, corpus=[{"text": "x", "titel": "y"}])


def test_columns_of_other_names_are_kept_and_counted(tmp_path: Path) -> None:
    more = {"difficulty": "hard", "answer": "Lima", "tags": ["a"], "empty": "", "none": None, "idx": 1}
    done = own(tmp_path, {**QUESTION, **more}, {"question": "x?", "answers": "y", "difficulty": 1, "subject_id": 7})
    assert done.card["other_columns"] == {"answer": 1, "difficulty": 2, "idx": 1, "subject_id": 1, "tags": 1}
    kept = {row["question_id"]: json.loads(row["columns"]) for row in done.others}
    assert [kept[row["question_id"]] for row in done.questions] == [
        {"difficulty": "hard", "answer": "Lima", "tags": ["a"], "idx": 1},
        {"difficulty": 1, "subject_id": 7},
    ]


def test_html_stays_in_passages_and_is_counted(tmp_path: Path) -> None:
    text = "<p>Lima is the capital<br/>of Peru.</p>"
    done = own(tmp_path, {**QUESTION, "passages": [text, "AT&amp;T", "R&D is 3 < 4", {"text": "a", "title": "b"}]})
    assert done.passages[0]["passages"][0]["text"] == text
    assert done.passages[0]["passages"][0]["stance"] == "supporting"
    assert done.card["counts"]["passages_with_markup"] == 2
    assert not has_markup("<answer> <s> &amp") and has_markup('<Th_colspan="2">') is False and has_markup("<P>")


def test_answers_that_are_neither_text_nor_list_are_rejected_by_name(tmp_path: Path) -> None:
    done = own(tmp_path, QUESTION, {"question": "x?", "answers": {"aliases": ["y"]}}, {**QUESTION, "subject": ["a"]})
    assert [row["reason"] for row in done.rejected] == ["malformed-record"] * 2
    assert "'answers' is or holds" in done.rejected[0]["detail"]
