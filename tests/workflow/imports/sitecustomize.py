"""Lets each Python program of a test's run write down, at its end, which modules of ours it loaded."""

import atexit
import os
import sys
from pathlib import Path

FOLDER = Path(os.environ["IMPORTS"])


def record() -> None:
    """Write the program and the files that it loaded, a line each, as paths from workflow/scripts."""
    program = Path(sys.argv[0]).resolve() if sys.argv and sys.argv[0] else Path()
    scripts = program.parent
    if scripts.name != "scripts":
        return
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    loaded = {Path(file).resolve() for file in files if file}
    ours = sorted(str(file.relative_to(scripts)) for file in loaded if scripts in file.parents)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{program.stem}.{os.getpid()}").write_text("\n".join([program.name, *ours]) + "\n")


atexit.register(record)
