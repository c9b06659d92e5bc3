"""Lets each Python program of a test's run write down, at its end, which modules of ours it loaded."""

import atexit
import os
import sys
from pathlib import Path

FOLDER = Path(os.environ["IMPORTS"])


def record() -> None:
    """Write the program and the files below workflow/scripts that it loaded, a line each."""
    program = Path(sys.argv[0]).resolve() if sys.argv and sys.argv[0] else Path()
    if program.parent.name != "scripts":
        return
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    ours = {str(Path(file).resolve()) for file in files if file and program.parent in Path(file).resolve().parents}
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{program.stem}.{os.getpid()}").write_text("\n".join([str(program), *sorted(ours)]) + "\n")


atexit.register(record)
