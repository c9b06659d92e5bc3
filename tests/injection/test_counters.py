"""The stage that draws counter-answers: pools, lineage, rejections, independence of order."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from injection_rows import SCRIPTS, capitals, drawn, found, question
from interexter.core.errors import UserError
from interexter.core.identity import content_id
from interexter.core.tables import Row, read_rows, read_table, write_rows
from interexter.data.schemas import QUESTIONS, RETRIEVED
from interexter.injection import injectors
from interexter.injection.counters import COUNTERS, REJECTED_COUNTERS, believed, draw, split_pools
from interexter.injection.drafts import Draft, Injection
from recall_rows import recalled

KIND = "entity-substitution"


def spoken(subject: str, answers: list[str]) -> Row:
    return question(subject, answers, relation="language", answer_type="language")


def test_pools_separate_splits_relations_and_types() -> None:
    rows = [*capitals(), question("Chile", ["Santiago"], split="train"), spoken("Peru", ["Spanish"])]
    pools = split_pools(rows)["train"].answers
    assert {key: [a.answer for a in pool] for key, pool in pools.items()} == {("capital", "city"): ["Santiago"]}
    assert set(split_pools(rows)["test"].answers) == {("capital", "city"), ("language", "language")}


def test_a_pool_tells_aliases_from_other_valid_answers() -> None:
    rows = [
        spoken("Belgium", ["Dutch", "French", "German"]),
        spoken("Netherlands", ["Dutch", "Nederlands"]),
        spoken("Suriname", ["dutch", "Nederlands"]),
        spoken("France", ["French", "français"]),
        spoken("Samoa", ["Samoan", "French"]),
        spoken("Iran", ["Persian", "Farsi"]),
        spoken("Tehran", ["Farsi", "Persian"]),
    ]
    pool = {a.answer: a for a in split_pools(rows)["test"].answers["language", "language"]}
    # Not all lists that Dutch leads have French, German or Nederlands.
    assert pool["Dutch"].aliases == ("Dutch", "dutch")
    assert pool["Dutch"].listed == ("Dutch", "French", "German", "Nederlands", "dutch")
    assert pool["French"].aliases == ("French", "français")
    # French leads a list of its own, in which Samoan is not.
    assert pool["Samoan"].aliases == ("Samoan",)
    # Each of the two leads a list with the other: two names of one answer.
    assert pool["Persian"].aliases == ("Persian", "Farsi")
    assert pool["Farsi"].aliases == ("Farsi", "Persian")


def test_lineage_is_complete() -> None:
    asked = question()
    retrieved = [found(asked, "Bread.", "Lima is the capital of Peru.", "In Peru lies Lima.")]
    (row,) = drawn([asked], retrieved, seed=7)
    counter = row["counter_answer"]
    assert (row["kind"], row["seed"], row["counter_aliases"][0]) == (KIND, 7, counter)
    first, second = row["passages"]
    assert first == {
        "passage_id": content_id(["", f"{counter} is the capital of Peru."]),
        "title": "",
        "text": f"{counter} is the capital of Peru.",
        "rank": 2,
        "file_rank": None,
        "score": None,
        "origin": "injected",
        "stance": "counter",
        "counter_answer": counter,
        "injector": KIND,
        "seed": 7,
        "parent_id": "p2",
        "source_id": "p2",
    }
    assert (second["parent_id"], second["rank"]) == ("p3", 3)


def test_sources_that_differ_in_the_answer_alone_count_once() -> None:
    asked = question("United States", ["Washington", "DC"])
    retrieved = [found(asked, "Washington leads the United States.", "DC leads the United States.")]
    (row,) = drawn([asked], retrieved)
    assert [p["parent_id"] for p in row["passages"]] == ["p1"]


def test_without_a_source_passage_the_counter_answer_is_still_known() -> None:
    asked = question()
    (row,) = drawn([asked], [found(asked, "Bread.")])
    assert row["counter_answer"] and row["passages"] == []


def test_without_a_counter_answer_the_question_is_rejected() -> None:
    asked = spoken("Peru", ["Spanish"])
    kept, rejected = draw([asked], split_pools([asked]), [found(asked, "Bread.")], KIND, injectors.load(KIND), 0)
    assert kept == []
    assert [(row["question_id"], row["reason"]) for row in rejected] == [(asked["question_id"], "no-counter-answer")]


def test_a_question_that_was_not_retrieved_is_an_error() -> None:
    with pytest.raises(UserError, match="q-Peru has no row"):
        drawn([question()], [])


def test_a_further_injector_is_one_function() -> None:
    """Amplification in a few lines: one false passage told three times, another counter-answer for each draw."""

    def amplified(asked: Row, passages: list[Row], pools: object, rng: random.Random) -> Injection:
        year = str(rng.randrange(1000, 2000))
        told = (f"{asked['subject']} fell in {year}.", f"In {year}, {asked['subject']} fell.", f"It fell in {year}.")
        return Injection(year, (year,), tuple(Draft("", text, passages[0]) for text in told))

    asked = question()
    kept, rejected = draw([asked], split_pools([asked]), [found(asked, "Peru fell in 999.")], "amplified", amplified, 0)
    assert rejected == []
    (row,) = kept
    assert len(row["passages"]) == 3
    assert {p["injector"] for p in row["passages"]} == {"amplified"}
    assert {p["parent_id"] for p in row["passages"]} == {"p1"}


@given(st.sets(st.sampled_from([row["subject"] for row in capitals()[1:]])), st.integers(0, 99))
def test_training_gets_an_answer_of_the_test_only_where_there_is_no_other(tested: set[str], seed: int) -> None:
    training = [{**row, "split": "train"} for row in capitals()]
    test = [{**row, "question_id": f"t-{row['subject']}"} for row in capitals() if row["subject"] in tested]
    asked = training[0]
    pools = split_pools([*training, *test])
    [[row], _] = draw([asked], pools, [found(asked, "Bread.")], KIND, injectors.load(KIND), seed)
    of_test = {name for other in test for name in other["answers"]}
    assert not of_test.intersection(row["counter_aliases"]) or len(test) == len(training) - 1
    # What the test itself draws, and training where nothing is shared, does not change.
    [[alone], _] = draw([asked], split_pools(training), [found(asked, "Bread.")], KIND, injectors.load(KIND), seed)
    assert row == alone or of_test.intersection(alone["counter_aliases"])


def conditions_file(folder: Path, *kinds: str) -> Path:
    """Write conditions that take the draws of these kinds, two of each."""
    common = {
        "count": 1,
        "supporting": "keep",
        "position": "first",
        "sources": "all",
        "counter_to": "gold",
        "counter_answer": "random",
    }
    both = {f"{kind}-{n}": {"kind": kind, **common, "count": n} for kind in kinds for n in (0, 1)}
    (folder / "conditions.json").write_text(json.dumps(both))
    return folder / "conditions.json"


def test_script(tmp_path: Path) -> None:
    asked = [question(), spoken("Peru", ["Spanish"])]
    asked[1]["question_id"] = "q-language"
    retrieved = [found(asked[0], "Lima is in Peru."), found(asked[1], "Bread.")]
    write_rows(tmp_path / "some.parquet", asked, QUESTIONS)
    write_rows(tmp_path / "all.parquet", [*capitals(), asked[1]], QUESTIONS)
    write_rows(tmp_path / "r.parquet", retrieved, RETRIEVED)
    command = [sys.executable, SCRIPTS / "counters.py", "--questions", tmp_path / "some.parquet", "--seed", "3"]
    command += ["--all-questions", tmp_path / "all.parquet", "--retrieved", tmp_path / "r.parquet"]
    command += ["--out", tmp_path / "out.parquet", "--rejected", tmp_path / "rejected.parquet", "--conditions"]
    done = subprocess.run(
        [*command, conditions_file(tmp_path, KIND, "poisoning")], capture_output=True, text=True, check=True
    )
    assert done.stdout == "counters: n_in=4 n_out=2 n_rejected=2 without_passages=0\n"
    kept = read_table(tmp_path / "out.parquet", COUNTERS, where={"draw": KIND}).to_pylist()
    assert kept == drawn(asked[:1], retrieved, seed=3)
    refused = read_rows(tmp_path / "rejected.parquet", REJECTED_COUNTERS)
    assert [(row["draw"], row["question_id"]) for row in refused] == [
        (KIND, "q-language"),
        ("poisoning", "q-language"),
    ]
    done = subprocess.run([*command, conditions_file(tmp_path, "entity")], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("error: injector 'entity' is unknown; ")


@pytest.mark.parametrize(
    ("text", "asked", "finished", "expected"),
    [
        ("Lima\nQuito", "answer", True, "Lima"),
        ("It may be Quito.\nFinal answer: Lima", "field", True, "Lima"),
        ("The capital of Peru is Quito, the", "answer", False, ""),
        ("Lima\nNote that Qu", "answer", False, "Lima"),
    ],
)
def test_what_a_model_believes_is_the_answer_that_it_gave_before_it_was_cut(
    text: str, asked: str, finished: bool, expected: str
) -> None:
    row = recalled("q", text, closed_book_asked=asked, closed_book_finished=finished)
    assert believed(row) == expected
