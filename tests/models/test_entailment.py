"""Models of natural language inference: real ones of two layers with random weights, asked in batches."""

from pathlib import Path

import entailment_models
import pytest
from entailment_models import WORDS, tokenizer_of
from interexter.core.errors import UserError
from interexter.models.entailment import CONTRADICTION, ENTAILMENT, NEUTRAL, Entailment, relations

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
    found = whole.judge(PAIRS)
    assert set(found) <= {ENTAILMENT, NEUTRAL, CONTRADICTION}
    assert found[1] == found[3]
    assert Entailment(str(classifier), batch=1).judge(PAIRS) == found
    assert whole.judge(PAIRS[::-1]) == found[::-1]
    assert whole.entails(PAIRS) == [relation == ENTAILMENT for relation in found]
    assert whole.judge([]) == []
    assert whole.truncated == 0


def test_a_classifier_tells_pairs_apart(classifier: Path) -> None:
    words = WORDS.split()
    pairs = [(" ".join(words[i:]), " ".join(words[: i + 1])) for i in range(len(words) - 1)]
    assert len(set(Entailment(str(classifier)).judge(pairs))) > 1


def test_a_premise_that_does_not_fit_is_cut_at_its_end_and_counted(classifier: Path) -> None:
    model = Entailment(str(classifier))
    # Of 16 places the hypothesis takes 2, ends take 2: 12 words of the premise are left.
    twelve = " ".join((WORDS + " the").split()[:12])
    assert model.judge([(f"{twelve} osk is a", "a town")]) == model.judge([(twelve, "a town")])
    assert model.truncated == 1
    with pytest.raises(UserError, match="leaves no room"):
        model.judge([("a", " ".join(["town"] * 20))])


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
    for written, relation in ((3, ENTAILMENT), (4, NEUTRAL)):  # the places of "1" and "0" in the vocabulary
        # All layers do nothing, so the last token t alone decides: the next is the one with the largest w.t. Of the
        # start (1, 0), `written` (2, 1) and the end (1, 10), these are `written` (2 > 1) and then the end (12 > 5).
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if "layer_norm" not in name:
                    weight.zero_()
            for place, vector in ((0, (1.0, 0.0)), (written, (2.0, 1.0)), (1, (1.0, 10.0))):
                model.shared.weight[place, :2] = torch.tensor(vector)
        model.save_pretrained(tmp_path)
        assert Entailment(str(tmp_path)).judge(PAIRS) == [relation] * len(PAIRS)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({0: "entailment", 1: "neutral", 2: "contradiction"}, [ENTAILMENT, NEUTRAL, CONTRADICTION]),
        ({0: "ENTAILMENT", 1: "NOT_ENTAILMENT"}, [ENTAILMENT, NEUTRAL]),
        ({0: "not entailment", 1: "entailment"}, [NEUTRAL, ENTAILMENT]),
    ],
)
def test_labels_of_classifiers(labels: dict[int, str], expected: list[str]) -> None:
    assert list(relations("m", labels).values()) == expected


def test_what_is_no_such_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="none of its labels"):
        relations("m", {0: "LABEL_0", 1: "LABEL_1"})
    with pytest.raises(UserError, match="needs its revision"):
        Entailment("somebody/some-model")
    with pytest.raises(UserError, match="not a model of natural language inference"):
        Entailment(str(tmp_path))
