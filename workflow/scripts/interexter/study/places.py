"""Where a study is run, what all studies share, and where the files are that its config names.

The embedded default is run where the code is. Every other study has a folder of its own, `studies/NAME`, so that none
overwrites another's results. What is costly and the same for all is shared: `.cache` (downloads, prepared models) and
the store of finished generations. A folder of a study holds links to them.
"""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..core.errors import UserError

STUDIES = "studies"
DEFAULT = Path("config", "config.yaml")  # the one that is run where the code is
SHARED = (Path(".cache"), Path("results", "store"))
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"

Config = dict[str, Any]


def folder(root: Path, file: Path, config: Mapping[str, Any]) -> Path:
    """Return the folder that the study of a config file is run in.

    Args:
        root: where the code is.
        file: the config.
        config: what it holds; `study` names the study, else the file does.

    Raises:
        UserError: neither is a name that a folder can have.
    """
    if "study" not in config and file.resolve() == (root / DEFAULT).resolve():
        return root
    name = str(config.get("study", file.stem))
    if not re.fullmatch(NAME, name):
        raise UserError(f"{file}: {name!r} cannot be the name of a folder; name the study by the key `study`.")
    return root / STUDIES / name


def share(root: Path, study: Path) -> None:
    """Make a study's folder, with links to what all studies share; what is there already is left as it is."""
    if study == root:
        return
    for part in SHARED:
        (root / part).mkdir(parents=True, exist_ok=True)
        link = study / part
        link.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(link):
            link.symlink_to(os.path.relpath(root / part, link.parent))


def located(config: Config, root: Path) -> Config:
    """Return a config whose files are found from the working directory.

    A relative path that is not there, and is where the code is, is meant from there: `data/questions.jsonl` is the same
    file for every study. What is found in neither place is left, for the stage that reads it to say so.
    """

    def found(name: Any) -> Any:
        path = Path(str(name)).expanduser()
        if path.is_absolute() or path.exists() or not (root / path).exists():
            return name
        return os.path.relpath(root / path)

    datasets = {name: _data_set(one, found) for name, one in config["datasets"].items()}
    recipes = {
        name: _with(one, "weights", lambda given: {k: _with(v, "path", found) for k, v in given.items()})
        for name, one in config["recipes"].items()
    }
    answers = {name: _with(one, "files", lambda given: _all(given, found)) for name, one in config["answers"].items()}
    return {
        **config,
        "datasets": datasets,
        "models": {name: _with(one, "path", found) for name, one in config["models"].items()},
        "recipes": recipes,
        "answers": answers,
        "prompt_files": _all(config["prompt_files"], found),
        "gates": _with(config["gates"], "nli", lambda one: _with(one, "model", found)),
        "citations": _with(config["citations"], "model", lambda name: found(name) if name else name),
    }


def _data_set(dataset: Config, found: Callable[[Any], Any]) -> Config:
    source = _with(_with(dataset["source"], "path", found), "corpus", found)
    if source["kind"] == "local" and "path" not in source:  # else they are names within the path
        source = _with(source, "questions", found)
        source = _with(source, "files", lambda names: [found(name) for name in names])
    retrieval = _with(dataset["retrieval"], "model", found)
    return _with({**dataset, "source": source, "retrieval": retrieval}, "worked_examples", found)


def _with(mapping: Config, key: str, change: Callable[[Any], Any]) -> Config:
    """Return a mapping with the value of a key changed, where it has one."""
    return {**mapping, key: change(mapping[key])} if key in mapping else mapping


def _all(mapping: Config, change: Callable[[Any], Any]) -> Config:
    return {key: change(value) for key, value in mapping.items()}
