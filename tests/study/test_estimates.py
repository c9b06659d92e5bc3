"""docs/from-instructrag.md: its hours follow from its tokens, by the formulas that it states."""

import re
from pathlib import Path

import pytest
import yaml
from interexter.study import gpu_plan, host_memory, layout, settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/from-instructrag.md").read_text()
FLOPS, BANDWIDTH, SHARE = 989e12, 3.35e12, 1 / 3  # of an H100, bfloat16 without sparsity; of this, what is reached
SMALL, LARGE = 8.03e9, 70.6e9  # weights
TEXTS = {"test": (1399 + 11313 + 3610 + 948, 12576), "train": (12868 + 78785 + 79168 + 4353, 167454)}  # 5 passages, 10


def reading(weights: float) -> float:
    """Tokens a second and GPU: two operations for each weight."""
    return FLOPS * SHARE / (2 * weights)


def writing(weights: float, layers: int, texts: int, gpus: int = 1, context: int = 1300) -> float:
    """Tokens a second and GPU: each step reads the weights, and keys and values of each text, in 2 bytes."""
    kept = 2 * layers * 8 * 128 * 2 * context
    return texts / ((2 * weights + texts * kept) / (gpus * BANDWIDTH * SHARE)) / gpus


def training(weights: float, operations: int) -> float:
    return FLOPS * SHARE / (operations * weights)


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
    texts = yaml.safe_load((ROOT / "config" / config).read_text())["engine"].get("max_num_seqs", 64)
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
    study = settings.checked(yaml.safe_load((ROOT / "config" / config).read_text()))
    [model] = study["models"]
    alike: dict[tuple[int, float], int] = {}  # trainings by their GPUs and bytes
    for recipe in layout.trained(study):
        of = gpu_plan.of_training(study, recipe, model), host_memory.of_training(study, recipe, model)
        alike[of] = alike.get(of, 0) + len(study["datasets"])
    most = max(size * min(4 // gpus, trainings) for (gpus, size), trainings in alike.items())
    stated = re.search(rf"^\| `{config}` \|.* (\d+) GB \|$", PAGE, re.MULTILINE)
    assert stated and int(stated[1]) == round(most / 1e9)


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
    rates += [writing(SMALL, 32, 64), training(SMALL, 8), training(SMALL, 6)]
    for rate, shown in zip(rates, ("20,500", "2,330", "4,790", "1,140", "2,650", "5,130", "6,840"), strict=True):
        assert float(shown.replace(",", "")) == pytest.approx(rate, rel=0.005)
        assert shown in PAGE


def test_tokens_follow_from_the_data_sets_sizes() -> None:
    once = {
        split: 850 * five + 1600 * ten for split, (five, ten) in TEXTS.items()
    }  # passages of 150, a question of 100
    questions = {split: sum(numbers) for split, numbers in TEXTS.items()}
    assert (questions["test"], questions["train"]) == (29846, 342628)
    assert (round(once["test"] / 1e6), round(once["train"] / 1e6)) == (35, 417)
    assert round((2 * once["train"] + 100 * questions["train"]) / 1e6) == 868  # one of three writers sees no documents
    assert round(3 * 270 * questions["train"] / 1e6) == 278
    whole = 2 * (4 * (once["train"] + 270 * questions["train"]) + once["train"])
    assert round(whole / 1e8) == 49
