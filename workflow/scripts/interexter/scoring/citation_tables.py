"""The table of citation scores, apart from what judges citations: their means do not depend on that."""

import pyarrow as pa

from ..core.tables import table_schema
from .series_columns import SERIES

CITATIONS = table_schema(
    **SERIES,
    question_id=pa.string(),
    citation_recall=pa.float64(),  # of the answer's statements; an answer without one has no row
    citation_precision=pa.float64(),
)


NAMES = ("citation_recall", "citation_precision")
