"""Scripts of the pages, each with the hash by which a page's policy lets it run, and no other."""

import base64
import hashlib
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup


class Script(NamedTuple):
    """What stands between `<script>` and `</script>`, each on a line of its own; and its SHA-256 as CSP 3 writes it."""

    text: Markup
    digest: str


def read(name: str) -> Script:
    """Return the script in a file beside this module."""
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    return Script(Markup(text), base64.b64encode(hashlib.sha256(f"\n{text}\n".encode()).digest()).decode())
