"""Layouts of a micro-batch on a real small model: what each example's loss and gradient is, and what each weighs."""

import pytest
import torch
import training_runs
from interexter.core.errors import UserError
from interexter.training import attention, batches, examples
from interexter.training.batches import FIGURES, Collator
from training_runs import ROWS, surprise

tiny = training_runs.tiny  # a fixture


@pytest.fixture(scope="module", params=["sdpa", attention.NAME])
def model(tiny, request):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(tiny, dtype=torch.float32, attn_implementation=request.param)


def loss_of(model, batch):
    """The weighted sum of negative log-likelihoods, written out."""
    names = ("input_ids", "position_ids", "lengths")
    logits = model(**{name: batch[name] for name in names if name in batch}, use_cache=False).logits
    targets = batch["labels"][:, 1:].clamp(min=0)
    nll = -logits[:, :-1].log_softmax(-1).gather(2, targets[..., None])[..., 0]
    return (nll * batch["weights"][:, 1:]).sum()


def gradient(model, loss):
    model.zero_grad()
    loss.backward()
    return torch.cat([weight.grad.flatten() for weight in model.parameters()])


@pytest.mark.parametrize("weighting", ["token", "example"])
@pytest.mark.parametrize("layout", ["unpadded", "padded", "packed"])
def test_loss_and_gradient_are_the_sum_of_those_of_each_example_alone(model, layout, weighting):
    """Equal for every subset, so equal per example: attention crosses none, padding and prompts count nothing."""
    collate = Collator(0, layout == "padded", weighting)
    units = batches.units(ROWS, 90 if layout == "packed" else None)
    together = loss_of(model, collate(units))
    got = gradient(model, together)
    alone, expected = 0.0, torch.zeros_like(got)
    for row in ROWS:
        own = surprise(model, row)
        loss = own.sum() if weighting == "token" else own.mean()
        alone += loss.item()
        expected += gradient(model, loss)
    assert together.item() == pytest.approx(alone, rel=1e-5)
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("layout", ["unpadded", "padded"])
def test_a_micro_batch_holds_each_example_as_it_is(layout):
    batch = Collator(9, layout == "padded", "token")(batches.units(ROWS[:2]))
    first, second = ROWS[0]["input_ids"], ROWS[1]["input_ids"]  # 12 and 30 tokens
    if layout == "padded":
        assert batch["input_ids"].tolist() == [first + [9] * 18, second]
        assert batch["labels"][0].tolist() == examples.labels_of(ROWS[0]) + [-100] * 18
    else:
        assert batch["input_ids"].tolist() == [first + second]
        assert batch["position_ids"].tolist() == [[*range(12), *range(30)]]
        assert batch["cu_seq_lens_q"].tolist() == [0, 12, 42]
        assert batch["lengths"] == [12, 30]
    assert "attention_mask" not in batch


def test_figures_and_weights_are_those_of_the_examples():
    # 12 + 30 tokens; completions of 2 and 5: 7 tokens count; 12^2 + 30^2 = 1044; padded 2 x 30 cells.
    figures = [
        dict(zip(FIGURES, Collator(0, padded, weighting)(batches.units(ROWS[:2]))["figures"].tolist(), strict=True))
        for padded, weighting in ((False, "token"), (True, "example"))
    ]
    common = {"examples": 2, "tokens": 42, "squared_lengths": 1044, "supervised": 7}
    assert figures[0] == {"weight": 7, **common, "cells": 42}
    assert figures[1] == pytest.approx({"weight": 2, **common, "cells": 60})


def test_a_sliding_window_is_kept_within_each_example():
    """Written out: token i sees j where i - 3 < j <= i, in its own example of 4 or 6 tokens."""
    torch.manual_seed(0)
    query, key, value = (torch.randn(1, 2, 10, 8) for _ in range(3))
    layer = torch.nn.Module()
    got, _ = attention.per_example(layer, query, key, value, None, lengths=[4, 6], sliding_window=3)
    for begin, end in ((0, 4), (4, 10)):
        for i in range(begin, end):
            seen = range(max(begin, i - 2), i + 1)
            scores = torch.stack([query[0, :, i] @ key[0, :, j].T for j in seen])  # (seen, heads, heads)
            weights = (scores.diagonal(dim1=1, dim2=2) / 8**0.5).softmax(0)
            expected = sum(weights[place][:, None] * value[0, :, j] for place, j in enumerate(seen))
            torch.testing.assert_close(got[0, i], expected, rtol=1e-5, atol=1e-6)


def test_an_attention_that_cannot_be_computed_is_refused():
    tensors = [torch.zeros(1, 1, 2, 4)] * 3
    with pytest.raises(UserError, match=r"softcap.*flash-attn"):
        attention.per_example(torch.nn.Module(), *tensors, None, softcap=50.0)
