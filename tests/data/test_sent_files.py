"""Files of one's own as colleagues send them: what each is read as, and what is said of it."""

import json
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_sets import Prepared, real
from interexter.core.errors import UserError
from interexter.text.answer_types import answer_type_of
from interexter.text.markup import is_broken


def read(tmp_path: Path, name: str, content: str | bytes) -> Prepared:
    path = tmp_path / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Prepared(tmp_path / "out", {"kind": "local", "questions": str(path), "split": "test"}, "mine")


def answers(done: Prepared) -> list[list[str]]:
    return [row["answers"] for row in done.questions]


def latin(text: str) -> bytes:
    return text.encode("latin-1")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        # Other programs' files.
        ("q.xlsx", b"PK\x03\x04\x14\0\0", r"it is a workbook \(save its sheet as CSV in UTF-8\) or a zip archive"),
        ("q.csv", b"PK\x03\x04\x14\0\x84\xff\n", r"it is a workbook \(save its sheet as CSV"),
        ("q.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "it is a workbook of Excel: save its sheet as CSV in UTF-8"),
        ("q.jsonl", b"PAR1\x15", r"it is Parquet: let its name end in \.parquet"),
        ("q.jsonl", b"{}\0\0\0\n", "it is no text: its first line has a zero byte"),
        # Other encodings.
        (
            "q.csv",
            latin("question,answers\nCapital?,Bogot\xe1\n"),
            r"byte 0xe1 is no UTF-8; in Latin-1 it is 'á'\..*LATIN1",
        ),
        (
            "q.csv",
            latin("question,answers\nWho\x92s?,A\n"),
            r"in Windows-1252 it is '\u2019'\. .*iconv -f WINDOWS-1252 -t UTF-8",
        ),
        # Tables.
        ("q.csv", "question,answers,answers\nA?,Lima,Callao\n", "the header names 'answers' twice"),
        (
            "q.csv",
            "question;answers\nA?;Lima;Callao\n",
            r"the row that ends in line 2 has 3 cells, the header has 2\. A",
        ),
        ("q.csv", "question,answers\nA?,Lima\nB?\n", "the row that ends in line 3 has 1 cells, the header has 2"),
        (
            "q.tsv",
            'question\tanswers\nA?\tLima\n"Hi" is what?\tBob\n',
            r"what follows line 2: '\\t' expected .* written twice",
        ),
        (
            "q.tsv",
            'question\tanswers\nA?\tLima\n"Hi is what?\tBob\n',
            "what follows line 2: unexpected end of data. A quote",
        ),
        (
            "q.csv",
            'question,answers\nA?,"' + "Lima " * (1 << 22) + '"\n',
            "what follows line 1: field larger than .*16777216",
        ),
        (
            "q.txt",
            "question\tanswers\nA?\tLima\n",
            r"'question\\tanswers\\n' is no JSON\. .*; a table's name ends in \.csv, \.tsv",
        ),
        # JSON.
        ("q.jsonl", '{"question": "A?"},\n{"question": "B?"},\n', r"after record 0: Extra data: line 1 column 19"),
        (
            "q.jsonl",
            "{'question': 'A?'}\n",
            "after record 0: Expecting property name enclosed in double quotes: line 1",
        ),
        (
            "q.json",
            json.dumps({"version": "1", "data": []}, indent=1),
            r"record 1 is no object but '1'\. A file of JSON holds",
        ),
        (
            "q.json",
            json.dumps({"question": "A?"}, indent=1),
            r"record 1 is no object but 'A\?'\. A file of JSON holds a list of",
        ),
        # Nothing.
        ("q.csv", "", "its files are empty, or hold a header alone"),
        ("q.csv", "\ufeffquestion,answers\n\n,\n", "its files are empty, or hold a header alone"),
        ("q.json", "[]", "its files are empty, or hold a header alone"),
        # Headers.
        (
            "q.csv",
            "query,gold answer,Context\nA?,Lima,It is.\n",
            "'query' .*'question'.* 'gold answer' .*'answers'.* 'Context' .*'pas",
        ),
        (
            "q.csv",
            "Export of May,,\nquestion,answers,subject\nA?,Lima,Peru\n",
            r"no 'question'; it has \['Export of May', 'column 2",
        ),
        (
            "q.csv",
            "Capital of Peru?,Lima\nCapital of Chile?,Santiago\n",
            r"no record has 'answers'.*; found: \['Capital of Peru\?', 'L",
        ),
    ],
)
def test_what_cannot_be_read_is_said_in_a_line_that_tells_what_to_do(
    name: str, content: str | bytes, said: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=said) as caught:
        read(tmp_path, name, content)
    assert "\n" not in str(caught.value)


def test_a_workbook_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "q.xlsx"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("[Content_Types].xml", "")
        book.writestr("xl/worksheets/sheet1.xml", "")
    with pytest.raises(UserError, match=r"q\.xlsx: it is a workbook\. Save its sheet as CSV in UTF-8"):
        Prepared(tmp_path / "out", {"kind": "local", "path": str(path)}, "mine")


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffquestion;answers\r\nA?;Lima\r\n",  # Excel's CSV in UTF-8, in most of Europe
        "sep=;\r\nquestion;answers\r\nA?;Lima\r\n",
        "question,answers,,\nA?,Lima,,\n,,,\n\n" + ",,,\n" * 300,  # all that a sheet once had
        "question\tanswers\r\r\nA?\tLima\r\r\n",
        "question,answers\rA?,Lima\r",
        'question,answers\n"A?","Lima"\n',
        ",question,answers\n0,A?,Lima\n",  # pandas' index
    ],
)
def test_a_table_is_read_whatever_wrote_it(content: str, tmp_path: Path) -> None:
    done = read(tmp_path, "q.csv", content)
    assert [(row["question"], row["answers"]) for row in done.questions] == [("A?", ["Lima"])]
    assert done.rejected == [] and "notices" not in done.card


def test_tabs_and_ends_of_lines_within_a_cell_stay(tmp_path: Path) -> None:
    done = read(tmp_path, "q.tsv", 'question\tanswers\tpassages\n"A?\nB?"\tLima\t"Lima\tit is.\n\nSo."\n')
    assert done.questions[0]["question"] == "A?\nB?"
    assert [p["text"] for p in done.passages[0]["passages"]] == ["Lima\tit is.\n\nSo."]


def test_what_a_formula_failed_to_give_is_missing(tmp_path: Path) -> None:
    errors = ["#N/A", "#NV", "#REF!", "#BEZUG!", "#NAME?", "#DIV/0!", "#\u00a1REF!", "<NA>", " NaN "]
    done = read(
        tmp_path, "q.csv", "question,answers\n" + "".join(f"{e} {i}?,{e}\n" for i, e in enumerate(errors)) + "A?,#1\n"
    )
    assert answers(done) == [["#1"]]
    assert [row["reason"] for row in done.rejected] == ["no-gold-answer"] * len(errors)


@pytest.mark.parametrize(
    ("answer", "count", "said"),
    [
        ("Lima; Callao", "answers_that_may_be_several", "write a list, of JSON or of Python"),
        ("\"('Lima', 'Callao')\"", "answers_that_may_be_several", "write a list"),
        ('"Lima\nCallao"', "answers_that_may_be_several", "write a list"),
        ("Lima / Callao", "answers_that_may_be_several", "write a list"),
        ("Lima | Callao", "answers_that_may_be_several", "write a list"),
        ("[Lima]", "answers_that_may_be_several", "write a list"),
        ("2024-01-05 00:00:00", "answers_that_are_timestamps", "write the date alone"),
        ("NULL", "answers_that_may_be_missing", "if it does, leave the cell empty"),
        ("n/a", "answers_that_may_be_missing", "leave the cell empty"),
        ("AT&T &copy", "", ""),
        ("García &Iacute;", "questions_or_answers_with_markup", "Clean them first"),
        ("<i>Lima</i>", "questions_or_answers_with_markup", "Clean them first"),
        ("Bogot\u00c3\u00a1", "questions_or_answers_with_broken_characters", "UTF-8 read as Windows-1252"),
        ("Li\x00ma", "questions_or_answers_with_broken_characters", "save it anew"),
        ("Lima_x000D_", "questions_or_answers_with_broken_characters", "save it anew"),
        ("1861.0", "", ""),  # which a passage with 1861 holds
    ],
)
def test_what_is_read_and_may_not_be_meant_is_told_aloud(answer: str, count: str, said: str, tmp_path: Path) -> None:
    done = read(tmp_path, "q.csv", f"question,answers\nA?,{answer}\nB?,Quito\n")
    assert len(done.questions) == 2
    told = done.card.get("notices", [])
    if count:
        assert done.card["counts"][count] == 1
        assert any(one.startswith("1 question(s) w") and said in one and f"({count})" in one for one in told)
    else:
        assert done.card["counts"] == {"questions": 2} and told == []


def test_columns_beside_ours_and_without_a_name_are_told_aloud(tmp_path: Path) -> None:
    """A header cell over several columns names the first; pandas numbers a name that is given again."""
    table = "question;answers;answers.1;passages;;\nA?;Lima;Callao;Lima it is.;Callao it is.;\n"
    done = read(tmp_path, "q.csv", table)
    assert done.card["notices"] == [
        "1 question(s) with 'answers.1' beside 'answers': it is kept, and not read",
        "1 question(s) with a value in column 5, which has no name: it is kept, and not read",
    ]
    assert json.loads(done.others[0]["columns"]) == {"answers.1": "Callao", "column 5": "Callao it is."}


def test_numbers_with_marks_are_rejected_with_how_to_write_them(tmp_path: Path) -> None:
    done = read(
        tmp_path, "q.csv", 'question;answers;popularity\nA?;19,000,000;"1,234"\nB?;33.000;1.234,5\nC?;7;1234.5\n'
    )
    assert [(row["answers"], row["popularity"]) for row in done.questions] == [(["7"], 1234.5)]
    assert {row["detail"].split(": ")[1] for row in done.rejected} == {"a point before decimals and no other marks"}


@pytest.mark.parametrize(
    ("value", "text"),
    [(date(2024, 1, 5), "2024-01-05"), (datetime(2024, 1, 5), "2024-01-05"), (Decimal("12.50"), "12.50")],
)
def test_dates_and_decimals_of_parquet_are_texts(value: Any, text: str, tmp_path: Path) -> None:
    path = tmp_path / "q.parquet"
    pq.write_table(pa.table({"question": ["A?", "B?"], "answers": [value, None]}), path)
    done = Prepared(tmp_path / "out", {"kind": "local", "questions": str(path), "split": "test"}, "mine")
    assert answers(done) == [[text]]


@pytest.mark.parametrize("text", ["2024-01-05", "5.1.2024", "05/01/2024", "2024/1/5"])
def test_a_date_in_digits_is_a_date(text: str) -> None:
    assert answer_type_of([text]) == "date"
    assert answer_type_of(["19.000.000"]) == answer_type_of(["1/2"]) == "number"


def test_letters_of_their_own_are_not_broken() -> None:
    assert not any(map(is_broken, ["Bogotá", "MAÇÃ”", "âge", "„Äh“", "a\tb\r\nc", "Ångström", "x_x000d"]))


def test_broken_passages_of_a_real_file_are_counted_and_stay(tmp_path: Path) -> None:
    """RAMDocs shows the bytes of PDF files as documents, and once letters that were decoded wrongly."""
    path = real("ramdocs-first200.jsonl")
    done = Prepared(tmp_path, {"kind": "local", "layout": "ramdocs", "path": str(path)})
    assert done.card["counts"]["passages_with_broken_characters"] == 9
    assert "questions_or_answers_with_broken_characters" not in done.card["counts"] and "notices" not in done.card
    shown = [p["text"] for row in (*done.passages, *done.counters) for p in row["passages"]]
    assert sum(map(is_broken, shown)) == 9
