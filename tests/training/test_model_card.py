import yaml
from interexter.training.model_card import card, data_of

RECIPE = {
    **dict.fromkeys(("epochs", "steps", "learning_rate", "schedule", "warmup", "global_batch", "weighting"), 1),
    **dict.fromkeys(("examples_per_step", "batching", "max_length", "precision", "zero_stage", "offload"), 2),
    **dict.fromkeys(("gradient_checkpointing", "ranks", "seed"), 3),
    "lora": "interexter",
}
MANIFEST = {
    "base": {"source": {"kind": "hub", "repository": "owner/model", "revision": "0" * 40}},
    "licence": "Apache-2.0",
    "recipe": RECIPE,
    "examples": 100,
    "tokens_trained": 5000,
    "first_loss": 2.0,
    "last_loss": 1.0,
    "weights_id": "abc",
}


def test_a_card_has_the_head_that_hubs_read():
    head = yaml.safe_load(card("mine", MANIFEST).split("---")[1])
    assert head["base_model"] == "owner/model"
    assert head["license"] == "apache-2.0"
    assert head["tags"] == ["trl", "sft", "lora"]


def test_a_card_names_base_data_licences_recipe_and_losses():
    text = card("mine", MANIFEST, {"name": "vital", "licence": "CC-BY-4.0"})
    assert "Fine-tuned from owner/model at 0000" in text
    for line in (
        "| licence of the base | Apache-2.0 |",
        "| training data | vital |",
        "| licence of the data | CC-BY-4.0 |",
        "| lora | interexter |",
        "| training loss, first and last step | 2.0000, 1.0000 |",
    ):
        assert line in text.splitlines()
    assert "held-out" not in text
    assert "Results" not in text


def test_a_card_of_a_local_base_shows_no_path():
    local = MANIFEST | {"base": {"source": {"kind": "local", "path": "/home/me/model"}}, "licence": None}
    text = card("mine", local)
    assert "/home" not in text
    assert "base_model" not in text
    assert "not stated by it" in text


def test_results_are_rows_with_their_interval():
    row = {
        "condition": "clean",
        "method": "m",
        "metric": "accuracy_strict",
        "value": 0.5,
        "low": 0.4,
        "high": 0.6,
        "n": 9,
    }
    empty = row | {"value": None, "low": None, "high": None, "n": 0}
    kept = {"best_step": 7, "best_held_out_loss": 1.25}
    text = card("mine", MANIFEST | kept, metrics=[row, empty])
    assert "| clean | m | accuracy_strict | 0.500 | 0.400 to 0.600 | 9 |" in text
    assert "| clean | m | accuracy_strict |  |  | 0 |" in text
    assert "| held-out loss, at the step that was kept | 1.2500, 7 |" in text


def test_licences_of_the_data_come_from_its_card():
    card = {"sources": {"a": {"licence": "CC-BY-4.0"}, "b": {"licence": "MIT"}, "c": {"licence": "MIT"}}}
    assert data_of("vital", card) == {"name": "vital", "licence": "CC-BY-4.0, MIT"}
    assert data_of("mine", {"source": {"kind": "local"}})["licence"] is None
