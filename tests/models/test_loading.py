"""A model is loaded whole or not at all."""

from pathlib import Path

import pytest
import torch
import transformers
from interexter.core.errors import UserError
from interexter.models.loading import load, load_for_inference
from safetensors.torch import load_file, save_file

KINDS = {"causal": transformers.AutoModelForCausalLM, "judge": transformers.AutoModelForSequenceClassification}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    config = transformers.LlamaConfig(
        vocab_size=8,
        hidden_size=8,
        intermediate_size=8,
        num_hidden_layers=2,
        num_attention_heads=1,
        tie_word_embeddings=True,
    )
    transformers.LlamaForCausalLM(config).save_pretrained(tmp_path)
    return tmp_path


def test_a_tied_head_is_no_missing_tensor(folder: Path) -> None:
    model = load_for_inference(folder, "cpu", "float32")
    assert model.lm_head.weight is model.model.embed_tokens.weight


@pytest.mark.parametrize(
    ("kind", "gone"), [("causal", "model.layers.1.mlp.up_proj.weight"), ("causal", "model.norm.weight"), ("judge", "")]
)
def test_a_tensor_that_no_file_holds_is_named_and_not_drawn_at_random(folder: Path, kind: str, gone: str) -> None:
    path = folder / "model.safetensors"
    save_file({name: one for name, one in load_file(path).items() if name != gone}, path, {"format": "pt"})
    with pytest.raises(UserError, match=f"its files lack 1 of the model's tensors, such as {gone or 'score.weight'}"):
        load(KINDS[kind], folder, dtype=torch.float32)
