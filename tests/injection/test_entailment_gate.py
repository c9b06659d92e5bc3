"""The gate of natural language inference: its judgement by hand, and a tiny random model that classifies pairs."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import entailment_models
import pytest
from injection_rows import SCRIPTS, drawn, found, question
from interexter.core.tables import Row, read_rows, write_rows
from interexter.injection import entailment_gate
from interexter.injection.assembly import REJECTED_EXAMPLES
from interexter.injection.compose import EXAMPLES, compose, condition
from interexter.models.entailment import Entailment, Pair

ASKED = question()
ROW = found(ASKED, "Lima is the capital of Peru.", "Bread is baked.", "Snow falls.", "Rivers run.")


def example(count: str = "1") -> Row:
    (made,), _ = compose([ASKED], [ROW], drawn([ASKED], [ROW]), condition("c", count, "keep", "first"), 2, 0)
    return made


def judge(own: float, other: float, wrong: str) -> Any:
    """A judge that says `own` of what claims the wrong answer and `other` of what claims another."""

    def entails(pairs: Sequence[Pair]) -> list[float]:
        assert all(premise.endswith(f"{wrong} is the capital of Peru.") for premise, _ in pairs)
        return [own if hypothesis.endswith(f"is {wrong}.") else other for _, hypothesis in pairs]

    return entails


@pytest.mark.parametrize(
    ("own", "other", "reason"),
    [(0.5, 0.49, None), (0.49, 0.0, "not-entailed"), (0.9, 0.5, "other-entailed"), (0.1, 0.9, "not-entailed")],
)
def test_a_passage_has_to_entail_its_own_side_and_not_the_other(own: float, other: float, reason: str | None) -> None:
    row = example()
    kept, rejected = entailment_gate.screen([row], judge(own, other, row["counter_answer"]), 0.5)
    assert [r["reason"] for r in rejected] == ([reason] if reason else [])
    assert kept == ([] if reason else [row])


def test_only_passages_of_the_conditions_own_are_asked_about_each_once() -> None:
    asked: list[Pair] = []

    def entails(pairs: Sequence[Pair]) -> list[float]:
        asked.extend(pairs)
        return [1.0 if "is Lima" in hypothesis else 0.0 for _, hypothesis in pairs]

    clean, one = example("0"), example()
    assert entailment_gate.screen([clean], entails, 0.5) == ([clean], [])
    assert asked == []
    true = [{**p, "stance": "supporting"} if p["origin"] == "injected" else p for p in one["passages"]]
    told = {**one, "passages": true}  # against a wrong memory: the passages are to entail the gold answer
    assert entailment_gate.screen([told, told], entails, 0.5) == ([told, told], [])
    assert len(asked) == len(set(asked)) == 2
    assert entailment_gate.screen([one], entails, 0.5)[1][0]["reason"] == "not-entailed"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return entailment_models.classifier(tmp_path_factory.mktemp("nli"), longest=64)


def test_script(folder: Path, tmp_path: Path) -> None:
    row = example()
    write_rows(tmp_path / "e.parquet", [row], EXAMPLES)
    first = next(p for p in row["passages"] if p["origin"] == "injected")
    own, other = Entailment(str(folder)).probabilities(list(entailment_gate._pairs(row, first)))
    for threshold, reason in ((own, "other-entailed" if other >= own else None), (own + 0.01, "not-entailed")):
        setting = json.dumps({"model": str(folder), "threshold": threshold, "batch": 8})
        command = [sys.executable, SCRIPTS / "entail.py", "--examples", tmp_path / "e.parquet", "--nli", setting]
        command += ["--device", "cpu", "--out", tmp_path / "o.parquet", "--rejected", tmp_path / "x.parquet"]
        subprocess.run(command, check=True, capture_output=True, text=True)
        refused = read_rows(tmp_path / "x.parquet", REJECTED_EXAMPLES)
        assert [r["reason"] for r in refused] == ([reason] if reason else [])
        assert all(r["condition"] == "c" for r in refused)
        assert read_rows(tmp_path / "o.parquet", EXAMPLES) == ([] if reason else [row])
