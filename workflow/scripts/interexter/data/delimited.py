"""Rows of a delimited table, CSV or TSV, as spreadsheet programs and pandas write it."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import IO

from ..core.tables import Row
from . import encodings

_DELIMITERS = ",;\t|"
_FIELD = 1 << 24  # characters of a cell at most
_TOLD = re.compile(r"sep=(.)\r?\n")  # Excel's line on the delimiter, before the header
# Cells without a value: not-a-number as pandas writes it, and the error of a formula, in any language of Excel.
_MISSING = re.compile(r"nan|NaN|<NA>|#N/?[AV]|#[\u00a1\u00bf]?[A-Z/0]{3,9}[!?]")
UNNAMED = re.compile(r"column \d+")  # a column that the header does not name
INDEX = "column 1"  # pandas writes a table's index there, without a name


def rows(handle: IO[bytes], usual: str) -> Iterator[Row]:
    """Yield the rows of a table by its header; `usual` is the delimiter where no other parts the header into more.

    A row without anything in it is left out. Raises ValueError on a header that names a column twice, and on a row
    that does not fit it: a cell too many or too few says that others are cut.
    """
    csv.field_size_limit(_FIELD)
    lines = io.TextIOWrapper(handle, encoding="utf-8-sig", newline="")
    first = lines.readline()
    encodings.refuse(first.encode())
    if told := _TOLD.fullmatch(first):
        delimiter, first = told[1], lines.readline()
    else:
        delimiter = max(_DELIMITERS, key=lambda one: (len(next(csv.reader([first], delimiter=one), [])), one == usual))
    table = csv.reader(chain([first], lines), delimiter=delimiter, strict=True)
    read = 0  # lines
    try:
        header = _header(next(table, []))
        read = table.line_num
        for row in table:
            if row and (len(row) < len(header) or any(row[len(header) :])):
                raise ValueError(
                    f"the row that ends in line {table.line_num} has {len(row)} cells, the header has {len(header)}. "
                    f"A cell that holds {delimiter!r}, a quote or the end of a line stands in quotes."
                )
            if any(cell.strip() for cell in row):
                yield {name: _value(cell) for name, cell in zip(header, row, strict=False)}
            read = table.line_num
    except csv.Error as error:
        raise ValueError(
            f"what follows line {read}: {error}. A quote opens and closes a cell, and one within it is written twice."
        ) from error


def _header(names: Sequence[str]) -> list[str]:
    """Return the names of all columns: one that has none, as those beneath a merged cell, goes by its place."""
    if twice := sorted({name for name in names if name.strip() and names.count(name) > 1}):
        raise ValueError(f"the header names {twice[0]!r} twice")
    return [name if name.strip() else f"column {place}" for place, name in enumerate(names, 1)]


def _value(cell: str) -> str | None:
    return None if _MISSING.fullmatch(cell.strip()) else cell
