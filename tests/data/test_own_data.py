"""docs/own-data.md: its five lines are a valid config, its rows load, and what goes wrong is said."""

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from data_sets import Prepared, write_array, write_lines
from interexter.core.errors import UserError
from interexter.core.tables import Row
from interexter.study import settings

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
    assert named == read


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
    (tmp_path / "q.jsonl").write_text('{"question": "Who?", "answers": ["A"]}\n{"question": \n')
    with pytest.raises(UserError, match=r"q\.jsonl: not readable after record 1"):
        Prepared(tmp_path / "out", {"kind": "local", "questions": str(tmp_path / "q.jsonl")})
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
