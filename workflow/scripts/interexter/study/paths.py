"""The files and folders that a config names: what is not there is said before any job, in a dry run too."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..data import sources
from ..models.sources import LOCAL

Config = dict[str, Any]


def faults(config: Config, folder: Path) -> Iterator[str]:
    """Yield the paths of a checked config that do not exist, each with its key; they are relative to `folder`."""
    for name, dataset in config["datasets"].items():
        yield from _dataset_faults(f"datasets.{name}", dataset, folder)
    for name, model in config["models"].items():
        yield from _model_faults(f"models.{name}", model, folder)
    for name, recipe in config["recipes"].items():
        for dataset, model in recipe.get("weights", {}).items():
            yield from _model_faults(f"recipes.{name}.weights.{dataset}", model, folder)
    for name, given in config["answers"].items():
        for dataset, path in given["files"].items():
            yield from _fault(f"answers.{name}.files.{dataset}", path, folder, "file")
    for name, path in config["prompt_files"].items():
        yield from _fault(f"prompt_files.{name}", path, folder, "file")
    classifiers = {"gates.nli.model": (config["gates"].get("nli") or {}).get("model", "")}
    classifiers["citations.model"] = config["citations"]["model"]
    for key, model in classifiers.items():
        yield from _repository_faults(key, model, folder)


def missing_data(config: Config, folder: Path) -> Iterator[str]:
    """Yield what data are not there of which the config says how they are had, once for each way to have them."""
    lacking: dict[tuple[str, str], list[str]] = {}
    for dataset in config["datasets"].values():
        source = dataset["source"]
        if "obtain" not in source:
            continue
        files = sources.missing_files({**source, "path": str(folder / Path(source["path"]).expanduser())})
        if files is not None:
            place = "/".join([source["path"], *filter(None, [source.get("folder", "").strip("/")])])
            lacking.setdefault((source["obtain"], " and ".join(files)), []).append(place)
    for (how, names), places in lacking.items():
        yield f"there is no {', '.join(dict.fromkeys(places))}{f' with {names}' if names else ''}. {how}"


def _dataset_faults(key: str, dataset: Config, folder: Path) -> Iterator[str]:
    source = dataset["source"]
    if "obtain" in source:
        return  # a plan can be made before they are there
    if "path" in source:
        yield from _fault(f"{key}.source.path", source["path"], folder)
    place = folder / Path(source.get("path", ".")).expanduser()
    if source["kind"] == "local" and _kind(place) == "folder":  # what an archive holds is known when it is read
        inside = [source["questions"]] if "questions" in source else []
        for file in [*source.get("files", []), *inside]:
            yield from _fault(
                f"{key}.source",
                f"{source['folder'].strip('/')}/{file}" if source.get("folder") else file,
                place,
                "file",
            )
    if "worked_examples" in dataset:
        yield from _fault(f"{key}.worked_examples", dataset["worked_examples"], folder, "file")
    if "model" in dataset["retrieval"]:
        yield from _repository_faults(f"{key}.retrieval.model", dataset["retrieval"]["model"], folder)


def _model_faults(key: str, source: Config, folder: Path) -> Iterator[str]:
    if source["kind"] in LOCAL:
        yield from _fault(f"{key}.path", source["path"], folder, "folder")


def _repository_faults(key: str, model: str, folder: Path) -> Iterator[str]:
    """Yield a folder that does not exist; what may be a repository of the hub is left to the job that asks the hub."""
    if model.startswith(("/", ".", "~")) or model.count("/") > 1:
        yield from _fault(key, model, folder, "folder")


def _fault(key: str, path: str, folder: Path, kind: str = "") -> Iterator[str]:
    """Yield that there is nothing at a path, or another kind of thing."""
    place = folder / Path(path).expanduser()
    found = _kind(place)
    if not found:
        yield f"{key}: there is no {kind or 'file or folder'} {place}"
    elif kind and found != kind:
        yield f"{key}: {place} is no {kind}"


def _kind(path: Path) -> str:
    """Return folder, file, another word for what is neither, or "" where nothing is to be found."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # no such thing, a name that is too long, a zero byte
        return ""
    return "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "device"
