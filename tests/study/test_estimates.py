"""docs/from-instructrag.md: its tokens follow from the configs, its hours from the tokens, by what it states."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from interexter.answers import methods
from interexter.data.layouts.instructrag import PUBLISHED
from interexter.study import gpu_plan, host_memory, layout, settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/from-instructrag.md").read_text()
FLOPS, BANDWIDTH, SHARE = 989e12, 3.35e12, 1 / 3  # of an H100, bfloat16 without sparsity; of this, what is reached
SMALL, LARGE = 8.03e9, 70.6e9  # weights
# Tokens of a passage, of a question with its instruction, of two demonstrations, and of what a model writes.
PASSAGE, QUESTION, DEMONSTRATIONS, ANSWER, RATIONALE, WEIGHED = 150, 100, 500, 100, 270, 540


def reading(weights: float) -> float:
    """Tokens a second and GPU: two operations for each weight."""
    return FLOPS * SHARE / (2 * weights)


def writing(weights: float, layers: int, texts: int, gpus: int = 1, context: int = 1300) -> float:
    """Tokens a second and GPU: each step reads the weights, and keys and values of each text, in 2 bytes."""
    kept = 2 * layers * 8 * 128 * 2 * context
    return texts / ((2 * weights + texts * kept) / (gpus * BANDWIDTH * SHARE)) / gpus


def training(weights: float, operations: int) -> float:
    return FLOPS * SHARE / (operations * weights)


def checked(config: str) -> dict[str, Any]:
    return settings.checked(yaml.safe_load((ROOT / "config" / config).read_text()))


def rows() -> dict[str, tuple[list[float], list[int], str]]:
    """Of each config: million tokens read, written and trained on, the stated GPU hours, and the time on four."""
    found = {}
    for config, *cells in re.findall(r"^\| `([\w-]+\.yaml)` \|" + r"([^|]*)\|" * 5, PAGE, re.MULTILINE):
        if cells[0].endswith(" M "):
            tokens = [float(cell.strip(" M").replace(",", "") or 0) for cell in cells[:3]]
            found[config] = tokens, [int(n) for n in re.findall(r"\d+", cells[3])], cells[4].strip()
    return found


@pytest.mark.parametrize("config", rows())
def test_hours_follow_from_tokens(config: str) -> None:
    (read, written, trained), stated, on_four = rows()[config]
    texts = checked(config)["engine"]["max_num_seqs"]
    large = "70b" in config
    reads = reading(LARGE if large else SMALL)
    writes = writing(LARGE, 80, texts, gpus=4) if large else writing(SMALL, 32, texts)
    trains = training(SMALL, 6 if config == "interexter.yaml" else 8)
    asked, taught = 1e6 * (read / reads + written / writes) / 3600, 1e6 * trained / trains / 3600
    if on_four.startswith("below 1"):
        assert asked + taught < 1
    else:
        assert stated == [round(hours) for hours in (asked, taught) if hours]
        assert int(on_four.split()[0]) == round((asked + taught) / 4)


@pytest.mark.parametrize("config", ["instructrag.yaml", "interexter.yaml", "llama-3-8b.yaml"])
def test_the_memory_of_the_host_is_that_of_the_trainings_that_run_together_on_four_gpus(config: str) -> None:
    study = checked(config)
    [model] = study["models"]
    alike: dict[tuple[int, float], int] = {}  # trainings by their GPUs and bytes
    for recipe in layout.trained(study):
        of = gpu_plan.of_training(study, recipe, model), host_memory.of_training(study, recipe, model)
        alike[of] = alike.get(of, 0) + len(study["datasets"])
    most = max(size * min(4 // gpus, trainings) for (gpus, size), trainings in alike.items())
    stated = re.search(rf"^\| `{config}` \|.* (\d+) GB \|$", PAGE, re.MULTILINE)
    assert stated and int(stated[1]) == round(most / 1e9)


@pytest.mark.parametrize("config", rows())
def test_disk_is_that_of_checkpoints_of_running_trainings_and_of_the_model_twice(config: str) -> None:
    study = checked(config)
    [model] = study["models"]
    weights = LARGE if "70b" in config else SMALL
    running = [0.0]
    for name in layout.trained(study):
        kept = 3 * 4 + 4 if study["recipes"][name]["training"]["lora"] != "none" else 3 * (12 + 4) + 4  # bytes a weight
        alike = [
            n for n in layout.trained(study) if study["recipes"][n]["training"] == study["recipes"][name]["training"]
        ]
        together = min(4 // gpu_plan.of_training(study, name, model), len(alike) * len(study["datasets"]))
        running.append(kept * SMALL * together)
    made = 2 * SMALL * len(layout.trained(study)) * len(study["datasets"])
    total = made + max(running) + 2 * 2 * weights + 20e9
    stated = re.search(rf"^\| `{config}` \|.*\| ([\d.]+) ([GT])B \| \d+ GB \|$", PAGE, re.MULTILINE)
    assert stated and float(stated[1]) == pytest.approx(total / {"G": 1e9, "T": 1e12}[stated[2]], rel=0.06)


def test_every_study_of_theirs_has_a_row() -> None:
    assert {*rows()} == {path.name for path in (ROOT / "config").glob("*.yaml")} - {
        "config.yaml",
        "smoke.yaml",
        "vital.yaml",
        "vital-dev.yaml",
        "vital-rationales.yaml",
        "vital-seeds.yaml",
    }


def test_the_page_states_the_rates() -> None:
    rates = [reading(SMALL), reading(LARGE), writing(SMALL, 32, 256), writing(LARGE, 80, 256, gpus=4)]
    rates += [writing(SMALL, 32, 128), training(SMALL, 8), training(SMALL, 6)]
    for rate, shown in zip(rates, ("20,500", "2,330", "4,790", "1,140", "3,770", "5,130", "6,840"), strict=True):
        assert float(shown.replace(",", "")) == pytest.approx(rate, rel=0.005)
        assert shown in PAGE


def sizes(dataset: dict[str, Any]) -> tuple[int, int]:
    """Questions of the training and of the test: as published where all are asked."""
    published = PUBLISHED.get(dataset["source"].get("folder", ""), {})
    train, test = (published[split] if dataset[split] == "all" else dataset[split] for split in ("train", "test"))
    return train, test


def of_method(name: str, documents: int, memory: int) -> tuple[int, int]:
    """Tokens that a method reads and writes for a question under a condition."""
    method = methods.load(name)
    read = documents if "documents" in method.TEMPLATES else QUESTION
    read += DEMONSTRATIONS * bool(method.DEMONSTRATIONS) + memory * ("interexter" in method.TEMPLATES)
    written = (
        WEIGHED if "interexter" in method.TEMPLATES else RATIONALE if "instructrag" in method.TEMPLATES else ANSWER
    )
    return read, written


def tokens(study: dict[str, Any]) -> tuple[float, float, float]:
    """Millions of tokens that a study's models read, write and are trained on."""
    memory = study["recall"]["document_tokens"]
    conditions = {split: len(layout.conditions_of(study, split)) for split in ("train", "test")}
    read = written = trained = 0
    for dataset in study["datasets"].values():
        train, test = sizes(dataset)
        documents = QUESTION + PASSAGE * dataset["passages"]
        asked = [name for checkpoint in layout.answering(study) for name in layout.methods_of(study, checkpoint)]
        for name in asked:  # without documents, what is asked is the same under every condition
            times = 1 if name == "closed-book" else conditions["test"]
            costs = of_method(name, documents, memory)
            read, written = read + test * times * costs[0], written + test * times * costs[1]
        remembered = test + train * layout.asks_memory_of_training(study)
        read, written = read + remembered * 2 * QUESTION, written + remembered * (ANSWER + memory)
        for style, of in study["rationales"]["styles"].items():
            weighed = style == "interexter"
            read += train * len(of) * (documents + memory * weighed)
            written += train * len(of) * (WEIGHED if weighed else RATIONALE)
        for source in layout.written_rationales(study)[1:]:
            read += train * (QUESTION if source == "without-documents" else documents)
            written += train * RATIONALE
        for recipe in (study["recipes"][name] for name in layout.trained(study)):
            prompt, target = of_method(recipe["method"], documents, memory)
            target *= recipe["method"] != "vanilla-sft"  # a few tokens
            trained += int(recipe["training"]["epochs"] * train * (prompt + target))
    return read / 1e6, written / 1e6, trained / 1e6


@pytest.mark.parametrize("config", rows())
def test_tokens_follow_from_the_config(config: str) -> None:
    study = checked(config)
    stated, _, _ = rows()[config]
    for ours, shown in zip(tokens(study), stated, strict=True):
        assert shown == pytest.approx(ours, rel=0.01, abs=0.5), (ours, shown)


def test_the_published_figures_beside_the_assumed_third() -> None:
    """Training as LLM Foundry has it; texts of 2048 tokens that write 128, as TensorRT-LLM, on four GPUs in FP8."""
    assert f"{training(12.86e9, 8):,.0f}" in PAGE
    a_written_one = 2048 / 128 / (4 * reading(LARGE)) + 1 / (4 * writing(LARGE, 80, 64, gpus=4, context=2112))
    assert f"{2 / a_written_one:.0f}" in PAGE  # FP8: half the bytes, twice the operations
