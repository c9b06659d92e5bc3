"""Retrieval: order, ties and recall on passages written by hand."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from data_sets import retrieve
from hypothesis import given, settings
from hypothesis import strategies as st
from injection_rows import SCRIPTS, found, question
from interexter.core.errors import UserError
from interexter.core.tables import Row, read_rows, write_rows
from interexter.data.schemas import CORPUS, QUESTIONS, RETRIEVED
from interexter.retrieval import fusion, ranking
from interexter.retrieval.search import shipped


def entry(number: int, text: str, title: str = "") -> Row:
    return {"passage_id": f"c{number:02}", "title": title, "text": text}


CORPUS_ROWS = [
    entry(1, "Lima is the capital of Peru."),
    entry(2, "Bread is baked with flour."),
    entry(3, "Peru has many mountains."),
    entry(4, "Oslo is the capital of Norway."),
    entry(5, "Water boils early on mountains."),
    entry(6, "Water boils early on mountains."),
]


def ids(row: Row) -> list[str]:
    return [p["passage_id"] for p in row["passages"]]


def test_scores_are_those_of_bm25_by_hand() -> None:
    (row,) = retrieve([question()], CORPUS_ROWS, depth=3)
    assert ids(row) == ["c01", "c04", "c03"]
    assert [p["rank"] for p in row["passages"]] == [1, 2, 3]
    # "capital" and "peru" are each in 2 of 6 passages: idf = ln(1 + (6 - 2 + 0.5) / (2 + 0.5)) = ln 2.8 = 1.0296.
    # Without stop words the passages have 3, 3, 4, 3, 4, 4 words, 3.5 on average. One word found once scores
    # idf / (1 + 1.5 (0.25 + 0.75 n / 3.5)): 0.4401 in a passage of 3 words, 0.3870 in one of 4. c01 has two words.
    assert [p["score"] for p in row["passages"]] == pytest.approx([0.8803, 0.4401, 0.3870], abs=1e-4)
    assert [p["stance"] for p in row["passages"]] == ["supporting", "irrelevant", "irrelevant"]
    assert {p["origin"] for p in row["passages"]} == {"retrieved"}


def test_the_title_is_searched_too() -> None:
    corpus = [entry(1, "A city.", title="Norway"), entry(2, "A city."), entry(3, "A town.")]
    (row,) = retrieve([question("Norway", ["Oslo"])], corpus, depth=1)
    assert ids(row) == ["c01"]


def test_equal_scores_are_ordered_by_id_even_at_the_cut() -> None:
    (row,) = retrieve([question(question="When does water boil on mountains?")], CORPUS_ROWS, depth=1)
    assert ids(row) == ["c05"]
    (row,) = retrieve([question(question="Xyzzy?")], CORPUS_ROWS, depth=4)
    assert ids(row) == ["c01", "c02", "c03", "c04"]
    assert [p["score"] for p in row["passages"]] == [0, 0, 0, 0]
    many = [entry(n, "Peru." if n % 3 else "Bread.") for n in range(90)]
    (row,) = retrieve([question()], many, depth=50)
    assert ids(row) == [f"c{n:02}" for n in range(90) if n % 3][:50]


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_order_of_corpus_and_questions_does_not_matter(rng: random.Random) -> None:
    asked = [question(), question("Norway", ["Oslo"])]
    expected = {row["question_id"]: row for row in retrieve(asked, CORPUS_ROWS, depth=5)}
    shuffled = rng.sample(CORPUS_ROWS, len(CORPUS_ROWS))
    assert {row["question_id"]: row for row in retrieve(asked[::-1], shuffled, depth=5)} == expected


def test_a_small_corpus_is_returned_whole() -> None:
    (row,) = retrieve([question()], CORPUS_ROWS, depth=20)
    assert sorted(ids(row)) == ["c01", "c02", "c03", "c04", "c05", "c06"]


def test_errors_say_what_is_wrong() -> None:
    with pytest.raises(UserError, match="no passages"):
        retrieve([question()], [], depth=3)
    with pytest.raises(UserError, match="c01 twice"):
        retrieve([question()], [CORPUS_ROWS[0], CORPUS_ROWS[0]], depth=3)
    with pytest.raises(UserError, match="at least 1"):
        retrieve([question()], CORPUS_ROWS, depth=0)
    assert retrieve([], CORPUS_ROWS, depth=3) == []


def test_recall_is_the_share_of_questions_with_a_supporting_passage() -> None:
    asked = question()
    support, other = "Lima is the capital of Peru.", "Bread."
    rows = [
        found(asked, support, other, other, other, other),
        found(asked, other, other, support, support, other),
        found(asked, other, other, other, other, support),
        found(asked, "Lima is in Ohio.", other, other, other, other),  # unknown does not count
    ]
    # First supporting ranks 1, 3, 5 and none: 1/4 at 1, 2/4 at 3, 3/4 at 5; 10 and 20 are beyond the depth.
    # MRR: (1 + 1/3 + 1/5 + 0) / 4 = 0.38333. nDCG: the second has two, at 3 and 4: (0.5 + 0.43068) / (1 + 0.63093) =
    # 0.57064; the third 1 / log2 6 = 0.38685; (1 + 0.57064 + 0.38685 + 0) / 4 = 0.48937.
    found_at = ranking.measures(rows, 5)
    assert found_at["recall"] == {"1": 0.25, "3": 0.5, "5": 0.75}
    assert (found_at["depth"], found_at["n"]) == (5, 4)
    assert found_at["mrr"] == pytest.approx(0.38333, abs=1e-5)
    assert found_at["ndcg"] == pytest.approx(0.48937, abs=1e-5)
    assert found_at["first_ranks"] == {"none": 1, "1": 1, "3": 1, "5": 1}
    assert found_at["ndcgs"] == {"0.000": 1, "0.387": 1, "0.571": 1, "1.000": 1}
    unknown = {"recall": {"1": None, "3": None}, "mrr": None, "ndcg": None, "first_ranks": {}, "ndcgs": {}}
    assert ranking.measures([], 3) == {"depth": 3, "n": 0, **unknown}
    assert ranking.measures(rows, 3)["recall"] == {"1": 0.25, "3": 0.5}


def test_reciprocal_ranks_by_hand() -> None:
    # 7: 1/61 + 1/63; 5: 1/62 + 1/61; 9: 1/63; 4: 1/62. So 5, 7, 4, 9.
    assert [place for place, _ in fusion.fused([[7, 5, 9], [5, 4, 7]], 4)] == [5, 7, 4, 9]
    assert fusion.fused([[7, 5, 9], [5, 4, 7]], 1) == [(5, 1 / 62 + 1 / 61)]
    assert fusion.fused([[3], [2]], 2) == [(2, 1 / 61), (3, 1 / 61)]  # the lower place first


def test_shipped_passages_are_taken_by_id_and_a_question_without_any_is_not_lost() -> None:
    one, other, bare = question(), question("Norway", ["Oslo"]), question("France", ["Paris"])
    batches = [[found(other, "a", "b", "c")], [found(question("Mexico"), "x"), found(one, "Lima is in Peru.")]]
    rows = list(shipped([one, other, bare], batches, 2))
    assert [(r["question_id"], len(r["passages"])) for r in rows] == [("q-Norway", 2), ("q-Peru", 1), ("q-France", 0)]


def test_one_index_serves_both_splits(tmp_path: Path) -> None:
    asked = {"train": [question("Norway", ["Oslo"])], "test": [question()]}
    write_rows(tmp_path / "c.parquet", CORPUS_ROWS, CORPUS)
    write_rows(tmp_path / "s.parquet", [], RETRIEVED)
    command = [sys.executable, SCRIPTS / "retrieve.py", "--depth", "3"]
    command += ["--shipped", tmp_path / "s.parquet", "--corpus", tmp_path / "c.parquet"]
    for split, rows in asked.items():
        write_rows(tmp_path / f"{split}.parquet", rows, QUESTIONS)
        command += [f"--{split}", tmp_path / f"{split}.parquet"]
        command += [f"--{split}-out", tmp_path / f"{split}.found.parquet"]
        command += [f"--{split}-recall", tmp_path / f"{split}.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for split, rows in asked.items():
        assert f"retrieve: split={split} method=bm25 n_in=1 n_out=1 recall@1=1.000" in done.stdout
        assert read_rows(tmp_path / f"{split}.found.parquet", RETRIEVED) == retrieve(rows, CORPUS_ROWS, 3)
        assert json.loads((tmp_path / f"{split}.json").read_text())["n"] == 1

    write_rows(tmp_path / "c.parquet", [], CORPUS)
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: the corpus holds no passages")
