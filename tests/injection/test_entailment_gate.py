"""The gate of natural language inference: its judgement by hand, and a tiny random model that classifies pairs."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from injection_rows import SCRIPTS, drawn, found, question
from interexter.core.errors import UserError
from interexter.core.tables import REJECTED, Row, read_rows, write_rows
from interexter.data.schemas import QUESTIONS, RETRIEVED
from interexter.injection import entailment_gate
from interexter.injection.compose import EXAMPLES, compose, condition
from interexter.injection.counters import COUNTERS

ASKED = question()
ROW = found(ASKED, "Lima is the capital of Peru.", "Bread is baked.", "Snow falls.", "Rivers run.")
NAMES = {0: "CONTRADICTION", 1: "Entailment", 2: "neutral"}


def example(count: str = "1") -> Row:
    (made,), _ = compose([ASKED], [ROW], drawn([ASKED], [ROW]), condition("c", count, "keep", "first"), 2, 0)
    return made


def judge(own: float, other: float, wrong: str) -> Any:
    """A judge that says `own` of what claims the wrong answer and `other` of what claims another."""

    def entails(pairs: Sequence[entailment_gate.Pair]) -> list[float]:
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
    asked: list[entailment_gate.Pair] = []

    def entails(pairs: Sequence[entailment_gate.Pair]) -> list[float]:
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


@pytest.mark.parametrize(
    ("labels", "place"),
    [(NAMES, 1), ({0: "entailment", 1: "not_entailment"}, 0), ({0: "neutral", 1: "contradiction", 2: "ENTAIL"}, 2)],
)
def test_the_label_of_entailment_is_found_by_its_name(labels: dict[int, str], place: int) -> None:
    assert entailment_gate.entailment_label(labels, "m") == place


@pytest.mark.parametrize("labels", [{0: "LABEL_0", 1: "LABEL_1"}, {0: "entailment", 1: "entailed"}, {}])
def test_a_model_without_that_label_is_refused(labels: dict[int, str]) -> None:
    with pytest.raises(UserError, match=r"gates\.nli\.model m: one label has to be named entailment, .*id2label"):
        entailment_gate.entailment_label(labels, "m")


def test_a_model_that_cannot_be_had_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gates\.nli\.model some/model: pin it: gates\.nli\.revision"):
        entailment_gate.Model(entailment_gate.Setting("some/model"), "cpu")
    with pytest.raises(UserError, match=r"not to be had: .*Name a folder"):
        entailment_gate.Model(entailment_gate.Setting(str(tmp_path)), "cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model of pairs with two layers, and a vocabulary of letters."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder = tmp_path_factory.mktemp("nli")
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,?\"'"
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{c}" for c in letters)]
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=160).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=200,
        initializer_range=1.0,  # or a random model says the same of everything
        id2label=NAMES,
        label2id={name: place for place, name in NAMES.items()},
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def test_batches_say_what_the_model_says_of_each_pair_alone(folder: Path) -> None:
    import torch
    from transformers import BertForSequenceClassification, BertTokenizerFast

    pairs = [("Lima is the capital.", "It is Lima."), ("Bread.", "It is Cusco."), ("a b c " * 60, "It is long.")]
    pairs += [(f"Number {n} is drawn.", f"It is {n}.") for n in range(6)]
    batched = entailment_gate.Model(entailment_gate.Setting(str(folder), batch=4), "cpu")(pairs)
    tokenizer = BertTokenizerFast.from_pretrained(folder)
    model = BertForSequenceClassification.from_pretrained(folder).eval()
    for pair, probability in zip(pairs, batched, strict=True):
        read = tokenizer(*pair, return_tensors="pt", truncation=True, max_length=160)
        with torch.inference_mode():
            alone = model(**read).logits.softmax(-1)[0, 1].item()
        assert probability == pytest.approx(alone, abs=1e-3)
    assert len(set(batched)) > 3
    assert entailment_gate.Model(entailment_gate.Setting(str(folder), batch=2), "cpu")(pairs[::-1]) == pytest.approx(
        batched[::-1], abs=1e-3
    )


def test_script(folder: Path, tmp_path: Path) -> None:
    row = example()
    write_rows(tmp_path / "e.parquet", [row], EXAMPLES)
    write_rows(tmp_path / "r.parquet", [ROW], RETRIEVED)
    write_rows(tmp_path / "c.parquet", drawn([ASKED], [ROW]), COUNTERS)
    write_rows(tmp_path / "q.parquet", [ASKED], QUESTIONS)
    first = next(p for p in row["passages"] if p["origin"] == "injected")
    own, other = entailment_gate.Model(entailment_gate.Setting(str(folder)), "cpu")(
        list(entailment_gate._pairs(row, first))
    )
    for threshold, reason in ((own, "other-entailed" if other >= own else None), (own + 0.01, "not-entailed")):
        setting = json.dumps({"model": str(folder), "threshold": threshold, "batch": 8})
        command = [sys.executable, SCRIPTS / "gate.py", "--examples", tmp_path / "e.parquet", "--count", "1"]
        command += ["--retrieved", tmp_path / "r.parquet", "--supporting", "keep", "--out", tmp_path / "o.parquet"]
        command += ["--rejected", tmp_path / "x.parquet", "--counters", tmp_path / "c.parquet", "--split", "test"]
        command += ["--all-questions", tmp_path / "q.parquet", "--nli", setting, "--device", "cpu"]
        subprocess.run(command, check=True)
        assert [r["reason"] for r in read_rows(tmp_path / "x.parquet", REJECTED)] == ([reason] if reason else [])
        assert read_rows(tmp_path / "o.parquet", EXAMPLES) == ([] if reason else [row])
