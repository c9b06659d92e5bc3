"""Pieces: lists too long for a page, cut into compressed scripts that it loads when they are asked for.

A page that was opened as a file may not fetch data, but it may load scripts. So each piece is a script
that hands base64 of gzip of a JSON list to the page's function `piece`, with its number.
"""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

SIZE = 2_500_000  # bytes of JSON in a piece: compressed and in base64, texts take some half of that


class Pieces:
    """The pieces in a folder, each with a number."""

    def __init__(self, folder: Path) -> None:
        """Begin with none."""
        self._folder = folder
        self._count = 0

    def add(self, items: str) -> int:
        """Write a list in JSON as the next piece; return its number."""
        number = self._count
        packed = base64.b64encode(gzip.compress(items.encode(), compresslevel=6, mtime=0)).decode()
        (self._folder / f"{number}.js").write_text(f'piece({number},"{packed}");\n', encoding="utf-8")
        self._count += 1
        return number


class Stream:
    """A list that is written as pieces of some SIZE bytes each; one piece of it is in memory at a time."""

    def __init__(self, pieces: Pieces) -> None:
        """Begin an empty list."""
        self._pieces = pieces
        self._items: list[str] = []
        self._bytes = 0
        self._written: list[tuple[int, int]] = []

    def add(self, item: Any) -> None:
        """Append what JSON can hold."""
        text = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
        if self._items and self._bytes + len(text.encode()) > SIZE:
            self._flush()
        self._items.append(text)
        self._bytes += len(text.encode()) + 1

    def end(self) -> list[tuple[int, int]]:
        """Write what is left; return the number of each piece and of the items in it, in order."""
        if self._items:
            self._flush()
        return self._written

    def _flush(self) -> None:
        self._written.append((self._pieces.add(f"[{','.join(self._items)}]"), len(self._items)))
        self._items, self._bytes = [], 0
