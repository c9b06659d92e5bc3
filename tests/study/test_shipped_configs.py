"""What the configs of the two papers promise: their experiments, on one model that is pinned once."""

from pathlib import Path
from typing import Any

import pytest
from interexter.core.errors import UserError
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
