"""Paths in errors: they are said as a person finds them, who stands where the code is and not in a study's folder."""

import os
import re
from pathlib import Path

_BEGINS = r"(?<![^\s'\"(])"  # a path begins where a word does


def from_root(text: str, root: Path) -> str:
    """Return a text with its relative paths as they are found from `root`, where the working directory lies below that.

    In `studies/mine`, `../../data/q.csv` is `data/q.csv`, and `results/report` is `studies/mine/results/report`.
    """
    here, up = os.path.relpath(Path.cwd(), root), os.path.relpath(root)
    if here == "." or here.startswith(".."):
        return text
    text = re.sub(rf"{_BEGINS}results/", f"{here}/results/", text)
    return re.sub(rf"{_BEGINS}{re.escape(up)}/", "", text)
