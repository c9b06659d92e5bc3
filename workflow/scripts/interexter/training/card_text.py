"""A card as hubs of models and data read it, in README.md: a head in YAML, which they index, and Markdown."""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml


def card_text(head: Mapping[str, Any], lines: Iterable[str]) -> str:
    """Return the text of a card."""
    return "\n".join(["---", yaml.safe_dump(dict(head), sort_keys=False).strip(), "---", "", *lines]) + "\n"
