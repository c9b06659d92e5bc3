"""Rows as CSV."""

import csv
import io
from collections.abc import Iterable

import pyarrow as pa

from ..core.tables import Row


def csv_of(rows: Iterable[Row], schema: pa.Schema) -> str:
    """Return rows as CSV: numbers with six decimals, an empty field for null."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(schema.names)
    for row in rows:
        values = (row[name] for name in schema.names)
        writer.writerow([f"{value:.6f}" if isinstance(value, float) else value for value in values])
    return text.getvalue()
