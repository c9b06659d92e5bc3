"""Passages that SmolLM2 itself writes, and those that contradict what it believes, from its answers to the gates."""

from collections.abc import Iterator

import pytest
import yaml
from interexter.answers.schemas import ANSWERS, EVIDENCE, RECALL
from interexter.core.tables import Row, read_table
from interexter.injection.compose import EXAMPLES
from interexter.injection.counters import COUNTERS, REJECTED_COUNTERS
from interexter.scoring.judgements import LABELLED
from interexter.text import matching
from interexter.text.final_answers import final_answer
from interexter.text.labels import label
from interexter.text.stance import passage_holds

from .conftest import ROOT, Study

pytestmark = [pytest.mark.slow, pytest.mark.studies]

MODEL = "smollm2-135m"
KIND = {"model": MODEL, "count": 1, "supporting": "keep", "position": "first"}
CONDITIONS = {
    "written": {"kind": "counter-memory.news", **KIND},
    "against": {"kind": "entity-substitution", "counter_to": "memory", **KIND, "supporting": "remove"},
    "written-against": {"kind": "counter-memory.encyclopedia", "counter_to": "memory", **KIND},
}
PLACE = f"vital/seed-0/{MODEL}"
DRAWN = {  # the file of a condition's counter-passages, and the name of its draw
    "against": ("rules", f"entity-substitution@memory-{MODEL}"),
    "written-against": (MODEL, f"counter-memory.encyclopedia@{MODEL}@memory-{MODEL}"),
}
ASKED = 96  # questions: a wrong answer that is one of the relation in the test split is rare


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """Answers of SmolLM2 under each condition."""
    study = Study(tmp_path_factory.mktemp("memory") / "project")
    config = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
    config["models"] = yaml.safe_load((ROOT / "config/config.yaml").read_text())["models"]
    config["datasets"]["vital"] |= {"test": ASKED}
    config["conditions"] |= CONDITIONS
    config["test"]["conditions"] = ["clean", *CONDITIONS]
    config["methods"] = ["closed-book", "vanilla-rag"]
    config["report"]["strongest"] = "against"
    config["recall"]["answer_tokens"] = config["generate"]["answer_tokens"] = 16
    config["counters"] = {"passage_tokens": 48}
    config["engine"] |= {"confidence": True}
    (study.folder / "config/memory.yaml").write_text(yaml.safe_dump(config))
    done = study.snakemake(f"results/labels/{PLACE}/base.parquet", config="config/memory.yaml")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    yield study


def rows(study: Study, name: str, schema: object, **where: str) -> list[Row]:
    return read_table(study.folder / f"results/{name}.parquet", schema, where=where or None).to_pylist()


def drawn(study: Study, name: str, draw: str) -> tuple[list[Row], list[Row]]:
    """The rows of COUNTERS of a draw, and the rejected."""
    place = f"counters/vital/seed-0/test/{name}"
    return rows(study, place, COUNTERS, draw=draw), rows(study, f"{place}.rejected", REJECTED_COUNTERS, draw=draw)


def test_what_the_model_writes_states_the_counter_answer_and_no_gold_one(studied: Study) -> None:
    kept, rejected = drawn(studied, MODEL, f"counter-memory.news@{MODEL}")
    asked = {
        row["question_id"]: row for row in rows(studied, "examples/vital/seed-0/test", EXAMPLES, condition="clean")
    }
    assert len(kept) + len(rejected) == ASKED
    written = [(row, passage) for row in kept for passage in row["passages"]]
    assert written
    for row, passage in written:
        assert passage_holds(passage, row["counter_aliases"])
        assert passage["injector"] == "counter-memory.news" and passage["parent_id"] is None
        if row["question_id"] in asked:
            assert not passage_holds(passage, asked[row["question_id"]]["answers"])


@pytest.mark.parametrize("condition", ["against", "written-against"])
def test_a_draw_against_memory_contradicts_what_the_model_answered(studied: Study, condition: str) -> None:
    kept, rejected = drawn(studied, *DRAWN[condition])
    assert len(kept) + len(rejected) == ASKED
    told = {row["question_id"]: row["closed_book_answer"] for row in rows(studied, f"recall/vital/{MODEL}", RECALL)}
    examples = {
        row["question_id"]: row for row in rows(studied, "examples/vital/seed-0/test", EXAMPLES, condition="clean")
    }
    assert {row["contradicts"] for row in kept} == {"gold", "counter"}  # what it knows, and what it is wrong about
    for row in kept:
        believed = final_answer(told[row["question_id"]])
        gold = examples.get(row["question_id"], {"answers": []})["answers"]
        assert matching.holds(believed, row["counter_aliases"]) == (row["contradicts"] == "counter")
        assert matching.first_nested(gold, row["counter_aliases"]) is None  # truth and falsehood are two answers
        for passage in row["passages"]:
            assert passage["stance"] == ("counter" if row["contradicts"] == "gold" else "supporting")


def test_labels_say_what_is_true_and_evidence_says_which_side_the_passages_take(studied: Study) -> None:
    kept, _ = drawn(studied, *DRAWN["against"])
    against = {row["question_id"]: row["contradicts"] for row in kept}
    evidence = {
        row["question_id"]: row for row in rows(studied, f"evidence/{PLACE}/test", EVIDENCE, condition="against")
    }
    examples = {
        row["question_id"]: row for row in rows(studied, "examples/vital/seed-0/test", EXAMPLES, condition="against")
    }
    assert {against[question_id] for question_id in evidence} == {"gold", "counter"}
    for question_id, row in evidence.items():
        wrong = against[question_id] == "counter"
        assert (row["closed_book_label"], row["passages_gold"], row["passages_counter"]) == (
            ("counter", True, False) if wrong else ("gold", False, True)
        )
    answers = {
        row["question_id"]: row
        for row in rows(studied, f"answers/{PLACE}/base", ANSWERS, condition="against", method="vanilla-rag")
    }
    for row in rows(studied, f"labels/{PLACE}/base", LABELLED, condition="against", method="vanilla-rag"):
        example, answer = examples[row["question_id"]], answers[row["question_id"]]
        finished, sides = answer["finish_reason"] != "length", (example["answers"], example["counter_aliases"])
        assert row["label"] == label(answer["text"], *sides, finished, answer["asked"], example["other_names"])
        assert row["probability"] is None or 0 < row["probability"] <= 1
