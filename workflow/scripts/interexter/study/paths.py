"""The files and folders that a config names, in one list: they are found, looked for and watched by it."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from ..data import sources
from ..models.source_keys import LOCAL
from ..models.weights import lost_links

Config = dict[str, Any]


class Named(NamedTuple):
    """A file or folder that a config names.

    Its kind is `file`; `data`, a file, a folder or an archive; `weights`, the folder of a model or an adapter;
    `repository`, the folder of a model or what a hub calls one; `member`, a file, or a name within a source.
    """

    keys: tuple[str | int, ...]  # where the config names it
    path: str
    kind: Literal["file", "data", "weights", "repository", "member"]
    within: str = ""  # the folder or archive of a source in which the path begins; else in the working directory
    awaited: bool = False  # the config says how it is had while it is not there


def named(config: Config) -> Iterator[Named]:
    """Yield every file and folder that a checked config names."""
    for name, dataset in config["datasets"].items():
        yield from _of_data_set(("datasets", name), dataset)
    for name, model in config["models"].items():
        yield from _of_model(("models", name), model)
    for name, recipe in config["recipes"].items():
        for dataset, model in recipe.get("weights", {}).items():
            yield from _of_model(("recipes", name, "weights", dataset), model)
    for name, given in config["answers"].items():
        for dataset, path in given["files"].items():
            yield Named(("answers", name, "files", dataset), path, "file")
    for name, path in config["prompt_files"].items():
        yield Named(("prompt_files", name), path, "file")
    if nli := config["gates"].get("nli"):
        yield Named(("gates", "nli", "model"), nli["model"], "repository")
    if model := config["citations"]["model"]:
        yield Named(("citations", "model"), model, "repository")


def _of_data_set(keys: tuple[str, ...], dataset: Config) -> Iterator[Named]:
    yield from _of_source((*keys, "source"), dataset["source"])
    if "worked_examples" in dataset:
        yield Named((*keys, "worked_examples"), dataset["worked_examples"], "file")
    if "model" in dataset["retrieval"]:
        yield Named((*keys, "retrieval", "model"), dataset["retrieval"]["model"], "repository")


def _of_source(keys: tuple[str, ...], source: Config) -> Iterator[Named]:
    awaited, local = "obtain" in source, source["kind"] == "local"
    if "path" in source:
        yield Named((*keys, "path"), source["path"], "data", awaited=awaited)
    elif local and "folder" in source:
        yield Named((*keys, "folder"), source["folder"], "data")
    if local:
        within = "/".join(filter(None, [source.get("path", ""), source.get("folder", "").strip("/")]))
        if "questions" in source:
            yield Named((*keys, "questions"), source["questions"], "file", within, awaited)
        for index, file in enumerate(source.get("files", [])):
            yield Named((*keys, "files", index), file, "file", within, awaited)
    if "corpus" in source:
        alone = local and not {"path", "folder"} & source.keys()
        yield Named((*keys, "corpus"), source["corpus"], "file" if alone else "member")


def _of_model(keys: tuple[str, ...], source: Config) -> Iterator[Named]:
    if source["kind"] in LOCAL:
        yield Named((*keys, "path"), source["path"], "weights")


def faults(config: Config, folder: Path) -> Iterator[str]:
    """Yield the paths of a checked config that do not exist, each with its key; they are relative to `folder`."""
    for one in named(config):
        if not one.awaited:  # a plan can be made before it is there
            yield from _fault(one, folder)


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


def _fault(one: Named, folder: Path) -> Iterator[str]:
    """Yield that there is nothing at a path, or another kind of thing, as far as that is known before a job looks."""
    if one.kind == "member" or (one.kind == "repository" and not _is_path(one.path)):
        return
    start = folder / Path(one.within).expanduser()
    if one.within and _kind(start) != "folder":  # what an archive holds is known when it is read
        return
    key = ".".join(part for part in one.keys if isinstance(part, str))
    if one.keys[0] == "answers" and {"{", "}"} & {*one.path}:  # the one file that is an input of a rule
        yield f"{key}: {one.path}: Snakemake takes what stands in braces for a wildcard; rename the file"
    wanted = {"file": "file", "data": ""}.get(one.kind, "folder")
    place = start / Path(one.path).expanduser()
    found = _kind(place)
    written = Path(one.within, one.path)
    if not found:
        looked = "" if place == written.expanduser() else f", neither in {folder} nor where the code is"
        yield f"{key}: there is no {wanted or 'file or folder'} {written}{looked}"
    elif wanted and found != wanted:
        yield f"{key}: {written} is no {wanted}"
    elif one.kind == "weights":
        for link in lost_links(place):
            yield f"{key}: {link} is a link that leads nowhere"


def _is_path(model: str) -> bool:
    """Return whether a name is a folder's; what may be a repository of the hub is left to the job that asks the hub."""
    return model.startswith(("/", ".", "~")) or model.count("/") > 1


def _kind(path: Path) -> str:
    """Return folder, file, another word for what is neither, or "" where nothing is to be found."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # no such thing, a name that is too long, a zero byte
        return ""
    return "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "device"
