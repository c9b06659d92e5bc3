"""A data set's tables and its card, from its records: one pass, in memory that does not grow with the passages.

The layout reads each record, intake.py takes the questions in it.
"""

from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from ..core import tables
from ..core.errors import UserError
from ..core.identity import canonical_json
from ..core.tables import Row
from ..core.urls import cleaned
from . import fetch, intake, layouts, near_keys, notices, sources
from .layouts import Unusable, plain
from .layouts.instructrag import PUBLISHED
from .schemas import CORPUS, OTHER_COLUMNS, PARTS, QUESTIONS, RETRIEVED, SHIPPED_COUNTERS, SHIPPED_RATIONALES, SPLITS
from .vital import build

_PASSAGE_KEYS = ("text", "title")  # of a corpus

SCHEMAS = {  # of the tables of a data set, by their names in Paths
    "questions": QUESTIONS,
    "corpus": CORPUS,
    "passages": RETRIEVED,
    "counters": SHIPPED_COUNTERS,
    "parts": PARTS,
    "rationales": SHIPPED_RATIONALES,
    "others": OTHER_COLUMNS,
    "rejected": tables.REJECTED,
}


class Paths(NamedTuple):
    """Where the tables of a data set go."""

    questions: Path
    corpus: Path
    passages: Path  # that the data set ships with its questions
    counters: Path  # that the data set itself holds against its gold answers
    parts: Path
    rationales: Path  # of training questions, that the data set ships with them
    others: Path  # what one's own questions hold beside the columns that are read
    rejected: Path


def prepare(source: Row, name: str, paths: Paths) -> tuple[Row, Row]:
    """Write the tables of a data set; return its card and its demonstrations by style.

    `source` is the config's, with a kind of sources.KEYS. Raises UserError on a source that cannot be had
    or read, and if the sizes are not those that the config states; NoQuestions where every record was
    rejected: the tables are written all the same, and it has the card.
    """
    sources.check(source, name)
    layout = layouts.load(source["layout"])
    with ExitStack() as stack:
        add = {key: stack.enter_context(tables.Writer(getattr(paths, key), s)).write for key, s in SCHEMAS.items()}
        work = intake.Intake(name, source, add, layout.about.split)
        keys = notices.Keys(layout.about)
        for part, file, rows in sources.of_questions(source, name, layout):
            work.file = file
            for number, record in enumerate(rows, start=1):
                keys.see(record)
                try:
                    for item in layout.items(record, part):
                        work.take(item)
                except Unusable as why:
                    work.read[part if part in SPLITS else work.stated or "unknown"] += 1
                    work.reject(f"{file}#{number}", why.reason, why.detail)
        n_passages = _corpus(source, name, add["corpus"])
        sizes = _sizes(source, name, work.read)
    lost = notices.of_counts(layout.about, work.read.total(), work.counts, work.reasons)
    said = [*keys.notices(), *lost, *work.given.notices(), *notices.of_texts(work.counts)]
    said += notices.of_columns(work.others, plain.KEYS)
    card = {
        "title": layout.about.title,
        "from": layout.about.source,
        "licence": source.get("licence") or layout.about.licence,
        "source": {key: cleaned(value) if key == "url" else value for key, value in source.items()},
        **({"files": files} if (files := _files(source, name)) else {}),
        **({"notices": said} if said else {}),
        "questions": dict(sorted(work.splits.items())),
        "read": dict(sorted(work.read.items())),
        **({"published": sizes} if sizes else {}),
        "passages": n_passages,
        "answers": work.given.card(),
        **({"other_columns": dict(sorted(work.others.items()))} if work.others else {}),
        "counts": dict(sorted(work.counts.items())),
        "rejected": dict(sorted(work.reasons.items())),
    }
    if not work.counts["questions"]:
        told = "; ".join([work.why(), *keys.notices()])
        raise NoQuestions(f"data set {name}: not one question could be used: {told}", card)
    return card, {"instructrag": work.demonstrations}


def _files(source: Row, name: str) -> dict[str, str]:
    """Return the sha256 of each file of this machine that was read, by path."""
    return {str(path): fetch.sha256_of(path) for path in sources.local_files(source, name)}


class NoQuestions(UserError):
    """Not one record of a data set is a question: the message has reasons with their details."""

    def __init__(self, message: str, card: Row) -> None:
        """Take the card, which says what was read."""
        super().__init__(message)
        self.card = card


def embedded(source: Row, name: str, paths: Paths) -> tuple[Row, Row]:
    """Write the tables of an embedded data set under a name; return its card and no demonstrations."""
    sources.check(source, name)
    rows: dict[str, list[Row]] = {key: [] for key in SCHEMAS}
    built, card = build.from_source(source, name)
    rows |= {"questions": built.questions, "corpus": built.corpus, "rejected": built.rejected}
    for key, schema in SCHEMAS.items():
        tables.write_rows(getattr(paths, key), rows[key], schema)
    return card, {"instructrag": []}


def _corpus_row(row: Row, path: str, number: int) -> Row:
    """Return a row of tables.CORPUS from a record; raise UserError if it has no text."""
    if not isinstance(row.get("text"), str) or not row["text"].strip():
        near_keys.refuse(row, _PASSAGE_KEYS, f"{path}: row {number}")
        raise UserError(f"{path}: row {number} has no text in `text`; it has {sorted(row)}.")
    near_keys.refuse(row, _PASSAGE_KEYS, f"{path}: row {number}")
    return intake.document(str(row.get("title") or ""), row["text"])


def _corpus(source: Row, name: str, add: Any) -> int:
    """Write the corpus, each passage once, and return how many passages it has."""
    known: set[bytes] = set()
    for number, record in enumerate(sources.of_corpus(source, name), start=1):
        row = _corpus_row(record, source["corpus"], number)
        key = bytes.fromhex(row["passage_id"])
        if key not in known:
            known.add(key)
            add(row)
    return len(known)


def _sizes(source: Row, name: str, read: Counter[str]) -> Row | None:
    """Compare the records read with the published sizes; raise UserError where the config promises them."""
    promised = source.get("sizes")
    if source["layout"] == "instructrag":
        promised = promised or PUBLISHED.get(str(source.get("folder", "")).rpartition("/")[2])
    if not promised:
        return None
    expected = {split: promised[split] for split in SPLITS if split in promised}
    as_published = all(read[split] == size for split, size in expected.items())
    if not as_published and "sizes" in source:
        found = {split: read[split] for split in expected}
        raise UserError(
            f"datasets.{name}.source.sizes: the config says {canonical_json(expected)}, the files have "
            f"{canonical_json(found)}. Another version of the data set, or a part of it? Then state its own sizes."
        )
    return {**expected, "as_published": as_published}
