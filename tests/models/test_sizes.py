import pytest
import training_runs
from interexter.models import sizes
from interexter.models.sizes import GIB
from training_runs import RECIPE

tiny = training_runs.tiny  # a fixture

# The shape of Llama-3-8B: 8.03e9 weights, of which embedding and head have 128256 x 4096 each.
LLAMA = training_runs.LLAMA


def test_the_shape_of_a_folder_is_that_of_the_loaded_model(tiny):
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny)
    shape = sizes.read_shape(tiny)
    assert shape.weights == sum(weight.numel() for weight in model.parameters())
    assert shape.embedding == model.get_input_embeddings().weight.numel()
    assert shape.backbone == sum(weight.numel() for weight in model.model.parameters()) - shape.embedding
    assert (shape.tied, shape.layers, shape.attention) == (True, 2, 4 * 32)


@pytest.mark.parametrize(("preset", "targets"), [("interexter", 2), ("all-linear", 7)])
def test_an_adapter_s_weights_are_counted_as_peft_makes_them(tiny, preset, targets):
    import peft
    from interexter.models import lora
    from transformers import AutoModelForCausalLM

    model = peft.get_peft_model(AutoModelForCausalLM.from_pretrained(tiny), peft.LoraConfig(**lora.settings(preset)))
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    assert len(trained) == 2 * 2 * targets  # A and B, two layers
    assert sizes.trained_weights(sizes.read_shape(tiny), preset) == sum(weight.numel() for weight in trained)


def test_flops_of_llama_3_8b_are_the_published_ones():
    # 6 x 8.03e9 + 12 x 32 x 4096 x 4096 = 54.6e9 a token at 4096, less 6 x 0.525e9 for the embedding's look-up.
    tokens = 4096
    per_token = sizes.flops(LLAMA, tokens, tokens**2, tokens, frozen=False) / tokens
    assert per_token == pytest.approx(54.6e9 - 6 * 0.525e9, rel=0.002)


def test_frozen_weights_need_no_gradient_and_prompts_no_head():
    # Without attention (length 0 squared): 4 of 6; without a supervised token no head.
    whole, frozen = (sizes.flops(LLAMA, 10, 0, 0, frozen=flag) for flag in (False, True))
    assert (whole, frozen) == (6 * LLAMA.backbone * 10, 4 * LLAMA.backbone * 10)


def test_memory_of_llama_3_8b_on_four_ranks():
    # bfloat16, ZeRO-2 on 4 ranks: 2 x 8.03 = 16.1 GB, 2 x 8.03 / 4 = 4.0 GB, 12 x 8.03 / 4 = 24.1 GB.
    recipe = RECIPE | {"precision": "bfloat16"}
    need = sizes.memory(LLAMA, recipe, 4, 4096)
    model = [need[part] / 1e9 for part in ("weights", "gradients", "optimizer")]
    assert model == pytest.approx([16.06, 4.02, 24.09], rel=0.002)
    # 34 bytes x 4096 x 4096 tokens x 32 layers = 17 GiB, and checkpointed 2 x 4096 x 4096 x 32 + one layer's.
    assert need["activations"] / GIB == pytest.approx(17.0)
    checkpointed = sizes.memory(LLAMA, recipe | {"gradient_checkpointing": True}, 4, 4096)
    assert checkpointed["activations"] / GIB == pytest.approx(1.0 + 17 / 32)


def test_each_zero_stage_spreads_one_thing_more_and_offload_moves_the_optimizer():
    def need(**change):
        return sizes.memory(LLAMA, RECIPE | {"precision": "bfloat16"} | change, 8, 1)

    one, two, three = (need(zero_stage=stage) for stage in (1, 2, 3))
    assert one["optimizer"] == two["optimizer"] == three["optimizer"] == 12 * LLAMA.weights / 8
    assert (one["gradients"], two["gradients"]) == (2 * LLAMA.weights, 2 * LLAMA.weights / 8)
    assert (two["weights"], three["weights"]) == (2 * LLAMA.weights, 2 * LLAMA.weights / 8)
    away = need(offload=True)
    assert (away["optimizer"], away["host"]) == (0, two["optimizer"])


@pytest.mark.parametrize(
    ("name", "peak"),
    [
        ("NVIDIA H100 80GB HBM3", 989e12),
        ("NVIDIA H100 PCIe", 756e12),
        ("NVIDIA A100-SXM4-80GB", 312e12),
        ("NVIDIA L40S", 362e12),
        ("NVIDIA A10G", None),
        ("NVIDIA L40", None),
    ],
)
def test_a_peak_is_of_the_device_that_is_meant(name, peak):
    assert sizes.peak_flops(name) == peak
