"""Lists that stand in the cells of a table: for every layout, real files written as CSV read as they do."""

import json

import pandas as pd
import pytest
from data_sets import Prepared, real
from hypothesis import given, settings
from hypothesis import strategies as st
from interexter.data import list_texts, records

texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=8)


@settings(max_examples=300)
@given(st.lists(texts | st.lists(texts, max_size=2) | st.dictionaries(texts, texts, max_size=2), max_size=3))
def test_a_list_is_the_same_from_json_and_as_python_prints_it(value: list[object]) -> None:
    for written in (json.dumps(value), json.dumps(value, ensure_ascii=False), repr(value)):
        assert list_texts.of_text(f" {written}\n") == value


@pytest.mark.parametrize("text", ["", "Lima", "[edit]", "[Peru] Lima", "[sic], they said", "['Lima', ", "{'a': 1}"])
def test_a_text_that_is_no_list_is_none(text: str) -> None:
    assert list_texts.of_text(text) is None


@pytest.mark.parametrize("text", ["['Lima' 'Cusco']", "[['Lima'], Cusco]"])
def test_a_list_that_cannot_be_read_is_refused_and_never_a_text(text: str) -> None:
    with pytest.raises(ValueError, match="is a list neither of JSON nor of Python"):
        list_texts.of_text(text)


@pytest.mark.parametrize(
    ("layout", "name"),
    [
        ("ramdocs", "ramdocs-first200.jsonl"),
        ("poisonedrag", "poisonedrag-nq.json"),
        ("conflictqa", "conflictqa-strategyqa-llama2-7b.jsonl"),
        ("qacc", "qacc-first100.json"),
        ("dynamicqa", "dynamicqa-temporal-first120.csv"),
        ("kre", "kre-cose-first80.json"),
        ("rgb", "rgb-zh-int-first25.json"),
        ("coconflictqa", "coconflictqa-squad-first80.jsonl"),
        ("instructrag", "instructrag-asqa-demos.json"),
    ],
)
def test_a_real_file_is_the_same_as_a_table(layout: str, name: str, tmp_path) -> None:
    path = real(name)
    table = (tmp_path / name).with_suffix(".csv")
    pd.DataFrame(records.read(path, path.name)).to_csv(table, sep=";", encoding="utf-8-sig", index=False)
    one, other = (
        Prepared(tmp_path / where.suffix, {"kind": "local", "layout": layout, "path": str(where), "split": "test"})
        for where in (path, table)
    )
    for part in ("questions", "passages", "counters", "parts"):
        assert getattr(other, part) == getattr(one, part)
    assert other.card["rejected"] == one.card["rejected"]
