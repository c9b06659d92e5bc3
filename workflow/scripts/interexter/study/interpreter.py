"""Which Python the shells of jobs find."""

import os
import sys
from pathlib import Path


def put_first() -> None:
    """Let shells find the Python that runs Snakemake, also where nobody activated its environment.

    An environment of conda, which is activated for a job, still goes before it.
    """
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
