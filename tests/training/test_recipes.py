"""Real trainings of the tiny model: what recipes that differ in form must share, and what adapters must do."""

import json

import pytest
import torch
import training_runs
from interexter.core import tables
from interexter.models import lora
from interexter.training import examples
from interexter.training.logs import TRAINING_SPEED
from safetensors.torch import load_file
from training_runs import RECIPE, ROWS, Run, surprise

pytestmark = pytest.mark.slow

tiny = training_runs.tiny  # a fixture
THREE_STEPS = {"max_steps": 3, "learning_rate": 0.001}


def weights(run):
    return load_file(run.out / "model.safetensors")


@pytest.fixture(scope="module")
def two_ranks(tiny, tmp_path_factory):
    run = Run(tmp_path_factory.mktemp("two") / "run", tiny, ROWS, **THREE_STEPS)
    assert run.finish() == 0, run.log
    return run


@pytest.mark.parametrize(
    ("ranks", "recipe"),
    [
        # Four micro-batches one after the other instead of two on each of two ranks.
        pytest.param(1, {"zero_stage": 1}, id="one rank, accumulation, ZeRO-1"),
        pytest.param(1, {"batching": "padded", "micro_batch": 4}, id="one rank, padded"),
        pytest.param(2, {"zero_stage": 3, "gradient_checkpointing": True}, id="ZeRO-3, checkpointing"),
        pytest.param(2, {"offload": True, "micro_batch": "auto"}, id="offload, auto"),
    ],
)
def test_equal_global_batches_give_equal_weights_after_three_steps(two_ranks, tiny, tmp_path, ranks, recipe):
    """ROWS have completions of 2 to 11 tokens, so ranks and micro-batches hold unequal numbers of them."""
    run = Run(tmp_path / "run", tiny, ROWS, ranks=ranks, **THREE_STEPS, **recipe)
    assert run.finish() == 0, run.log
    base, expected, got = load_file(tiny / "model.safetensors"), weights(two_ranks), weights(run)
    assert expected.keys() == got.keys()
    for name in expected:
        assert (expected[name] - base[name]).abs().max() > 1e-3
        torch.testing.assert_close(got[name], expected[name], rtol=0, atol=5e-6, msg=name)
    assert [row["loss"] for row in run.curve] == pytest.approx([row["loss"] for row in two_ranks.curve], abs=1e-5)


@pytest.mark.parametrize(
    ("preset", "targets", "stage", "batching"),
    [("interexter", ["q_proj", "v_proj"], 3, "unpadded"), ("all-linear", None, 2, "packed")],
)
def test_an_adapter_learns_under_checkpointing_and_is_merged_and_kept(tiny, tmp_path, preset, targets, stage, batching):
    import peft
    from transformers import AutoModelForCausalLM

    recipe = {"lora": preset, "zero_stage": stage, "batching": batching, "weighting": "example", "max_steps": 3}
    run = Run(tmp_path / "run", tiny, ROWS, gradient_checkpointing=True, **recipe)
    assert run.finish() == 0, run.log
    adapter = load_file(run.out / "adapter/adapter_model.safetensors")
    # B begins at zero and moves by its gradient alone: none of them, in no layer, was cut off.
    later = {name: weight for name, weight in adapter.items() if "lora_B" in name}
    assert len(later) == 2 * len(targets or lora.PRESETS[preset].target_modules)
    assert all(weight.abs().max() > 1e-4 for weight in later.values())
    assert all(row["gradient_norm"] > 0 for row in run.curve)
    # Merged weights are base + alpha / r x B A, and everything else is the base's.
    base, merged = load_file(tiny / "model.safetensors"), weights(run)
    assert base.keys() == merged.keys()
    chosen = lora.PRESETS[preset]
    for name in base:
        path = f"base_model.model.{name.removesuffix('.weight')}"
        if f"{path}.lora_B.weight" in adapter:
            added = chosen.lora_alpha / chosen.r * adapter[f"{path}.lora_B.weight"] @ adapter[f"{path}.lora_A.weight"]
            torch.testing.assert_close(merged[name], base[name] + added, rtol=0, atol=1e-6)
        else:
            assert merged[name].equal(base[name])
    # The adapter by itself, on the base, says the same as the merged weights.
    ids = torch.tensor([ROWS[2]["input_ids"]])
    alone = peft.PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny), run.out / "adapter")
    whole = AutoModelForCausalLM.from_pretrained(run.out)
    torch.testing.assert_close(alone.eval()(ids).logits, whole.eval()(ids).logits, rtol=1e-4, atol=1e-5)
    settings = json.loads((run.out / "adapter/adapter_config.json").read_text())
    assert settings["base_model_name_or_path"] is None  # no path of this machine
    # An example weighs one: the first loss is the mean over examples of their mean, of the base, since B is zero.
    model = AutoModelForCausalLM.from_pretrained(tiny)
    means = [surprise(model, row).mean().item() for row in ROWS]
    if batching == "unpadded":
        assert run.curve[0]["loss"] == pytest.approx(sum(means) / len(means), abs=1e-4)
    assert run.manifest["recipe"]["examples_per_step"] == 8.0


def test_a_training_that_gets_no_better_stops_early_and_the_best_step_is_kept(tiny, tmp_path):
    """A rate that moves no float32 weight leaves the held-out loss as it is: the first evaluation stays the best."""
    from transformers import AutoModelForCausalLM

    recipe = {"learning_rate": 1e-12, "held_out": 0.25, "evaluate_every": 1, "patience": 2, "warmup": 0.0}
    run = Run(tmp_path / "run", tiny, ROWS, global_batch=2, micro_batch=1, zero_stage=3, **recipe)
    assert run.finish() == 0, run.log
    manifest = run.manifest
    assert [row["step"] for row in run.curve] == [1, 2, 3]  # of 18; steps 2 and 3 were no better
    assert manifest["best_step"] == 1
    assert (manifest["recipe"]["examples"], manifest["recipe"]["held_out_examples"]) == (6, 2)
    # Ranks share the two rows out; the loss is that of all their tokens.
    _, held_out = examples.held_out(ROWS, 0.25, 0)
    model = AutoModelForCausalLM.from_pretrained(tiny)
    loss = torch.cat([surprise(model, row) for row in held_out]).mean().item()
    assert run.curve[0]["held_out_loss"] == pytest.approx(loss, abs=1e-4)
    assert manifest["best_held_out_loss"] == run.curve[0]["held_out_loss"]


def test_a_training_of_one_step_with_a_warm_up_changes_the_weights(tiny, tmp_path):
    from transformers import AutoModelForCausalLM

    run = Run(tmp_path / "run", tiny, ROWS, ranks=1, epochs=1, warmup=0.03)
    assert run.finish() == 0, run.log
    assert [row["step"] for row in run.curve] == [1]
    before, after = (AutoModelForCausalLM.from_pretrained(folder).lm_head.weight for folder in (tiny, run.out))
    assert (before - after).abs().max().item() == pytest.approx(RECIPE["learning_rate"], rel=0.1)  # Adam's first step


def test_the_speed_of_each_step_is_kept_apart_from_what_is_equal_between_runs(two_ranks):
    speed = tables.read_rows(two_ranks.folder / "speed.parquet", TRAINING_SPEED)
    assert [row["step"] for row in speed] == [1, 2, 3]
    for row, logged in zip(speed, two_ranks.curve, strict=True):
        assert row["tokens_per_second"] == pytest.approx(logged["tokens"] / row["seconds"])
        assert row["memory_gib"] > 0.1
        assert row["mfu"] is None  # of a CPU no peak is known
