"""Models of natural language inference: real ones of two layers with random weights, asked in batches."""

from pathlib import Path

import entailment_models
import hub_server
import pytest
from entailment_models import WORDS, tokenizer_of
from interexter.core.errors import UserError
from interexter.models.entailment import Entailment, entailment_label

PAIRS = [
    ("the osk is a river", "the osk is a river of tarland"),
    ("a town", "no river"),
    ("a", "a"),
    ("a town", "no river"),
]


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return entailment_models.classifier(tmp_path_factory.mktemp("classifier"))


def test_a_classifier_judges_each_pair_whatever_the_batch(classifier: Path) -> None:
    whole = Entailment(str(classifier), batch=16)
    found = whole.probabilities(PAIRS)
    assert found[1] == found[3]
    assert Entailment(str(classifier), batch=1).probabilities(PAIRS) == pytest.approx(found, abs=1e-3)
    assert whole.probabilities(PAIRS[::-1]) == pytest.approx(found[::-1], abs=1e-3)
    assert all(value > 1 / 3 for value, first in zip(found, whole.entails(PAIRS), strict=True) if first)
    assert whole.entails([]) == []
    assert whole.truncated == 0


def test_a_classifier_of_the_hub_is_the_same(classifier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with hub_server.hub("", {path.name: path.read_bytes() for path in classifier.iterdir()}) as server:
        for name, value in {"HF_ENDPOINT": server.endpoint, "HF_HOME": "hf", "no_proxy": "127.0.0.1"}.items():
            monkeypatch.setenv(name, value)
        taken = Entailment("owner/name", hub_server.REVISION)
    assert taken.probabilities(PAIRS) == Entailment(str(classifier)).probabilities(PAIRS)


def test_a_classifier_tells_pairs_apart(classifier: Path) -> None:
    words = WORDS.split()
    pairs = [(" ".join(words[i:]), " ".join(words[: i + 1])) for i in range(len(words) - 1)]
    assert len(set(Entailment(str(classifier)).probabilities(pairs))) > 1


def test_a_premise_that_does_not_fit_is_cut_at_its_end_and_counted(classifier: Path) -> None:
    model = Entailment(str(classifier))
    # Of 16 places the hypothesis takes 2, ends take 2: 12 words of the premise are left.
    twelve = " ".join((WORDS + " the").split()[:12])
    assert model.probabilities([(f"{twelve} osk is a", "a town")]) == model.probabilities([(twelve, "a town")])
    assert model.truncated == 1
    with pytest.raises(UserError, match="leaves no room"):
        model.entails([("a", " ".join(["town"] * 20))])


def test_a_t5_model_says_entailment_by_writing_1(tmp_path: Path) -> None:
    import torch
    import transformers

    config = transformers.T5Config(
        vocab_size=tokenizer_of(tmp_path, 512),
        d_model=16,
        d_kv=8,
        d_ff=32,
        num_layers=2,
        num_heads=2,
        pad_token_id=0,
        eos_token_id=1,
        decoder_start_token_id=0,
    )
    torch.manual_seed(0)
    model = transformers.T5ForConditionalGeneration(config)
    for written, entailed in ((3, True), (4, False)):  # the places of "1" and "0" in the vocabulary
        # All layers do nothing, so the last token t alone decides: the next is the one with the largest w.t. Of the
        # start (1, 0), `written` (2, 1) and the end (1, 10), these are `written` (2 > 1) and then the end (12 > 5).
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if "layer_norm" not in name:
                    weight.zero_()
            for place, vector in ((0, (1.0, 0.0)), (written, (2.0, 1.0)), (1, (1.0, 10.0))):
                model.shared.weight[place, :2] = torch.tensor(vector)
        model.save_pretrained(tmp_path)
        model_of = Entailment(str(tmp_path))
        assert model_of.entails(PAIRS) == [entailed] * len(PAIRS)
        assert model_of.probabilities(PAIRS) == [float(entailed)] * len(PAIRS)


@pytest.mark.parametrize(
    ("labels", "index"),
    [
        ({0: "CONTRADICTION", 1: "Entailment", 2: "neutral"}, 1),
        ({0: "entailment", 1: "not_entailment"}, 0),
        ({0: "not entailment", 1: "entailment"}, 1),
        ({0: "neutral", 1: "contradiction", 2: "ENTAIL"}, 2),
    ],
)
def test_the_label_of_entailment_is_found_by_its_name(labels: dict[int, str], index: int) -> None:
    assert entailment_label(labels, "m") == index


@pytest.mark.parametrize("labels", [{0: "LABEL_0", 1: "LABEL_1"}, {0: "entailment", 1: "entailed"}, {}])
def test_a_model_without_that_label_is_refused(labels: dict[int, str]) -> None:
    with pytest.raises(UserError, match=r"m: one label has to be named entailment, .*id2label"):
        entailment_label(labels, "m")


def test_what_is_no_such_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="needs its revision"):
        Entailment("somebody/some-model")
    with pytest.raises(UserError, match=r"not a model of natural language inference: .*Name a folder"):
        Entailment(str(tmp_path))
