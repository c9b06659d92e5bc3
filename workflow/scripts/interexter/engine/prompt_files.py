"""The authors' prompt files: a copy of the user's, or downloaded once and kept, and in both cases checked."""

import json
from pathlib import Path

from ..core.errors import UserError
from ..data import fetch
from .published_prompts import SOURCES


def texts(name: str, local: Path | None, cache: Path) -> dict[str, str]:
    """Return the texts of a published prompt file: the `local` copy, or that in `cache`, or downloaded to there.

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
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UserError(f"prompt_files.{name}: {path} cannot be read: {error}") from error
