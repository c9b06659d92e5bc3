"""What the configs of the two papers promise: their experiments, on one model that is pinned once."""

import re
from pathlib import Path
from typing import Any

import pytest
from interexter.answers.methods import load, names
from interexter.core.errors import UserError
from interexter.models import sizes
from interexter.study import layout, settings

CONFIG = Path(__file__).parents[2] / "config"
PAPERS = ("instructrag", "instructrag-70b", "instructrag-passages", "interexter", "llama-3-8b")


def study(name: str) -> dict[str, Any]:
    """Return a shipped config, checked."""
    return settings.read(CONFIG / f"{name}.yaml")


def test_a_repository_has_one_pin_in_all_configs() -> None:
    pins: dict[str, set[str]] = {}
    for path in CONFIG.glob("*.yaml"):
        for source in settings.read(path)["models"].values():
            if source["kind"] == "hub":
                pins.setdefault(source["repository"], set()).add(source["revision"])
    assert {repository: len(revisions) for repository, revisions in pins.items()} == {
        "meta-llama/Meta-Llama-3-8B-Instruct": 1,
        "meta-llama/Meta-Llama-3-70B-Instruct": 1,
    }


@pytest.mark.parametrize("name", PAPERS)
def test_every_example_weighs_the_same_as_in_the_papers_trainings(name: str) -> None:
    config = study(name)
    weighed = {recipe: config["recipes"][recipe]["training"]["weighting"] for recipe in layout.trained(config)}
    assert weighed == dict.fromkeys(weighed, "example")


def test_the_published_archive_is_found_where_it_was_unpacked(tmp_path: Path) -> None:
    config = study("instructrag-passages")
    settings.check_paths(config, tmp_path)  # a plan needs no data
    with pytest.raises(UserError) as caught:
        settings.check_data(config, tmp_path)
    said = str(caught.value)
    assert said.startswith(
        "config: there is no data/instructrag/PopQA, data/instructrag/NaturalQuestions with train.json"
    )
    assert "gdown 1MVkdc4g9_D4REtaBFKeJ9gMun4qzdQtO" in said and "\n" not in said
    for name in ("PopQA", "NaturalQuestions"):  # with the archive's own folder between
        (tmp_path / "data/instructrag/dataset" / name).mkdir(parents=True)
        (tmp_path / "data/instructrag/dataset" / name / "test.json").touch()
    settings.check_data(config, tmp_path)


@pytest.mark.parametrize("name", PAPERS[:4])
def test_without_a_way_to_have_them_data_that_are_not_there_are_refused_at_once(name: str, tmp_path: Path) -> None:
    config = study(name)
    assert all("obtain" in dataset["source"] for dataset in config["datasets"].values())
    for dataset in config["datasets"].values():
        del dataset["source"]["obtain"]
    settings.check_data(config, tmp_path)
    with pytest.raises(UserError, match=r"source.path: there is no file or folder .*data/instructrag"):
        settings.check_paths(config, tmp_path)


def test_files_that_a_config_names_are_looked_for_below_the_path(tmp_path: Path) -> None:
    config = study("instructrag-passages")
    config["datasets"] = {"mine": config["datasets"]["popqa-1"]}
    config["datasets"]["mine"]["source"] |= {
        "layout": "plain",
        "path": "mine",
        "files": ["a.csv", "b.csv"],
        "folder": "",
    }
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/a.csv").touch()
    with pytest.raises(UserError, match=r"there is no mine with a.csv and b.csv"):
        settings.check_data(config, tmp_path)
    (tmp_path / "mine/b.csv").touch()
    settings.check_data(config, tmp_path)


def test_what_is_to_be_had_has_a_place() -> None:
    config = settings.config_file.read(CONFIG / "instructrag-passages.yaml")
    source = config["datasets"]["popqa-1"]["source"]
    del source["path"]
    source["questions"] = "q.json"
    with pytest.raises(UserError, match=r"datasets.popqa-1.source.obtain: name the `path`"):
        settings.checked(config)


def test_training_questions_are_asked_for_what_the_study_uses() -> None:
    assert [name for name in PAPERS if layout.asks_memory_of_training(study(name))] == ["interexter", "llama-3-8b"]
    plain = {"rationales": {"styles": {"instructrag": ["clean"]}}, "train": {"conditions": ["clean"]}}
    plain |= {"conditions": {"clean": {"counter_to": "gold"}, "believed": {"counter_to": "memory"}}}

    def asked(method: str = "instructrag-ft", states: dict[str, float] | None = None, **changes: Any) -> bool:
        recipe = {"method": method, "mixture": {"states": states or {}}}
        return layout.asks_memory_of_training({"recipes": {"mine": recipe}, **plain, **changes})

    assert not asked() and not asked("vanilla-sft")
    assert asked(states={"both": 0.5})
    assert asked(rationales={"styles": {"interexter": ["clean"]}})
    assert not asked(rationales={"styles": {"interexter": []}})
    assert asked(train={"conditions": ["clean", "believed"]})
    trained = [name for name in names() if load(name).TARGET]
    assert {name for name in trained if asked(name)} == {"interexter-ft", "vanilla-sft-memory"}


# Every flag of the programs of InstructRAG (8147bbc) and InterExter-Research (8981ace), and of theirs to transformers.
FLAGS = [
    *("dataset_name", "rag_model", "model_name_or_path", "load_local_model", "do_rationale_generation"),
    *("n_docs", "output_dir", "cache_dir", "prompt_dict_path", "temperature", "max_tokens", "seed"),
    *("max_instances", "optim", "model_max_length", "padding", "resume_from_checkpoint"),
    *("use_fast_tokenizer", "per_device_train_batch_size", "gradient_accumulation_steps"),
    *("num_train_epochs", "learning_rate", "lr_scheduler_type", "bf16", "tf32", "logging_steps"),
    *("weight_decay", "warmup_ratio", "ddp_timeout", "fsdp", "fsdp_transformer_layer_cls_to_wrap"),
    *("nproc_per_node", "datapath", "input_file", "output_file", "lora", "ft_model_id", "lost_in_mid"),
    *("do_internal_generation", "do_rationale_generation_predefined"),
    *("do_rationale_generation_icl", "do_inter_exter", "do_vanilla", "version", "demo_version"),
    *("dataset_path", "train_file_name", "internal", "deepspeed", "gradient_checkpointing", "task_type"),
    *("cmp1_name", "cmp2_name", "experiment_date", "save", "check_version"),
]


def test_each_flag_of_the_predecessors_has_its_line() -> None:
    page = (CONFIG.parent / "docs/from-instructrag.md").read_text(encoding="utf-8")
    table = page[page.index("## Flags") : page.index("## What is done differently")]
    assert [flag for flag in FLAGS if not re.search(rf"--{flag}\b(?!_)", table)] == []


def test_what_the_estimates_of_the_page_begin_with() -> None:
    page = (CONFIG.parent / "docs/from-instructrag.md").read_text(encoding="utf-8")
    config = study("instructrag")
    sizes_of = [dataset["source"]["sizes"] for dataset in config["datasets"].values()]
    for split in ("train", "test"):
        assert f"{sum(one[split] for one in sizes_of):,}" in page
    for name, said in {"instructrag": "25 of them", "interexter": "15 in `interexter.yaml`"}.items():
        config = study(name)
        assert said.split()[0] == str(len(config["datasets"]) * len(layout.trained(config))) and said in page
    recipe = study("instructrag")["recipes"]["instructrag-ft"]["training"]
    need = sizes.state(8.03e9, 8.03e9, recipe, 4)
    parts = [round(need[part] / 1e9) for part in ("weights", "gradients", "optimizer")]
    assert f"{' + '.join(map(str, parts))} = {sum(parts)} GB" in page
