"""The passages of a corpus by index, and what a ranking of them is. Texts stay in an Arrow table until one is found."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ..core.errors import UserError
from ..core.tables import Row
from ..data.schemas import CORPUS

Ranked = Sequence[tuple[int, float]]  # indexes in the corpus with their scores, the best first


class Corpus:
    """The passages of a corpus, in order of their ids."""

    def __init__(self, passages: pa.Table | Sequence[Row]) -> None:
        """Sort the passages; raise UserError if there are none, or if an id occurs twice."""
        table = passages if isinstance(passages, pa.Table) else pa.Table.from_pylist(list(passages), schema=CORPUS)
        if not table.num_rows:
            raise UserError(
                "the corpus holds no passages to retrieve. Name a `corpus` in the data set's source, or give its "
                "questions `passages` (docs/own-data.md)."
            )
        self._table = table.take(pc.sort_indices(table["passage_id"])).combine_chunks()
        ids = self._table["passage_id"]
        twice = pc.filter(ids.slice(1), pc.equal(ids.slice(1), ids.slice(0, len(ids) - 1)))
        if len(twice):
            raise UserError(f"the corpus holds passage_id {twice[0]} twice: ids must be unique")

    def __len__(self) -> int:
        """Count the passages."""
        return self._table.num_rows

    def ids(self) -> list[str]:
        """Return the ids of all passages, by index."""
        return self._table["passage_id"].to_pylist()

    def row(self, index: int) -> Row:
        """Return a passage as a row of CORPUS."""
        return {name: self._table[name][index].as_py() for name in CORPUS.names}

    def texts(self, first: int, last: int, join: str) -> list[str]:
        """Return title and text, with `join` between them, of the passages from `first` to before `last`."""
        part = self._table.slice(first, last - first)
        return [f"{t}{join}{x}" for t, x in zip(part["title"].to_pylist(), part["text"].to_pylist(), strict=True)]
