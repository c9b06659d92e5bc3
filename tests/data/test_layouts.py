"""Benchmark layouts: each on records of its schema, three on real files; what screening lets through."""

import json
import math
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from data_sets import Prepared, real, retrieve, write_array
from hypothesis import given, settings
from hypothesis import strategies as st
from interexter.core.tables import Row
from interexter.data import layouts, screening
from interexter.data.questions import Questions
from interexter.data.schemas import CORPUS
from interexter.injection import compose, counters, gates, injectors
from interexter.text import matching
from interexter.text.answer_types import answer_type_of

LIMA, CUSCO = "Lima is the capital of Peru.", "Cusco is the capital of Peru."
Q = "What is the capital of Peru?"

# A record of each schema about the same fact, and what differs from (gold Lima, counter Cusco, one passage each).
RECORDS: dict[str, Row] = {
    "ramdocs": {
        "question": Q,
        "documents": [
            {"text": LIMA, "type": "correct", "answer": "Lima"},
            {"text": CUSCO, "type": "misinfo", "answer": "Cusco"},
        ],
        "gold_answers": ["Lima"],
        "wrong_answers": ["Cusco"],
    },
    "conflictqa": {
        "question": Q,
        "popularity": 7,
        "ground_truth": ["Lima", "Ciudad de los Reyes"],
        "memory_answer": "The capital of Peru is the Cusco.",
        "parametric_memory": CUSCO,
        "counter_answer": "The capital of Peru is Lima.",
        "counter_memory": LIMA,
        "parametric_memory_aligned_evidence": "",
        "counter_memory_aligned_evidence": None,
    },
    "conflictbank": {
        "question": Q,
        "subject": "Peru",
        "relation": "capital",
        "object": "Lima",
        "replaced_object": "Cusco",
        "default_evidence": LIMA,
        "misinformation_conflict_evidence_evidence": CUSCO,
        "semantic_conflict_evidence": None,
    },
    "clasheval": {
        "question": Q,
        "context_original": LIMA,
        "context_mod": CUSCO,
        "answer_original": "Lima",
        "answer_mod": "Cusco",
        "mod_type": "slight",
        "dataset": "locations",
    },
    "faitheval": {
        "qid": "f1",
        "question": Q,
        "context": f"Document: {LIMA}\nDocument: {CUSCO}",
        "answers": ["Lima", "Cusco"],
    },
    "nq-swap": {
        "question": Q,
        "org_context": LIMA,
        "org_answer": ["Lima"],
        "sub_context": CUSCO,
        "sub_answer": ["Cusco"],
    },
    "dynamicqa": {
        "question": Q,
        "subj": "Peru",
        "prop": "capital",
        "obj": "Lima",
        "possible_answers": '["Lima", "Ciudad de los Reyes"]',
        "context": "[ENTITY] is the capital of Peru.",
        "replace_name": "Cusco",
        "s_pop": "7",
    },
    "rgb": {
        "id": 3,
        "query": Q,
        "answer": [["Lima"]],
        "fakeanswer": "Cusco",
        "positive": [LIMA],
        "positive_wrong": [CUSCO],
        "negative": [],
    },
    "qacc": {
        "question": Q,
        "contexts": [CUSCO, "", LIMA],
        "firstAnswer": "Lima",
        "firstContext": "['C']",
        "secondAnswer": "Cusco",
        "secondContext": "['A']",
        "correctAnswer": "lima",
        "split": "test",
    },
    "confiqa": {
        "question": Q,
        "orig_path_labeled": "[('Peru', 'capital', 'Lima')]",
        "orig_answer": "Lima",
        "orig_alias": [],
        "cf_answer": "Cusco",
        "cf_alias": ["Qosqo"],
        "orig_context": LIMA,
        "cf_context": CUSCO,
    },
    "coconflictqa": {
        "question": Q,
        "answers": ["Lima"],
        "context": LIMA,
        "parametric_answer": "Cusco",
        "parametric_evidencde": CUSCO,
    },
    "wikicontradict": {
        "question": Q,
        "WikipediaArticleTitle": "Peru",
        "context1": LIMA,
        "context2": CUSCO,
        "answer1": "Lima",
        "answer2": "Cusco",
        "contradictType": "Explicit",
    },
    "kre": {
        "question": Q,
        "answer": "A",
        "negative_answer": "(B)",
        "choices": "A. Lima B. Cusco",
        " golden_context": LIMA,
        "negative_context": CUSCO,
    },
}


def prepared(tmp_path: Path, layout: str, *records: Row, **source: Any) -> Prepared:
    path = write_array(tmp_path / "in" / "part.json", list(records))
    return Prepared(tmp_path / "out", {"kind": "local", "layout": layout, "path": str(path), **source})


@pytest.mark.parametrize("layout", RECORDS)
def test_a_record_becomes_a_question_with_both_sides(layout: str, tmp_path: Path) -> None:
    done = prepared(tmp_path, layout, RECORDS[layout])
    assert done.rejected == []
    [question] = done.questions
    shown_choices = " Choose one of these: Lima; Cusco." if layout == "kre" else ""
    assert (question["question"], question["answers"][0].lower()) == (Q + shown_choices, "lima")
    [shown] = done.passages
    assert [(p["text"], p["stance"], p["rank"], p["origin"]) for p in shown["passages"]] == [
        (LIMA, "supporting", 1, "shipped")
    ]
    [counter] = done.counters
    assert counter["question_id"] == question["question_id"]
    assert counter["counter_answer"] == counter["counter_aliases"][0] == "Cusco"
    [one] = counter["passages"]
    assert (one["text"], one["stance"], one["origin"], one["counter_answer"]) == (CUSCO, "counter", "shipped", "Cusco")


def test_what_the_schemas_say_beyond_that(tmp_path: Path) -> None:
    def questions(layout: str, **other: Any) -> Row:
        return prepared(tmp_path / layout, layout, {**RECORDS[layout], **other}).questions[0]

    assert questions("conflictbank")["relation"] == questions("confiqa")["relation"] == "capital"
    assert questions("confiqa", orig_path_labeled=[["Peru", "capital", "Lima"]])["subject"] == "Peru"
    assert (questions("dynamicqa")["popularity"], questions("dynamicqa")["subject"]) == (7, "Peru")
    assert questions("dynamicqa")["answers"] == ["Lima", "Ciudad de los Reyes"]
    assert questions("clasheval")["relation"] == "locations slight"
    assert questions("qacc")["split"] == "test"
    assert questions("rgb")["question_id"] == "rgb-part-3"  # ids start from 0 in every file
    assert questions("kre", choices=["Lima", "Cusco"])["answers"] == ["Lima"]
    assert questions("kre", choices={"label": ["A", "B"], "text": ["Lima", "Cusco"]})["answers"] == ["Lima"]
    assert {layout for layout in layouts.names() if layout not in RECORDS} == {
        "plain",
        "instructrag",
        "poisonedrag",  # below: it ships no passages for the clean side
        "conflicts",  # below: it ships no counter-answers
    }


def test_poisonedrag_is_keyed_and_has_no_clean_passages(tmp_path: Path) -> None:
    record = {"id": "test1", "question": Q, "correct answer": "Lima", "incorrect answer": "Cusco"}
    texts = [CUSCO, "Lima gave way to Cusco.", "Peru has a capital.", CUSCO]
    done = prepared(tmp_path, "poisonedrag", {**record, "adv_texts": texts})
    assert done.passages == []
    assert [p["text"] for p in done.counters[0]["passages"]] == [CUSCO]
    assert [r["reason"] for r in done.rejected] == ["gold-leak", "counter-missing", "duplicate-passage"]
    assert done.card["counts"]["counter_passages_read"] == 4


def test_conflicts_label_questions_and_not_documents(tmp_path: Path) -> None:
    results = [{"title": "t", "short_text": LIMA}, {"snippet": CUSCO}, {"title": "empty"}]
    done = prepared(
        tmp_path,
        "conflicts",
        {"query": Q, "conflict_type": "No conflict", "search_results": results, "correct_answer": "Lima"},
        {"query": "Which is best?", "conflict_type": "Opinions", "search_results": results, "correct_answer": ""},
    )
    assert [p["stance"] for p in done.passages[0]["passages"]] == ["supporting", "irrelevant"]
    assert done.counters == []
    assert done.card["rejected"] == {"no-gold-answer": 1}


def test_ramdocs_takes_the_wrong_answer_with_most_documents(tmp_path: Path) -> None:
    def document(answer: str) -> Row:
        return {"text": f"{answer} is the capital of Peru, see {answer}.", "type": "misinfo", "answer": answer}

    documents = [document("Arequipa"), document("Cusco"), {**document("Cusco"), "text": "Cusco it is."}]
    wrong = {"wrong_answers": ["Arequipa", "Cusco"]}
    done = prepared(tmp_path, "ramdocs", {**RECORDS["ramdocs"], "documents": documents, **wrong})
    assert done.counters[0]["counter_answer"] == "Cusco"
    assert len(done.counters[0]["passages"]) == 2
    assert [r["reason"] for r in done.rejected] == ["other-counter-answer"]


def test_several_valid_answers_of_ramdocs_are_parts(tmp_path: Path) -> None:
    done = prepared(tmp_path, "ramdocs", {**RECORDS["ramdocs"], "gold_answers": ["Lima", "Callao"]})
    [row] = done.parts
    assert [part["answers"] for part in row["parts"]] == [["Lima"], ["Callao"]]
    assert done.questions[0]["answers"] == ["Lima", "Callao"]
    assert not prepared(tmp_path / "one", "ramdocs", RECORDS["ramdocs"]).parts


@pytest.mark.parametrize(
    ("truth", "memory", "contrary", "right"),
    [
        ("True", "Peru is not in Asia.", "Peru is in Asia.", "contrary"),
        ("False", "Peru is not in Asia.", "Peru is in Asia.", "memory"),
        ("True", "Peru is in Asia.", "Peru isn't in Asia.", "memory"),
        ("False", "Peru is in Asia.", "Peru cannot be in Asia.", "contrary"),
        # A remark on a statement is no part of it, before or behind.
        (
            "False",
            "Peru is in Asia. (Note: this claim is actually false. It is not in Asia.)",
            "It is not.",
            "contrary",
        ),
        ("True", "Peru is not in Asia.", "This claim is false. Peru is in Asia.", "contrary"),
        # What the question itself negates is no denial.
        ("True", "Is Peru without a coast? Peru is without a coast.", "Peru is not without a coast.", "memory"),
    ],
)
def test_the_true_side_of_a_yes_or_no_question(
    truth: str, memory: str, contrary: str, right: str, tmp_path: Path
) -> None:
    asked, _, memory = memory.rpartition("? ")
    record = {
        "question": f"{asked}?" if asked else "Is Peru in Asia?",
        "ground_truth": [truth],
        "memory_answer": memory,
        "counter_answer": contrary,
        "parametric_memory": "The model says so.",
        "counter_memory": "A book says so.",
    }
    done = prepared(tmp_path, "conflictqa", record)
    supporting, counter = done.passages[0]["passages"][0]["text"], done.counters[0]["passages"][0]["text"]
    assert (supporting, counter)[:: 1 if right == "memory" else -1] == ("The model says so.", "A book says so.")
    assert done.questions[0]["answers"] == (["yes", "true"] if truth == "True" else ["no", "false"])
    assert done.questions[0]["answer_type"] == "boolean"


def test_yes_and_no_are_a_type_in_every_layout(tmp_path: Path) -> None:
    sides = {"answer1": "Yes", "answer2": "no.", "context1": "It lies on the coast.", "context2": "It has no coast."}
    for layout, record in (("wikicontradict", sides), ("nq-swap", {"org_answer": ["Yes"], "sub_answer": "No"})):
        done = prepared(tmp_path / layout, layout, {**RECORDS[layout], **record, "sub_context": "It is dry."})
        assert done.questions[0]["answer_type"] == "boolean"
        assert len(done.counters[0]["passages"]) == 1  # a passage implies no and need not say it
    own = {"question": Q, "answers": ["Yes"], "counter_answers": ["No"]}
    own |= {"passages": [{"text": "It is dry.", "stance": "counter"}]}
    assert len(prepared(tmp_path / "own", "plain", own).counters[0]["passages"]) == 1


def test_the_split_of_a_benchmark_is_test_unless_it_or_the_config_says_otherwise(tmp_path: Path) -> None:
    records = [{**RECORDS["nq-swap"], "question": f"{Q} {n}"} for n in range(40)] + [{"question": Q}]
    assert prepared(tmp_path / "a", "nq-swap", *records).card["read"] == {"test": 41}  # the rejected one too
    assert prepared(tmp_path / "b", "nq-swap", *records, split="train").card["read"] == {"train": 41}
    drawn = prepared(tmp_path / "c", "nq-swap", *records, split="drawn").card["questions"]
    assert min(drawn["train"], drawn["test"]) > 10
    own = {**RECORDS["qacc"], "split": "train"}
    assert prepared(tmp_path / "d", "qacc", own).card["questions"] == {"train": 1}
    assert prepared(tmp_path / "e", "qacc", own, split="test").card["questions"] == {"test": 1}


def test_a_side_that_cannot_be_told_is_rejected(tmp_path: Path) -> None:
    same = {"ground_truth": ["True"], "memory_answer": "Peru is there.", "counter_answer": "Peru is there."}
    neither = {**RECORDS["conflictqa"], "counter_answer": "The capital of Peru is Ica."}
    fine = RECORDS["conflictqa"]
    both_no = {"ground_truth": ["False"], "memory_answer": "False.", "counter_answer": "Peru is not there."}
    done = prepared(tmp_path, "conflictqa", {**fine, **same}, {**fine, **both_no}, neither, fine)
    assert done.card["rejected"] == {"side-undecided": 3}


def test_faitheval_without_a_true_answer(tmp_path: Path) -> None:
    choices = {"label": ["A", "B"], "text": ["Cusco", "Lima"]}
    counterfactual = {
        "id": "1",
        "question": Q,
        "context": CUSCO,
        "choices": choices,
        "answerKey": "A",
        "answer": "Cusco",
    }
    unanswerable = {"qid": "2", "question": f"{Q}?", "context": "Peru is high.", "answers": ["Lima"]}
    done = prepared(tmp_path / "a", "faitheval", counterfactual, unanswerable)
    assert done.card["rejected"] == {"no-gold-answer": 1}
    assert [p["stance"] for p in done.passages[0]["passages"]] == ["irrelevant"]
    done = prepared(tmp_path / "b", "faitheval", {**counterfactual, "arc_answerKey": "B"})
    assert (done.questions[0]["answers"], done.counters[0]["counter_answer"]) == (["Lima"], "Cusco")


def test_clasheval_keeps_the_degrees_of_a_question_in_one_split(tmp_path: Path) -> None:
    degrees = [{**RECORDS["clasheval"], "mod_type": str(n), "answer_mod": f"City{n}"} for n in range(10)]
    done = prepared(tmp_path, "clasheval", *degrees, split="drawn")
    assert len({r["question_id"] for r in done.questions}) == 10
    assert len({r["split"] for r in done.questions}) == 1
    assert done.card["counts"]["same_words_as_another_question"] == 9


def test_an_answer_that_is_part_of_the_other_ends_the_conflict_not_the_question(tmp_path: Path) -> None:
    done = prepared(tmp_path, "nq-swap", {**RECORDS["nq-swap"], "sub_answer": ["Lima Norte"]})
    assert len(done.questions) == 1
    assert done.counters == []
    assert done.card["rejected"] == {"nested-answers": 1}


LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=3) | st.just("[1,")
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["label", "text", "type", "a"]), inner, max_size=2)
    ),
    max_leaves=4,
)
WHOLE: dict[str, Row] = {
    **RECORDS,
    "poisonedrag": {
        "id": "1",
        "question": Q,
        "correct answer": "Lima",
        "incorrect answer": "Cusco",
        "adv_texts": [CUSCO],
    },
    "conflicts": {"query": Q, "search_results": [{"title": "t", "snippet": LIMA}], "correct_answer": "Lima"},
    "instructrag": {
        "question": Q,
        "answers": ["Lima"],
        "ctxs": [{"title": "t", "text": LIMA, "score": "1.5"}],
        "qa_pairs": [{"question": Q, "short_answers": ["Lima"]}],
    },
    "plain": {"question": Q, "answers": ["Lima"], "passages": [{"text": LIMA, "score": 1.0}, CUSCO], "popularity": 3},
}
COUNTERFACTUAL = {
    "question": Q,
    "context": CUSCO,
    "choices": {"label": ["A", "B"], "text": ["Cusco", "Lima"]},
    "answerKey": "A",
    "arc_answerKey": "B",
}


@pytest.mark.parametrize(("layout", "record"), [*WHOLE.items(), ("faitheval", COUNTERFACTUAL)])
@settings(max_examples=150)
@given(st.data())
def test_a_record_that_does_not_fit_is_a_question_or_is_refused(layout: str, record: Row, data: st.DataObject) -> None:
    """Anything at all under one key: never another exception, and no text that is taken apart into letters."""
    read = layouts.load(layout).items
    assert list(read(record, "part"))
    key, value = data.draw(st.sampled_from(sorted(record))), data.draw(ANYTHING)
    try:
        found = list(read({**record, key: value}, "part"))
    except layouts.Unusable as why:
        assert why.reason
        return
    assert all(math.isfinite(one.popularity) for one in found)
    if isinstance(value, str) and len(value.strip()) > 1:  # texts are stripped
        assert not any(len(text.text) == 1 for one in found for text in (*one.passages, *one.counters))


def test_a_list_of_aliases_that_cannot_be_read_costs_the_record_not_the_aliases(tmp_path: Path) -> None:
    given = (["Lima", "Lima, Peru"], '["Lima", "Lima, Peru"]', "['Lima', 'Lima, Peru']", "", None)
    unreadable = ("['Lima' 'Lima, Peru']", "Lima, Peru")  # an array as numpy prints it, and what is no list
    records = [
        {**RECORDS["dynamicqa"], "question": f"{Q} {n}", "possible_answers": aliases}
        for n, aliases in enumerate((*given, *unreadable))
    ]
    done = prepared(tmp_path, "dynamicqa", *records)
    assert [len(row["answers"]) for row in done.questions] == [2, 2, 2, 1, 1]
    assert done.card["rejected"] == {"malformed-record": 2}


names = st.sampled_from(["Lima", "Cusco", "La Paz", "Ica", "US", "Mexico City", "Mexico"])


@settings(max_examples=200)
@given(names, names, st.lists(names, max_size=4))
def test_what_screening_passes_holds_the_counter_answer_and_no_gold_answer(
    gold: str, wrong: str, words: list[str]
) -> None:
    shown = {"passage_id": "p", "title": "", "text": f"They say {' and '.join(words)}."}
    sound = screening.answers([gold], [wrong]) is None and screening.passage(shown, [gold], [wrong], "") is None
    said = f" {shown['text'][9:-1].replace(' and ', ' ; ')} "
    expected = not matching.nested(gold, wrong) and f" {wrong} " in said and not re.search(rf"\b{gold}\b", said)
    assert sound == expected


REAL = [
    ("ramdocs", "ramdocs-first200.jsonl"),
    ("poisonedrag", "poisonedrag-nq.json"),
    ("conflictqa", "conflictqa-strategyqa-llama2-7b.jsonl"),
]


def gated(tmp_path: Path, layout: str, path: Path, kind: str) -> tuple[list[Row], list[Row], list[Row]]:
    """A real file prepared, its counter-passages drawn, composed with its own passages, and gated.

    Gives the examples, what compose and what the gates rejected. PoisonedRAG and FaithEval's counterfactual part have
    no passages of their own: they find some among those of RAMDocs, by BM25.
    """
    done = Prepared(tmp_path, {"kind": "local", "layout": layout, "path": str(path)})
    retrieved = done.passages
    if not retrieved:
        other = Prepared(tmp_path / "corpus", {"kind": "local", "layout": "ramdocs", "path": str(real(REAL[0][1]))})
        texts = {p["passage_id"]: {k: p[k] for k in CORPUS.names} for r in other.passages for p in r["passages"]}
        corpus = pa.Table.from_pylist(list(texts.values()), CORPUS)
        retrieved = retrieve(done.questions, corpus, 3)
    own = {row["question_id"]: row for row in done.counters}
    pools = counters.split_pools(done.questions, shipped=own.get)
    drawn, _ = counters.draw(done.questions, pools, retrieved, kind, injectors.load(kind), 0)
    one_added = compose.condition("own", "1", "keep", "first")
    composed, impossible = compose.compose(done.questions, retrieved, drawn, one_added, 1, 0)
    asked = Questions(lambda: iter(done.questions))
    passed, rejected = [], []
    for split in ("train", "test"):
        there = {row["question_id"] for row in done.questions if row["split"] == split}
        some = [row for row in composed if row["question_id"] in there]
        kept, refused = gates.gate(some, retrieved, False, questions=asked, split=split)
        passed += kept
        rejected += refused
    assert sorted(r["question_id"] for r in (*passed, *rejected, *impossible)) == sorted(gold_of(done))
    return passed, impossible, rejected


def with_arcs_keys(tmp_path: Path, path: Path) -> Path:
    """FaithEval's records with a true choice, which its files lack: any other than that of the context will do here."""
    rows = json.loads(path.read_text())
    for row in rows:
        row["arc_answerKey"] = "A" if row["answerKey"] != "A" else "B"
    return write_array(tmp_path / "in" / path.name, rows)


def gold_of(done: Prepared) -> dict[str, list[str]]:
    return {row["question_id"]: row["answers"] for row in done.questions}


@pytest.mark.parametrize(
    ("layout", "name", "kind", "examples", "composing", "gating"),
    [
        (
            "ramdocs",
            "ramdocs-first200.jsonl",
            "benchmark",
            101,
            {"too-few-counter-passages": 19, "no-counter-answer": 80},
            {},
        ),
        ("poisonedrag", "poisonedrag-nq.json", "benchmark", 98, {}, {"surname-left": 2}),
        ("conflictqa", "conflictqa-strategyqa-llama2-7b.jsonl", "benchmark", 675, {}, {}),
        (
            "qacc",
            "qacc-first100.json",
            "benchmark",
            9,
            {"no-counter-answer": 87, "too-few-counter-passages": 4},
            {},
        ),
        (
            "dynamicqa",
            "dynamicqa-temporal-first120.csv",
            "benchmark",
            78,
            {"no-counter-answer": 37, "too-few-counter-passages": 5},
            {},
        ),
        (
            "dynamicqa",
            "dynamicqa-disputable-first80.csv",
            "benchmark",
            73,
            {"too-few-counter-passages": 6},
            {"valid-counter": 1},
        ),
        (
            "kre",
            "kre-cose-first80.json",
            "benchmark",
            73,
            {"too-few-counter-passages": 6, "no-counter-answer": 1},
            {},
        ),
        ("kre", "kre-ecare-first80.json", "benchmark", 80, {}, {}),
        (
            "rgb",
            "rgb-en-fact-first100.json",
            "benchmark",
            95,
            {"too-few-counter-passages": 1},
            {"duplicate-question": 1, "surname-left": 3},
        ),
        ("rgb", "rgb-zh-fact-first40.json", "benchmark", 40, {}, {}),
        (
            "coconflictqa",
            "coconflictqa-squad-first80.jsonl",
            "benchmark",
            43,
            {"too-few-counter-passages": 33, "no-counter-answer": 3},
            {"unreadable": 1},
        ),
        (
            "faitheval",
            "faitheval-counterfactual-first40.json",
            "benchmark",
            33,
            {"too-few-counter-passages": 6, "no-counter-answer": 1},
            {},
        ),
        (
            "ramdocs",
            "ramdocs-first200.jsonl",
            "entity-substitution",
            194,
            {"too-few-counter-passages": 3},
            {"unchanged-text": 3},
        ),
    ],
)
def test_after_the_gates_no_counter_passage_of_a_real_file_holds_a_gold_alias(
    layout: str,
    name: str,
    kind: str,
    examples: int,
    composing: dict[str, int],
    gating: dict[str, int],
    tmp_path: Path,
) -> None:
    """Independent of the project's matching: words by a regular expression, compared as lists."""
    path = with_arcs_keys(tmp_path, real(name)) if layout == "faitheval" else real(name)
    passed, impossible, rejected = gated(tmp_path, layout, path, kind)
    looked = 0
    for row in passed:
        for shown in row["passages"]:
            said = re.sub(r"['\u2019][sS]\b", "", f"{shown['title']} | {shown['text']}")
            for alias in row["answers"] if shown["stance"] == "counter" else ():
                looked += 1
                short = len(alias) <= 3 and alias != alias.lower()  # "S" the letter, "US" the country: by their case
                words, wanted = (re.findall(r"\w+", one if short else one.casefold()) for one in (said, alias))
                assert wanted not in [words[i : i + len(wanted)] for i in range(len(words))], (alias, shown["text"])
    assert looked >= len(passed) > 0
    assert (len(passed), Counter(r["reason"] for r in impossible), Counter(r["reason"] for r in rejected)) == (
        examples,
        composing,
        gating,
    )


def test_real_files_are_counted_as_they_were_audited(tmp_path: Path) -> None:
    one, two, three = (
        Prepared(tmp_path / layout, {"kind": "local", "layout": layout, "path": str(real(name))})
        for layout, name in REAL
    )
    assert one.card["read"] == {"test": 200}
    assert one.card["rejected"] == {"nested-answers": 3, "other-counter-answer": 12}
    assert one.card["counts"]["counter_passages"] + 12 == one.card["counts"]["counter_passages_read"] == 129
    # PoisonedRAG's 500 texts, read by eye: a number in words is that number ("or three, it has 2 lines of symmetry").
    assert two.card["counts"]["counter_passages"] + 60 + 1 == two.card["counts"]["counter_passages_read"] == 500
    assert two.card["rejected"] == {"counter-missing": 1, "gold-leak": 60}
    assert three.card["rejected"] == {"duplicate-question": 1, "gold-leak": 53, "side-undecided": 22}
    assert three.card["counts"]["questions"] == 698 - 22 - 1


@pytest.mark.parametrize(
    ("layout", "name", "typed", "without"),
    [
        ("coconflictqa", "coconflictqa-squad-first80.jsonl", 29, 3),  # three times the one date of the file
        ("ramdocs", "ramdocs-first200.jsonl", 63, 0),
        ("qacc", "qacc-first100.json", 16, 0),
        ("rgb", "rgb-en-fact-first100.json", 32, 0),
        ("poisonedrag", "poisonedrag-nq.json", 22, 0),
    ],
)
def test_years_dates_and_numbers_are_contradicted_by_their_like(
    layout: str, name: str, typed: int, without: int, tmp_path: Path
) -> None:
    """Of 165 such answers in these files, 144 had a counter-answer of another type: 2020, "consumption"."""
    done = Prepared(tmp_path, {"kind": "local", "layout": layout, "path": str(real(name))})
    nothing = [{"question_id": row["question_id"], "passages": []} for row in done.questions]
    kind = "entity-substitution"
    drawn, refused = counters.draw(
        done.questions, counters.split_pools(done.questions), nothing, kind, injectors.load(kind), 0
    )
    types = {row["question_id"]: row["answer_type"] for row in done.questions}
    told = [row for row in drawn if types[row["question_id"]] in ("year", "date", "number")]
    assert (len(told), len(refused)) == (typed, without)
    assert all(answer_type_of([row["counter_answer"]]) == types[row["question_id"]] for row in told)
