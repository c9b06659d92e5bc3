"""The files that the report is made of, by what they hold; study/report_files.py says where a study has them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

Run = tuple[str, str]  # data set, model
Part = tuple[str, str, str]  # data set, model, and a checkpoint, a recipe or a source of rationales


@dataclass(frozen=True)
class Rejected:
    """A table of rejected rows: the stage that wrote it, and the column that says what each row is of."""

    dataset: str
    split: str
    stage: str
    path: Path
    column: str = ""  # draw or condition; "" for rows of the data set as it was shipped


@dataclass(frozen=True)
class Files:
    """Where the large tables of a study lie, and those of which there may be many."""

    labels: Mapping[Part, Path]
    answers: Mapping[Part, Sequence[Path]]  # a file for each shard
    prompts: Mapping[Path, Path]  # kept beside answers, by the file of these
    examples: Mapping[str, Path]  # of the test split, by data set
    recall: Mapping[Run, Path]
    rationales: Mapping[Part, tuple[Path, Path]]  # accepted, rejected
    recall_at_k: Mapping[tuple[str, str], Path]  # by data set and split
    candidates: Mapping[tuple[str, str, str], Path]  # by data set, split and model
    training_logs: Mapping[Part, Path]
    training_speed: Mapping[Part, Path]
    rejected: Sequence[Rejected]
    cards: Mapping[str, Path]  # by data set

    def paths(self) -> list[Path]:
        """Return all of them."""
        return list(dict.fromkeys(path for field in fields(self) for path in _paths(getattr(self, field.name))))


def _paths(named: Any) -> Iterator[Path]:
    if isinstance(named, Path):
        yield named
    elif isinstance(named, Rejected):
        yield named.path
    else:
        for one in named.values() if isinstance(named, Mapping) else named:
            yield from _paths(one)
