"""What the shells of jobs find: the Python that runs Snakemake, our programs, and UTF-8; nobody else's modules."""

import os
import sys
from collections.abc import MutableMapping, Sequence
from importlib.machinery import PathFinder
from pathlib import Path

from ..core.errors import UserError


def export(scripts: Path, environment: MutableMapping[str, str] = os.environ) -> None:
    """Let shells find this Python, also where nobody activated its environment, and our programs as $SCRIPTS.

    An environment of conda, which is activated for a job, still goes before it. A run may have any working directory,
    and shell commands that named the folder in full would count as changed wherever the project moves.

    Jobs read and write in UTF-8 whatever the locale. Snakemake cannot hand them what is no ASCII unless it does so too:
    one that began in another encoding is refused, as of Latin-1, or of C under PYTHONUTF8=0. Of PYTHONPATH only folders
    of the project stay: a module that a person keeps elsewhere for something else would take the place of a pinned one.
    Raises UserError where one has done so already, since Snakemake began with it.
    """
    if (encoding := sys.getfilesystemencoding()) != "utf-8":
        raise UserError(
            f"the locale has Python read and write names and texts in {encoding}: set LC_ALL=C.UTF-8 or PYTHONUTF8=1 "
            "and run again."
        )
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    environment["SCRIPTS"] = str(scripts)
    environment["PYTHONUTF8"] = "1"
    given = [folder for folder in environment.pop("PYTHONPATH", "").split(os.pathsep) if folder]
    own = [folder for folder in given if Path(folder).absolute().is_relative_to(scripts.parents[1])]
    if own:
        environment["PYTHONPATH"] = os.pathsep.join(own)
    foreign = [folder for folder in given if folder not in own]
    if taken := _taken(foreign):
        raise UserError(
            f"PYTHONPATH: {', '.join(taken)} come from there, not from this Python: unset PYTHONPATH and run again."
        )
    # This process began with them: what it has yet to import is looked for there last.
    sys.path.sort(key=lambda folder: folder in foreign)


def _taken(foreign: Sequence[str]) -> list[str]:
    """Return what was imported from these folders although this Python has a module of that name."""
    others = [folder for folder in sys.path if folder not in foreign]
    files = {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items()) if "." not in name}
    return sorted(
        name
        for name, file in files.items()
        if file
        and any(Path(file).is_relative_to(Path(folder).absolute()) for folder in foreign)
        and PathFinder.find_spec(name, others)
    )
