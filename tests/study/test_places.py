"""Studies side by side: each in its folder, with links to what all share, and the config's files found from there."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from interexter.core.errors import UserError
from interexter.study import paths, places, settings

CONFIG = Path(__file__).parents[2] / "config"
SMOKE: dict[str, Any] = yaml.safe_load((CONFIG / "smoke.yaml").read_text())


@pytest.mark.parametrize(
    ("file", "config", "expected"),
    [
        ("config/config.yaml", {}, "."),
        ("config/config.yaml", {"study": "copy"}, "studies/copy"),
        ("config/vital.yaml", {}, "studies/vital"),
        ("elsewhere/config.yaml", {}, "studies/config"),
        ("config/llama-3-8b.yaml", {"study": "llama.2"}, "studies/llama.2"),
    ],
)
def test_a_study_has_a_folder_by_its_name(file: str, config: dict[str, Any], expected: str, tmp_path: Path) -> None:
    assert places.folder(tmp_path, tmp_path / file, config) == tmp_path / expected


@pytest.mark.parametrize("name", ["my study.yaml", "-x.yaml", "é.yaml"])
def test_a_file_whose_name_is_no_folders_needs_a_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="name the study by the key `study`"):
        places.folder(tmp_path, tmp_path / name, {})
    assert places.folder(tmp_path, tmp_path / name, {"study": "mine"}) == tmp_path / "studies/mine"


def test_a_name_in_the_config_is_a_folders() -> None:
    assert settings.checked({**deepcopy(SMOKE), "study": "a.b-C_1"})["study"] == "a.b-C_1"
    for name in ("../up", "a/b", ".hidden", ""):
        with pytest.raises(UserError, match="study"):
            settings.checked({**deepcopy(SMOKE), "study": name})


def test_studies_share_caches_and_the_store_and_nothing_else(tmp_path: Path) -> None:
    for name in ("a", "b", "a"):
        places.share(tmp_path, tmp_path / "studies" / name)
    a, b = (tmp_path / "studies" / name for name in ("a", "b"))
    (a / "results/store/x").write_text("generated")
    (a / ".cache/downloads").mkdir()
    (a / "results/report").mkdir()
    assert (b / "results/store/x").read_text() == (tmp_path / "results/store/x").read_text() == "generated"
    assert (tmp_path / ".cache/downloads").is_dir()
    assert [path.name for path in (b / "results").iterdir()] == ["store"]
    moved = tmp_path.rename(tmp_path.with_name("moved"))  # links are relative
    assert (moved / "studies/b/results/store/x").is_file()
    moved.rename(tmp_path)


def test_what_a_folder_has_already_is_left(tmp_path: Path) -> None:
    (tmp_path / "studies/a/results/store").mkdir(parents=True)
    places.share(tmp_path, tmp_path / "studies/a")
    assert not (tmp_path / "studies/a/results/store").is_symlink()
    places.share(tmp_path, tmp_path)
    assert not (tmp_path / ".cache").is_symlink()


def everything() -> dict[str, Any]:
    """A config with a file or folder of this machine wherever one can be named."""
    config = deepcopy(SMOKE)
    sized = {"train": 1, "test": 1}
    local = {"kind": "local", "questions": "data/q.jsonl", "corpus": "data/corpus.jsonl"}
    config["datasets"] = {
        "plain": {"source": local, **sized, "retrieval": {"method": "dense", "model": "own/encoder"}},
        "folder": {
            "source": {"kind": "local", "path": "shipped", "files": ["q.jsonl"]},
            **sized,
            **{"prompt_set": "interexter-worked", "worked_examples": "data/q.jsonl"},
        },
        "part": {"source": {"kind": "local", "folder": "shipped", "questions": "q.jsonl"}, **sized},
        "archive": {"source": {"kind": "local", "path": "not/there.zip", "questions": "data/q.jsonl"}, **sized},
        "both": {"source": {"kind": "local", "files": ["data/both.jsonl", "~/q.jsonl"]}, **sized},
        "hub": {"source": {"kind": "hub", "repository": "data/q", "revision": "0" * 40}, **sized},
    }
    config["models"] = {"mine": {"kind": "local", "path": "model"}}
    weights = {"hub": {"kind": "local", "path": "model"}}
    config["recipes"] = {"taken": {"method": "vanilla-sft", "weights": weights}}
    config["answers"] = {"them": {"kind": "file", "files": dict.fromkeys(config["datasets"], "data/theirs.jsonl")}}
    config["prompt_files"] = {"instructrag": "data/rag.json"}
    config["gates"] = {"nli": {"model": "judge"}}
    config["citations"] = {"datasets": ["plain"], "model": "org/judge"}
    for name in set(config["datasets"]) - {"hub"}:
        weights[name] = {"kind": "hub", "repository": "a/b", "revision": "0" * 40}
    return settings.checked(config)


def value(config: Any, keys: tuple[str | int, ...]) -> Any:
    for key in keys:
        config = config[key]
    return config


def test_files_of_a_config_are_found_from_the_studys_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = tmp_path / "studies/a"
    study.mkdir(parents=True)
    (tmp_path / "data").mkdir()
    for name in ("q.jsonl", "corpus.jsonl", "theirs.jsonl", "rag.json", "both.jsonl"):
        (tmp_path / "data" / name).write_text("")
    for name in ("model", "shipped", "judge", "own/encoder"):
        (tmp_path / name).mkdir(parents=True)
    (study / "data").mkdir()
    (study / "data/both.jsonl").write_text("the study's own")
    monkeypatch.setenv("HOME", "/home/ann")
    checked = everything()
    both = ("datasets", "both", "source", "files")
    monkeypatch.chdir(tmp_path)
    here = places.located(checked, tmp_path)
    assert value(here, both) == ["data/both.jsonl", "/home/ann/q.jsonl"]
    here["datasets"]["both"] = checked["datasets"]["both"]
    assert here == checked  # run where the code is, nothing else changes
    monkeypatch.chdir(study)
    found = places.located(checked, tmp_path)
    stay = {
        ("datasets", "folder", "source", "files", 0): "q.jsonl",  # within what is found
        ("datasets", "part", "source", "questions"): "q.jsonl",
        ("datasets", "archive", "source", "path"): "not/there.zip",
        ("datasets", "archive", "source", "questions"): "data/q.jsonl",  # within what is not there
        (*both, 0): "data/both.jsonl",  # the study's own comes first
        (*both, 1): "/home/ann/q.jsonl",
        ("citations", "model"): "org/judge",
    }
    named = [one.keys for one in paths.named(checked)]
    assert len(named) == len(set(named)) == 23
    assert {keys: value(found, keys) for keys in named} == {
        keys: stay.get(keys, f"../../{value(checked, keys)}") for keys in named
    }
    assert found["datasets"]["hub"] == checked["datasets"]["hub"]
    assert places.located(found, tmp_path) == found


def test_each_file_that_a_config_names_is_looked_for(tmp_path: Path) -> None:
    said = list(paths.faults(everything(), tmp_path))
    keys = {line.partition(":")[0] for line in said}
    named = {".".join(part for part in one.keys if isinstance(part, str)) for one in paths.named(everything())}
    unknown = {"datasets.plain.retrieval.model", "gates.nli.model", "citations.model"}  # may be a hub's
    within = {"datasets.folder.source.files", "datasets.part.source.questions", "datasets.archive.source.questions"}
    assert keys == named - unknown - within  # what is in a folder that is not there is not said beside it
    assert all(": there is no f" in line for line in said)


@pytest.mark.parametrize("name", ["a {b} %s", "it's; a & b", "a*[b]?", "ümläut 日本", "-n --x", "a | b > c"])
def test_names_that_a_shell_reads_as_they_stand_are_taken(name: str) -> None:
    places.check_quoted(Path("/a", name), Path(name))


@pytest.mark.parametrize("name", ["$(touch x)", "`touch x`", '"; touch x; "', "a\\", "a\nb", "a\tb", "caf\udce9"])
def test_names_that_a_shell_would_read_otherwise_are_refused_in_a_line(name: str) -> None:
    with pytest.raises(UserError, match="Snakemake starts jobs by a shell") as caught:
        places.check_quoted(Path("/a"), Path("/a", name, "b"))
    assert str(caught.value).isprintable()


def test_braces_are_refused_in_the_one_name_that_snakemake_would_fill_in(tmp_path: Path) -> None:
    config = everything()
    [answers] = config["answers"].values()
    answers["files"] = dict.fromkeys(answers["files"], "their {x}.jsonl")
    (tmp_path / "their {x}.jsonl").touch()
    said = [fault for fault in paths.faults(config, tmp_path) if "wildcard" in fault]
    assert len(said) == len(answers["files"])


def test_a_model_with_a_link_that_leads_nowhere_is_refused_before_the_first_job(tmp_path: Path) -> None:
    config = everything()
    weights = [tmp_path / one.path for one in paths.named(config) if one.kind == "weights"]
    for folder in {*weights}:
        folder.mkdir(parents=True)
        (folder / "model.safetensors").symlink_to("../blobs/gone")
    said = [fault for fault in paths.faults(config, tmp_path) if "model.safetensors is a link that leads" in fault]
    assert len(said) == len(weights) > 0
