"""Citation recall and precision by the formula, against tables of entailment worked out by hand."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import entailment_models
import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.answers.schemas import ANSWERS
from interexter.core.tables import Row, read_rows, write_rows
from interexter.injection.compose import EXAMPLES
from interexter.models.entailment import Entailment, Pair
from interexter.scoring import citation_means, citations
from interexter.scoring.citation_tables import CITATIONS
from interexter.scoring.citations import Score
from interexter.scoring.statements import Statement, statements

DOCUMENTS = ["one", "two", "three", "four"]


class Table:
    """Entailment as a table says: which texts entail which statement; what was asked is kept."""

    def __init__(self, **entailing: list[str]) -> None:
        self.entailing = entailing
        self.asked: list[Pair] = []

    def __call__(self, pairs: Sequence[Pair]) -> list[bool]:
        self.asked += pairs
        return [premise.replace("\n", "+") in self.entailing.get(hypothesis, []) for premise, hypothesis in pairs]


@pytest.mark.parametrize(
    ("answer", "table", "expected"),
    [
        ([Statement("s", (0,))], Table(s=["one"]), Score(1.0, 1.0)),
        ([Statement("s", (0,))], Table(), Score(0.0, 0.0)),
        ([Statement("s", ())], Table(), Score(0.0, 0.0)),  # nothing cited
        ([Statement("s", (4,))], Table(s=["one"]), Score(0.0, 0.0)),  # there is no fifth document
        # Both are needed: neither entails alone, and without either nothing does.
        ([Statement("s", (0, 1))], Table(s=["one+two"]), Score(1.0, 1.0)),
        # "two" entails nothing, and "one" entails alone: the citation of "two" is needless.
        ([Statement("s", (0, 1))], Table(s=["one+two", "one"]), Score(1.0, 0.5)),
        # Each entails alone: none is needless, though either would do.
        ([Statement("s", (0, 1))], Table(s=["one+two", "one", "two"]), Score(1.0, 1.0)),
        # "three" is needless; "one" and "two" are needed together.
        ([Statement("s", (0, 1, 2))], Table(s=["one+two+three", "one+two"]), Score(1.0, 2 / 3)),
        # Jointly they entail nothing: no citation is precise, though "one" entails.
        ([Statement("s", (0, 1))], Table(s=["one"]), Score(0.0, 0.0)),
        # The fourth citation does not count.
        ([Statement("s", (0, 1, 2, 3))], Table(s=["one+two+three", "one", "two", "three"]), Score(1.0, 1.0)),
        # Two of three statements are supported; of the 2 + 1 citations that exist, 1 + 1 are precise.
        (
            [Statement("s", (0, 1)), Statement("t", (2,)), Statement("u", (9,))],
            Table(s=["one+two", "one"], t=["three"], u=["one"]),
            Score(2 / 3, 2 / 3),
        ),
        ([], Table(), None),
    ],
)
def test_scores_by_hand(answer: list[Statement], table: Table, expected: Score | None) -> None:
    [found] = citations.scores([answer], [DOCUMENTS], table)
    assert found == (None if expected is None else pytest.approx(expected))


def test_answers_are_judged_by_their_own_documents() -> None:
    said = [Statement("s", (0,))]
    table = Table(s=["one"])
    assert citations.scores([said, said], [["one"], ["other"]], table) == [Score(1.0, 1.0), Score(0.0, 0.0)]
    assert table.asked == [("one", "s"), ("other", "s")]


@given(st.lists(st.lists(st.sets(st.integers(0, 4)), max_size=3), max_size=3), st.randoms(use_true_random=False))
def test_any_table_gives_shares_and_full_entailment_gives_ones(cites: list[list[set[int]]], rng: object) -> None:
    answers = [[Statement(f"s{i}", tuple(sorted(c))) for i, c in enumerate(answer)] for answer in cites]
    documents = [DOCUMENTS] * len(answers)

    def random_judge(pairs: Sequence[Pair]) -> list[bool]:
        return [rng.random() < 0.5 for _ in pairs]  # type: ignore[attr-defined]

    for score, answer in zip(citations.scores(answers, documents, random_judge), answers, strict=True):
        assert (score is None) == (not answer)
        assert score is None or (0 <= score.recall <= 1 and 0 <= score.precision <= 1)
    full = citations.scores(answers, documents, lambda pairs: [True] * len(pairs))
    for score, answer in zip(full, answers, strict=True):
        if score is not None and all(s.cites and max(s.cites) < 4 for s in answer):
            assert score == Score(1.0, 1.0)


def test_rows_leave_out_answers_without_a_statement() -> None:
    answers = [{"question_id": q, "condition": "clean", "text": t} for q, t in (("q1", "s [1]"), ("q2", " "))]
    found = list(citations.rows(answers, [["one"], ["one"]], Table(s=["one"])))
    assert found == [
        {"question_id": "q1", "condition": "clean", "citation_recall": 1.0, "citation_precision": 1.0},
    ]


def test_a_document_has_its_title_on_a_line() -> None:
    assert citations.document({"title": "T", "text": "x"}) == "Title: T\nx"
    assert citations.document({"title": "", "text": "x"}) == "x"


SERIES = {"dataset": "asqa", "model": "m", "checkpoint": "base", "condition": "clean", "method": "vanilla-rag"}
SERIES |= {"prompt_set": "ours", "order": "given", "seed": 0}  # type: ignore[dict-item]


CLUSTERS = {"q1": "Peru", "q2": "Peru", "q3": "Chile"}


def test_the_summary_is_the_mean_over_answers() -> None:
    # Recall 1, 0.5 and 0: 0.5. Precision 1, 1 and 0: 2/3.
    figures = {"q1": (1.0, 1.0), "q2": (0.5, 1.0), "q3": (0.0, 0.0)}
    table = [
        SERIES | {"question_id": q, "citation_recall": recall, "citation_precision": precision}
        for q, (recall, precision) in figures.items()
    ]
    found = {row["metric"]: row for row in citation_means.summarize(table, CLUSTERS)}
    assert {name: (row["value"], row["n"]) for name, row in found.items()} == {
        "citation_recall": (0.5, 3),
        "citation_precision": (pytest.approx(2 / 3), 3),
    }
    assert all(0 <= row["low"] <= row["value"] <= row["high"] <= 1 for row in found.values())
    assert citation_means.summarize(table[::-1], CLUSTERS) == citation_means.summarize(table, CLUSTERS)
    assert citation_means.summarize([], CLUSTERS) == []


def test_citations_over_several_seeds_have_a_mean_of_all_with_an_interval_that_counts_both() -> None:
    recall = {0: (1.0, 0.5, 1.0), 1: (0.0, 0.0, 0.5)}  # by seed, of q1, q2, q3: means 5/6 and 1/6
    table = [
        SERIES | {"seed": seed, "question_id": q, "citation_recall": value, "citation_precision": 1.0}
        for seed, values in recall.items()
        for q, value in zip(CLUSTERS, values, strict=True)
    ]
    found = {
        row["seed"]: row for row in citation_means.summarize(table, CLUSTERS) if row["metric"] == "citation_recall"
    }
    assert {seed: (row["value"], row["n"]) for seed, row in found.items()} == {
        0: (pytest.approx(5 / 6), 3),
        1: (pytest.approx(1 / 6), 3),
        None: (pytest.approx(0.5), 3),
    }
    assert found[None]["low"] < 0.1 and found[None]["high"] > 0.9  # two seeds that differ tell next to nothing


def passage(rank: int, text: str) -> Row:
    nothing = dict.fromkeys(("file_rank", "score", "counter_answer", "injector", "seed", "parent_id", "source_id"))
    return {"passage_id": f"p{rank}", "title": "", "text": text, "rank": rank, "origin": "shipped"} | {
        "stance": "unknown",
        **nothing,
    }


def test_the_script_judges_answers_by_the_documents_as_they_were_shown(tmp_path: Path) -> None:
    model = entailment_models.classifier(tmp_path / "model")
    texts = ["a town", "the osk is a river", "melvora"]  # the file has them in another order than the ranks
    example = {"question": "?", "answers": ["x"], "counter_answer": "", "counter_aliases": [], "subject": ""}
    example |= {"other_names": [], "relation": "", "popularity": 0.0}
    example |= {"passages": [passage(r, texts[r - 1]) for r in (3, 1, 2)]}
    write_rows(
        tmp_path / "test.parquet",
        [example | {"question_id": f"q{i}", "condition": c} for c in ("clean", "added") for i in range(3)],
        EXAMPLES,
    )
    said = ["the osk is a river [2]. a town [1][3]", "no river [9]", "..."]  # the last is no statement
    about = {
        "finish_reason": "stop",
        "asked": "field",
        "prompt_tokens": 1,
        "output_tokens": 1,
        "log_probability": None,
        "votes": None,
    }
    for name, answered in (
        ("base.1-of-2", {("vanilla-rag", "clean"): {0: said[0], 2: said[2]}, ("closed-book", "clean"): {0: said[0]}}),
        ("base.2-of-2", {("vanilla-rag", "clean"): {1: said[1]}, ("vanilla-rag", "added"): {1: said[2]}}),
        ("tuned", {("instructrag-ft", "added"): {0: said[1]}, ("closed-book", "added"): {0: said[0]}}),
    ):
        keyed = [({"method": m, "condition": c}, texts) for (m, c), texts in answered.items()]
        rows = [about | key | {"question_id": f"q{i}", "text": t} for key, texts in keyed for i, t in texts.items()]
        write_rows(tmp_path / f"answers/asqa/m/{name}.parquet", rows, ANSWERS)
    command = [sys.executable, Path(citations.__file__).parents[2] / "citations.py", "--dataset", "asqa"]
    command += ["--model", "m", "--answers", *sorted((tmp_path / "answers").rglob("*.parquet"))]
    sets = {"vanilla-rag": "ours", "instructrag-ft": "instructrag", "closed-book": "ours"}
    command += ["--examples", tmp_path / "test.parquet", "--prompt-sets", json.dumps(sets)]
    command += ["--order", "given", "--seed", "0", "--device", "cpu", "--out", tmp_path / "citations.parquet"]
    command += ["--setting", json.dumps({"model": str(model), "revision": "", "batch": 2})]
    done = subprocess.run(list(map(str, command)), check=False, capture_output=True, text=True)
    # Closed-book answers see no documents: none of them is judged.
    assert "citations: n_in=5 n_out=3 n_premises_cut=0" in done.stdout, done.stderr
    rows = read_rows(tmp_path / "citations.parquet", CITATIONS)
    key = ("checkpoint", "method", "condition", "prompt_set", "question_id")
    assert [tuple(row[name] for name in key) for row in rows] == [
        ("base", "vanilla-rag", "clean", "ours", "q0"),
        ("base", "vanilla-rag", "clean", "ours", "q1"),
        ("tuned", "instructrag-ft", "added", "instructrag", "q0"),
    ]
    judge = Entailment(str(model)).entails
    expected = citations.scores([statements(text) for text in said[:2]], [texts, texts], judge)
    found = [(row["citation_recall"], row["citation_precision"]) for row in rows]
    assert found == [*expected, expected[1]]
    assert expected[1] == Score(0.0, 0.0)
