"""The authors' files: a copy of the user's, or downloaded once and kept, and in both cases checked.

A file of theirs is read and never run: of a program, the texts in it are taken by reading its syntax.
"""

import ast
import json
from pathlib import Path

from ..core.errors import UserError
from ..data import fetch
from . import published_prompts
from .published_prompts import AFTER_EXAMPLE, BEFORE_EXAMPLE, CODE, SETS, SOURCES

_GUIDING = "diff_rationale_gen"  # the function of InterExterRAG that puts a guide and its worked example together


def of_set(name: str, local: dict[str, Path], cache: Path) -> dict[str, str]:
    """Return the texts of a published prompt set, from all files that it is built from; `local` has copies of them.

    Raises UserError if one cannot be had or is not the file that was published.
    """
    found: dict[str, str] = {}
    for file in SETS[name]:
        found |= texts(file, local.get(file), cache)
    return found


def texts(name: str, local: Path | None, cache: Path) -> dict[str, str]:
    """Return the texts of a published file: the `local` copy, or that in `cache`, or downloaded to there.

    Raises UserError if it cannot be had or is not the file that was published.
    """
    source = SOURCES[name]
    if local is None:
        try:
            path = fetch.download(source.url, source.sha256, cache)
        except UserError as error:
            raise UserError(f"prompt set {name}: {error} Or name a copy in the config: prompt_files.{name}.") from error
    else:
        path = local
    try:
        found = fetch.sha256_of(path)
        if found != source.sha256:
            raise UserError(f"{path}: sha256 is {found}; the prompts of {name} are those with {source.sha256}.")
        content = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"prompt_files.{name}: {path} cannot be read: {error}") from error
    return _around_example(content) if name == CODE else dict(json.loads(content))


def worked_examples(path: Path) -> dict[str, str]:
    """Return the worked examples of a user's file, by our keys; raise UserError, naming it, for what it lacks."""
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not a readable JSON file ({error}).") from error
    if not isinstance(given, dict):
        raise UserError(f"{path}: expected a JSON object of a text for each evidence state.")
    try:
        return published_prompts.worked_examples(given)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


def _around_example(program: str) -> dict[str, str]:
    """Return the texts that stand before and after a worked example, as a program has them, in their order.

    They are those of one function that begin a new paragraph.
    """
    [function] = [
        node for node in ast.parse(program).body if isinstance(node, ast.FunctionDef) and node.name == _GUIDING
    ]
    constants = [node for node in ast.walk(function) if isinstance(node, ast.Constant)]
    paragraphs = [
        node.value
        for node in sorted(constants, key=lambda node: (node.lineno, node.col_offset))
        if isinstance(node.value, str) and node.value.startswith("\n\n")
    ]
    return dict(zip((BEFORE_EXAMPLE, AFTER_EXAMPLE), paragraphs, strict=True))
