"""Series of answers: LABELLED tables taken apart into arrays, one set for each series, for metrics and tests."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..core.errors import UserError
from ..text.labels import LABELS
from ..text.memory import MEMORIES, STABLE
from .series_columns import SERIES

Key = tuple[str | int | None, ...]  # the values of SERIES; the seed is None in a series of several seeds
_SEEDS = 1 << 16  # more than any study has
Flags = NDArray[np.bool_]
Columns = Mapping[str, NDArray[Any]]  # flags, and degrees between 0 and 1

_FLAGS = (
    *("finished", "official", "all_valid", "detects_errors", "attacked", "follows", "exact", "keeps_memory"),
    *("passages_gold", "passages_counter", "contested"),
)
_DEGREES = ("str_em", "f1")
THIRDS = ("low", "middle", "high")  # of the questions of a relation by popularity
COVERAGES = (10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 100)  # per cent of the answers, the surest first


@dataclass(frozen=True)
class Answers:
    """The answers of one series. Every array has the shape (answers,), in the order of the rows."""

    questions: NDArray[np.int64]  # the same number for the same question in every series of one table
    clusters: NDArray[np.int64]  # the number of each question's cluster, the same in every series
    seeds: NDArray[np.int64]  # the number of each answer's seed, 0 in a series of one seed
    columns: Columns  # flags and degrees, by name
    slices: Mapping[str, NDArray[np.int64]]  # by slicing column: the number of each answer's value
    values: Mapping[str, Sequence[str]]  # by slicing column: the values by number, "" for none

    @property
    def asked(self) -> NDArray[np.int64]:
        """The same number for the same question and seed in every series of one table."""
        return self.questions * _SEEDS + self.seeds

    def take(self, places: NDArray[np.int64] | Flags) -> "Answers":
        """Return the answers at these places."""
        return replace(
            self,
            questions=self.questions[places],
            clusters=self.clusters[places],
            seeds=self.seeds[places],
            columns={name: column[places] for name, column in self.columns.items()},
            slices={name: numbers[places] for name, numbers in self.slices.items()},
        )


def by_series(labels: pa.Table) -> dict[Key, Answers]:
    """Split a LABELLED table by SERIES; raise UserError on an unknown label or a question answered twice.

    Sorted by key, so that nothing depends on the order of the rows but the order within the arrays.
    """
    if labels.num_rows == 0:
        return {}
    whole = _answers(labels)
    rows = labels.select([*SERIES, "question_id"]).to_pandas()
    for *key, question in rows[rows.duplicated()].head(1).to_numpy():
        raise UserError(
            f"{'/'.join(map(str, key))}: question {question} is labelled twice. "
            "Give every labels file once, and delete files that another config left behind."
        )
    found = rows.groupby(list(SERIES)).indices
    return {key: whole.take(found[key]) for key in sorted(found, key=lambda key: tuple(map(str, key)))}


def over_seeds(series: Mapping[Key, Answers], least: int = 2) -> dict[Key, Answers]:
    """Return series that differ in nothing but their seed as one, with the seed None; those of fewer than `least` not.

    Answers of one question with several seeds stay apart: a mean over them is that of the means of the seeds where each
    asks as many questions, and intervals count both questions and seeds.
    """
    place = list(SERIES).index("seed")
    numbers = {seed: number for number, seed in enumerate(sorted({int(key[place] or 0) for key in series}))}
    groups: dict[Key, list[Answers]] = {}
    for key, answers in series.items():
        whole = (*key[:place], None, *key[place + 1 :])
        of_seed = np.full_like(answers.questions, numbers[int(key[place] or 0)])
        groups.setdefault(whole, []).append(replace(answers, seeds=of_seed))
    return {key: joined(members) for key, members in groups.items() if len(members) >= least}


def contested(series: Mapping[Key, Answers]) -> dict[Key, Answers]:
    """Return series with the answers to questions that have a counter-answer alone; one without any is left out.

    The control is asked every readable question (injection/gates.py), so that its accuracy stands beside published
    ones. What is compared with a conflict, or counts counter-answers, is about those that the gates of conflict passed.
    """
    found = {key: answers.take(answers.columns["contested"]) for key, answers in series.items()}
    return {key: answers for key, answers in found.items() if len(answers.questions)}


def paired(a: Answers, b: Answers) -> tuple[Answers, Answers]:
    """Return the answers of the questions, by seed, that both have, in the same order on both sides."""
    _, first, second = np.intersect1d(a.asked, b.asked, assume_unique=True, return_indices=True)
    return a.take(first), b.take(second)


def with_control(answers: Answers, control: Answers) -> Answers:
    """Add the flag `control_gold`: the same question is labelled gold under the control."""
    gold = pd.Series(control.columns["gold"], control.asked)
    found = gold.reindex(answers.asked, fill_value=False).to_numpy()
    return replace(answers, columns={**answers.columns, "control_gold": found})


def sliced(answers: Answers) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield the slices of a series, sorted, as (name, the places of its answers). Answers of no value are in none.

    The slices by coverage hold each other: the answers that the model is surest of, a tenth of them, two, ...
    """
    for column, numbers in answers.slices.items():
        found = pd.Series(numbers).groupby(numbers).indices
        for value, number in sorted((answers.values[column][number], number) for number in found):
            if value:
                yield f"{column}={value}", found[number]
    for percent, places in _surest(answers.columns["probability"]):
        yield f"coverage={percent}%", places


def thirds_of(figures: NDArray[np.float64], groups: NDArray[np.int64]) -> list[str]:
    """Return which third of its group, by rank, each question is in: one of THIRDS.

    For popularity, a group is the questions of one relation of one data set: figures of two relations, chemical
    elements and towns, say little of each other (Mallen et al., ACL 2023, arXiv 2212.10511, show each relation by
    itself). Equal figures are in one third, that of the middle of their ranks. "" where the figure is not known (0),
    and in groups of fewer than three known ones.

    Args:
        figures: a figure of each question, of shape (questions,).
        groups: the number of its group.
    """
    known = pd.Series(figures)[figures > 0].groupby(groups[figures > 0])
    below = known.rank() - 0.5  # questions of the group below the middle of the equal ones
    size = known.transform("size")
    thirds = (len(THIRDS) * below // size)[size >= len(THIRDS)]
    return list(thirds.astype(int).map(dict(enumerate(THIRDS))).reindex(range(len(figures)), fill_value=""))


def _surest(probability: NDArray[np.float64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield (per cent, places) of the answers of highest probability; of equally sure ones all or none."""
    known = np.sort(probability[~np.isnan(probability)].round(3))[::-1]
    for percent in COVERAGES if len(known) else ():
        least = known[-(-len(known) * percent // 100) - 1]
        yield percent, np.flatnonzero(probability.round(3) >= least)


def _answers(labels: pa.Table) -> Answers:
    """Turn LABELLED columns into arrays; raise UserError on an unknown label."""
    columns: dict[str, NDArray[Any]] = {name: _flags(labels[name]) for name in _FLAGS}
    columns |= {name: labels[name].to_numpy() for name in _DEGREES}
    for name in LABELS:
        columns[name] = _flags(pc.equal(labels["label"], name))
    for name in MEMORIES:
        columns[f"memory_{name}"] = _flags(pc.equal(labels["memory"], name))
    known = pc.is_in(labels["label"], value_set=pa.array(LABELS))
    if not pc.all(known).as_py():
        row = labels.filter(pc.invert(known)).slice(0, 1).to_pylist()[0]
        where = "/".join(str(row[name]) for name in SERIES)
        raise UserError(f"{where}: question {row['question_id']} is labelled {row['label']!r}, not one of {LABELS}")
    columns["probability"] = labels["probability"].to_numpy()  # NaN where it is not known
    columns["certified"] = labels["certified"].cast(pa.float64()).to_numpy()  # NaN where no passages voted
    columns["unanswerable"] = _flags(pc.equal(labels["state"], "neither"))
    columns["any"] = np.ones(labels.num_rows, dtype=bool)
    columns["control_gold"] = np.zeros(labels.num_rows, dtype=bool)
    slices, values = {}, {}
    for name in ("relation", "state", "memory", "answer_kind"):
        slices[name], values[name] = _codes(labels[name])
    slices["answer"], values["answer"] = labels["seen"].to_numpy().astype(np.int64), ["unseen", "seen"]
    place = labels["gold_position"]
    positions = pc.if_else(pc.equal(place, 0), "none", pc.cast(place, pa.string()))
    slices["gold_position"], values["gold_position"] = _codes(positions)
    agreement = labels["closed_book_agreement"]
    most = pc.if_else(pc.less(agreement, STABLE), "few", "most")
    slices["memory_agreement"], values["memory_agreement"] = _codes(pc.if_else(pc.equal(agreement, 1), "all", most))
    sure = np.nan_to_num(labels["closed_book_probability"].to_numpy()).round(3)  # beyond, it depends on batches
    slices["memory_probability"], values["memory_probability"] = _thirds(labels, sure, "model")
    popularity = labels["popularity"].to_numpy()
    slices["popularity"], values["popularity"] = _thirds(labels, popularity, "relation")
    questions, clusters = (_codes(labels[name])[0] for name in ("question_id", "cluster"))
    return Answers(questions, clusters, np.zeros_like(questions), columns, slices, values)


def joined(members: Sequence[Answers]) -> Answers:
    """Return the answers of several series as those of one, in their order."""
    first = members[0]
    return replace(
        first,
        questions=np.concatenate([one.questions for one in members]),
        clusters=np.concatenate([one.clusters for one in members]),
        seeds=np.concatenate([one.seeds for one in members]),
        columns={name: np.concatenate([one.columns[name] for one in members]) for name in first.columns},
        slices={name: np.concatenate([one.slices[name] for one in members]) for name in first.slices},
    )


def _codes(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    """Number the values of a column; return the number of each row's, and the values by number."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


def _thirds(labels: pa.Table, figures: NDArray[np.float64], within: str) -> tuple[NDArray[np.int64], list[str]]:
    """Number each row's third by its question's figure within a value of a column, each question counted once."""
    rows = labels.select(["dataset", within, "question_id"]).to_pandas()
    asked = rows.groupby(["dataset", within, "question_id"]).ngroup()
    first = ~asked.duplicated()
    groups = rows[first].groupby(["dataset", within]).ngroup()
    thirds = thirds_of(figures[first.to_numpy()], groups.to_numpy())
    values = ["", *THIRDS]
    numbers = pd.Series(map(values.index, thirds), asked[first])
    return asked.map(numbers).to_numpy(), values


def _flags(column: pa.ChunkedArray) -> Flags:
    return column.to_numpy().astype(bool)
