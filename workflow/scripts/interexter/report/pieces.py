"""Pieces: lists too long for a page, cut into compressed scripts that it loads when they are asked for.

A page that was opened as a file may not fetch data, but it may load scripts. So each piece is a script
that hands base64 of gzip of a JSON list to the page's function `piece`, with its number.
"""

import base64
import gzip
import json
import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SIZE = 2_500_000  # bytes of JSON in a piece: compressed and in base64, texts take some half of that


class Pieces:
    """A folder of pieces and pages, written whole or not at all: it is there when the block has ended well."""

    def __init__(self, folder: Path) -> None:
        """Begin a folder beside its place."""
        self._place = folder
        self._beside = folder.with_name(f".{folder.name}.{os.getpid()}")
        self._beside.mkdir(parents=True)
        self.name = folder.name
        self.count = 0

    def add(self, items: str) -> int:
        """Write a list in JSON as the next piece; return its number."""
        packed = base64.b64encode(gzip.compress(items.encode(), compresslevel=6, mtime=0)).decode()
        self.write(f"{self.count}.js", f'piece({self.count},"{packed}");\n')
        self.count += 1
        return self.count - 1

    def write(self, name: str, text: str) -> None:
        """Write a file of the folder."""
        (self._beside / name).write_text(text, encoding="utf-8")

    def __enter__(self) -> Self:
        """Return the folder."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the folder in its place, or leave nothing if the block failed."""
        if error is None:
            shutil.rmtree(self._place, ignore_errors=True)
            self._beside.replace(self._place)
        else:
            shutil.rmtree(self._beside, ignore_errors=True)


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
