"""Where a study is run, what all studies share, and where the files are that its config names.

The embedded default is run where the code is. Every other study has a folder of its own, `studies/NAME`, so that none
overwrites another's results. What is costly and the same for all is shared: `.cache` (downloads, prepared models) and
the store of finished generations. A folder of a study holds links to them.
"""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from . import paths

STUDIES = "studies"
DEFAULT = Path("config", "config.yaml")  # the one that is run where the code is
SHARED = (Path(".cache"), Path("results", "store"))
SHARED_WRITES = (Path(".cache", "models"), Path("results", "store"))  # whole or not at all, as core.files does
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
UNQUOTED = r"[\"$`\\\x00-\x1f\x7f\ud800-\udfff]"  # what a shell reads within double quotes, and what is no text

Config = dict[str, Any]


def check_quoted(*places: Path) -> None:
    """Raise UserError on a path that Snakemake cannot hand to its jobs: its shell would run `$(...)` in a name."""
    for place in places:
        if found := re.search(UNQUOTED, str(place)):
            raise UserError(
                f"{place}: Snakemake starts jobs by a shell, which reads {found[0]!r} in this path as something else. "
                'Take names without ", $, `, \\ and control characters, in UTF-8.'
            )


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
        with suppress(FileExistsError):  # of an earlier run, or of one that starts at this moment
            link.symlink_to(os.path.relpath(root / part, link.parent))


def located(config: Config, root: Path) -> Config:
    """Return a config whose files are found from the working directory, without `~`.

    A relative path that is not there, and is where the code is, is meant from there: `data/questions.jsonl` is the same
    file for every study. What is found in neither place is left, for the stage that reads it to say so.
    """
    result = deepcopy(config)
    for one in paths.named(config):
        if not one.within:
            part: Any = result
            for key in one.keys[:-1]:
                part = part[key]
            part[one.keys[-1]] = _found(one.path, root)
    return result


def _found(name: str, root: Path) -> str:
    path = Path(name).expanduser()
    if path.is_absolute():
        return str(path)
    return name if path.exists() or not (root / path).exists() else os.path.relpath(root / path)
