"""What the configs of the two papers promise: their experiments, on one model that is pinned once."""

from pathlib import Path
from typing import Any

import pytest
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
