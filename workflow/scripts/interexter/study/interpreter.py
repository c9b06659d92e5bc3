"""What the shells of jobs find: the Python that runs Snakemake, and our programs."""

import os
import sys
from pathlib import Path


def export(scripts: Path) -> None:
    """Let shells find this Python, also where nobody activated its environment, and our programs as $SCRIPTS.

    An environment of conda, which is activated for a job, still goes before it. A run may have any working directory,
    and shell commands that named the folder in full would count as changed wherever the project moves.
    """
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    os.environ["SCRIPTS"] = str(scripts)
